//! A Kafka that is reached through proxies: what a test starts behind one has a network that can fail.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Mutex, PoisonError};

use crate::support::kafka::{self, Broker};
use crate::support::proxy::Proxy;

/// So many tests may have a link of their own.
const LINKS: usize = 6;

/// One broker for all of them, and the links nobody has taken yet.
struct Shared {
    broker: Broker,
    free: Vec<Proxy>,
}

/// The shared broker by its own address and by a way that can be broken.
pub struct Link {
    pub direct: String,
    pub proxy: Proxy,
}

impl Link {
    /// A link for the test called `name`; without Kafka it is reported as skipped.
    pub fn take(name: &str) -> Option<Self> {
        static SHARED: Mutex<Option<Shared>> = Mutex::new(None);
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if shared.is_none() {
            *shared = Some(Shared::start(name)?);
        }
        let shared = shared.as_mut()?;
        Some(Self {
            direct: shared.broker.address(),
            proxy: shared
                .free
                .pop()
                .expect("LINKS counts the tests that take one"),
        })
    }

    /// The address that leads through the proxy.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.proxy.port())
    }
}

impl Shared {
    fn start(name: &str) -> Option<Self> {
        let free: Vec<Proxy> = (0..LINKS).map(|_| Proxy::bind()).collect();
        let broker =
            kafka::own_broker_with(name, |port, controller| properties(port, controller, &free))?;
        Some(Self { broker, free })
    }
}

/// A listener for each proxy, which the broker advertises by the proxy's port. The broker's
/// own traffic keeps to the first one.
fn properties(port: u16, controller: u16, proxies: &[Proxy]) -> String {
    let mut listeners = format!("PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}");
    let mut advertised = format!("PLAINTEXT://127.0.0.1:{port}");
    let mut protocols = "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT".to_owned();
    for (number, proxy) in proxies.iter().enumerate() {
        let behind = free_address().port();
        proxy.stand_before(behind);
        listeners += &format!(",LINK{number}://127.0.0.1:{behind}");
        advertised += &format!(",LINK{number}://127.0.0.1:{}", proxy.port());
        protocols += &format!(",LINK{number}:PLAINTEXT");
    }
    format!(
        "listeners={listeners}\nadvertised.listeners={advertised}\n\
         listener.security.protocol.map={protocols}\ninter.broker.listener.name=PLAINTEXT\n"
    )
}

/// An address on loopback where nobody listens yet.
pub fn free_address() -> SocketAddr {
    let held = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    held.local_addr().expect("it is bound")
}
