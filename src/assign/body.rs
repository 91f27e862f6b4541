//! A lead as it came in, packed: what an open lead keeps so that a plan change can read it anew.
//!
//! One bitmap says which texts and which numbers are there. Identity, tenant and revision
//! stand in the life beside it, and fields whose type was wrong are already missing.

use crate::event::{Attribute, Lead, Text};

use super::codec::{Reader, RowError, Writer};

const VERSION: u8 = 1;

/// Numbers take the bits from here on, which leaves room for texts to be added.
const FIRST_NUMBER_BIT: usize = 32;

/// The fields of both kinds in the order of their bits; new ones go to the end of a list.
macro_rules! fields {
    (texts: $($text:ident $(. $text_in:ident)?),+; numbers: $($number:ident $(. $number_in:ident)?),+;) => {
        const TEXTS: usize = [$(stringify!($text $($text_in)?)),+].len();
        const NUMBERS: usize = [$(stringify!($number $($number_in)?)),+].len();

        fn texts<'l, 'a>(lead: &'l Lead<'a>) -> [&'l Option<Text<'a>>; TEXTS] {
            [$(&lead.$text$(.$text_in)?),+]
        }

        fn texts_mut<'l, 'a>(lead: &'l mut Lead<'a>) -> [&'l mut Option<Text<'a>>; TEXTS] {
            [$(&mut lead.$text$(.$text_in)?),+]
        }

        fn numbers(lead: &Lead<'_>) -> [Option<f64>; NUMBERS] {
            [$(lead.$number$(.$number_in)?),+]
        }

        fn numbers_mut<'l>(lead: &'l mut Lead<'_>) -> [&'l mut Option<f64>; NUMBERS] {
            [$(&mut lead.$number$(.$number_in)?),+]
        }
    };
}

fields! {
    texts: source, campaign, contact.name, contact.email, contact.phone, contact.language,
        company.name, company.domain, company.account, company.industry, address.country,
        address.region, address.city, address.district, address.admin, address.street,
        address.house_number, address.postal_code, history.last_order_at;
    numbers: score, potential, company.employees, company.revenue, address.lat, address.lon,
        history.orders, history.lifetime_value;
}

fn presence(lead: &Lead<'_>) -> u64 {
    let mut bits = 0;
    for (bit, text) in texts(lead).iter().enumerate() {
        bits |= u64::from(text.is_some()) << bit;
    }
    for (bit, number) in numbers(lead).iter().enumerate() {
        bits |= u64::from(number.is_some()) << (FIRST_NUMBER_BIT + bit);
    }
    bits
}

/// Appends the lead to `out`.
pub(super) fn write(lead: &Lead<'_>, out: &mut Vec<u8>) {
    let mut out = Writer(out);
    out.byte(VERSION);
    out.uint(presence(lead));
    for text in texts(lead).into_iter().flatten() {
        out.text(text);
    }
    for number in numbers(lead).into_iter().flatten() {
        out.float(number);
    }
    out.option(lead.created_at, Writer::time);
    out.list(&lead.products, |out, text| out.text(text));
    out.list(&lead.attributes, |out, (name, value)| {
        out.text(name);
        write_attribute(out, value);
    });
}

fn write_attribute(out: &mut Writer<'_>, value: &Attribute<'_>) {
    match value {
        Attribute::Text(text) => {
            out.byte(0);
            out.text(text);
        }
        Attribute::Number(number) => {
            out.byte(1);
            out.float(*number);
        }
        Attribute::Bool(flag) => out.byte(2 + u8::from(*flag)),
        Attribute::List(texts) => {
            out.byte(4);
            out.list(texts, |out, text| out.text(text));
        }
    }
}

/// Reads a lead that borrows from `bytes`; its identity is the caller's to fill in.
pub(super) fn read(bytes: &[u8]) -> Result<Lead<'_>, RowError> {
    let mut input = Reader(bytes);
    input.version(VERSION)?;
    let present = input.uint()?;
    let mut lead = Lead::default();
    for (bit, text) in texts_mut(&mut lead).into_iter().enumerate() {
        if present >> bit & 1 == 1 {
            *text = Some(Text::Borrowed(input.text()?));
        }
    }
    for (bit, number) in numbers_mut(&mut lead).into_iter().enumerate() {
        if present >> (FIRST_NUMBER_BIT + bit) & 1 == 1 {
            *number = Some(input.float()?);
        }
    }
    lead.created_at = input.option(Reader::time)?;
    lead.products = input.list(|input| input.text().map(Text::Borrowed))?;
    lead.attributes = input.list(|input| Ok((input.text()?.into(), read_attribute(input)?)))?;
    input.end()?;
    Ok(lead)
}

fn read_attribute<'a>(input: &mut Reader<'a>) -> Result<Attribute<'a>, RowError> {
    Ok(match input.byte()? {
        0 => Attribute::Text(input.text()?.into()),
        1 => Attribute::Number(input.float()?),
        2 => Attribute::Bool(false),
        3 => Attribute::Bool(true),
        4 => Attribute::List(input.list(|input| input.text().map(Text::Borrowed))?),
        _ => return Err(RowError::Range),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Timestamp;

    fn full() -> Lead<'static> {
        let mut lead = Lead::default();
        for (at, text) in texts_mut(&mut lead).into_iter().enumerate() {
            *text = Some(format!("文字 {at}").into());
        }
        for (at, number) in numbers_mut(&mut lead).into_iter().enumerate() {
            *number = Some(at as f64 / 3.0);
        }
        lead.created_at = Some(Timestamp(1_795_421_730_214));
        lead.products = vec!["crm".into(), "analytics".into()];
        lead.attributes = vec![
            ("list".into(), Attribute::List(vec!["a".into(), "b".into()])),
            ("no".into(), Attribute::Bool(false)),
            ("number".into(), Attribute::Number(40.5)),
            ("text".into(), Attribute::Text("yes".into())),
            ("yes".into(), Attribute::Bool(true)),
        ];
        lead
    }

    #[test]
    fn full_empty_and_half_full_leads_come_back() {
        let mut half = full();
        half.contact = Default::default();
        half.address.lat = None;
        for lead in [full(), half, Lead::default()] {
            let mut bytes = Vec::new();
            write(&lead, &mut bytes);
            assert_eq!(read(&bytes), Ok(lead));
        }
    }

    #[test]
    fn every_cut_and_every_flipped_byte_is_an_error_or_a_lead_and_never_a_panic() {
        let mut bytes = Vec::new();
        write(&full(), &mut bytes);
        for cut in 0..bytes.len() {
            assert!(read(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0xff;
            let _ = read(&damaged);
        }
    }
}
