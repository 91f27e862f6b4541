//! The stream is the same on every run, and has the shares that its constants promise.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

fn settings(arrivals: Arrivals, life: Option<Life>) -> Settings {
    Settings {
        seed: 7,
        // A Monday.
        start: Timestamp(1_795_392_000_000),
        tenants: ["acme".into(), "globex".into(), "initech".into()].into(),
        arrivals,
        life,
    }
}

fn steady() -> Settings {
    settings(Arrivals::Steady { per_second: 50.0 }, None)
}

fn leads(settings: Settings, count: usize) -> Vec<Value> {
    Traffic::new(settings)
        .filter(|record| record.kind == Kind::Lead)
        .take(count)
        .map(|record| serde_json::from_slice(&record.value).unwrap())
        .collect()
}

/// Share of leads for which `test` holds, in percent.
fn percent(leads: &[Value], test: impl Fn(&Value) -> bool) -> f64 {
    leads.iter().filter(|lead| test(lead)).count() as f64 * 100.0 / leads.len() as f64
}

#[track_caller]
fn about(found: f64, wanted: f64, slack: f64) {
    assert!(
        (found - wanted).abs() <= slack,
        "{found} is not about {wanted}"
    );
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_gives_others() {
    let life = Some(Life {
        touch: 1.0,
        close: 1.0,
    });
    let draw = |seed| -> Vec<Record> {
        let week = Arrivals::Week { per_second: 5.0 };
        Traffic::new(Settings {
            seed,
            ..settings(week, life)
        })
        .take(5_000)
        .collect()
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}

#[test]
fn records_come_in_order_and_every_lead_has_its_own_id() {
    let life = Some(Life {
        touch: 600.0,
        close: 600.0,
    });
    let drawn: Vec<Record> = Traffic::new(settings(Arrivals::Steady { per_second: 50.0 }, life))
        .take(20_000)
        .collect();
    assert!(drawn.is_sorted_by_key(|record| record.at));
    let ids: Vec<&str> = drawn
        .iter()
        .filter(|record| record.kind == Kind::Lead)
        .map(|record| &*record.lead)
        .collect();
    let distinct: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(distinct.len(), ids.len());
    assert!(drawn.iter().all(|record| !record.value.contains(&b'\n')));
    assert!(drawn.iter().any(|record| record.kind == Kind::Redelivery));
    assert!(drawn.iter().any(|record| record.kind == Kind::Activity));
}

#[test]
fn a_redelivery_has_the_bytes_of_its_lead() {
    let drawn: Vec<Record> = Traffic::new(steady()).take(20_000).collect();
    let again: Vec<&Record> = drawn
        .iter()
        .filter(|record| record.kind == Kind::Redelivery)
        .collect();
    about(again.len() as f64, 20.0, 15.0);
    for record in again {
        let first = drawn.iter().find(|one| one.lead == record.lead).unwrap();
        assert_eq!(first.kind, Kind::Lead);
        assert_eq!(first.value, record.value);
    }
}

#[test]
fn values_are_missing_as_often_as_in_real_forms() {
    let leads = leads(steady(), 20_000);
    let missing = |pointer: &'static str| percent(&leads, |lead| lead.pointer(pointer).is_none());
    about(missing("/address/lat"), 35.0, 2.0);
    about(missing("/address/street"), 40.0, 2.0);
    about(missing("/address/postal_code"), 20.0, 2.0);
    about(missing("/address/city"), 8.0, 1.0);
    about(missing("/company/industry"), 30.0, 2.0);
    about(missing("/company/employees"), 35.0, 2.0);
    about(missing("/contact/phone"), 25.0, 2.0);
    about(missing("/contact/email"), 4.0, 1.0);
    assert_eq!(missing("/id") + missing("/tenant"), 0.0);
}

#[test]
fn firms_are_mostly_small_and_some_people_come_back() {
    let leads = leads(steady(), 20_000);
    let staff = |lead: &Value| lead["company"]["employees"].as_f64();
    let known: Vec<Value> = leads
        .iter()
        .filter(|lead| staff(lead).is_some())
        .cloned()
        .collect();
    about(
        percent(&known, |lead| staff(lead).unwrap() < 20.0),
        86.0,
        3.0,
    );
    // Two in a hundred, and as many again from the named accounts.
    about(
        percent(&known, |lead| staff(lead).unwrap() > 500.0),
        4.0,
        1.0,
    );

    let mut seen = BTreeSet::new();
    let mail = |lead: &Value| {
        lead["contact"]["email"]
            .as_str()
            .map(|mail| mail.trim().to_lowercase())
    };
    let repeated = leads
        .iter()
        .filter_map(mail)
        .filter(|mail| !seen.insert(mail.clone()))
        .count();
    // 12 % come back, 60 % of them with the same address, which 4 % leave out.
    about(
        repeated as f64 * 100.0 / leads.len() as f64,
        12.0 * 0.6 * 0.96,
        1.0,
    );
}

#[test]
fn a_week_is_busiest_on_working_days_and_campaigns_and_lists_come_in_bursts() {
    let mut rng = StdRng::seed_from_u64(7);
    let start = settings(Arrivals::Steady { per_second: 1.0 }, None).start;
    let mut clock = arrivals::Clock::new(Arrivals::Week { per_second: 0.02 }, start);
    let week: Vec<arrivals::Arrival> = std::iter::repeat_with(|| clock.next(&mut rng))
        .take_while(|arrival| arrival.at.since(start) < Span::days(7))
        .collect();
    let of = |origin| -> Vec<Span> {
        let mine = week.iter().filter(|arrival| arrival.origin == origin);
        mine.map(|arrival| arrival.at.since(start)).collect()
    };

    // The week begins at midnight in UTC, so its last two days are Saturday and Sunday, give
    // or take the hours by which the two countries are apart.
    let organic = of(arrivals::Origin::Organic);
    about(organic.len() as f64, 0.02 * 7.0 * 86_400.0, 500.0);
    let weekend = organic.iter().filter(|&&age| age >= Span::days(5)).count();
    about(weekend as f64 * 100.0 / organic.len() as f64, 12.4, 3.0);

    let campaign = of(arrivals::Origin::Campaign(1));
    let within = |age: Span| {
        campaign
            .iter()
            .filter(|one| one.0 - campaign[0].0 < age.0)
            .count()
    };
    // Shares of what comes within a day: 33.6 of 81 in the first hour, 51 of 81 by the third.
    let day = within(Span::days(1)) as f64;
    about(
        within(Span::seconds(3_600)) as f64 / day,
        0.336 / 0.81,
        0.05,
    );
    about(
        within(Span::seconds(10_800)) as f64 / day,
        0.51 / 0.81,
        0.05,
    );

    let rows = of(arrivals::Origin::Upload(1));
    assert!(rows.len() >= 900, "{} rows", rows.len());
    assert!(rows[rows.len() - 1].0 - rows[0].0 <= 5_000);
}

#[test]
fn large_tenants_get_more() {
    let leads = leads(steady(), 10_000);
    let of = |tenant: &'static str| percent(&leads, |lead| lead["tenant"] == tenant);
    about(of("acme"), 54.5, 2.0);
    about(of("globex"), 27.3, 2.0);
    about(of("initech"), 18.2, 2.0);
}
