//! A lead's field as its record has it, for showing a value that could not be used.

use serde_json::Value;

use crate::event::TopicRole;

use super::mapping::Mapping;

/// What is longer is cut: it is shown on a line beside others.
const SHOWN_CHARS: usize = 60;

/// The value at a path such as `company.employees`, whatever its type; text without quotes.
pub fn written(json: &[u8], mapping: &Mapping, path: &str) -> Option<String> {
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    let mut lead: Value = serde_json::from_slice(json).ok()?;
    if lead.get("specversion").is_some()
        && let Some(data) = lead.get_mut("data")
    {
        lead = data.take();
    }
    if let Some(map) = mapping.of(TopicRole::Leads) {
        lead = map.apply(lead);
    }
    let found = path.split('.').try_fold(&lead, |at, key| at.get(key))?;
    Some(match found {
        Value::String(text) => cut(text),
        other => cut(&other.to_string()),
    })
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_shown_as_it_was_written() {
        let none = Mapping::default();
        let long = format!(r#"{{"score":"{}"}}"#, "高".repeat(61));
        for (json, path, shown) in [
            (r#"{"score":"high"}"#, "score", Some("high".to_owned())),
            (
                r#"{"company":{"employees":[1, "x"]}}"#,
                "company.employees",
                Some(r#"[1,"x"]"#.to_owned()),
            ),
            (
                r#"{"specversion":"1.0","data":{"score":true}}"#,
                "score",
                Some("true".to_owned()),
            ),
            (&long, "score", Some(format!("{}…", "高".repeat(60)))),
            (r#"{"score":1}"#, "company.employees", None),
        ] {
            assert_eq!(written(json.as_bytes(), &none, path), shown, "{json}");
        }
    }
}
