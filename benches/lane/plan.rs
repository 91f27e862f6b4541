//! A plan of about ten thousand territories on real geography: every US county, and in each
//! two industries.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const TEAMS: usize = 20;
const REPS_A_TEAM: usize = 5;
const INDUSTRIES: [&str; 2] = ["C", "I"];

/// Writes the plan of `tenant` into `folder`.
pub fn write(folder: &Path, tenant: &str) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/gazetteer/us.csv");
    fs::create_dir_all(folder).expect("the folder is ours");
    let table = fs::read_to_string(&source).expect("the gazetteer is part of the checkout");
    fs::write(folder.join("us.csv"), &table).expect("the folder is ours");
    let mut text = format!("version: 1\ntenant: {tenant}\ngazetteer: [us.csv]\nteams:\n");
    teams(&mut text);
    text.push_str("pools: [{id: public}]\nfallback: {pool: public}\nterritories:\n");
    let counties = table.lines().filter_map(|row| row.split(',').next());
    for (number, code) in counties
        .filter(|code| code.len() == "us-06037".len())
        .enumerate()
    {
        territory(&mut text, code, number % TEAMS);
    }
    fs::write(folder.join("plan.yaml"), text).expect("the folder is ours");
}

fn teams(text: &mut String) {
    for team in 0..TEAMS {
        let members: Vec<String> = (0..REPS_A_TEAM)
            .map(|rep| format!("rep-{team}-{rep}"))
            .collect();
        let _ = writeln!(
            text,
            "  - {{id: team-{team}, members: [{}]}}",
            members.join(", ")
        );
    }
    text.push_str("reps:\n");
    for team in 0..TEAMS {
        for rep in 0..REPS_A_TEAM {
            let _ = writeln!(text, "  - {{id: rep-{team}-{rep}}}");
        }
    }
}

fn territory(text: &mut String, code: &str, team: usize) {
    let _ = writeln!(
        text,
        "  - id: {code}\n    where: {{admin: [{code}]}}\n    team: team-{team}\n    children:"
    );
    for industry in INDUSTRIES {
        let _ = writeln!(
            text,
            "      - {{id: {code}-{industry}, where: {{industry: [{industry}]}}}}"
        );
    }
}
