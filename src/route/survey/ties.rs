//! Territories of the same rank that a lead may match both of, so that only the id decides.

use smallvec::SmallVec;

use crate::plan::TerritoryIx;

use super::super::choose;
use super::super::rank::{self, Rank};
use super::cell::{Axis, Cell};
use super::span::{Key, Span};
use super::{Finding, Survey, shadow, witness, words};

/// Pairs of cells looked at in one rank at most. Territories of a rank mostly differ in one
/// field, which leaves few; a plan with more pairs than this has more ties than are read.
const MAX_PAIRS: usize = 20_000_000;

/// Pairs of cells tried for one territory at most.
const MAX_TRIES: u8 = 16;

/// Leads tried for one pair of cells at most, each in what the owners of those before leave.
const MAX_LEADS: usize = 16;

/// Ties that are listed; the last one says how many there are besides.
const LISTED: usize = 100;

/// A cell of a territory in a group of equal rank.
#[derive(Clone, Copy)]
struct Entry<'s, 'p> {
    /// Position in the group.
    member: usize,
    cell: &'s Cell<'p>,
}

/// Pairs of territories that tie, of each territory first the first one that it ties with; not
/// those of which it was said already that they never own a lead.
pub fn find(survey: &Survey<'_>, never: &[TerritoryIx]) -> Vec<Finding> {
    let mut order = rank::order(&survey.ranks);
    order.retain(|ix| never.binary_search(ix).is_err());
    let mut found: Vec<Vec<Found>> = Vec::new();
    for group in order.chunk_by(|a, b| ties(&survey.ranks[a.at()], &survey.ranks[b.at()])) {
        for group in competing(survey, group) {
            found.extend(in_group(survey, &group, found.len() >= LISTED));
        }
    }
    let most = found.iter().map(Vec::len).max().unwrap_or(0);
    let nth = |nth: usize| found.iter().filter_map(move |ties| ties.get(nth));
    let mut found: Vec<Found> = (0..most).flat_map(nth).cloned().collect();
    let unlisted = found.len().saturating_sub(LISTED);
    found.truncate(LISTED);
    found
        .iter()
        .enumerate()
        .map(|(at, (first, second, lead))| Finding::Tie {
            first: *first,
            second: *second,
            lead: lead.clone(),
            unlisted: if at + 1 == LISTED { unlisted } else { 0 },
        })
        .collect()
}

/// Whether only the id tells two ranks apart.
fn ties(one: &Rank, other: &Rank) -> bool {
    match (one, other) {
        (Rank::Specific(one), Rank::Specific(other)) => one
            .cmp(&rank::Specificity {
                id: one.id.clone(),
                ..other.clone()
            })
            .is_eq(),
        _ => false,
    }
}

/// Of territories with one rank those that compete: all that are no overlays, and the
/// overlays of each branch.
fn competing(survey: &Survey<'_>, group: &[TerritoryIx]) -> Vec<Vec<TerritoryIx>> {
    let key = |ix: &TerritoryIx| {
        let overlay = survey.plan.territory(*ix).overlay;
        overlay.then(|| choose::branch_of(survey.plan, *ix))
    };
    let mut sorted = group.to_vec();
    // A stable sort keeps the order by id.
    sorted.sort_by_key(key);
    let groups = sorted.chunk_by(|a, b| key(a) == key(b));
    groups
        .filter(|group| group.len() > 1)
        .map(<[_]>::to_vec)
        .collect()
}

type Found = (TerritoryIx, TerritoryIx, String);

/// Of each territory that ties with earlier ones, those, in order of rank; only one of them
/// where that is `enough`.
fn in_group(survey: &Survey<'_>, group: &[TerritoryIx], enough: bool) -> Vec<Vec<Found>> {
    let mut entries = Vec::new();
    for (member, ix) in group.iter().enumerate() {
        let cells = survey.cells_of(*ix).unwrap_or_default();
        entries.extend(cells.iter().map(|cell| Entry { member, cell }));
    }
    let axis = narrowest(&entries);
    let mut found: Vec<Vec<Found>> = vec![Vec::new(); group.len()];
    let mut total = 0;
    let mut tries = vec![0_u8; group.len()];
    let mut pairs = 0;
    each_pair(&entries, axis, &mut |one, other| {
        pairs += 1;
        let (first, second) = match one.member < other.member {
            true => (one, other),
            false => (other, one),
        };
        let late = second.member;
        let pair = (group[first.member], group[late]);
        let known = match enough || total >= LISTED {
            true => !found[late].is_empty(),
            false => found[late].iter().any(|(first, ..)| *first == pair.0),
        };
        let open = first.member != late && !known && tries[late] < MAX_TRIES;
        if open && first.cell.meets(second.cell) {
            tries[late] += 1;
            let tie = tie(survey, pair, first.cell, second.cell);
            total += usize::from(tie.is_some());
            found[late].extend(tie);
        }
        pairs < MAX_PAIRS
    });
    found.retain(|ties| !ties.is_empty());
    for ties in &mut found {
        ties.sort_by_key(|(first, ..)| group.iter().position(|one| one == first));
    }
    found
}

/// A lead that falls to both and that no other territory takes, looked for in what those
/// leave that take the leads before.
fn tie<'p>(
    survey: &Survey<'p>,
    (first, second): (TerritoryIx, TerritoryIx),
    one: &Cell<'p>,
    other: &Cell<'p>,
) -> Option<Found> {
    let now = survey.begins[first.at()].max(survey.begins[second.at()]);
    let mut open = vec![one.and(other)?];
    for _ in 0..MAX_LEADS {
        let cell = open.pop()?;
        let Some(lead) = survey.lead_of(first, &cell) else {
            continue;
        };
        let owner = survey.owner(first, &lead, now)?;
        if owner != first {
            open.extend(shadow::left_by(survey, &cell, (first, &lead, now), owner)?);
        } else if witness::meets(survey.plan, &lead, second) {
            return Some((first, second, words::lead(survey.plan, &lead)));
        }
    }
    None
}

/// Keys of the leads that an entry lets through on an axis; those without a value come last.
fn runs_on(entry: &Entry<'_, '_>, axis: Axis) -> SmallVec<[(Key, Option<Key>); 1]> {
    const LAST: [u8; 17] = [u8::MAX; 17];
    let all = Span::all();
    let span = entry.cell.span(axis).unwrap_or(&all);
    let runs = span
        .runs()
        .iter()
        .map(|run| (run.from.clone(), run.to.clone()));
    let missing = span.missing.then(|| (Key::from_slice(&LAST), None));
    runs.chain(missing).collect()
}

/// The axis on which the fewest entries meet.
fn narrowest(entries: &[Entry<'_, '_>]) -> Option<Axis> {
    let mut axes: Vec<Axis> = entries
        .iter()
        .flat_map(|entry| entry.cell.spans().iter().map(|(axis, _)| *axis))
        .collect();
    axes.sort_unstable();
    axes.dedup();
    axes.into_iter().min_by_key(|axis| meetings(entries, *axis))
}

/// How many pairs of entries meet on an axis: for each beginning those that are still open.
fn meetings(entries: &[Entry<'_, '_>], axis: Axis) -> usize {
    let (mut begins, mut ends) = (Vec::new(), Vec::new());
    for (from, to) in entries.iter().flat_map(|entry| runs_on(entry, axis)) {
        begins.push(from);
        ends.extend(to);
    }
    begins.sort_unstable();
    ends.sort_unstable();
    let mut ended = 0;
    let mut pairs = 0_usize;
    for (at, from) in begins.iter().enumerate() {
        while ends.get(ended).is_some_and(|end| end <= from) {
            ended += 1;
        }
        pairs = pairs.saturating_add(at - ended);
    }
    pairs
}

/// Calls with each pair of entries that meet on the axis, until told to stop.
fn each_pair<'s, 'p>(
    entries: &[Entry<'s, 'p>],
    axis: Option<Axis>,
    call: &mut dyn FnMut(Entry<'s, 'p>, Entry<'s, 'p>) -> bool,
) {
    let mut runs: Vec<(Key, Option<Key>, usize)> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        match axis {
            Some(axis) => runs.extend(
                runs_on(entry, axis)
                    .into_iter()
                    .map(|(from, to)| (from, to, at)),
            ),
            None => runs.push((Key::new(), None, at)),
        }
    }
    runs.sort_unstable();
    let mut open: Vec<(Option<Key>, usize)> = Vec::new();
    for (from, to, at) in runs {
        open.retain(|(end, _)| end.as_ref().is_none_or(|end| *end > from));
        for (_, other) in &open {
            if !call(entries[*other], entries[at]) {
                return;
            }
        }
        open.push((to, at));
    }
}
