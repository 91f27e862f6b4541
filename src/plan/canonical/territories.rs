//! Territories and their conditions as bytes.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};

use crate::plan::condition::{
    Clause, Condition, Dimension, PostalCodes, PostalPattern, Range, StreetPlace, StreetRange,
    Test, Value,
};
use crate::plan::model::{AdminIx, Plan, Precedence, Territory};

use super::encoder::Encoder;

/// Conditions that several territories share, as bytes, by where they lie.
type Written = FxHashMap<*const Condition, Box<[u8]>>;

/// All territories, in their order if that decides. A plan may have very many, so each goes
/// into the hash by itself.
pub(super) fn encode(out: &mut Encoder, plan: &Plan, digest: &mut Sha256) {
    let mut order: Vec<&Territory> = plan.territories.iter().collect();
    if plan.precedence == Precedence::Specific {
        // The order of their bytes, which begin with the id, and no two have the same one.
        order.sort_unstable_by_key(|one| ((one.id.len() as u64).to_le_bytes(), &*one.id));
    }
    out.number(order.len() as u64);
    let mut written = Written::default();
    for one in order {
        territory(out, plan, one, &mut written);
        digest.update(out.bytes());
        out.clear();
    }
}

fn territory(out: &mut Encoder, plan: &Plan, one: &Territory, written: &mut Written) {
    out.text(&one.id);
    out.label(one.name.as_deref());
    out.label(one.parent.map(|ix| &*plan.territory(ix).id));
    out.flag(one.overlay);
    out.raw(&one.priority.to_le_bytes());
    shared_condition(out, plan, &one.condition, written);
    out.label(one.team.map(|ix| &*plan.teams[ix.at()].id));
    out.option(one.effective_from, |out, from| {
        out.raw(&from.0.to_le_bytes());
    });
    out.option(one.target.as_deref(), super::goal);
    out.list(&one.resources, |out, (name, amount)| {
        out.text(name);
        out.float(*amount);
    });
}

fn shared_condition(out: &mut Encoder, plan: &Plan, one: &Arc<Condition>, written: &mut Written) {
    if Arc::strong_count(one) == 1 {
        return condition(out, plan, one);
    }
    let bytes = written.entry(Arc::as_ptr(one)).or_insert_with(|| {
        let mut alone = Encoder::default();
        condition(&mut alone, plan, one);
        alone.bytes().into()
    });
    out.raw(bytes);
}

fn condition(out: &mut Encoder, plan: &Plan, one: &Condition) {
    match one {
        Condition::All(parts) => {
            out.number(0);
            out.set(parts, |out, part| condition(out, plan, part));
        }
        Condition::Any(parts) => {
            out.number(1);
            out.set(parts, |out, part| condition(out, plan, part));
        }
        Condition::Not(part) => {
            out.number(2);
            condition(out, plan, part);
        }
        Condition::Clause(Clause { dimension, test }) => {
            out.number(3);
            out.text(&name(dimension));
            write_test(out, plan, test);
        }
    }
}

/// A dimension's name; only that of an attribute comes from outside.
fn name(dimension: &Dimension) -> String {
    match dimension {
        Dimension::Attribute(name) => format!("attr.{name}"),
        other => format!("{other:?}"),
    }
}

fn write_test(out: &mut Encoder, plan: &Plan, test: &Test) {
    match test {
        Test::OneOf(values) => {
            out.number(0);
            out.set(values, |out, one| value(out, plan, one));
        }
        Test::Prefix(prefixes) => {
            out.number(1);
            out.set(prefixes, |out, prefix| out.text(prefix));
        }
        Test::Range(Range { min, max }) => {
            out.number(2);
            out.option(*min, Encoder::float);
            out.option(*max, Encoder::float);
        }
        Test::Exists(flag) => {
            out.number(3);
            out.flag(*flag);
        }
        Test::Not(test) => {
            out.number(4);
            write_test(out, plan, test);
        }
        Test::All(tests) => {
            out.number(5);
            out.set(tests, |out, test| write_test(out, plan, test));
        }
    }
}

fn value(out: &mut Encoder, plan: &Plan, value: &Value) {
    match value {
        Value::Text(text) => {
            out.number(0);
            out.text(text);
        }
        Value::Number(number) => {
            out.number(1);
            out.float(*number);
        }
        Value::Bool(flag) => {
            out.number(2);
            out.flag(*flag);
        }
        Value::Admin(ix) => {
            out.number(3);
            admin(out, plan, *ix);
        }
        Value::Account(ix) => {
            out.number(4);
            out.text(&plan.accounts[ix.at()].id);
        }
        Value::Area(ix) => {
            out.number(5);
            out.text(&plan.areas[ix.at()].id);
        }
        Value::Circle(circle) => {
            out.number(6);
            out.raw(&circle.center.lon_e7.to_le_bytes());
            out.raw(&circle.center.lat_e7.to_le_bytes());
            out.float(circle.radius_m);
        }
        Value::Postal(pattern) => {
            out.number(7);
            postal(out, pattern);
        }
        Value::Street(street) => {
            out.number(8);
            write_street(out, plan, street);
        }
    }
}

fn admin(out: &mut Encoder, plan: &Plan, ix: AdminIx) {
    out.text(&plan.gazetteer.node(ix).code);
}

fn postal(out: &mut Encoder, pattern: &PostalPattern) {
    out.label(pattern.country.as_deref());
    match &pattern.codes {
        PostalCodes::Exact(code) => {
            out.number(0);
            out.text(code);
        }
        PostalCodes::Prefix(prefix) => {
            out.number(1);
            out.text(prefix);
        }
        PostalCodes::Range(low, high) => {
            out.number(2);
            out.text(low);
            out.text(high);
        }
    }
}

fn write_street(out: &mut Encoder, plan: &Plan, street: &StreetRange) {
    match &street.place {
        StreetPlace::Admin(ix) => {
            out.number(0);
            admin(out, plan, *ix);
        }
        StreetPlace::Postal(pattern) => {
            out.number(1);
            postal(out, pattern);
        }
    }
    out.text(&street.name);
    out.option(street.from, |out, number| out.number(u64::from(number)));
    out.option(street.to, |out, number| out.number(u64::from(number)));
    out.number(street.side as u64);
}
