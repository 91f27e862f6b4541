//! Whether a restored state, the group's offsets and the topics tell the same story.

use std::collections::BTreeMap;

use crate::assign::Meta;
use crate::event::TopicRole;
use crate::stream::source::Queues;
use crate::stream::trouble::Trouble;

use super::shared::Shared;

/// Compares the meta row with the topics' partition count and the group's committed offsets.
/// They were written in one transaction, so any difference means that one of them was
/// damaged, truncated or set by hand, and going on would lose or repeat leads.
pub fn check(
    meta: &Meta,
    rows: u64,
    queues: &Queues,
    shared: &Shared,
    partition: i32,
) -> Result<(), Trouble> {
    let committed: BTreeMap<TopicRole, i64> = queues.committed()?.into_iter().collect();
    match judge(meta, rows, &committed, shared.partitions) {
        None => Ok(()),
        Some(fault) => Err(Trouble::Refused(sentence(&fault, shared, partition))),
    }
}

/// What does not fit.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    /// There are rows but no meta row.
    Headless,
    Partitions {
        written: u32,
        now: i32,
    },
    Offsets {
        state: BTreeMap<TopicRole, i64>,
        group: BTreeMap<TopicRole, i64>,
    },
}

fn judge(
    meta: &Meta,
    rows: u64,
    committed: &BTreeMap<TopicRole, i64>,
    partitions: i32,
) -> Option<Fault> {
    if rows > 0 && meta.partitions == 0 {
        return Some(Fault::Headless);
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
        Fault::Partitions { written, now } => format!(
            "the state in {state}/{partition} was written with {written} partitions, but the topics now have \
             {now}, so tenants live on other partitions than their state. Give all six topics {written} partitions \
             again (a topic's count cannot be lowered: recreate it), or begin with empty topics and another kafka.group"
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

    #[test]
    fn an_empty_deployment_and_an_agreeing_one_may_start() {
        assert_eq!(judge(&meta(0, None), 0, &BTreeMap::new(), 4), None);
        assert_eq!(judge(&meta(4, Some(7)), 9, &offsets(7), 4), None);
        assert_eq!(judge(&meta(4, None), 9, &BTreeMap::new(), 4), None);
    }

    #[test]
    fn whatever_contradicts_itself_is_refused() {
        let none = BTreeMap::new();
        assert_eq!(judge(&meta(0, None), 9, &none, 4), Some(Fault::Headless));
        assert_eq!(
            judge(&meta(4, Some(7)), 9, &offsets(7), 8),
            Some(Fault::Partitions { written: 4, now: 8 })
        );
        for (state, group) in [(Some(7), offsets(8)), (Some(7), none), (None, offsets(8))] {
            assert!(matches!(
                judge(&meta(4, state), 9, &group, 4),
                Some(Fault::Offsets { .. })
            ));
        }
        assert!(matches!(
            judge(&meta(0, None), 0, &offsets(8), 4),
            Some(Fault::Offsets { .. })
        ));
    }
}
