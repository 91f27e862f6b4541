//! Plans on real geography: every county of the United States and every city and district of
//! China, and within each as many industries as asked for.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const TEAMS: usize = 20;
const REPS_A_TEAM: usize = 5;
/// Codes as American and Chinese leads name their industry, those of the generator first.
const AMERICAN: [&str; 15] = [
    "541", "336", "334", "333", "325", "311", "518", "423", "493", "522", "236", "611", "622",
    "621", "722",
];
const CHINESE: [&str; 15] = [
    "I65", "C36", "C39", "C35", "C27", "C14", "I64", "F51", "G59", "J66", "E47", "P83", "Q84",
    "F52", "H62",
];
/// Places and one industry in each: 12,990 territories.
#[allow(dead_code, reason = "the bench of a step has this plan and no other")]
pub const SMALL: usize = 1;
/// Places and every industry in each: 103,920 territories.
#[allow(dead_code, reason = "the bench of a step has no use for a large plan")]
pub const LARGE: usize = AMERICAN.len();

/// Writes the plan of `tenant` into `folder`; `note` is in a territory's name, so that two
/// plans differ by it alone.
pub fn write(folder: &Path, tenant: &str, industries: usize, note: &str) {
    fs::create_dir_all(folder).expect("the folder is ours");
    let mut text = format!("version: 1\ntenant: {tenant}\ngazetteer: [us.csv, cn.csv]\nteams:\n");
    teams(&mut text);
    text.push_str("pools: [{id: public}]\nfallback: {pool: public}\nterritories:\n");
    let _ = writeln!(
        text,
        "  - {{id: noted, name: {note}, where: {{source: none}}, team: team-0}}"
    );
    let mut places = 0;
    for (name, codes) in [("us.csv", AMERICAN), ("cn.csv", CHINESE)] {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/gazetteer");
        let table = fs::read_to_string(source.join(name)).expect("the gazetteers are committed");
        fs::write(folder.join(name), &table).expect("the folder is ours");
        let all = table.lines().filter_map(|row| row.split(',').next());
        // Countries and what lies directly in them are left out: longer codes are places.
        for code in all.filter(|code| code.len() > "us-06".len()) {
            territory(&mut text, code, places % TEAMS, &codes[..industries]);
            places += 1;
        }
    }
    // One step from the old plan to the new one, as an editor saves.
    let draft = folder.join(".plan.yaml");
    fs::write(&draft, text).expect("the folder is ours");
    fs::rename(draft, folder.join("plan.yaml")).expect("the folder is ours");
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

fn territory(text: &mut String, code: &str, team: usize, industries: &[&str]) {
    let _ = writeln!(
        text,
        "  - id: {code}\n    where: {{admin: [{code}]}}\n    team: team-{team}\n    children:"
    );
    for industry in industries {
        let _ = writeln!(
            text,
            "      - {{id: {code}-{industry}, where: {{industry: [\"{industry}\"]}}}}"
        );
    }
}
