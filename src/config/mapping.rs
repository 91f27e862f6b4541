//! How leads of another shape are read: a JSON Pointer a field, and value maps.

use std::collections::BTreeMap;

use super::reader::{Given, Reader, nearest};
use super::sources::Origin;

/// The fields of a lead that a mapping may name, as spec section 2 writes them.
pub const LEAD_FIELDS: [&str; 33] = [
    "id",
    "tenant",
    "revision",
    "created_at",
    "source",
    "campaign",
    "score",
    "potential",
    "contact.name",
    "contact.email",
    "contact.phone",
    "contact.language",
    "company.name",
    "company.domain",
    "company.account",
    "company.industry",
    "company.employees",
    "company.revenue",
    "address.country",
    "address.region",
    "address.city",
    "address.district",
    "address.admin",
    "address.street",
    "address.house_number",
    "address.postal_code",
    "address.lat",
    "address.lon",
    "products",
    "history.orders",
    "history.last_order_at",
    "history.lifetime_value",
    "type",
];

/// Where attributes go, which carry names of the user's own.
const ATTRIBUTES: &str = "attributes.";

/// How an upstream record becomes a lead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InputMapping {
    /// Field of the lead → JSON Pointer (RFC 6901) into the upstream record. Fields without
    /// one are read where they always are.
    pub pointers: BTreeMap<String, String>,
    /// Field of the lead → upstream value → value of the lead. Other values stay.
    pub values: BTreeMap<String, BTreeMap<String, String>>,
}

impl InputMapping {
    /// Whether records are read as they come.
    pub fn is_empty(&self) -> bool {
        self.pointers.is_empty() && self.values.is_empty()
    }
}

/// Reads `[input.mapping]` and `[input.values.<field>]`.
pub fn read(reader: &mut Reader<'_>) -> InputMapping {
    let mut mapping = InputMapping::default();
    for (field, given) in reader.under("input.mapping") {
        let key = format!("input.mapping.{field}");
        match check_field(&field).and_then(|()| check_pointer(&given)) {
            Ok(()) => {
                reader.show(&key, Some(given.text.clone()), &given);
                mapping.pointers.insert(field, given.text);
            }
            Err(why) => reader.refuse(&key, &given.typed.origin, why),
        }
    }
    for (path, given) in reader.under("input.values") {
        let key = format!("input.values.{path}");
        match split_value(&path) {
            // Names of variables lose their case, and upstream values would never match.
            Some(_) if matches!(given.typed.origin, Origin::Variable(_)) => reader.refuse(
                &key,
                &given.typed.origin,
                "value maps keep upper and lower case apart, which variables cannot; give them in a file or by --set",
            ),
            Some((field, from)) => {
                reader.show(&key, Some(given.text.clone()), &given);
                let map = mapping.values.entry(field.to_owned()).or_default();
                map.insert(from.to_owned(), given.text);
            }
            None => reader.refuse(&key, &given.typed.origin, unknown_field(&path)),
        }
    }
    mapping
}

fn check_field(field: &str) -> Result<(), String> {
    match LEAD_FIELDS.contains(&field) || field.starts_with(ATTRIBUTES) {
        true => Ok(()),
        false => Err(unknown_field(field)),
    }
}

fn unknown_field(field: &str) -> String {
    match nearest(field, LEAD_FIELDS.into_iter()) {
        Some(near) => format!("a lead has no such field; did you mean `{near}`?"),
        None => "a lead has no such field; the README lists them".to_owned(),
    }
}

fn check_pointer(given: &Given) -> Result<(), String> {
    match given.text.starts_with('/') {
        true => Ok(()),
        false => Err(format!(
            "`{}` is not a JSON Pointer such as /Lead/Email",
            given.text
        )),
    }
}

/// Splits `company.industry.Mfg.` into the field and the upstream value, which may hold dots.
fn split_value(path: &str) -> Option<(&str, &str)> {
    let known = LEAD_FIELDS.iter().find_map(|field| {
        let value = path.strip_prefix(field)?.strip_prefix('.')?;
        Some((*field, value))
    });
    known.or_else(|| {
        let (name, value) = path.strip_prefix(ATTRIBUTES)?.split_once('.')?;
        Some((&path[..ATTRIBUTES.len() + name.len()], value))
    })
}
