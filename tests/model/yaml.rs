//! A random world as the plan file that the real engine reads.

use super::world::{
    Available, Pick, REPS, Rep, Sla, TEAMS, TERRITORIES, Target, Team, World, ZONES,
};

pub fn plan(world: &World) -> String {
    let mut text = String::from("version: 1\ntenant: acme\ntimezone: UTC\nreps:\n");
    for (id, rep) in REPS.iter().zip(&world.reps) {
        text.push_str(&rep_line(id, rep));
    }
    text.push_str("calendars:\n");
    text.push_str(
        "  cal0: {timezone: Asia/Shanghai, hours: {mon-fri: [\"09:00-12:00\", \"13:00-18:00\"]}}\n",
    );
    text.push_str("  cal1: {timezone: America/New_York, hours: {mon-sun: [\"22:00-06:00\"]}}\n");
    text.push_str("teams:\n");
    for (id, team) in TEAMS.iter().zip(&world.teams) {
        text.push_str(&team_line(id, team));
    }
    text.push_str(&pool_line(world));
    if let Some(target) = world.fallback {
        text.push_str(&format!("fallback: {}\n", target_text(target)));
    }
    text.push_str(&policy_line(world));
    text.push_str(&territory_lines(world));
    text
}

fn field<T: std::fmt::Display>(name: &str, value: Option<T>) -> String {
    value.map_or(String::new(), |value| format!(", {name}: {value}"))
}

fn rep_line(id: &str, rep: &Rep) -> String {
    format!(
        "  - {{id: {id}, timezone: {}, languages: [{}]{}{}{}}}\n",
        ZONES[rep.zone],
        rep.languages.join(", "),
        field("open_max", rep.open),
        field("per_day_max", rep.per_day),
        field("calendar", rep.calendar.map(|at| format!("cal{at}"))),
    )
}

fn target_text(target: Target) -> String {
    match target {
        Target::Team(team) => format!("{{team: {}}}", TEAMS[team]),
        Target::Pool => "{pool: public}".to_owned(),
    }
}

fn team_line(id: &str, team: &Team) -> String {
    let members = team.members.iter();
    let members: Vec<String> = members
        .map(|(rep, weight)| format!("{{rep: {}, weight: {weight}}}", REPS[*rep]))
        .collect();
    let overflow: Vec<String> = team.overflow.iter().map(|one| target_text(*one)).collect();
    let available = match team.available {
        Available::Any => "any".to_owned(),
        Available::Now => "now".to_owned(),
        Available::WithinHours(hours) => format!("{{within: {hours}h}}"),
    };
    let pick = if team.pick == Pick::RoundRobin {
        "round_robin"
    } else {
        "least_loaded"
    };
    let share = if team.by_value { "value" } else { "count" };
    let eligible = team
        .speaks
        .then_some("{lead.contact.language: rep.languages}");
    let limits = format!(
        "{}{}",
        field("open", team.open),
        field("per_day", team.per_day)
    );
    let limits = (!limits.is_empty()).then(|| format!("{{{}}}", limits.trim_start_matches(", ")));
    format!(
        "  - {{id: {id}, members: [{}], pick: {pick}, share: {share}, available: {available}, overflow: [{}]{}{}{}{}}}\n",
        members.join(", "),
        overflow.join(", "),
        field("eligible", eligible),
        field("limits", limits),
        field("calendar", team.calendar.map(|at| format!("cal{at}"))),
        field("sla", team.sla.map(sla_text)),
    )
}

fn sla_text(sla: Sla) -> String {
    let clock = if sla.working { "working" } else { "wall" };
    let breach = if sla.reassign { "reassign" } else { "keep" };
    format!(
        "{{clock: {clock}, on_breach: {breach}, attempts: {}{}{}{}}}",
        sla.attempts,
        field("accept", sla.accept.map(|minutes| format!("{minutes}m"))),
        field("touch", sla.touch.map(|minutes| format!("{minutes}m"))),
        field("then", sla.then.map(target_text)),
    )
}

fn pool_line(world: &World) -> String {
    let pool = &world.pool;
    let claimants: Vec<&str> = pool.claimants.iter().map(|team| TEAMS[*team]).collect();
    let recycle = pool.recycle.iter();
    let recycle: Vec<String> = recycle
        .map(|(after, of, to)| format!("{{after: {after}m, of: {of}, to: {}}}", target_text(*to)))
        .collect();
    let claim = format!(
        "{}{}{}{}",
        field("open", pool.open),
        field("per_day", pool.per_day),
        field(
            "cool_off",
            pool.cool_off.map(|minutes| format!("{minutes}m"))
        ),
        field("hold", pool.hold.map(|minutes| format!("{minutes}m"))),
    );
    format!(
        "pools:\n  - {{id: public, claimants: [{}], claim: {{{}}}, recycle: [{}]}}\n",
        claimants.join(", "),
        claim.trim_start_matches(", "),
        recycle.join(", "),
    )
}

fn policy_line(world: &World) -> String {
    let dedupe = world
        .dedupe_minutes
        .map(|minutes| format!("{{within: {minutes}m, by: [email]}}"));
    format!(
        "policy: {{realign: {}, sticky: {{accounts: {}, persons: {}}}, on_update: {}, manual_counts: {}, absence: {}{}{}}}\n",
        if world.realign { "open" } else { "keep" },
        world.sticky_accounts,
        world.sticky_persons,
        if world.reroute { "reroute" } else { "keep" },
        world.manual_counts,
        if world.catch_up { "catch_up" } else { "forget" },
        field("dedupe", dedupe),
        field(
            "max_age",
            world.max_age_minutes.map(|minutes| format!("{minutes}m"))
        ),
    )
}

fn territory_lines(world: &World) -> String {
    let team = |at: usize| field("team", world.serves[at].map(|team| TEAMS[team]));
    format!(
        "territories:\n  - {{id: {}, where: {{source: north}}{}, children: [{{id: {}, where: {{campaign: {}}}{}}}]}}\n  - {{id: {}, where: {{source: south}}{}}}\n  - {{id: {}, where: {{source: west}}}}\n",
        TERRITORIES[0],
        team(0),
        TERRITORIES[1],
        if world.big_apart { "big" } else { "huge" },
        team(1),
        TERRITORIES[2],
        team(2),
        TERRITORIES[3],
    )
}
