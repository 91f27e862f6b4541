//! A damaged changelog is refused with its key, or gives a state that still works; it never
//! stops the process.

use bailiwick::assign::{RestoreError, State};
use bailiwick::event::{ActivityKind, RepStatus, Span, TouchKind};

use super::desk::{Desk, Log};

const PLAN: &str = "
version: 1
tenant: acme
reps: [{id: li}, {id: wang}]
teams:
  - {id: east, members: [li, wang], limits: {open: 2, per_day: 9}, sla: {accept: 30m, touch: 4h}}
pools:
  - {id: public, claimants: [east], claim: {cool_off: 1d}, recycle: [{after: 30d, of: claim, to: {team: east}}]}
policy: {dedupe: {within: 90d}, sticky: {accounts: true, persons: true}}
territories:
  - {id: east, where: {source: east}, team: east}
  - {id: over, kind: overlay, where: {product: crm}, team: east}
";

/// A lane whose rows are of every kind.
fn lived() -> (Desk, Log) {
    let (mut desk, mut log) = (Desk::new(PLAN), Log::new());
    for id in ["1", "2", "3", "4", "5", "6"] {
        desk.lead_with(id, |lead| {
            lead.source = Some("east".into());
            lead.products = vec!["crm".into()];
            lead.company.account = Some("A-1".into());
            lead.contact.email = Some(format!("p{id}@example.com").into());
        });
    }
    let lead = |id: &'static str| id.into();
    for kind in [
        ActivityKind::Touched {
            lead: lead("1"),
            rep: None,
            kind: TouchKind::Visit,
        },
        ActivityKind::Released {
            lead: lead("1"),
            rep: None,
            pool: None,
            reason: None,
        },
        ActivityKind::Claimed {
            lead: lead("1"),
            rep: "wang".into(),
            pool: None,
        },
        ActivityKind::Withdrawn { lead: lead("2") },
        ActivityKind::Withdrawn {
            lead: lead("never"),
        },
        ActivityKind::Accepted {
            lead: lead("later"),
            rep: None,
        },
        ActivityKind::RepStatus {
            rep: "li".into(),
            status: RepStatus::Left,
        },
    ] {
        desk.act(kind);
    }
    desk.changelog(&mut log);
    (desk, log)
}

fn restore(log: &Log) -> Result<State, RestoreError> {
    let mut state = State::new();
    for (key, value) in log {
        state.restore(key, value.as_deref())?;
    }
    state.restored()?;
    Ok(state)
}

/// A state that was let in must go on: leads, events and a month of timers.
fn go_on(state: State) {
    let mut desk = Desk::new(PLAN);
    desk.state = state;
    desk.lead_with("1", |lead| lead.revision = 9);
    desk.lead_with("later", |lead| lead.source = Some("east".into()));
    desk.act(ActivityKind::RepStatus {
        rep: "li".into(),
        status: RepStatus::Active,
    });
    for _ in 0..50 {
        desk.now = desk.now.plus(Span::days(1));
        desk.tick();
    }
}

#[test]
fn what_was_written_is_let_in() {
    let (mut desk, log) = lived();
    let mut state = restore(&log).unwrap();
    desk.state.commit();
    assert_eq!(state.counts(), desk.state.counts());
    assert_eq!(state.meta(), desk.state.meta());
    let mut written = 0;
    state.changes(|_, _| written += 1);
    assert_eq!(written, 0, "a restore changes nothing");
    state.undo();
    go_on(state);
}

#[test]
fn every_flipped_byte_and_every_cut_is_refused_or_harmless() {
    let (_, log) = lived();
    let mut refused = 0;
    for at in 0..log.len() {
        let value = log[at].1.clone().unwrap_or_default();
        let flips = (0..value.len()).flat_map(|byte| [0x01, 0xff].map(|mask| (byte, mask)));
        let flipped = flips.map(|(byte, mask)| {
            let mut value = value.clone();
            value[byte] ^= mask;
            value
        });
        let cuts = (0..value.len()).map(|length| value[..length].to_vec());
        for damaged in flipped.chain(cuts).collect::<Vec<_>>() {
            let mut log = log.clone();
            log[at].1 = Some(damaged);
            match restore(&log) {
                Ok(state) => go_on(state),
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > 500, "only {refused} of the damages were noticed");
}

#[test]
fn unknown_keys_missing_names_and_foreign_rows_are_refused_by_name() {
    let (_, log) = lived();
    assert!(matches!(
        State::new().restore(b"x", None),
        Err(RestoreError::Key(_))
    ));
    assert!(matches!(
        State::new().restore(b"", None),
        Err(RestoreError::Key(_))
    ));
    let lead = log
        .iter()
        .find(|(key, row)| key[0] == b'l' && row.is_some());
    let lead = lead.unwrap();
    let alone = State::new().restore(&lead.0, lead.1.as_deref());
    assert!(matches!(alone, Err(RestoreError::Name(_))));
    let text = alone.unwrap_err().to_string();
    assert!(
        text.starts_with("the state changelog is incomplete"),
        "{text}"
    );
    let mut other = log.clone();
    let foreign = other
        .iter_mut()
        .find(|(key, row)| key[0] == b'l' && row.is_some());
    let foreign = foreign.unwrap();
    foreign.0[5] ^= 1;
    assert!(matches!(restore(&other), Err(RestoreError::Name(_))));
}
