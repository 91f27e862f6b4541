//! The schemas against the readers: the same keys, and sound plans fit them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use bailiwick::plan::schema::{SCHEMAS, schema, taken_keys};
use serde_json::Value;

fn parsed(kind: &str) -> Value {
    serde_json::from_str(schema(kind).unwrap()).unwrap()
}

/// A schema or one of its definitions.
fn definition<'v>(root: &'v Value, name: &str) -> &'v Value {
    match name {
        "" => root,
        name => &root["$defs"][name],
    }
}

#[test]
fn the_schemas_describe_the_keys_that_the_readers_take_and_no_others() {
    for (kind, name, taken) in taken_keys() {
        let root = parsed(kind);
        let properties = definition(&root, name)["properties"].as_object();
        let described: BTreeSet<&str> = properties.unwrap().keys().map(String::as_str).collect();
        let taken: BTreeSet<&str> = taken.iter().copied().collect();
        assert_eq!(described, taken, "{kind} {name}");
    }
}

#[test]
fn every_kind_and_every_definition_with_keys_is_compared() {
    let taken = taken_keys();
    let compared = |kind: &str, name: &str| taken.iter().any(|(k, n, _)| (*k, *n) == (kind, name));
    for (kind, _) in SCHEMAS {
        assert!(compared(kind, ""), "{kind}");
        let root = parsed(kind);
        for (name, one) in root["$defs"].as_object().into_iter().flatten() {
            let has_keys = one.get("properties").is_some();
            assert!(!has_keys || compared(kind, name), "{kind} {name}");
        }
    }
    assert_eq!(schema("colour"), None);
}

#[test]
fn sound_plans_fit_the_schema() {
    let root = parsed("plan");
    let mut files = vec![PathBuf::from("tests/plans/good/language.yaml")];
    for folder in [
        "tests/plans/spec",
        "config/example",
        "config/example/territories",
    ] {
        let entries = fs::read_dir(folder).unwrap();
        files.extend(entries.map(|entry| entry.unwrap().path()));
    }
    files.retain(|path| is_plan_file(path));
    assert!(files.len() > 4);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let value: Value = serde_saphyr::from_str(&text).unwrap();
        if let Err(misfit) = fits(&root, &root, &value) {
            panic!("{}: {misfit}", file.display());
        }
    }
}

fn is_plan_file(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.ends_with(".yaml") && !name.ends_with(".test.yaml")
}

#[test]
fn what_the_reader_refuses_by_its_form_the_schema_refuses_too() {
    let root = parsed("plan");
    for case in [
        "unknown-key",
        "unknown-condition",
        "missing-key",
        "wrong-type",
        "bad-version",
        "target-of-both",
        "bad-values",
        "hours",
        "empty-conditions",
    ] {
        let path = format!("tests/plans/broken/{case}/plan.yaml");
        let text = fs::read_to_string(path).unwrap();
        let value: Value = serde_saphyr::from_str(&text).unwrap();
        assert!(fits(&root, &root, &value).is_err(), "{case}");
    }
}

/// Whether a value fits a schema, as far as the words go that the schemas here use.
fn fits(root: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    for (word, rule) in schema.as_object().unwrap() {
        let fit = match word.as_str() {
            "$ref" => {
                let name = rule.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                fits(root, definition(root, name), value)?;
                true
            }
            "type" => has_type(rule, value),
            "enum" => rule.as_array().unwrap().contains(value),
            "anyOf" => {
                let any = rule.as_array().unwrap().iter();
                any.clone().any(|one| fits(root, one, value).is_ok())
            }
            "properties" => {
                members_fit(root, schema, value)?;
                true
            }
            "additionalProperties" if schema.get("properties").is_none() => {
                members_fit(root, schema, value)?;
                true
            }
            "items" => {
                for item in value.as_array().into_iter().flatten() {
                    fits(root, rule, item)?;
                }
                true
            }
            "required" => {
                let has = |key: &Value| value.get(key.as_str().unwrap()).is_some();
                !value.is_object() || rule.as_array().unwrap().iter().all(has)
            }
            "minItems" => value
                .as_array()
                .is_none_or(|items| items.len() as u64 >= rule.as_u64().unwrap()),
            "minimum" => value
                .as_f64()
                .is_none_or(|number| number >= rule.as_f64().unwrap()),
            "minProperties" => value
                .as_object()
                .is_none_or(|map| map.len() as u64 >= rule.as_u64().unwrap()),
            "maxProperties" => value
                .as_object()
                .is_none_or(|map| map.len() as u64 <= rule.as_u64().unwrap()),
            // Patterns are for editors; the few there are have no reader here.
            "pattern"
            | "propertyNames"
            | "patternProperties"
            | "additionalProperties"
            | "description"
            | "title"
            | "$schema"
            | "$defs" => true,
            other => panic!("the schema uses `{other}`, which this test does not know"),
        };
        if !fit {
            return Err(format!("{value} does not fit {word}: {rule}"));
        }
    }
    Ok(())
}

fn has_type(rule: &Value, value: &Value) -> bool {
    let is = |kind: &Value| match kind.as_str().unwrap() {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other}"),
    };
    match rule {
        Value::Array(kinds) => kinds.iter().any(is),
        kind => is(kind),
    }
}

/// Members by their own rule, by the attribute pattern of conditions, or by the rest's.
fn members_fit(root: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    for (key, member) in value.as_object().into_iter().flatten() {
        let pattern = schema["patternProperties"].get("^attr\\..");
        let rule = schema["properties"]
            .get(key)
            .or_else(|| pattern.filter(|_| key.starts_with("attr.")))
            .or_else(|| schema.get("additionalProperties"));
        match rule {
            Some(Value::Bool(false)) => return Err(format!("no key `{key}`")),
            Some(Value::Bool(true)) | None => {}
            Some(rule) => fits(root, rule, member).map_err(|misfit| format!("{key}: {misfit}"))?,
        }
    }
    Ok(())
}
