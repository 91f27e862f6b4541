//! `bailiwick reshard`: a drained deployment moved to more partitions.

use clap::Args as ClapArgs;

use crate::assign::State;
use crate::stream::reshard::{NewLane, Reshard, Target};
use crate::stream::source::cluster::{Cluster, Counts, names};

use super::Frame;
use super::failure::Failure;
use super::output::{Data, Format, say};
use super::topics;

/// Moves a drained deployment to more partitions, with everything it remembers.
///
/// Before it: stop what produces input, let the daemons decide all of it, stop all daemons.
/// It checks that nobody is in the group and no input is left, reads the state, writes it to
/// a new state topic in one transaction, and raises the partitions of the other five topics.
/// The old state topic stays as it was. Ended at any point, it may be run again.
///
/// After it: set kafka.topics.state to the new topic, and start the daemons. Decision ids
/// then carry an epoch, as in acme/3.1/1, so that none is given twice.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  bailiwick reshard --partitions 24 --dry-run
  bailiwick reshard --partitions 24 --state bailiwick-state-24

Exit codes: 0 moved, or moved before; 75 not drained yet, or the brokers are away;
78 what is there does not fit together, with the reason.")]
pub struct Args {
    /// The new number of partitions; more than now, for topics cannot lose any
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i32).range(2..=100_000))]
    partitions: i32,
    /// The new state topic; without it the old name and the number
    #[arg(long, value_name = "TOPIC")]
    state: Option<String>,
    /// Copies of the new state topic; without it as many as brokers, at most 3
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i32).range(1..=100))]
    replication: Option<i32>,
    /// Check everything, say what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Checks, reads, writes, raises, and says what to do next.
pub fn run(args: &Args, frame: &Frame) -> Result<(), Failure> {
    let settings = frame.settings()?;
    let cluster = Cluster::new(&settings.kafka)?;
    cluster.reach(settings.kafka.command_timeout, &|line| say(line), &|| true)?;
    let counts = cluster.counts()?;
    let old_topic = settings.kafka.topics.state.clone();
    let from = counts.get(&old_topic).copied().ok_or_else(|| {
        let command = topics::command(frame);
        Failure::bad_config(format!(
            "topic {old_topic} is missing. Create it with:\n  {command}"
        ))
    })?;
    if from == args.partitions {
        say(format_args!(
            "{old_topic} has {from} partitions already; nothing to do"
        ));
        return Ok(());
    }
    let state = args.state.clone();
    let state = state.unwrap_or_else(|| next_name(&old_topic, from, args.partitions));
    let reshard = Reshard {
        settings,
        from,
        to: args.partitions,
        state,
    };
    check_counts(&reshard, &counts)?;
    let offsets = reshard.await_nobody()?;
    if !args.dry_run {
        reshard.fence()?;
    }
    let old = reshard.read(&offsets, &mut |partition, progress| {
        let rows = progress.rows;
        say(format_args!(
            "read partition {partition} of {old_topic}: {rows} rows"
        ));
    })?;
    report(&reshard.plan(&old), frame)?;
    if args.dry_run {
        say("a dry run: nothing was changed");
        return Ok(());
    }
    write(&reshard, args.replication, &cluster, &old)?;
    if reshard.await_nobody()? != offsets {
        return Err(Failure::bad_config(again(&reshard)));
    }
    raise(&reshard, &counts)?;
    say(format_args!(
        "moved to {} partitions. Now set kafka.topics.state = \"{}\" in the settings of all daemons, and start \
         them; {old_topic} is as it was and may be deleted later",
        reshard.to, reshard.state
    ));
    Ok(())
}

/// `bailiwick-state-12` with 12 partitions becomes `bailiwick-state-24`.
fn next_name(old: &str, from: i32, to: i32) -> String {
    let stem = old.strip_suffix(&format!("-{from}")).unwrap_or(old);
    format!("{stem}-{to}")
}

/// All topics grow together; those that an earlier run raised already have the new number.
fn check_counts(reshard: &Reshard, counts: &Counts) -> Result<(), Failure> {
    let Reshard {
        settings, from, to, ..
    } = reshard;
    if to < from {
        return Err(Failure::bad_config(format!(
            "there are {from} partitions and topics cannot lose any; give a higher number than --partitions {to}"
        )));
    }
    if reshard.state == settings.kafka.topics.state {
        return Err(Failure::bad_config(format!(
            "--state {} is the present state topic; the new state needs one of its own",
            reshard.state
        )));
    }
    for name in names(&settings.kafka.topics) {
        let found = counts.get(name).copied().unwrap_or_default();
        let is_state = name == settings.kafka.topics.state;
        if found != *from && (is_state || found != *to) {
            return Err(Failure::bad_config(format!(
                "topic {name} has {found} partitions, but the state in {} has {from}; give all six topics {from} \
                 first (`bailiwick topics` shows what there is)",
                settings.kafka.topics.state
            )));
        }
    }
    Ok(())
}

/// Makes the new topic and writes the state, unless that was done before.
fn write(
    reshard: &Reshard,
    replication: Option<i32>,
    cluster: &Cluster,
    old: &[State],
) -> Result<(), Failure> {
    let kafka = &reshard.settings.kafka;
    topics::make_state(kafka, cluster, &reshard.state, reshard.to, replication)?;
    match reshard.target(old)? {
        Target::Empty => {
            let rows = reshard.write(old)?;
            say(format_args!("wrote {rows} rows to {}", reshard.state));
            Ok(())
        }
        Target::Done => {
            say(format_args!("{} was written before", reshard.state));
            Ok(())
        }
        Target::Other => Err(Failure::bad_config(again(reshard))),
    }
}

fn again(reshard: &Reshard) -> String {
    format!(
        "topic {} does not hold the present state: the deployment went on after it was written, or it belongs to \
         another. Delete that topic, or name another by --state, and run this again",
        reshard.state
    )
}

fn raise(reshard: &Reshard, counts: &Counts) -> Result<(), Failure> {
    let kafka = &reshard.settings.kafka;
    let others = names(&kafka.topics);
    for name in others.iter().filter(|name| **name != kafka.topics.state) {
        if counts.get(*name) != Some(&reshard.to) {
            topics::raise(kafka, name, reshard.to)?;
            say(format_args!("raised {name} to {} partitions", reshard.to));
        }
    }
    Ok(())
}

fn report(lanes: &[NewLane], frame: &Frame) -> Result<(), Failure> {
    let mut data = Data::open();
    for lane in lanes {
        let NewLane {
            partition,
            tenants,
            leads,
            rows,
        } = lane;
        match frame.output {
            Format::Text => data.text(&format!(
                "partition {partition:>4}: {tenants:>6} tenants {leads:>10} leads {rows:>10} rows\n"
            ))?,
            Format::Json => data.json(&serde_json::json!({
                "partition": partition, "tenants": tenants, "leads": leads, "rows": rows
            }))?,
        }
    }
    data.finish()
}

#[cfg(test)]
mod tests {
    use super::next_name;

    #[test]
    fn the_new_topic_is_called_after_its_partitions() {
        for (old, from, to, new) in [
            ("bailiwick-state", 12, 24, "bailiwick-state-24"),
            ("bailiwick-state-24", 24, 48, "bailiwick-state-48"),
            ("state-7", 24, 48, "state-7-48"),
        ] {
            assert_eq!(next_name(old, from, to), new);
        }
    }
}
