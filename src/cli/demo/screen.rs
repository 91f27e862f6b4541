//! The live view on a terminal: one picture drawn twice a second.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph, Sparkline};

use super::picture::{LastDecision, Picture};

/// Lines of the plan's history that stay visible.
const PLAN_LINES: u16 = 5;

/// Draws everything.
pub fn draw(frame: &mut Frame<'_>, picture: &Picture) {
    let [head, rate, middle, last, plan, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(5),
        Constraint::Min(8),
        Constraint::Percentage(35),
        Constraint::Length(PLAN_LINES + 2),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    let [teams, reasons] =
        Layout::horizontal([Constraint::Percentage(50), Constraint::Percentage(50)]).areas(middle);
    frame.render_widget(headline(picture), head);
    draw_rate(frame, rate, picture);
    draw_bars(
        frame,
        teams,
        "owners per team",
        &picture.teams,
        Color::Green,
    );
    draw_bars(
        frame,
        reasons,
        "first decisions",
        &picture.reasons,
        Color::Blue,
    );
    draw_last(frame, last, &picture.last);
    draw_plans(frame, plan, picture);
    frame.render_widget(footline(picture), foot);
}

fn headline(picture: &Picture) -> Line<'_> {
    Line::from(vec![
        Span::from(" bailiwick demo ").bold().reversed(),
        Span::from("  plan "),
        Span::from(picture.version.as_str()).bold(),
        Span::from("  metrics "),
        Span::from(picture.metrics.as_str()).underlined(),
    ])
}

fn draw_rate(frame: &mut Frame<'_>, area: Rect, picture: &Picture) {
    let (p50, p99) = picture.delays;
    let title = format!(
        " {} leads/s   from creation to read back: p50 {p50} ms, p99 {p99} ms   in flight {} ",
        picture.rate(),
        picture.in_flight,
    );
    let goal = picture.goal.map(|goal| format!(" of {goal}"));
    let counts = format!(
        " produced {}{} + {} again   decided {}   later decisions {}   activity {}   dead letters {} ",
        picture.produced.leads,
        goal.unwrap_or_default(),
        picture.produced.redeliveries,
        picture.decided,
        picture.later,
        picture.produced.activity,
        picture.dead,
    );
    let block = Block::bordered().title(title).title_bottom(counts);
    // The newest second stands at the right edge.
    let width = area.width.saturating_sub(2) as usize;
    let skip = picture.rates.len().saturating_sub(width);
    let line = Sparkline::default()
        .data(&picture.rates[skip..])
        .style(Style::new().fg(Color::Cyan))
        .block(block);
    frame.render_widget(line, area);
}

fn draw_bars(frame: &mut Frame<'_>, area: Rect, title: &str, rows: &[(String, u64)], color: Color) {
    let block = Block::bordered().title(format!(" {title} "));
    let inner = block.inner(area);
    let most = rows.first().map_or(1, |row| row.1.max(1));
    let lines: Vec<Line<'_>> = rows
        .iter()
        .take(inner.height as usize)
        .map(|(name, count)| bar(name, *count, most, inner.width, color))
        .collect();
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

/// Width of a bar's name, and of its number.
const NAME: usize = 30;
const NUMBER: usize = 9;

fn bar(name: &str, count: u64, most: u64, width: u16, color: Color) -> Line<'static> {
    let room = (width as usize).saturating_sub(NAME + NUMBER + 1) as u64;
    let length = (room * count).div_ceil(most) as usize;
    let name: String = name.chars().take(NAME).collect();
    Line::from(vec![
        Span::from(format!("{name:<NAME$}")),
        Span::from(format!("{count:>NUMBER$} ")),
        Span::from("█".repeat(length)).fg(color),
    ])
}

fn draw_last(frame: &mut Frame<'_>, area: Rect, decisions: &[LastDecision]) {
    let block = Block::bordered().title(" last decisions ");
    let rows = block.inner(area).height as usize;
    let lines: Vec<Line<'_>> = decisions.iter().take(rows).map(decision).collect();
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

fn decision(one: &LastDecision) -> Line<'_> {
    let color = match one.outcome.as_str() {
        "assigned" => Color::Green,
        "pooled" | "duplicate" => Color::Yellow,
        _ => Color::Red,
    };
    Line::from(vec![
        Span::from(format!("{:<12} {} ", one.clock, one.lead)).dim(),
        Span::from(format!("{:<10} ", one.outcome)).fg(color),
        Span::from(format!("{:<16} ", one.reason)),
        Span::from(format!("{:<28} ", one.owner)).bold(),
        Span::from(one.path.as_str()).dim(),
    ])
}

fn draw_plans(frame: &mut Frame<'_>, area: Rect, picture: &Picture) {
    let title = format!(" edit {} while this runs ", picture.plan_path);
    let shown = picture.plans.len().saturating_sub(PLAN_LINES as usize);
    let lines: Vec<Line<'_>> = picture.plans[shown..]
        .iter()
        .map(|note| Line::from(note.as_str()))
        .collect();
    frame.render_widget(
        Paragraph::new(lines).block(Block::bordered().title(title)),
        area,
    );
}

fn footline(picture: &Picture) -> Line<'_> {
    let age = picture.age.as_secs();
    Line::from(format!(
        " {:02}:{:02} since the start   q or Ctrl-C ends with a summary",
        age / 60,
        age % 60
    ))
    .dim()
}
