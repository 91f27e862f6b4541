//! Three brokers that keep each other's records, for what one broker alone cannot show.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Broker, free_ports};

/// Held by the one cluster that runs: with six brokers on two processors elections take longer
/// than any patience.
static ALONE: Mutex<()> = Mutex::new(());

/// Brokers and controllers 1 to 3. Every topic has three replicas, and two must have a record.
pub struct Cluster {
    brokers: Vec<Broker>,
    _alone: MutexGuard<'static, ()>,
}

impl Cluster {
    /// Formats and starts all three and waits until each answers; first for the end of another.
    pub fn start(libs: &Path) -> Self {
        // A test that failed held it for no state.
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let ports: Vec<(u16, u16)> = (0..3).map(|_| free_ports()).collect();
        let prepare = |(index, (port, controller)): (usize, &(u16, u16))| {
            let more = properties(index + 1, &ports);
            Broker::prepare(libs, *port, *controller, &more)
        };
        let mut brokers: Vec<Broker> = ports.iter().enumerate().map(prepare).collect();
        // One alone has no majority and would wait for ever.
        brokers.iter_mut().for_each(Broker::spawn);
        brokers.iter().for_each(Broker::await_ready);
        Self {
            brokers,
            _alone: alone,
        }
    }

    /// The bootstrap addresses of all three.
    pub fn address(&self) -> String {
        let addresses: Vec<String> = self.brokers.iter().map(Broker::address).collect();
        addresses.join(",")
    }

    /// Ends one of them, 0 to 2, as `kill -9` does.
    pub fn kill(&mut self, index: usize) {
        self.brokers[index].kill();
    }

    /// Starts it again.
    pub fn run(&mut self, index: usize) {
        self.brokers[index].run();
    }
}

/// A later line counts, so that these replace what a broker alone has.
fn properties(node: usize, ports: &[(u16, u16)]) -> String {
    let voter =
        |(index, (_, port)): (usize, &(u16, u16))| format!("{}@127.0.0.1:{port}", index + 1);
    let voters: Vec<String> = ports.iter().enumerate().map(voter).collect();
    format!(
        "node.id={node}\ncontroller.quorum.voters={}\n\
         offsets.topic.replication.factor=3\ntransaction.state.log.replication.factor=3\n\
         transaction.state.log.min.isr=2\ndefault.replication.factor=3\nmin.insync.replicas=2\n\
         unclean.leader.election.enable=false\n\
         broker.session.timeout.ms=4000\nbroker.heartbeat.interval.ms=500\n",
        voters.join(",")
    )
}
