//! Codes that conditions name and no table has.

use crate::plan::condition::{PostalCodes, PostalPattern};
use crate::plan::normalise::{self, known_industry};
use crate::plan::parse::Value;
use crate::plan::problem::{Code, Draft};

use super::Checker;
use super::condition::Scope;

/// Known postal codes on either side of an unknown one that it may have been meant to be.
const NEIGHBOURS: usize = 50;

impl<'a> Checker<'a> {
    /// Warns of an administrative code, canonical, that the plan's gazetteer lacks.
    pub(super) fn warn_of_unknown_code(&mut self, code: &str, value: Value<'a>) {
        if !self.gazetteer_is_whole() {
            return;
        }
        if self.gazetteer.known(code).is_none() {
            self.unknown_codes.insert(code.into());
        }
        if self.unknown_codes.contains(code) {
            let message = match value.text == code {
                true => format!("the gazetteer has no code `{code}`"),
                false => format!("the gazetteer has no code `{}` (`{code}`)", value.text),
            };
            self.reader
                .report(Code::UnknownCode, value.place(), message);
        }
    }

    /// Whether the plan has a gazetteer, and every row of it could be read.
    fn gazetteer_is_whole(&self) -> bool {
        self.has_gazetteer && self.reader.out.names_are_complete("code")
    }

    /// Warns of postal codes of which a gazetteer with a table of its country's has none.
    pub(super) fn warn_of_unknown_postal(&mut self, pattern: &PostalPattern, value: Value<'a>) {
        let Some(country) = pattern.country.as_deref() else {
            return;
        };
        if !self.gazetteer_is_whole() || self.gazetteer.has_postal(country, &pattern.codes) {
            return;
        }
        let (message, near) = match &pattern.codes {
            PostalCodes::Exact(code) => {
                let message = format!("the gazetteer has no postal code `{}`", value.text);
                let area = normalise::postal_area(country, code);
                let near = self.gazetteer.postal_near(country, area, NEIGHBOURS);
                let near = near.iter().map(|near| &**near);
                let near = self.reader.suggester.nearest(area, near);
                (message, near.map(str::to_owned))
            }
            PostalCodes::Prefix(_) | PostalCodes::Range(..) => {
                let message = format!("the gazetteer has no postal code in `{}`", value.text);
                (message, None)
            }
        };
        let near = near.map(|near| match value.text.split_once(':') {
            Some((country, _)) => format!("{country}:{near}"),
            None => near,
        });
        let draft = Draft::new(Code::UnknownCode, value.place(), message);
        self.reader.out.push(draft.did_you_mean(near.as_deref()));
    }

    /// Warns of an industry that looks like a code of a classification and is in none.
    pub(super) fn warn_of_unknown_industry(&mut self, value: Value<'a>, scope: &Scope) {
        if !known_industry::is_unknown(value.text, scope.country.as_deref()) {
            return;
        }
        let near = known_industry::beginning(value.text);
        let near = near.or_else(|| {
            let codes = known_industry::codes_like(value.text);
            let near = self.reader.suggester.nearest(value.text, codes);
            near.map(str::to_owned)
        });
        let message = format!(
            "`{}` is no industry code of GB/T 4754, NAICS, ISIC or NACE",
            value.text
        );
        let draft = Draft::new(Code::UnknownCode, value.place(), message);
        let help =
            "write a code as in C36 or 334; a word that leads have in its place, in small letters";
        self.reader
            .out
            .push(draft.help(help).did_you_mean(near.as_deref()));
    }
}
