//! `explain PLAN --lead FILE`: why a lead falls where it falls.

use std::fmt::{self, Write as _};
use std::path::PathBuf;

use crate::admin::LeadReader;
use crate::admin::explanation::{Account, Explanation, Field, Miss, Place};
use crate::event::Timestamp;

use super::Frame;
use super::failure::Failure;
use super::leads::{open, read_whole};
use super::output::{Data, Format};
use super::plans::{compile, now, parse_moment};

/// Explain why a lead falls where it falls: what was understood of it, what matched, and which
/// single conditions kept it out elsewhere
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  bailiwick explain config/plans/acme --lead lead.json
  echo '{\"id\": \"L-1\", \"address\": {\"city\": \"Shanghai\"}}' | bailiwick explain plan.yaml --lead -
  bailiwick explain plans --lead lead.json -o json | jq .near_misses")]
pub struct Args {
    /// A plan: a folder, or one YAML file; or a folder with one plan folder a tenant
    plan: PathBuf,
    /// A lead as a JSON object; - is standard input
    #[arg(long, value_name = "FILE")]
    lead: PathBuf,
    /// The moment that decides which territories are in effect; the present one by default
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    at: Option<Timestamp>,
}

pub fn run(args: Args, frame: &Frame) -> Result<(), Failure> {
    let settings = frame.settings()?;
    let plans = compile(&args.plan)?;
    let (input, _) = open(&args.lead)?;
    let json = read_whole(input)?;
    if holds_several(&json) {
        return Err(Failure::usage(format_args!(
            "{}: there is more than one lead in it, and explain takes one: give it one line by \
             `head -n 1 FILE | bailiwick explain PLAN --lead -`; `route` takes many",
            args.lead.display()
        )));
    }
    let reader = LeadReader::new(&settings.input, settings.limits.record_bytes);
    let lead = reader
        .read(&json, plans.default_tenant())
        .map_err(|reject| {
            let (reason, message) = (reject.reason.as_str(), reject.message);
            Failure::usage(format_args!("{}: {reason}: {message}", args.lead.display()))
        })?;
    let snapshot = plans.of(&lead.tenant).ok_or_else(|| {
        Failure::usage(format_args!(
            "no plan for this lead's tenant `{}`; there is one for {}",
            lead.tenant,
            plans.tenants()
        ))
    })?;
    let explanation = Explanation::of(snapshot, &lead, args.at.unwrap_or_else(now))
        .with_written(|field| reader.written(&json, field));
    let mut data = Data::open();
    match frame.output {
        Format::Text => data.text(&text(&explanation))?,
        Format::Json => data.json_pretty(&explanation)?,
    }
    data.finish()
}

/// Whether one JSON value follows another.
fn holds_several(json: &[u8]) -> bool {
    let values = serde_json::Deserializer::from_slice(json).into_iter::<serde::de::IgnoredAny>();
    values.take(2).filter(Result::is_ok).count() > 1
}

fn text(one: &Explanation) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_text(one, &mut text);
    text
}

fn write_text(one: &Explanation, out: &mut String) -> fmt::Result {
    writeln!(out, "lead {} by plan {} {}", one.lead, one.tenant, one.plan)?;
    match &one.rank {
        Some(rank) => writeln!(
            out,
            "territory: {}",
            placed(&one.path, one.team.as_deref(), rank)
        )?,
        None => writeln!(out, "territory: none")?,
    }
    writeln!(out, "reason: {}", one.reason)?;
    if let Some(account) = &one.account {
        writeln!(out, "account: {}", account_text(account))?;
    }
    if let Some(position) = &one.position {
        let (lat, lon, from) = (&position.lat, &position.lon, position.from);
        writeln!(out, "position: {lat}, {lon} (from {from})")?;
    }
    section(
        out,
        "what the plan understood:",
        one.fields.iter().map(field_text),
    )?;
    section(out, "overlays:", one.overlays.iter().map(place_text))?;
    section(
        out,
        "matched too, but ranked behind:",
        one.behind.iter().map(place_text),
    )?;
    section(out, "near misses:", one.near_misses.iter().map(miss_text))
}

/// A headed list; nothing if it is empty.
fn section(out: &mut String, head: &str, lines: impl Iterator<Item = String>) -> fmt::Result {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return Ok(());
    }
    writeln!(out, "\n{head}")?;
    lines.try_for_each(|line| writeln!(out, "  {line}"))
}

fn place_text(place: &Place) -> String {
    placed(&place.path, place.team.as_deref(), &place.rank)
}

fn placed(path: &[String], team: Option<&str>, rank: &str) -> String {
    format!(
        "{}, team {} ({rank})",
        path.join(" > "),
        team.unwrap_or("none")
    )
}

fn account_text(account: &Account) -> String {
    let mut text = format!("{} by {}", account.account, account.by);
    if let Some(owner) = &account.owner {
        text.push_str(&format!(", owned by {owner}"));
    }
    if let Some(territory) = &account.territory {
        text.push_str(&format!(", territory {territory}"));
    }
    text
}

fn field_text(field: &Field) -> String {
    let raw = field
        .raw
        .as_ref()
        .map_or("(none)".to_owned(), |raw| format!("{raw:?}"));
    let value = field.value.as_deref().unwrap_or("(nothing)");
    let note = field
        .note
        .as_ref()
        .map_or(String::new(), |note| format!(" ({note})"));
    format!("{}: {raw} -> {value}{note}", field.field)
}

fn miss_text(miss: &Miss) -> String {
    let held = match &miss.held {
        Some(held) => format!("the lead has {held}"),
        None if miss.truth == "unknown" => "the lead does not say".to_owned(),
        None => "does not hold".to_owned(),
    };
    format!(
        "{}: {} at {} ({held})",
        miss.path.join(" > "),
        miss.condition,
        miss.at
    )
}
