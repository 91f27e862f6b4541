//! What decisions look like on the wire, as data.

use proptest::prelude::*;
use serde_json::json;

use crate::event::{
    Cause, Decision, Due, Handover, Outcome, OverlayOwner, Reason, Source, Timestamp,
};
use crate::stream::wire::{encode_decision, encode_key};

fn decision() -> Decision {
    Decision {
        tenant: "acme".into(),
        lead: "L-1001".into(),
        revision: 1,
        seq: 1842,
        outcome: Outcome::Assigned,
        reason: Reason::Territory,
        territory: Some("east-mfg-large".into()),
        path: ["east", "east-mfg", "east-mfg-large"]
            .map(Into::into)
            .into(),
        team: Some("east-key".into()),
        rep: Some("wang".into()),
        previous_rep: None,
        pool: None,
        duplicate_of: None,
        overlays: vec![OverlayOwner {
            territory: "cloud-specialists".into(),
            team: Some("cloud".into()),
            rep: Some("zhao".into()),
        }],
        due: Due {
            accept_by: Some(Timestamp(0)),
            touch_by: None,
        },
        attempt: 1,
        cause: None,
        plan: "3f9c2a7d90e1b254".into(),
        source: Source {
            topic: "leads".into(),
            partition: 3,
            offset: 991,
        },
        lead_at: Timestamp(1_795_421_730_000),
        decided_at: Timestamp(1_795_421_730_214),
        claimant: None,
        since: None,
        handover: None,
    }
}

#[test]
fn a_decision_is_written_as_the_specification_shows() {
    let mut out = Vec::new();
    encode_decision(&decision(), "3", &mut out);
    let expected = concat!(
        r#"{"decision":"acme/3/1842","tenant":"acme","lead":"L-1001","revision":1,"seq":1842,"#,
        r#""outcome":"assigned","reason":"territory","#,
        r#""territory":"east-mfg-large","path":["east","east-mfg","east-mfg-large"],"#,
        r#""team":"east-key","rep":"wang","previous_rep":null,"pool":null,"duplicate_of":null,"#,
        r#""overlays":[{"territory":"cloud-specialists","team":"cloud","rep":"zhao"}],"#,
        r#""due":{"accept_by":"1970-01-01T00:00:00Z","touch_by":null},"attempt":1,"cause":null,"#,
        r#""plan":"3f9c2a7d90e1b254","source":{"topic":"leads","partition":3,"offset":991},"#,
        r#""lead_at":"2026-11-23T08:15:30Z","decided_at":"2026-11-23T08:15:30.214Z"}"#
    );
    assert_eq!(std::str::from_utf8(&out), Ok(expected));
    let mut key = Vec::new();
    encode_key(&decision(), &mut key);
    assert_eq!(key, b"acme/L-1001");
}

#[test]
fn claims_and_handovers_follow_at_the_end() {
    let mut rejected = decision();
    rejected.cause = Some(Cause::Event("e-17".into()));
    rejected.claimant = Some("li".into());
    rejected.since = Some("acme/3/12".into());
    rejected.handover = Some(Handover {
        owners: vec!["li".into()],
        touches: vec![(Timestamp(0), "call", "li".into())],
        stage: None,
        open_value: Some(5.0),
    });
    let mut out = Vec::new();
    encode_decision(&rejected, "3", &mut out);
    let text = String::from_utf8(out).expect("JSON is UTF-8");
    assert!(text.contains(r#""cause":{"event":"e-17"},"#), "{text}");
    let end = concat!(
        r#","claimant":"li","since":"acme/3/12","handover":{"owners":["li"],"#,
        r#""touches":[{"at":"1970-01-01T00:00:00Z","kind":"call","rep":"li"}],"stage":null,"open_value":5.0}}"#
    );
    assert!(text.ends_with(end), "{text}");
}

proptest! {
    #[test]
    fn every_text_is_written_so_that_it_is_read_back(
        texts in prop::collection::vec(prop_oneof!["\\PC{0,12}", "[\u{0}-\u{1f}\"\\\\a]{0,6}"], 8),
        numbers in any::<(u64, u64, u32, i32, i64)>(),
    ) {
        let text = |at: usize| texts[at].as_str();
        let (revision, seq, attempt, partition, offset) = numbers;
        let odd = Decision {
            tenant: text(0).into(),
            lead: text(1).into(),
            revision,
            seq,
            territory: Some(text(2).into()),
            path: vec![text(3).into(), text(2).into()],
            team: None,
            rep: Some(text(4).into()),
            overlays: Vec::new(),
            attempt,
            cause: Some(Cause::Free(text(5).into())),
            plan: text(6).into(),
            source: Source { topic: text(7).into(), partition, offset },
            ..decision()
        };
        let mut out = Vec::new();
        encode_decision(&odd, &texts[7], &mut out);
        let read: serde_json::Value = serde_json::from_slice(&out).expect("a decision is JSON");
        prop_assert_eq!(read, json!({
            "decision": format!("{}/{}/{seq}", texts[0], texts[7]), "tenant": texts[0],
            "lead": texts[1], "revision": revision, "seq": seq, "outcome": "assigned",
            "reason": "territory", "territory": texts[2], "path": [texts[3], texts[2]],
            "team": null, "rep": texts[4], "previous_rep": null, "pool": null,
            "duplicate_of": null, "overlays": [],
            "due": {"accept_by": "1970-01-01T00:00:00Z", "touch_by": null},
            "attempt": attempt, "cause": {"free": texts[5]}, "plan": texts[6],
            "source": {"topic": texts[7], "partition": partition, "offset": offset},
            "lead_at": "2026-11-23T08:15:30Z", "decided_at": "2026-11-23T08:15:30.214Z",
        }));
    }
}
