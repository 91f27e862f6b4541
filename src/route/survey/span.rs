//! Sets of one field's values as runs of ordered keys, with a place for leads that lack the field.

use smallvec::SmallVec;

/// A value's key. Keys of one field are ordered as its values are.
pub type Key = SmallVec<[u8; 16]>;

/// Keys from one, inclusive, to another, exclusive; `None` is the end of all keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Run {
    pub from: Key,
    pub to: Option<Key>,
}

/// Values of one field, and whether a lead without a value belongs to them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    pub missing: bool,
    /// Sorted, disjoint, not touching.
    runs: SmallVec<[Run; 1]>,
}

impl Run {
    /// One key alone.
    pub fn of(key: Key) -> Self {
        let mut to = key.clone();
        to.push(0);
        Self {
            from: key,
            to: Some(to),
        }
    }

    /// Every key that begins so.
    pub fn beginning_with(prefix: Key) -> Self {
        let mut to = prefix.clone();
        while to.last() == Some(&u8::MAX) {
            to.pop();
        }
        let to = to.last_mut().map(|last| *last += 1).map(|()| to);
        Self { from: prefix, to }
    }

    fn is_empty(&self) -> bool {
        self.to.as_ref().is_some_and(|to| *to <= self.from)
    }
}

/// Whether one end of a run comes before another.
fn ends_before(one: Option<&Key>, other: Option<&Key>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one < other,
        (one, _) => one.is_some(),
    }
}

impl Span {
    /// Leads without a value.
    pub fn absent() -> Self {
        Self {
            missing: true,
            runs: SmallVec::new(),
        }
    }

    /// Leads with a value, whatever it is.
    pub fn present() -> Self {
        Self::of([Run {
            from: Key::new(),
            to: None,
        }])
    }

    /// All leads.
    pub fn all() -> Self {
        Self {
            missing: true,
            ..Self::present()
        }
    }

    /// Leads whose value lies in one of these runs, in any order.
    pub fn of(runs: impl IntoIterator<Item = Run>) -> Self {
        let mut sorted: SmallVec<[Run; 1]> = runs.into_iter().collect();
        sorted.retain(|run| !run.is_empty());
        sorted.sort_unstable();
        let mut merged: SmallVec<[Run; 1]> = SmallVec::new();
        for run in sorted {
            match merged.last_mut() {
                Some(last) if last.to.as_ref().is_none_or(|to| run.from <= *to) => {
                    if ends_before(last.to.as_ref(), run.to.as_ref()) {
                        last.to = run.to;
                    }
                }
                _ => merged.push(run),
            }
        }
        Self {
            missing: false,
            runs: merged,
        }
    }

    /// The runs of values, in order.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Whether no lead belongs to it.
    pub fn is_empty(&self) -> bool {
        !self.missing && self.runs.is_empty()
    }

    /// Whether a value with this key belongs to it.
    pub fn holds(&self, key: &Key) -> bool {
        let at = self.runs.partition_point(|run| run.from <= *key);
        let run = at.checked_sub(1).and_then(|at| self.runs.get(at));
        run.is_some_and(|run| run.to.as_ref().is_none_or(|to| key < to))
    }

    /// What belongs to both.
    pub fn and(&self, other: &Self) -> Self {
        let (mut a, mut b) = (0, 0);
        let mut both = SmallVec::new();
        while let (Some(one), Some(two)) = (self.runs.get(a), other.runs.get(b)) {
            let first = ends_before(one.to.as_ref(), two.to.as_ref());
            let run = Run {
                from: (&one.from).max(&two.from).clone(),
                to: if first { &one.to } else { &two.to }.clone(),
            };
            if !run.is_empty() {
                both.push(run);
            }
            if first {
                a += 1;
            } else {
                b += 1;
            }
        }
        Self {
            missing: self.missing && other.missing,
            runs: both,
        }
    }

    /// What belongs to this one and not to the other.
    pub fn minus(&self, other: &Self) -> Self {
        self.and(&other.complement())
    }

    fn complement(&self) -> Self {
        let mut from = Some(Key::new());
        let mut rest = SmallVec::new();
        for run in &self.runs {
            if let Some(from) = from.take() {
                let to = Some(run.from.clone());
                let gap = Run { from, to };
                if !gap.is_empty() {
                    rest.push(gap);
                }
            }
            from.clone_from(&run.to);
        }
        rest.extend(from.map(|from| Run { from, to: None }));
        Self {
            missing: !self.missing,
            runs: rest,
        }
    }

    /// Whether all that belongs to it belongs to the other.
    pub fn lies_in(&self, other: &Self) -> bool {
        self.minus(other).is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(at: u32) -> Key {
        SmallVec::from_slice(&[at as u8])
    }

    #[test]
    fn spans_agree_with_lists_of_their_members() {
        let spans: Vec<Span> = (0_u32..2048)
            .step_by(7)
            .map(|bits| {
                let members = (0..10).filter(|at| bits >> at & 1 == 1);
                let to = |at| (at < 9).then(|| key(at + 1));
                let runs = members.map(|at| Run {
                    from: key(at),
                    to: to(at),
                });
                Span {
                    missing: bits >> 10 & 1 == 1,
                    ..Span::of(runs)
                }
            })
            .collect();
        for (a, b) in spans.iter().zip(spans.iter().rev()) {
            for at in (0..12).map(key) {
                assert_eq!(a.and(b).holds(&at), a.holds(&at) && b.holds(&at));
                assert_eq!(a.minus(b).holds(&at), a.holds(&at) && !b.holds(&at));
            }
            assert_eq!(a.and(b).missing, a.missing && b.missing);
            assert_eq!(a.minus(b).missing, a.missing && !b.missing);
            assert_eq!(a.lies_in(b), a.and(b) == *a);
        }
    }

    #[test]
    fn a_prefix_ends_before_the_next_text_of_its_length() {
        let run = |text: &str| Run::beginning_with(SmallVec::from_slice(text.as_bytes()));
        assert_eq!(run("C3").to.as_deref(), Some(&b"C4"[..]));
        assert_eq!(run("").to, None);
        let high = Run::beginning_with(SmallVec::from_slice(&[7, 255, 255]));
        assert_eq!(high.to.as_deref(), Some(&[8][..]));
    }
}
