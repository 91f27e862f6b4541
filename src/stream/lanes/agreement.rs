//! Whether a restored state, the group's offsets and the topics tell the same story.

use std::collections::BTreeMap;

use crate::assign::Meta;
use crate::event::TopicRole;
use crate::stream::restore::Warm;
use crate::stream::source::Queues;
use crate::stream::trouble::Trouble;

use super::shared::Shared;

/// Compares the meta row with the topics' partition count and the group's committed offsets.
/// They were written in one transaction, so any difference means that one of them was
/// damaged, truncated or set by hand, and going on would lose or repeat leads.
pub fn check(warm: &Warm, queues: &Queues, shared: &Shared, partition: i32) -> Result<(), Trouble> {
    let committed: BTreeMap<TopicRole, i64> = queues.committed()?.into_iter().collect();
    let found = Found {
        is_empty: warm.rows == 0,
        oldest: warm.oldest,
        partitions: shared.partitions,
    };
    match judge(warm.step.state().meta(), &found, &committed) {
        None => Ok(()),
        Some(fault) => Err(Trouble::Refused(sentence(&fault, shared, partition))),
    }
}

/// Says that records are missing at the changelog's beginning, where a restore failed for that.
pub fn truncated(shared: &Shared, partition: i32, oldest: i64) -> Trouble {
    let fault = Fault::Truncated { oldest, base: 0 };
    Trouble::Refused(sentence(&fault, shared, partition))
}

/// What was found beside the meta row.
struct Found {
    /// No row was read.
    is_empty: bool,
    /// The changelog's oldest position.
    oldest: i64,
    /// How many partitions the topics have now.
    partitions: i32,
}

/// What does not fit.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    /// There are rows but no meta row.
    Headless,
    /// Records were deleted from the changelog's beginning.
    Truncated {
        oldest: i64,
        base: i64,
    },
    Partitions {
        written: u32,
        now: i32,
    },
    Offsets {
        state: BTreeMap<TopicRole, i64>,
        group: BTreeMap<TopicRole, i64>,
    },
}

fn judge(meta: &Meta, found: &Found, committed: &BTreeMap<TopicRole, i64>) -> Option<Fault> {
    let (oldest, partitions) = (found.oldest, found.partitions);
    if !found.is_empty && meta.partitions == 0 {
        return Some(Fault::Headless);
    }
    if meta.partitions > 0 && oldest > meta.base {
        let base = meta.base;
        return Some(Fault::Truncated { oldest, base });
    }
    if meta.partitions > 0 && i64::from(meta.partitions) != i64::from(partitions) {
        return Some(Fault::Partitions {
            written: meta.partitions,
            now: partitions,
        });
    }
    if meta.offsets != *committed {
        return Some(Fault::Offsets {
            state: meta.offsets.clone(),
            group: committed.clone(),
        });
    }
    None
}

fn sentence(fault: &Fault, shared: &Shared, partition: i32) -> String {
    let kafka = &shared.settings.kafka;
    let (state, group) = (&kafka.topics.state, &kafka.group);
    match fault {
        Fault::Headless => format!(
            "the changelog {state}/{partition} has rows but no end: it was truncated or is not compacted \
             (cleanup.policy must be compact, without delete). Restore the topic from a backup, or, to \
             begin with an empty state, delete the records of {state} and the offsets of group {group}"
        ),
        Fault::Truncated { oldest, base } => format!(
            "the changelog {state}/{partition} was truncated: its records from offset {base} to {oldest} were \
             deleted, and with them leads that would be decided again. Its cleanup.policy must be compact, without \
             delete. Restore the topic from a backup, or, to begin with an empty state, make {state} anew and delete \
             the offsets of group {group}"
        ),
        Fault::Partitions { written, now } => format!(
            "the state in {state}/{partition} was written with {written} partitions, but the topics now have \
             {now}, so tenants live on other partitions than their state. Move the state with `bailiwick reshard \
             --partitions {now}`, or give all six topics {written} partitions again (a topic's count cannot be \
             lowered: make it anew)"
        ),
        Fault::Offsets {
            state: kept,
            group: committed,
        } => {
            let shown = |offsets: &BTreeMap<TopicRole, i64>| match offsets.is_empty() {
                true => "none".to_owned(),
                false => {
                    let one = |(role, next): (&TopicRole, &i64)| {
                        format!("{} {next}", topic(shared, *role))
                    };
                    offsets.iter().map(one).collect::<Vec<_>>().join(", ")
                }
            };
            format!(
                "partition {partition}: the state in {state} ends at offsets {}, but group {group} committed {}. \
                 Both are written in one transaction, so one of them was lost or changed by hand. If the state is \
                 right, set the group's offsets to it (kafka-consumer-groups --reset-offsets --to-offset); to begin \
                 anew from the input, delete the records of {state} and the group's offsets",
                shown(kept),
                shown(committed)
            )
        }
    }
}

fn topic(shared: &Shared, role: TopicRole) -> &str {
    match role {
        TopicRole::Activity => &shared.settings.kafka.topics.activity,
        _ => &shared.settings.kafka.topics.leads,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offsets(leads: i64) -> BTreeMap<TopicRole, i64> {
        [(TopicRole::Leads, leads)].into()
    }

    fn meta(partitions: u32, leads: Option<i64>) -> Meta {
        let mut meta = Meta::default();
        meta.partitions = partitions;
        meta.offsets = leads.map(offsets).unwrap_or_default();
        meta
    }

    /// What is found beside rows; `None` where there are none.
    fn found(oldest: Option<i64>, partitions: i32) -> Found {
        Found {
            is_empty: oldest.is_none(),
            oldest: oldest.unwrap_or(0),
            partitions,
        }
    }

    #[test]
    fn an_empty_deployment_and_an_agreeing_one_may_start() {
        let (none, some) = (found(None, 4), found(Some(0), 4));
        assert_eq!(judge(&meta(0, None), &none, &BTreeMap::new()), None);
        assert_eq!(judge(&meta(4, Some(7)), &some, &offsets(7)), None);
        assert_eq!(judge(&meta(4, None), &some, &BTreeMap::new()), None);
    }

    #[test]
    fn whatever_contradicts_itself_is_refused() {
        let (none, some) = (BTreeMap::new(), found(Some(0), 4));
        assert_eq!(judge(&meta(0, None), &some, &none), Some(Fault::Headless));
        assert_eq!(
            judge(&meta(4, Some(7)), &found(Some(0), 8), &offsets(7)),
            Some(Fault::Partitions { written: 4, now: 8 })
        );
        for (state, group) in [(Some(7), offsets(8)), (Some(7), none), (None, offsets(8))] {
            assert!(matches!(
                judge(&meta(4, state), &some, &group),
                Some(Fault::Offsets { .. })
            ));
        }
        assert!(matches!(
            judge(&meta(0, None), &found(None, 4), &offsets(8)),
            Some(Fault::Offsets { .. })
        ));
    }

    #[test]
    fn a_changelog_whose_beginning_is_gone_is_refused_unless_it_began_there() {
        let mut meta = meta(4, Some(7));
        let cut = found(Some(5), 4);
        assert_eq!(
            judge(&meta, &cut, &offsets(7)),
            Some(Fault::Truncated { oldest: 5, base: 0 })
        );
        meta.base = 5;
        assert_eq!(judge(&meta, &cut, &offsets(7)), None);
    }
}
