//! Keys of values, ordered as the values are, and values of keys.

use crate::plan::condition::{Side, StreetRange};
use crate::plan::{AccountIx, AdminIx, Plan};

use super::span::{Key, Run};

/// The key of a text.
pub fn text(text: &str) -> Key {
    Key::from_slice(text.as_bytes())
}

/// The key of a number; `None` for what is none.
pub fn number(number: f64) -> Option<Key> {
    if number.is_nan() {
        return None;
    }
    // Zero has two signs and one value.
    let bits = (number + 0.0).to_bits();
    let ordered = match bits >> 63 {
        0 => bits | 1 << 63,
        _ => !bits,
    };
    Some(Key::from_slice(&ordered.to_be_bytes()))
}

/// The number of a key. Behind a single number comes the next one there is.
pub fn number_of(key: &Key) -> Option<f64> {
    let Some((first, more)) = key.split_first_chunk::<8>() else {
        return key.is_empty().then_some(f64::MIN);
    };
    let ordered = u64::from_be_bytes(*first);
    let bits = match ordered >> 63 {
        1 => ordered & !(1 << 63),
        _ => !ordered,
    };
    let number = f64::from_bits(bits);
    Some(if more.is_empty() {
        number
    } else {
        number.next_up()
    })
}

/// The keys of an area and of all that lies in it.
pub fn admin_subtree(plan: &Plan, at: usize) -> Run {
    let (first, last) = plan.gazetteer.span(AdminIx(at as u32));
    Run {
        from: Key::from_slice(&first.to_be_bytes()),
        to: Some(Key::from_slice(&(last + 1).to_be_bytes())),
    }
}

/// The number, in the gazetteer's depth-first order, at which a run of areas begins.
pub fn admin_number(key: &Key) -> Option<u32> {
    match key.first_chunk::<4>() {
        Some(number) => Some(u32::from_be_bytes(*number)),
        None => key.is_empty().then_some(0),
    }
}

/// The key of an account that the plan lists.
pub fn account(ix: AccountIx) -> Key {
    Key::from_slice(&ix.0.to_be_bytes())
}

/// The account of a key: `None` for one that the plan does not list, which come behind those
/// that it does.
pub fn account_of(plan: &Plan, key: &Key) -> Option<AccountIx> {
    let number = key
        .first_chunk::<4>()
        .map_or(0, |four| u32::from_be_bytes(*four));
    let number = number + u32::from(key.len() > 4);
    ((number as usize) < plan.accounts.len()).then_some(AccountIx(number))
}

/// The keys of a street range's house numbers; `None` if it needs none. Even numbers come
/// before odd ones, so that a side is a run.
pub fn houses(range: &StreetRange) -> Option<Vec<Run>> {
    if range.from.is_none() && range.to.is_none() && range.side == Side::Both {
        return None;
    }
    let sides: &[u32] = match range.side {
        Side::Even => &[0],
        Side::Odd => &[1],
        Side::Both => &[0, 1],
    };
    let from = range.from.unwrap_or(0);
    let side_runs = sides.iter().map(|&odd| {
        let first = from / 2 + u32::from(from % 2 > odd);
        let behind = range.to.map(|to| match to < odd {
            true => 0,
            false => (to - odd) / 2 + 1,
        });
        Run {
            from: house(odd, first),
            to: Some(behind.map_or_else(
                || Key::from_slice(&[odd as u8 + 1]),
                |half| house(odd, half),
            )),
        }
    });
    Some(side_runs.collect())
}

fn house(odd: u32, half: u32) -> Key {
    let mut key = Key::from_slice(&[odd as u8]);
    key.extend_from_slice(&half.to_be_bytes());
    key
}

/// The house number of a key.
pub fn house_of(key: &Key) -> Option<u32> {
    let Some((odd, half)) = key.split_first() else {
        return Some(0);
    };
    let half = half
        .first_chunk::<4>()
        .map_or(0, |four| u32::from_be_bytes(*four));
    half.checked_mul(2)?.checked_add(u32::from(*odd))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_order_and_come_back() {
        let numbers = [f64::MIN, -3.0, -0.5, 0.0, 0.5, 7.0, 1e9, f64::INFINITY];
        let keys: Vec<Key> = numbers.iter().filter_map(|one| number(*one)).collect();
        assert!(keys.windows(2).all(|pair| pair[0] < pair[1]));
        for (number, key) in numbers.iter().zip(&keys) {
            assert_eq!(number_of(key), Some(*number));
        }
        assert_eq!(number(-0.0), number(0.0));
        assert_eq!(number(f64::NAN), None);
    }

    #[test]
    fn house_numbers_of_a_side_are_a_run() {
        let range = |from, to, side| StreetRange {
            place: crate::plan::condition::StreetPlace::Admin(AdminIx(0)),
            name: "x".into(),
            from,
            to,
            side,
        };
        for side in [Side::Both, Side::Even, Side::Odd] {
            for (from, to) in [
                (None, Some(0)),
                (Some(3), Some(9)),
                (Some(4), None),
                (None, None),
            ] {
                let range = range(from, to, side);
                let runs = houses(&range);
                for number in 0..20_u32 {
                    let key = house(number % 2, number / 2);
                    assert_eq!(house_of(&key), Some(number));
                    let held = runs.as_ref().is_none_or(|runs| {
                        runs.iter().any(|run| {
                            run.from <= key && run.to.as_ref().is_some_and(|to| key < *to)
                        })
                    });
                    let odd = u32::from(side == Side::Odd);
                    let expected = (side == Side::Both || number % 2 == odd)
                        && from.is_none_or(|from| number >= from)
                        && to.is_none_or(|to| number <= to);
                    assert_eq!(held, expected, "{number} in {range:?}");
                }
            }
        }
    }
}
