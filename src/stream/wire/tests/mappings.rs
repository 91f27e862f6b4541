//! Records of another shape, adapted by the settings.

use crate::stream::wire::{Decoded, Mapping, WireLimits, decode};

use super::{leads, record};

#[test]
fn a_mapping_adapts_another_shape() {
    let text = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect()
    };
    let settings = crate::config::InputMapping {
        pointers: text(&[
            ("id", "/Id"),
            ("company.name", "/Account/Name"),
            ("company.industry", "/Account/Industry"),
            ("company.employees", "/Account/Size"),
        ]),
        values: [
            ("company.industry".to_owned(), text(&[("Retail", "G")])),
            ("company.employees".to_owned(), text(&[("big", "5000")])),
        ]
        .into(),
    };
    let mapping = Mapping::from(&settings);
    let input =
        leads(r#"{"Id":"L","Account":{"Name":"N","Industry":"Retail","Size":"big"},"score":7}"#);
    let Ok(Decoded::Lead(lead)) = decode(&record(&input), WireLimits::default(), &mapping) else {
        panic!("not a lead")
    };
    assert_eq!((&*lead.id, lead.score), ("L", Some(7.0)));
    assert_eq!(lead.company.employees, Some(5000.0));
    assert_eq!(
        (
            lead.company.name.as_deref(),
            lead.company.industry.as_deref()
        ),
        (Some("N"), Some("G"))
    );
}
