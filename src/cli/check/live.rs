//! `check --live`: what a daemon with these settings would find on the brokers.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::cli::failure::{Exit, Failure};
use crate::cli::output::say;
use crate::cli::{Frame, topics};
use crate::stream::source::survey::{State, Survey};

/// Looks at the cluster that the settings name.
pub fn look(frame: &Frame) -> Result<Survey, Failure> {
    let settings = frame.settings()?;
    let command = topics::command(frame);
    Ok(Survey::of(&settings.kafka, &command, &|line| say(line)))
}

/// One line a finding, and one a partition that is behind.
pub fn text(survey: &Survey) -> String {
    let mut text = String::new();
    for one in &survey.findings {
        let (state, check) = (one.state.as_str(), one.check.as_str());
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{state:<8} {check:<10} {}: {}",
            one.subject, one.message
        );
    }
    for one in survey.lag.iter().filter(|one| one.behind > 0) {
        let (topic, partition, behind) = (&one.topic, one.partition, one.behind);
        let _ = writeln!(text, "{:19} {topic}/{partition}: {behind} behind", "");
    }
    text
}

pub fn object(survey: &Survey) -> Value {
    let findings = survey.findings.iter().map(|one| {
        json!({
            "check": one.check.as_str(),
            "subject": one.subject,
            "state": one.state.as_str(),
            "message": one.message,
        })
    });
    let lag = survey.lag.iter().map(|one| {
        json!({
            "topic": one.topic,
            "partition": one.partition,
            "committed": one.committed,
            "end": one.end,
            "behind": one.behind,
        })
    });
    json!({
        "state": survey.worst().as_str(),
        "findings": findings.collect::<Vec<_>>(),
        "lag": lag.collect::<Vec<_>>(),
    })
}

/// The exit code of what was found.
pub fn exit(survey: &Survey, deny_warnings: bool) -> Exit {
    match survey.worst() {
        State::Away => Exit::TryAgain,
        State::Fault => Exit::BadConfig,
        State::Warning if deny_warnings => Exit::Failed,
        State::Warning | State::Ok => Exit::Ok,
    }
}
