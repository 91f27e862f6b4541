//! Brokers that are away for long, have no room left, or die one after the other.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};

use crate::support::kafka::{self, Broker};

use super::deployment::{Deployment, wait_until};
use super::exactly_once::{await_drained, deployment, produce};
use super::instance::Instance;
use super::load::{Load, longest_silence};
use super::takeover::{decided, prove};

const SEED: u64 = 909;
/// Longer than a session and a transaction. `BAILIWICK_OUTAGE_SECONDS` makes it longer.
const OUTAGE: Duration = Duration::from_secs(9);
/// What an outage may cost in memory: queues are bounded, and nothing grows with its length.
const GROWTH: u64 = 64 << 20;

fn outage() -> Duration {
    let given = std::env::var("BAILIWICK_OUTAGE_SECONDS").ok();
    given.map_or(OUTAGE, |text| {
        Duration::from_secs(text.parse().expect("a number of seconds"))
    })
}

#[test]
fn a_broker_gone_for_long_is_waited_for() {
    let Some(mut broker) = kafka::own_broker("a_broker_gone_for_long_is_waited_for") else {
        return;
    };
    println!("seed {SEED}");
    let deployment = deployment(&broker.address());
    let mut daemon = Instance::start(&deployment, "only", &[]);
    daemon.await_ready();
    produce(&deployment, SEED, 0, 2_000);
    decided(&deployment, 700);
    let before = daemon.resident();
    broker.kill();
    let (end, mut most) = (Instant::now() + outage(), before);
    wait_until("it is no longer ready", || !daemon.is_ready());
    while Instant::now() < end {
        assert!(daemon.is_live());
        assert!(!daemon.is_ready(), "nobody can be decided without a broker");
        most = most.max(daemon.resident());
        std::thread::sleep(Duration::from_millis(200));
    }
    let why = daemon.ask("/readyz?verbose").expect("it answers").body;
    assert!(why.contains("brokers away since 20"), "{why}");
    broker.run();
    let back = Instant::now();
    produce(&deployment, SEED, 2_000, 500);
    decided(&deployment, 2_500);
    println!(
        "{:?} without a broker: {} MiB before, at most {} MiB; all decided {:?} after it was back",
        outage(),
        before >> 20,
        most >> 20,
        back.elapsed()
    );
    assert!(
        most < before + GROWTH,
        "memory grows while the broker is away"
    );
    daemon.await_ready();
    await_drained(&deployment);
    // It was said twenty times a second that brokers are down, and never as a warning.
    let log = deployment.log("only");
    let said = |part: &str| {
        let text = std::fs::read_to_string(&log).expect("the daemon's log");
        text.lines().filter(|line| line.contains(part)).count()
    };
    wait_until("it says that they are back", || {
        said("brokers are back") == 1
    });
    assert_eq!(said("brokers away since"), 1);
    assert_eq!(said("goes on"), 0);
    assert!(said("AllBrokersDown") < 20);
    daemon.end();
    prove(&deployment, 2_500);
}

/// A small disk of the test's own.
struct Disk(PathBuf);

impl Disk {
    const MIB: u64 = 48;

    /// Mounts a file system in memory; where that is not permitted, says why.
    fn mount(folder: &Path) -> Result<Self, String> {
        let at = folder.join("disk");
        std::fs::create_dir_all(&at).map_err(|error| error.to_string())?;
        let size = format!("size={}m", Self::MIB);
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "none"])
            .arg(&at)
            .output();
        match done {
            Ok(done) if done.status.success() => Ok(Self(at)),
            Ok(done) => Err(String::from_utf8_lossy(&done.stderr).trim().to_owned()),
            Err(error) => Err(format!("mount: {error}")),
        }
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }

    /// Leaves no room.
    fn fill(&self) {
        use std::io::Write as _;
        let mut file = std::fs::File::create(self.ballast()).expect("the disk is ours");
        while file.write_all(&[0; 1 << 14]).is_ok() {}
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_at_the_broker_loses_nothing() {
    let name = "a_full_disk_at_the_broker_loses_nothing";
    let Ok(libs) = kafka::libraries() else { return };
    let folder = kafka::scratch().join(kafka::unique("disk"));
    std::fs::create_dir_all(&folder).expect("the scratch folder can be written");
    crate::support::reaper::remove_at_end(&folder);
    let disk = match Disk::mount(&folder) {
        Ok(disk) => disk,
        Err(why) => return kafka::not_here(name, &format!("a disk cannot be mounted: {why}")),
    };
    println!("seed {SEED}");
    let log = format!(
        "log.dirs={}\nlog.segment.bytes=4194304\n",
        disk.0.join("log").display()
    );
    let mut broker = Broker::start_with(&libs, |_, _| log);
    let deployment = deployment(&broker.address());
    let daemon = Instance::start(&deployment, "only", &[]);
    daemon.await_ready();
    produce(&deployment, SEED, 0, 500);
    decided(&deployment, 500);
    disk.fill();
    // As much as the broker still takes: what it never acknowledged was never sent.
    let taken = send_until_refused(&deployment, &mut broker);
    assert!(daemon.is_live());
    std::fs::remove_file(disk.ballast()).expect("the disk is ours");
    broker.kill();
    broker.run();
    println!("the broker stopped after {taken} more leads");
    decided(&deployment, 500 + taken);
    await_drained(&deployment);
    daemon.await_ready();
    daemon.end();
    let leads = deployment.read("leads");
    let distinct: std::collections::BTreeSet<_> = leads.iter().map(|one| &one.key).collect();
    prove(&deployment, distinct.len());
}

/// Sends leads one by one until the broker, which has no room left, ends; gives how many it
/// acknowledged.
fn send_until_refused(deployment: &Deployment, broker: &mut Broker) -> usize {
    use rdkafka::producer::Producer as _;
    let producer = deployment.producer();
    let mut taken = 0;
    for lead in super::population::leads(SEED, &super::population::tenants(40)).skip(500) {
        let record = (Some(lead.id.as_bytes()), Some(&*lead.value), None);
        deployment.send(
            &producer,
            "leads",
            taken as i32 % deployment.partitions,
            record,
        );
        let arrived = producer.flush(Duration::from_secs(2)).is_ok();
        if broker.has_ended() || !arrived {
            break;
        }
        taken += 1;
    }
    wait_until("the broker ends for want of room", || broker.has_ended());
    taken
}

/// Waits until every partition has all its replicas in sync again.
fn await_in_sync(brokers: &str) {
    let probe: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("log_level", "0")
        .create()
        .expect("a client can be made");
    wait_until("all replicas are in sync", || {
        let Ok(all) = probe.fetch_metadata(None, Duration::from_secs(5)) else {
            return false;
        };
        let mut partitions = all.topics().iter().flat_map(|topic| topic.partitions());
        partitions.all(|one| one.isr().len() == 3)
    });
}

/// A daemon on three brokers, each partition of which has leads to decide.
fn on_three(cluster: &kafka::Cluster) -> (Arc<Deployment>, Instance, Load) {
    println!("seed {SEED}");
    let deployment = Arc::new(deployment(&cluster.address()));
    let daemon = Instance::start(&deployment, "only", &[]);
    daemon.await_ready();
    let load = Load::start(&deployment, SEED, 40, 20.0);
    (deployment, daemon, load)
}

fn all_decided(deployment: &Deployment, daemon: Instance, load: Load) {
    let (sent, arrivals) = load.finish();
    let silence = longest_silence(&arrivals, 4);
    println!("{sent} leads; longest silence of a partition {silence:.1?}");
    await_drained(deployment);
    daemon.end();
    prove(deployment, sent);
}

#[test]
#[ignore = "three brokers take a minute or two and the whole machine: cargo test --test main -- --ignored broker::outage"]
fn three_brokers_killed_one_after_the_other_lose_nothing() {
    let name = "three_brokers_killed_one_after_the_other_lose_nothing";
    let Some(mut cluster) = kafka::own_cluster(name) else {
        return;
    };
    let (deployment, daemon, load) = on_three(&cluster);
    // Each partition's leader and each coordinator is on one of them.
    for index in 0..3 {
        await_in_sync(&deployment.brokers);
        let moment = (Instant::now(), super::load::clock());
        cluster.kill(index);
        let mut took = load.next_decisions(&[0, 1, 2, 3], moment);
        took.sort_unstable();
        let broker = index + 1;
        println!("broker {broker} killed: next decisions after {took:.1?}");
        if index < 2 {
            cluster.run(index);
        }
    }
    all_decided(&deployment, daemon, load);
}

#[test]
#[ignore = "three brokers take a minute or two and the whole machine: cargo test --test main -- --ignored broker::outage"]
fn without_enough_replicas_nothing_is_decided_and_nothing_is_lost() {
    let name = "without_enough_replicas_nothing_is_decided_and_nothing_is_lost";
    let Some(mut cluster) = kafka::own_cluster(name) else {
        return;
    };
    let (deployment, daemon, load) = on_three(&cluster);
    // A broker that has just begun may take longer to answer than the check waits.
    wait_until("nothing is amiss with the cluster", || {
        let check = deployment.bailiwick(&["check", "--live", "--deny-warnings"]);
        check.status.success()
    });
    // All three must have a decision from here on, so that without one there are none.
    let decisions = deployment.topic("assignments");
    kafka::set_topic(
        &deployment.brokers,
        &decisions,
        ("min.insync.replicas", "3"),
    );
    cluster.kill(0);
    let renewed = || daemon.metric("bailiwick_producers_renewed_total");
    let before = renewed();
    wait_until("a transaction fails for want of replicas", || {
        renewed() > before
    });
    assert!(daemon.is_live());
    cluster.run(0);
    all_decided(&deployment, daemon, load);
}
