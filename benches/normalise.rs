//! What normalisation costs: loading the real gazetteer, and the facts of typical leads.

use std::hint::black_box;
use std::time::Instant;

use bailiwick::event::Lead;
use bailiwick::plan::gazetteer::{Gazetteer, GazetteerBuilder, Row};
use bailiwick::plan::{Account, Normaliser, Plan, Policy, Precedence};

/// Leads of each kind a measurement goes through: few enough to stay in the processor's cache,
/// where a lead is that was decoded a moment ago.
const LEADS: usize = 256;
/// Rounds of which the fastest counts: the machine is shared.
const ROUNDS: usize = 400;

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let tables = ["countries", "cn", "us", "us-zips"].map(|name| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/config/gazetteer");
        std::fs::read_to_string(format!("{folder}/{name}.csv")).expect("the tables are committed")
    });
    let load = fastest(5, || {
        black_box(gazetteer(&tables));
    });
    println!("gazetteer of {} rows: {:.0} ms", rows(&tables), load * 1e3);
    let plan = plan(gazetteer(&tables));
    for (name, lead) in [
        (
            "US, with coordinates",
            american as fn(usize) -> Lead<'static>,
        ),
        ("US, free text", american_text),
        ("CN, with code and coordinates", chinese),
        ("CN, free text", chinese_text),
        ("CN, dirty", dirty),
    ] {
        measure(name, &plan, lead);
    }
}

fn measure(name: &str, plan: &Plan, lead: fn(usize) -> Lead<'static>) {
    let normaliser = Normaliser::new(plan);
    let leads: Vec<Lead<'static>> = (0..LEADS).map(lead).collect();
    let seconds = fastest(ROUNDS, || {
        for lead in &leads {
            black_box(normaliser.facts(plan, lead));
        }
    });
    println!("{name}: {:.0} ns a lead", seconds * 1e9 / LEADS as f64);
}

fn fastest(rounds: usize, mut work: impl FnMut()) -> f64 {
    let seconds = (0..rounds).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    });
    seconds.fold(f64::INFINITY, f64::min)
}

fn rows(tables: &[String]) -> usize {
    tables.iter().map(|table| table.lines().count() - 1).sum()
}

fn gazetteer(tables: &[String]) -> Gazetteer {
    let mut builder = GazetteerBuilder::new();
    for table in tables {
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).expect("the tables are CSV") {
            let row = Row {
                code: &record[0],
                name: &record[1],
                aliases: &record[2],
                parent: &record[3],
                lat: &record[4],
                lon: &record[5],
                postal: &record[6],
            };
            builder.add_row(row).expect("the tables have no bad rows");
        }
    }
    builder.build()
}

/// The gazetteer and a hundred named accounts.
fn plan(gazetteer: Gazetteer) -> Plan {
    let account = |at: usize| Account {
        id: format!("A-{at:03}").into(),
        name: Some(
            format!(
                "{} Holdings {} Ltd",
                ["Acme", "Globex", "Initech"][at % 3],
                at
            )
            .into(),
        ),
        domains: vec![format!("account{at}.com").into()],
        owner: None,
        territory: None,
    };
    Plan {
        tenant: "bench".into(),
        version: "0".into(),
        timezone: jiff::tz::TimeZone::UTC,
        precedence: Precedence::Specific,
        fallback: None,
        gazetteer,
        areas: Vec::new(),
        reps: Vec::new(),
        accounts: (0..100).map(account).collect(),
        calendars: Vec::new(),
        teams: Vec::new(),
        pools: Vec::new(),
        policy: Policy::default(),
        territories: Vec::new(),
    }
}

fn person(at: usize) -> Lead<'static> {
    let mut lead = Lead {
        id: format!("L-{at}").into(),
        ..Lead::default()
    };
    lead.source = Some("webform".into());
    lead.campaign = Some("spring".into());
    lead.score = Some(87.0);
    lead.contact.language = Some("en".into());
    lead.contact.email = Some(format!("person{at}@company{}.com", at % 997).into());
    lead.company.employees = Some(120.0);
    lead.products = vec!["crm".into(), "analytics".into()];
    lead
}

fn american(at: usize) -> Lead<'static> {
    let mut lead = american_text(at);
    lead.address.lat = Some(34.05);
    lead.address.lon = Some(-118.25);
    lead
}

fn american_text(at: usize) -> Lead<'static> {
    let mut lead = person(at);
    let zips = ["90001", "10001", "60601", "77001", "85001"];
    let states = ["CA", "New York", "IL", "Texas", "Arizona"];
    lead.company.name = Some(format!("Company {at} Inc.").into());
    lead.company.industry = Some("334111".into());
    lead.contact.phone = Some(format!("(202) 555-{:04}", at % 10_000).into());
    lead.address.country = Some("US".into());
    lead.address.region = Some(states[at % 5].into());
    lead.address.city = Some("Springfield".into());
    lead.address.postal_code = Some(zips[at % 5].into());
    lead.address.street = Some("Main Street".into());
    lead.address.house_number = Some("88".into());
    lead
}

fn chinese(at: usize) -> Lead<'static> {
    let mut lead = chinese_text(at);
    lead.address.admin = Some("310104".into());
    lead.address.lat = Some(31.19);
    lead.address.lon = Some(121.43);
    lead
}

fn chinese_text(at: usize) -> Lead<'static> {
    let mut lead = person(at);
    let districts = ["徐汇区", "黄浦区", "长宁区", "静安区", "浦东新区"];
    lead.company.name = Some(format!("上海第{at}汽车有限公司").into());
    lead.company.industry = Some("C36".into());
    lead.contact.phone = Some(format!("138{at:08}").into());
    lead.contact.language = Some("zh".into());
    lead.address.country = Some("CN".into());
    lead.address.region = Some("上海".into());
    lead.address.city = Some("上海市".into());
    lead.address.district = Some(districts[at % 5].into());
    lead.address.postal_code = Some("200030".into());
    lead.address.street = Some("漕溪北路".into());
    lead.address.house_number = Some("88号".into());
    lead
}

fn dirty(at: usize) -> Lead<'static> {
    let mut lead = chinese_text(at);
    lead.contact.phone = Some(format!("＋８６ １３８{at:08}").into());
    lead.contact.email = Some(format!(" Person{at}@Company.COM ").into());
    lead.company.industry = Some("汽车制造业".into());
    lead.address.country = Some("P.R. China".into());
    lead.address.region = Some("ＳＨＡＮＧＨＡＩ".into());
    lead.address.postal_code = Some("２０００３０".into());
    lead
}
