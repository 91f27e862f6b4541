//! A TCP proxy before a broker that reads the frames of Kafka's protocol and breaks the link on command.
//!
//! It changes no byte. A broker advertises the proxy's port on a listener of its own, so that
//! only what is started with that address comes through here.

use std::collections::HashMap;
use std::io::Read as _;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

/// Requests of the protocol that tests name.
pub mod api {
    pub const PRODUCE: i16 = 0;
    pub const ADD_OFFSETS_TO_TXN: i16 = 25;
    pub const END_TXN: i16 = 26;
    pub const TXN_OFFSET_COMMIT: i16 = 28;
}

/// One request as it came, without its length.
#[derive(Clone)]
pub struct Frame {
    pub api: i16,
    correlation: i32,
    bytes: Vec<u8>,
}

impl Frame {
    fn new(bytes: Vec<u8>) -> Self {
        let number = |from: usize| i16::from_be_bytes([bytes[from], bytes[from + 1]]);
        Self {
            api: number(0),
            correlation: correlation(&bytes[4..]),
            bytes,
        }
    }

    /// The transactional id of a request that opens with one: those of a transaction do.
    pub fn transactional_id(&self) -> &str {
        let text = |from: usize| {
            let length = i16::from_be_bytes([self.bytes[from], self.bytes[from + 1]]);
            from + 2..from + 2 + usize::try_from(length).unwrap_or_default()
        };
        let client = text(8);
        std::str::from_utf8(&self.bytes[text(client.end)]).unwrap()
    }
}

fn correlation(bytes: &[u8]) -> i32 {
    i32::from_be_bytes(bytes[..4].try_into().unwrap())
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    /// It does not get through, and its connection is cut.
    Cut,
    /// It gets through; instead of the answer its sender sees the connection cut.
    CutAnswer,
    /// It gets through, and the answer is lost on a connection that stays.
    LoseAnswer,
    /// It is kept for [`Proxy::release`], and its connection is cut.
    Keep,
    /// It waits for [`Proxy::go_on`].
    Pause,
}

type Judge = Box<dyn FnMut(&Frame) -> Verdict + Send>;

/// The proxy; clones are the same one.
#[derive(Clone)]
pub struct Proxy(Arc<Inner>);

struct Inner {
    port: u16,
    target: OnceLock<u16>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    judge: Option<Judge>,
    /// Open connections, client's side and broker's side.
    open: HashMap<usize, (TcpStream, TcpStream)>,
    next: usize,
    silent: bool,
    delay: Duration,
    kept: Vec<Frame>,
    paused: usize,
}

impl Proxy {
    /// Listens on a free port; connections wait until there is a target.
    pub fn bind() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
        let proxy = Self(Arc::new(Inner {
            port: listener.local_addr().expect("it is bound").port(),
            target: OnceLock::new(),
            state: Mutex::default(),
            changed: Condvar::new(),
        }));
        let accepting = proxy.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                accepting.join(client);
            }
        });
        proxy
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.0.port
    }

    /// Says which port of this machine it stands before.
    pub fn stand_before(&self, port: u16) {
        self.0.target.set(port).expect("it has no target yet");
    }

    /// Asks `judge` what becomes of each request from here on.
    pub fn judge(&self, judge: impl FnMut(&Frame) -> Verdict + Send + 'static) {
        self.state().judge = Some(Box::new(judge));
    }

    /// Lets every request pass again.
    pub fn be_good(&self) {
        let mut state = self.state();
        (state.judge, state.silent, state.delay) = (None, false, Duration::ZERO);
        self.0.changed.notify_all();
    }

    /// Half open from here on: connections stand and are accepted, and nothing gets through.
    pub fn fall_silent(&self) {
        self.state().silent = true;
    }

    /// Holds up each request for so long.
    pub fn delay(&self, by: Duration) {
        self.state().delay = by;
    }

    /// How many requests are kept.
    pub fn kept(&self) -> usize {
        self.state().kept.len()
    }

    /// How many requests wait.
    pub fn paused(&self) -> usize {
        self.state().paused
    }

    /// Sends the request kept first, late and on a connection of its own, and gives the error
    /// code of the answer. For requests whose answer opens with a throttle time and the code.
    pub fn release(&self) -> i16 {
        let frame = self.state().kept.remove(0);
        let mut stream = self.connect().expect("the broker is there");
        write_frame(&mut stream, &frame.bytes).unwrap();
        let answer = read_frame(&mut stream).expect("the broker answers");
        i16::from_be_bytes([answer[8], answer[9]])
    }

    /// Lets those go that wait.
    pub fn go_on(&self) {
        self.state().paused = 0;
        self.0.changed.notify_all();
    }

    fn connect(&self) -> std::io::Result<TcpStream> {
        let stream = TcpStream::connect(("127.0.0.1", *self.0.target.wait()))?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    fn join(&self, client: TcpStream) {
        let proxy = self.clone();
        std::thread::spawn(move || {
            // The broker may be away: then the client is let go, as it would be without us.
            let Ok(broker) = proxy.connect() else { return };
            client.set_nodelay(true).unwrap();
            let copies = || Some((client.try_clone().ok()?, broker.try_clone().ok()?));
            let Some(pair) = copies() else { return };
            let link = proxy.link(pair);
            let (asked, answered) = (Arc::clone(&link), link);
            let back = proxy.clone();
            let (Ok(client_in), Ok(broker_in)) = (client.try_clone(), broker.try_clone()) else {
                return;
            };
            std::thread::spawn(move || back.answers_of(&answered, broker_in));
            proxy.requests_of(&asked, client_in);
        });
    }

    fn link(&self, pair: (TcpStream, TcpStream)) -> Arc<Link> {
        let mut state = self.state();
        state.next += 1;
        let number = state.next;
        let sides = |one: &TcpStream| one.try_clone().expect("a socket can be shared");
        let link = Link {
            number,
            client: sides(&pair.0),
            broker: sides(&pair.1),
            asked: Mutex::default(),
        };
        state.open.insert(number, pair);
        Arc::new(link)
    }

    fn requests_of(&self, link: &Link, mut from: TcpStream) {
        while let Some(bytes) = read_frame(&mut from) {
            let frame = Frame::new(bytes);
            let Some(verdict) = self.verdict(&frame) else {
                continue;
            };
            link.asked().insert(frame.correlation, verdict);
            if matches!(verdict, Verdict::Cut | Verdict::Keep) {
                if verdict == Verdict::Keep {
                    self.state().kept.push(frame);
                }
                break;
            }
            if write_frame(&mut (&link.broker), &frame.bytes).is_err() {
                break;
            }
        }
        self.part(link);
    }

    /// What becomes of a request, after it has waited for its turn; nothing when it is
    /// swallowed.
    fn verdict(&self, frame: &Frame) -> Option<Verdict> {
        let mut state = self.state();
        let verdict = state.judge.as_mut().map_or(Verdict::Pass, |ask| ask(frame));
        if verdict == Verdict::Pause {
            state.paused += 1;
            let waiting = |state: &mut State| state.paused > 0;
            let waited = self.0.changed.wait_while(state, waiting);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        let (silent, delay) = (state.silent, state.delay);
        drop(state);
        std::thread::sleep(delay);
        (!silent).then_some(verdict)
    }

    fn answers_of(&self, link: &Link, mut from: TcpStream) {
        while let Some(bytes) = read_frame(&mut from) {
            let asked = link.asked().remove(&correlation(&bytes));
            let verdict = asked.unwrap_or(Verdict::Pass);
            let silent = self.state().silent;
            match verdict {
                Verdict::CutAnswer => break,
                Verdict::LoseAnswer => {}
                _ if silent => {}
                _ if write_frame(&mut (&link.client), &bytes).is_err() => break,
                _ => {}
            }
        }
        self.part(link);
    }

    fn part(&self, link: &Link) {
        close(&link.client, &link.broker);
        self.state().open.remove(&link.number);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection through the proxy, and what was asked on it.
struct Link {
    number: usize,
    client: TcpStream,
    broker: TcpStream,
    asked: Mutex<HashMap<i32, Verdict>>,
}

impl Link {
    fn asked(&self) -> MutexGuard<'_, HashMap<i32, Verdict>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn close(client: &TcpStream, broker: &TcpStream) {
    // Whoever closed first leaves the other nothing to do.
    let _ = client.shutdown(Shutdown::Both);
    let _ = broker.shutdown(Shutdown::Both);
}

/// The next frame without its length, or nothing at the end of the connection.
fn read_frame(from: &mut TcpStream) -> Option<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length).ok()?;
    let mut bytes = vec![0; usize::try_from(i32::from_be_bytes(length)).ok()?];
    from.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

fn write_frame(to: &mut (impl std::io::Write + ?Sized), bytes: &[u8]) -> std::io::Result<()> {
    let length = i32::try_from(bytes.len()).expect("it came with such a length");
    // In one write, so that two requests never mix.
    let whole = [&length.to_be_bytes()[..], bytes].concat();
    to.write_all(&whole)
}
