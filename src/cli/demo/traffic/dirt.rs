//! What people and systems do to clean values: full-width digits, stray spaces, wrong case.

use rand::Rng;
use rand::rngs::StdRng;

/// Share of texts with a stray space.
const STRAY_SPACE: f64 = 0.04;
/// Share of texts in the wrong case.
const WRONG_CASE: f64 = 0.04;
/// Share of digit strings typed on a full-width keyboard.
const FULL_WIDTH: f64 = 0.03;

/// The text as it may arrive: usually untouched.
pub fn text(rng: &mut StdRng, clean: &str) -> String {
    let mut dirty = clean.to_owned();
    if rng.random_bool(WRONG_CASE) {
        dirty = if rng.random_bool(0.5) {
            dirty.to_uppercase()
        } else {
            dirty.to_lowercase()
        };
    }
    stray_space(rng, dirty)
}

/// A number, phone or code as it may arrive: usually untouched.
pub fn digits(rng: &mut StdRng, clean: &str) -> String {
    let mut dirty = clean.to_owned();
    if rng.random_bool(FULL_WIDTH) {
        dirty = clean.chars().map(full_width).collect();
    }
    stray_space(rng, dirty)
}

fn stray_space(rng: &mut StdRng, text: String) -> String {
    if !rng.random_bool(STRAY_SPACE) {
        return text;
    }
    match rng.random_range(0..3) {
        0 => format!(" {text}"),
        1 => format!("{text}  "),
        // The ideographic space, as wide as a character.
        _ => format!("{text}\u{3000}"),
    }
}

fn full_width(letter: char) -> char {
    match letter {
        '0'..='9' => char::from_u32(letter as u32 - '0' as u32 + '０' as u32).unwrap_or(letter),
        _ => letter,
    }
}
