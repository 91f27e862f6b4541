//! Random leads: no panic, and the same facts each time.

use std::borrow::Cow;

use proptest::prelude::*;

use super::{Normaliser, plan};
use crate::event::{Address, Lead, Text};
use crate::plan::model::Plan;

/// Text of any kind, with words that mean something mixed in.
fn any_text() -> impl Strategy<Value = Option<Text<'static>>> {
    let words = prop::sample::select(vec![
        "CN",
        "us",
        "上海",
        "上海市",
        "朝阳区",
        "CA",
        "Los Angeles",
        "310104",
        "us-06",
        "90001",
        "cn-",
        "-",
        "+86 138",
        "a@b.c",
        "C36",
        "36",
        "３６",
        "Co., Ltd.",
        "xn--",
        "ß",
        "İ",
        "𝟙",
    ]);
    prop_oneof![
        1 => Just(None),
        3 => words.prop_map(|word| Some(Cow::Borrowed(word))),
        1 => "\\PC{0,20}".prop_map(|text| Some(Cow::Owned(text))),
        1 => any::<String>().prop_map(|text| Some(Cow::Owned(text))),
    ]
}

fn any_lead() -> impl Strategy<Value = Lead<'static>> {
    let texts = prop::collection::vec(any_text(), 16);
    let numbers = prop::collection::vec(prop::option::of(any::<f64>()), 3);
    (texts, numbers).prop_map(|(texts, numbers)| {
        let mut lead = Lead {
            address: any_address(&texts, &numbers),
            ..Lead::default()
        };
        lead.source = texts[8].clone();
        lead.contact.email = texts[9].clone();
        lead.contact.phone = texts[10].clone();
        lead.contact.language = texts[11].clone();
        lead.company.name = texts[12].clone();
        lead.company.domain = texts[13].clone();
        lead.company.industry = texts[14].clone();
        lead.company.account = texts[15].clone();
        lead.company.employees = numbers[2];
        lead.products = texts.iter().flatten().cloned().collect();
        lead
    })
}

fn any_address(texts: &[Option<Text<'static>>], numbers: &[Option<f64>]) -> Address<'static> {
    Address {
        country: texts[0].clone(),
        region: texts[1].clone(),
        city: texts[2].clone(),
        district: texts[3].clone(),
        admin: texts[4].clone(),
        street: texts[5].clone(),
        house_number: texts[6].clone(),
        postal_code: texts[7].clone(),
        lat: numbers[0],
        lon: numbers[1],
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_lead_has_facts_that_repetition_does_not_change(lead in any_lead()) {
        thread_local! {
            static PLAN: (Plan, Normaliser) = {
                let plan = plan(&[("A-1", "Acme Widgets", "acme.com"), ("A-2", "上海", "b.c")]);
                let normaliser = Normaliser::new(&plan);
                (plan, normaliser)
            };
        }
        PLAN.with(|(plan, normaliser)| {
            let first = normaliser.facts(plan, &lead);
            normaliser.trace(plan, &lead);
            prop_assert_eq!(&first, &normaliser.facts(plan, &lead));
            Ok(())
        })?;
    }
}
