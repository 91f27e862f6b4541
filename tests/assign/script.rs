//! Scripts: what happens, line by line, and behind `>` what is decided.
//!
//! A script is played six times: as it stands; with a restart from the changelog after every
//! line; with every line done, undone and done again; with a follower of the changelog that
//! takes over after every line; moved to other lanes after every line; and in batches of three
//! lines whose rows leave line by line, with a restart after each batch. All must say the
//! same.

use bailiwick::assign::{Layout, State, gather};
use bailiwick::event::{
    ActivityKind, Attribute, Cause, CloseResult, Decision, RepStatus, Span, Text, TouchKind,
};

use super::desk::{Desk, Log, Shelf};

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Plain,
    Restarting,
    Undoing,
    TakenOver,
    Moving,
    Early,
}

/// Plays `script` under `plans` (the first at the start, the others by `plan 2` …) and
/// compares what is decided with the lines behind `>`.
pub fn check(plans: &[&str], script: &str) {
    let lines = script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let expected: Vec<&str> = lines.collect();
    for mode in [
        Mode::Plain,
        Mode::Restarting,
        Mode::Undoing,
        Mode::TakenOver,
        Mode::Moving,
        Mode::Early,
    ] {
        let name = match mode {
            Mode::Plain => "as it stands",
            Mode::Restarting => "with restarts",
            Mode::Undoing => "with undo",
            Mode::TakenOver => "taken over by a follower",
            Mode::Moving => "moved to other lanes",
            Mode::Early => "with rows that leave before the batch ends, and restarts",
        };
        let played = play(plans, &expected, mode);
        assert_eq!(played.join("\n"), expected.join("\n"), "played {name}");
    }
}

fn play(plans: &[&str], script: &[&str], mode: Mode) -> Vec<String> {
    let (mut desk, mut log) = (Desk::new(plans[0]), Log::new());
    let mut played = Vec::new();
    let mut follower = State::new();
    let lines = script.iter().filter(|line| !line.starts_with('>'));
    for (number, line) in lines.enumerate() {
        played.push((*line).to_owned());
        let at = desk.mark();
        step(&mut desk, plans, line);
        if mode == Mode::Undoing && !line.starts_with("pass") {
            desk.state.undo();
            desk.rewind(at);
            step(&mut desk, plans, line);
        }
        played.extend(
            desk.decisions()
                .iter()
                .map(|one| format!("> {}", tell(one))),
        );
        if mode == Mode::Early {
            desk.early_changelog(&mut log);
            if number % 3 != 2 {
                continue;
            }
        }
        let mut rows = Log::new();
        desk.changelog(&mut rows);
        desk.changelog(&mut log);
        desk.state.commit();
        match mode {
            Mode::Plain | Mode::Undoing => {}
            Mode::Restarting | Mode::Early => desk.restart(&log),
            Mode::TakenOver => take_over(&mut desk, &mut follower, &rows),
            // Numbers double with each second lane, so there are not always two.
            Mode::Moving => desk.restart(&moved(&desk.state, 1 + usize::from(number % 8 == 0))),
        }
    }
    played
}

/// The follower reads what was written and goes on; the one who wrote follows from now on.
fn take_over(desk: &mut Desk, follower: &mut State, rows: &Log) {
    for (key, value) in rows {
        follower.restore(key, value.as_deref()).unwrap();
    }
    follower.restored().unwrap();
    std::mem::swap(&mut desk.state, follower);
    assert!(follower.settle(), "all names were announced");
}

/// All rows after a move from one lane, or from two of which the other is empty.
pub fn moved(state: &State, lanes: usize) -> Log {
    let empty = State::new();
    let old = &[state, &empty][..lanes];
    let layout = Layout {
        partitions: 1,
        home: &|_| 0,
    };
    let (new, mut rows) = (gather(old, 0, &layout), Log::new());
    assert_eq!(new.remembered_leads(), state.remembered_leads());
    new.changes(|key, value| rows.push((key.to_vec(), value.map(<[u8]>::to_vec))));
    rows
}

/// One decision in a line: lead, outcome, reason, who or where, and what else there is.
fn tell(one: &Decision) -> String {
    let place = one.rep.as_deref().or(one.pool.as_deref()).unwrap_or("-");
    let mut line = format!(
        "{} {} {} {place}",
        one.lead,
        one.outcome.as_str(),
        one.reason.as_str()
    );
    let mut add = |word: &str, text: Option<&str>| {
        if let Some(text) = text {
            line.push_str(&format!(" {word} {text}"));
        }
    };
    add("was", one.previous_rep.as_deref());
    add("of", one.duplicate_of.as_deref());
    add("for", one.claimant.as_deref());
    let cause = one.cause.as_ref().map(|cause| match cause {
        Cause::Event(id) if id.starts_with("e-") => "event".to_owned(),
        Cause::Event(id) => format!("event {id}"),
        Cause::Timer(kind) => format!("timer {}", kind.as_str()),
        Cause::Plan(_) => "plan".to_owned(),
        Cause::Free(who) => format!("free {who}"),
    });
    add("by", cause.as_deref());
    for overlay in &one.overlays {
        add("with", Some(overlay.rep.as_deref().unwrap_or("nobody")));
    }
    line
}

fn span(text: &str) -> Span {
    let (number, unit) = text.split_at(text.len() - 1);
    let number: i64 = number.parse().unwrap();
    Span::seconds(
        number
            * match unit {
                "s" => 1,
                "m" => 60,
                "h" => 3_600,
                "d" => 86_400,
                other => panic!("no unit {other}"),
            },
    )
}

fn step(desk: &mut Desk, plans: &[&str], line: &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[0] {
        "lead" => {
            bring(desk, &words);
            desk.tick();
        }
        "pass" => desk.pass(span(words[1])),
        "plan" => {
            let number: usize = words[1].parse().unwrap();
            desk.shelf = Shelf::new(plans[number - 1]);
            desk.adopt();
        }
        _ => {
            let kind = of_rep(desk, &words).unwrap_or_else(|| of_lead(&words));
            desk.act(kind);
            desk.tick();
        }
    }
}

/// Events of reps and accounts.
fn of_rep<'a>(desk: &Desk, words: &[&'a str]) -> Option<ActivityKind<'a>> {
    let maybe = |at: usize| words.get(at).map(|word| Text::Borrowed(*word));
    Some(match words[0] {
        "status" => ActivityKind::RepStatus {
            rep: words[1].into(),
            status: match words[2] {
                "active" => RepStatus::Active,
                "left" => RepStatus::Left,
                _ => RepStatus::Away {
                    until: words.get(3).map(|until| desk.now.plus(span(until))),
                },
            },
        },
        "account" => ActivityKind::AccountOwned {
            account: words[1].into(),
            rep: maybe(2),
        },
        _ => return None,
    })
}

/// Events of leads.
fn of_lead<'a>(words: &[&'a str]) -> ActivityKind<'a> {
    let text = |at: usize| Text::Borrowed(words[at]);
    let maybe = |at: usize| words.get(at).map(|word| Text::Borrowed(*word));
    let (lead, rep, reason) = (text(1), maybe(2), None);
    match words[0] {
        "accepted" => ActivityKind::Accepted { lead, rep },
        "declined" => ActivityKind::Declined { lead, rep, reason },
        "touched" => ActivityKind::Touched {
            lead,
            rep,
            kind: TouchKind::Call,
        },
        "released" => ActivityKind::Released {
            lead,
            rep: None,
            pool: maybe(2),
            reason,
        },
        "claimed" => ActivityKind::Claimed {
            lead,
            rep: text(2),
            pool: None,
        },
        "transferred" => ActivityKind::Transferred {
            lead,
            rep: text(2),
            by: None,
        },
        "merged" => ActivityKind::Merged {
            lead,
            into: text(2),
        },
        "withdrawn" => ActivityKind::Withdrawn { lead },
        "closed" => ActivityKind::Closed {
            lead,
            result: match words[2] {
                "won" => CloseResult::Won,
                "lost" => CloseResult::Lost,
                _ => CloseResult::Invalid,
            },
            value: None,
        },
        "staged" => ActivityKind::OpportunityStaged {
            lead: Some(lead),
            account: None,
            rep: None,
            stage: text(2),
            value: Some(500.0),
        },
        other => panic!("no such word: {other}"),
    }
}

fn bring(desk: &mut Desk, words: &[&str]) {
    let now = desk.now;
    desk.lead_with(words[1], |lead| {
        for pair in &words[2..] {
            let (field, value) = pair.split_once('=').unwrap();
            let text = Some(Text::Owned(value.to_owned()));
            match field {
                "from" => lead.source = text,
                "email" => lead.contact.email = text,
                "phone" => lead.contact.phone = text,
                "language" => lead.contact.language = text,
                "account" => lead.company.account = text,
                "campaign" => lead.campaign = text,
                "product" => lead.products = text.into_iter().collect(),
                "potential" => lead.potential = value.parse().ok(),
                "revision" => lead.revision = value.parse().unwrap(),
                "age" => lead.created_at = Some(now.minus(span(value))),
                name => {
                    let value = Attribute::Text(Text::Owned(value.to_owned()));
                    lead.attributes.push((Text::Owned(name.to_owned()), value));
                }
            }
        }
    });
}
