//! Single values of conditions: the form that leads have of them.

use std::rc::Rc;

use crate::plan::AccountIx;
use crate::plan::condition::{Dimension, Value as Meaning};
use crate::plan::normalise;
use crate::plan::parse::{Node, Value};

use super::Checker;
use super::condition::{Scope, is_number};
use super::reader::parse_number;

impl<'a> Checker<'a> {
    /// What one written value means; of an attribute, in each type a lead may have it.
    pub(super) fn meanings(
        &mut self,
        about: &Dimension,
        value: Value<'a>,
        scope: &Scope,
    ) -> Option<Vec<Meaning>> {
        if is_number(about) {
            return Some(vec![Meaning::Number(self.reader.number(value)?)]);
        }
        match about {
            Dimension::Attribute(_) => self.attribute(value),
            Dimension::Account => {
                let account = self.accounts.resolve(value, &mut self.reader)?;
                Some(vec![Meaning::Account(AccountIx(account))])
            }
            Dimension::Area
            | Dimension::Within
            | Dimension::Street
            | Dimension::Postal
            | Dimension::Admin => Some(vec![self.place(about, value, scope)?]),
            Dimension::Industry => self.industry(value, scope),
            _ => Some(vec![Meaning::Text(self.folded(about, value)?)]),
        }
    }

    /// A code, in each classification it may be meant in; leads below it match as well.
    fn industry(&mut self, value: Value<'a>, scope: &Scope) -> Option<Vec<Meaning>> {
        self.warn_of_unknown_industry(value, scope);
        let prefixes = normalise::industry_prefixes(value.text);
        if prefixes.is_empty() {
            return self.folded(&Dimension::Industry, value).map(|_| Vec::new());
        }
        Some(prefixes.into_iter().map(Meaning::Text).collect())
    }

    /// What leads' values may begin with; half a domain is no domain.
    pub(super) fn prefixes(
        &mut self,
        about: &Dimension,
        value: Value<'a>,
        scope: &Scope,
    ) -> Option<Vec<Box<str>>> {
        match about {
            Dimension::Industry => {
                self.folded(about, value)?;
                self.warn_of_unknown_industry(value, scope);
                Some(normalise::industry_prefixes(value.text).into_vec())
            }
            Dimension::Domain => Some(vec![self.folded(&Dimension::Source, value)?]),
            _ => Some(vec![self.folded(about, value)?]),
        }
    }

    /// `40` may be a lead's number or its text; `007` and quoted values are texts only.
    fn attribute(&mut self, value: Value<'a>) -> Option<Vec<Meaning>> {
        let text = self.folded(&Dimension::Source, value)?;
        let mut meanings = vec![Meaning::Text(text)];
        if value.is_quoted() {
            return Some(meanings);
        }
        let digits = value.text.trim_start_matches('-');
        let padded = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
        if let Some(number) = parse_number(value.text).filter(|_| !padded) {
            meanings.push(Meaning::Number(number));
        }
        match value.text {
            "true" => meanings.push(Meaning::Bool(true)),
            "false" => meanings.push(Meaning::Bool(false)),
            _ => {}
        }
        Some(meanings)
    }

    /// A text in the form that a lead's has.
    pub(super) fn folded(&mut self, about: &Dimension, value: Value<'a>) -> Option<Box<str>> {
        let folded: Option<Box<str>> = match about {
            Dimension::Country => country(value.text),
            Dimension::Industry => normalise::industry(value.text, None).map(|code| code.into()),
            Dimension::Language => normalise::language(value.text).map(|tag| tag.into()),
            Dimension::Domain => normalise::domain(value.text).map(|domain| domain.into()),
            Dimension::Account => Some(value.text.trim().into()),
            _ => normalise::some_text(value.text).map(|text| text.into()),
        };
        if folded.is_none() {
            let (message, help) = match about {
                Dimension::Country => ("is not a country", "write its two letters, as in cn or us"),
                Dimension::Domain => ("is not a domain", "write it as in example.com"),
                Dimension::Industry => ("is not an industry code", "write it as in C36 or C"),
                _ => ("is empty", "write a text, or `exists: false`"),
            };
            let message = format!("`{}` {message}", value.text);
            self.reader.bad(value.place(), message, help);
        }
        folded
    }
}

/// A country as leads have it; the gazetteer's names for it are not known here.
fn country(text: &str) -> Option<Box<str>> {
    normalise::iso_country(text.trim()).map(Box::from)
}

/// The country that a condition beside `country` can only be about.
pub(super) fn only_country(node: Node<'_>) -> Option<Rc<str>> {
    let mut items = node.items();
    let only = items.next().filter(|_| items.next().is_none())?;
    Some(country(only.text()?)?.into())
}
