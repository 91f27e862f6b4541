//! Turns what people type into what a plan compares: one fold function per kind of value, the
//! same for leads and for the plan's own values.

mod company;
mod country;
mod domain;
mod industry;
mod mail;
mod needs;
mod normaliser;
mod phone;
mod place;
mod postal;
mod punycode;
mod street;
mod text;
mod trace;

pub use super::gazetteer::code::canonical as code;
pub use company::company_name;
pub use country::{country, iso_country};
pub use domain::{domain, email, email_domain};
pub use industry::{industry, industry_prefixes, known as known_industry};
pub use mail::is_free_mail;
pub use normaliser::Normaliser;
pub use phone::phone;
pub use postal::{postal, postal_area, postal_prefix};
pub use street::{house_number, street};
pub use text::{language, some_text, text};
pub use trace::{Trace, WRONG_TYPE};

#[cfg(test)]
pub(crate) mod tests;
