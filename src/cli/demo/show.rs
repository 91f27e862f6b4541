//! Shows pictures until the demo ends: a live screen on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};

use crate::cli::failure::Failure;
use crate::cli::output::say;

use super::picture::Picture;
use super::screen;

/// Time between two pictures on a screen.
const FRAME: Duration = Duration::from_millis(250);
/// Time between two plain lines.
const LINE: Duration = Duration::from_secs(1);

/// How the demo is shown.
pub enum Show {
    Screen(ratatui::DefaultTerminal),
    Lines,
}

impl Show {
    /// A screen if standard output is a terminal.
    pub fn open() -> Result<Self, Failure> {
        if !std::io::stdout().is_terminal() {
            return Ok(Self::Lines);
        }
        let terminal = ratatui::try_init()
            .map_err(|why| Failure::internal(format_args!("cannot use this terminal: {why}")))?;
        Ok(Self::Screen(terminal))
    }

    /// Whether plans' changes need a line of their own.
    pub const fn is_lines(&self) -> bool {
        matches!(self, Self::Lines)
    }

    /// Shows the picture, then waits; true if the user asks for the end.
    pub fn show(&mut self, picture: &Picture, stop: &AtomicBool) -> Result<bool, Failure> {
        match self {
            Self::Screen(terminal) => {
                let drawn = terminal.draw(|frame| screen::draw(frame, picture));
                drawn.map_err(|why| Failure::internal(format_args!("cannot draw: {why}")))?;
                Ok(asked_to_end(FRAME) || stop.load(Ordering::Relaxed))
            }
            Self::Lines => {
                if picture.age >= Duration::from_millis(500) {
                    say(line(picture));
                }
                Ok(wait(LINE, stop))
            }
        }
    }
}

impl Drop for Show {
    fn drop(&mut self) {
        if matches!(self, Self::Screen(_)) {
            ratatui::restore();
        }
    }
}

/// Waits for keys; true for `q`, Escape or Ctrl-C, which a raw terminal gives as a key.
fn asked_to_end(wait: Duration) -> bool {
    let until = Instant::now() + wait;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if !event::poll(left).unwrap_or(false) {
            return false;
        }
        let Ok(Event::Key(key)) = event::read() else {
            continue;
        };
        let control_c =
            key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
        let quits = matches!(key.code, KeyCode::Char('q') | KeyCode::Esc);
        if key.kind == KeyEventKind::Press && (quits || control_c) {
            return true;
        }
    }
}

/// Waits in short steps; true as soon as the end is asked for.
fn wait(length: Duration, stop: &AtomicBool) -> bool {
    let until = Instant::now() + length;
    while Instant::now() < until {
        if stop.load(Ordering::Relaxed) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    stop.load(Ordering::Relaxed)
}

/// One moment as a line.
fn line(picture: &Picture) -> String {
    let (p50, p99) = picture.delays;
    format!(
        "{:>4} s  {:>6} leads/s  decided {:>8}  in flight {:>5}  p50 {p50} ms  p99 {p99} ms  activity {:>7}  dead letters {}",
        picture.age.as_secs(),
        picture.rate(),
        picture.decided,
        picture.in_flight,
        picture.produced.activity,
        picture.dead,
    )
}
