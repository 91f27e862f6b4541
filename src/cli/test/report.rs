//! Results of a plan's tests, for people, for programs, and as JUnit XML for CI systems.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::coverage::Coverage;
use super::{Report, Suite};

/// Unreached rules of one kind that are named; the rest is counted.
const NAMED: usize = 20;

/// For people: failures with their reasons, and one line for the rest.
pub fn text(report: &Report) -> String {
    let mut text = String::new();
    for suite in &report.suites {
        for verdict in &suite.verdicts {
            let mark = if verdict.faults.is_empty() {
                "ok  "
            } else {
                "FAIL"
            };
            line(&mut text, format_args!("{mark}  {}", verdict.name));
            for fault in &verdict.faults {
                line(&mut text, format_args!("      {fault}"));
            }
        }
    }
    let (cases, failed) = (report.cases(), report.failed());
    line(
        &mut text,
        format_args!("{cases} cases, {} passed, {failed} failed", cases - failed),
    );
    for coverage in &report.coverage {
        covered(&mut text, coverage);
    }
    text
}

fn covered(text: &mut String, coverage: &Coverage) {
    let (reached, all, kind) = (coverage.reached(), coverage.all, coverage.kind);
    if all == 0 {
        return;
    }
    line(text, format_args!("{reached} of {all} {kind} reached"));
    let unreached = &coverage.unreached;
    if unreached.is_empty() {
        return;
    }
    let named = unreached[..unreached.len().min(NAMED)].join(", ");
    let more = unreached.len().saturating_sub(NAMED);
    let rest = if more > 0 {
        format!(", and {more} more")
    } else {
        String::new()
    };
    line(text, format_args!("not reached: {named}{rest}"));
}

fn line(text: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing into a String cannot fail.
    let _ = writeln!(text, "{what}");
}

/// For programs.
pub fn json(report: &Report) -> Value {
    let suite = |suite: &Suite| -> Vec<Value> {
        let cases = suite.verdicts.iter();
        cases
            .map(|one| {
                json!({
                    "file": suite.path.to_string_lossy(),
                    "name": one.name,
                    "passed": one.faults.is_empty(),
                    "faults": one.faults,
                })
            })
            .collect()
    };
    let coverage = |one: &Coverage| {
        let value = json!({"all": one.all, "reached": one.reached(), "unreached": one.unreached});
        (one.kind.to_owned(), value)
    };
    json!({
        "cases": report.suites.iter().flat_map(suite).collect::<Vec<Value>>(),
        "passed": report.cases() - report.failed(),
        "failed": report.failed(),
        "coverage": report.coverage.iter().map(coverage).collect::<Value>(),
    })
}

/// For CI systems.
pub fn junit(report: &Report) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let (cases, failed) = (report.cases(), report.failed());
    line(
        &mut xml,
        format_args!("<testsuites tests=\"{cases}\" failures=\"{failed}\">"),
    );
    junit_coverage(&mut xml, report);
    for suite in &report.suites {
        junit_suite(&mut xml, suite);
    }
    xml.push_str("</testsuites>\n");
    xml
}

/// Coverage as properties of an empty suite, as the format has no other place for them.
fn junit_coverage(xml: &mut String, report: &Report) {
    line(
        xml,
        format_args!("  <testsuite name=\"coverage\" tests=\"0\" failures=\"0\">"),
    );
    line(xml, format_args!("    <properties>"));
    for one in &report.coverage {
        let (kind, reached, all) = (one.kind, one.reached(), one.all);
        let unreached = escaped(&one.unreached.join(" "));
        line(
            xml,
            format_args!("      <property name=\"{kind}.reached\" value=\"{reached} of {all}\"/>"),
        );
        line(
            xml,
            format_args!("      <property name=\"{kind}.unreached\" value=\"{unreached}\"/>"),
        );
    }
    line(xml, format_args!("    </properties>"));
    line(xml, format_args!("  </testsuite>"));
}

fn junit_suite(xml: &mut String, suite: &Suite) {
    let name = escaped(&suite.path.to_string_lossy());
    let failed = suite
        .verdicts
        .iter()
        .filter(|one| !one.faults.is_empty())
        .count();
    let tests = suite.verdicts.len();
    line(
        xml,
        format_args!("  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failed}\">"),
    );
    for one in &suite.verdicts {
        let head = format!(
            "    <testcase classname=\"{name}\" name=\"{}\" time=\"{:.6}\"",
            escaped(&one.name),
            one.milliseconds / 1_000.0
        );
        if one.faults.is_empty() {
            line(xml, format_args!("{head}/>"));
            continue;
        }
        let first = escaped(&one.faults[0]);
        let all = escaped(&one.faults.join("\n"));
        line(xml, format_args!("{head}>"));
        line(
            xml,
            format_args!("      <failure message=\"{first}\">{all}</failure>"),
        );
        line(xml, format_args!("    </testcase>"));
    }
    line(xml, format_args!("  </testsuite>"));
}

/// Text as XML wants it; control characters, which XML 1.0 does not know, become spaces.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' | '\t' => safe.push(letter),
            letter if letter.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::super::coverage::Reached;
    use super::super::verdict::Verdict;
    use super::*;

    fn report() -> Report {
        let verdict = |name: &str, faults: &[&str]| Verdict {
            name: name.to_owned(),
            faults: faults.iter().map(|&one| one.to_owned()).collect(),
            reached: Reached::default(),
            milliseconds: 1.0,
        };
        let verdicts = vec![verdict("a", &[]), verdict("b <1>", &["rep is \"x\""])];
        Report {
            suites: vec![Suite {
                path: "p.test.yaml".into(),
                verdicts,
            }],
            coverage: vec![Coverage {
                kind: "territories",
                all: 3,
                unreached: vec!["east".to_owned()],
            }],
        }
    }

    #[test]
    fn text_names_failures_and_what_was_not_reached() {
        assert_eq!(
            text(&report()),
            "ok    a\nFAIL  b <1>\n      rep is \"x\"\n2 cases, 1 passed, 1 failed\n\
             2 of 3 territories reached\nnot reached: east\n"
        );
    }

    #[test]
    fn junit_escapes_what_xml_does_not_take() {
        let xml = junit(&report());
        assert!(
            xml.contains(r#"<testsuites tests="2" failures="1">"#),
            "{xml}"
        );
        assert!(
            xml.contains(r#"<property name="territories.unreached" value="east"/>"#),
            "{xml}"
        );
        assert!(
            xml.contains(r#"name="b &lt;1&gt;" time="0.001000">"#),
            "{xml}"
        );
        assert!(
            xml.contains(r#"<failure message="rep is &quot;x&quot;">"#),
            "{xml}"
        );
    }
}
