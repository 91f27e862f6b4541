//! "Did you mean": the known word that is nearest to an unknown one.

/// Comparisons at most in one check. A plan with thousands of wrong names against thousands
/// of right ones is told all its errors at once, the last ones without a suggestion.
const MAX_COMPARISONS: usize = 300_000;

/// Finds the nearest known word, within a budget for the whole check.
#[derive(Debug, Default)]
pub(crate) struct Suggester {
    comparisons: usize,
}

impl Suggester {
    /// The candidate nearest to `word`, if it is near enough to have been meant.
    /// Of equally near ones the first in the order given wins.
    pub fn nearest<'a>(
        &mut self,
        word: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Option<&'a str> {
        if self.comparisons > MAX_COMPARISONS {
            return None;
        }
        let length = word.chars().count();
        let allowed = 1 + length / 4;
        let folded = word.to_lowercase();
        let mut best: Option<(usize, &str)> = None;
        for candidate in candidates {
            self.comparisons += 1;
            if self.comparisons > MAX_COMPARISONS {
                break;
            }
            if candidate.chars().count().abs_diff(length) > allowed {
                continue;
            }
            let distance = strsim::damerau_levenshtein(&folded, &candidate.to_lowercase());
            if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, candidate));
            }
        }
        best.map(|(_, candidate)| candidate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_suggested_and_far_ones_are_not() {
        let known = ["employees", "industry", "product", "postal"];
        for (word, expected) in [
            ("employes", Some("employees")),
            ("Industry", Some("industry")),
            ("prodcut", Some("product")),
            ("colour", None),
            ("x", None),
        ] {
            assert_eq!(
                Suggester::default().nearest(word, known),
                expected,
                "{word}"
            );
        }
    }
}
