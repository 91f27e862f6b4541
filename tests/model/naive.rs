//! The assignment engine once more, written from the specification alone: plain vectors,
//! everything searched for, every waiting lead tried at every step. Time is in minutes.

mod arrivals;
mod choice;
pub mod clock;
mod life;
mod moments;
mod people;
mod pools;
mod room;
mod turns;

use super::world::{Happening, LeadText, REPS, TEAMS, TERRITORIES, World};

/// A decision, as far as the model tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub lead: usize,
    pub outcome: &'static str,
    pub reason: &'static str,
    pub rep: Option<&'static str>,
    pub previous: Option<&'static str>,
    pub pooled: bool,
    pub territory: Option<&'static str>,
    pub team: Option<&'static str>,
    pub duplicate_of: Option<usize>,
    pub attempt: u32,
    pub accept_by: Option<i64>,
    pub touch_by: Option<i64>,
}

/// One pick of a team: who got the lead of those who could have had it.
#[derive(Clone, Debug)]
pub struct Turn {
    pub team: usize,
    pub rep: usize,
    pub considered: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Waiting,
    Owned,
    Pooled,
    Duplicate,
    Closed,
}

#[derive(Clone, Debug)]
struct Lead {
    text: LeadText,
    at: i64,
    stage: Stage,
    reason: &'static str,
    territory: Option<usize>,
    team: Option<usize>,
    rep: Option<usize>,
    by_claim: bool,
    /// Somebody has had it.
    had_owner: bool,
    attempt: u32,
    taken_up: bool,
    touched: bool,
    accept_by: Option<i64>,
    touch_by: Option<i64>,
    recycle: Option<(i64, usize)>,
    give_up_at: Option<i64>,
    hold_until: i64,
    excluded: Vec<usize>,
    cooling: Vec<(usize, i64)>,
    duplicate_of: Option<usize>,
    /// Stands for the person with its e-mail address.
    holds_person: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Status {
    Active,
    Away(Option<i64>),
    Left,
}

#[derive(Clone, Copy, Debug, Default)]
struct Pass {
    /// In sixths of a thousandth of a lead, so that weights 1, 2 and 3 divide evenly.
    pass: i64,
    credit: i64,
    away: bool,
}

#[derive(Clone)]
pub struct Naive {
    pub world: World,
    pub now: i64,
    leads: Vec<Lead>,
    status: Vec<Status>,
    /// (rep, local date, leads that day)
    days: Vec<(usize, i64, u32)>,
    claims: Vec<(usize, i64, u32)>,
    clocks: [i64; 3],
    passes: [[Pass; 6]; 3],
    potentials: [(u64, u64); 3],
    accounts: [Option<(usize, bool)>; 3],
    marks: Vec<(usize, u64)>,
    early: Vec<(i64, usize, Happening)>,
    pub told: Vec<Told>,
    /// Turns that teams took, for those who judge whether they were fair.
    pub picks: Vec<Turn>,
    pub expired: usize,
}

/// A place found for a lead.
#[derive(Clone, Copy, Debug)]
enum Place {
    Rep(usize, Option<usize>, &'static str),
    Pool(&'static str),
    Nobody(&'static str),
}

impl Naive {
    pub fn new(world: World, now: i64) -> Self {
        Self {
            world,
            now,
            leads: Vec::new(),
            status: vec![Status::Active; REPS.len()],
            days: Vec::new(),
            claims: Vec::new(),
            clocks: [0; 3],
            passes: Default::default(),
            potentials: [(0, 0); 3],
            accounts: [None; 3],
            marks: Vec::new(),
            early: Vec::new(),
            told: Vec::new(),
            picks: Vec::new(),
            expired: 0,
        }
    }

    pub fn happens(&mut self, what: &Happening) {
        match what {
            Happening::Pass(minutes) => {
                for _ in 0..*minutes {
                    self.now += 1;
                    self.minute();
                }
            }
            Happening::Plan => self.new_plan(),
            Happening::Lead(text) => self.lead(text),
            Happening::Active(rep) => self.active(*rep),
            Happening::Away(rep, minutes) => self.away(*rep, *minutes),
            Happening::Left(rep) => {
                self.status[*rep] = Status::Left;
                self.take_all_from(*rep, "rep_left", |_, _| true);
            }
            Happening::Account(account, rep) => {
                self.accounts[*account] = rep.map(|rep| (rep, true));
            }
            of_lead => self.of_lead(of_lead),
        }
        self.retry_waiting();
    }

    /// Whether somebody could take a lead that waits; nobody ever should.
    pub fn somebody_could_take(&self) -> Option<usize> {
        let mut other = self.clone();
        let waits = |lead: &Lead| lead.stage == Stage::Waiting && lead.reason != "too_old";
        let mut waiting = (0..self.leads.len()).filter(|&at| waits(&self.leads[at]));
        let at = waiting.find(|&at| !matches!(other.find(at), Place::Nobody(_)))?;
        Some(self.leads[at].text.id)
    }

    fn position(&self, id: usize) -> Option<usize> {
        self.leads.iter().position(|lead| lead.text.id == id)
    }

    fn of_lead(&mut self, what: &Happening) {
        let (&Happening::Accepted(id, _)
        | &Happening::Declined(id, _)
        | &Happening::Touched(id, _)
        | &Happening::Released(id)
        | &Happening::Claimed(id, _)
        | &Happening::Transferred(id, _)
        | &Happening::Closed(id)
        | &Happening::Withdrawn(id)) = what
        else {
            return;
        };
        match self.position(id) {
            Some(at) => self.known(at, what),
            None if matches!(what, Happening::Withdrawn(_)) => {}
            None => self.early.push((self.now + 10, id, what.clone())),
        }
    }

    fn tell(&mut self, at: usize, outcome: &'static str, previous: Option<usize>) {
        let lead = &self.leads[at];
        let previous = previous.map(|rep| REPS[rep]);
        self.told.push(Told {
            previous,
            ..told(lead, outcome, lead.reason)
        });
    }
}

fn told(lead: &Lead, outcome: &'static str, reason: &'static str) -> Told {
    Told {
        lead: lead.text.id,
        outcome,
        reason,
        rep: lead.rep.map(|rep| REPS[rep]),
        previous: None,
        pooled: lead.stage == Stage::Pooled,
        territory: lead.territory.map(|at| TERRITORIES[at]),
        team: lead.team.map(|team| TEAMS[team]),
        duplicate_of: lead.duplicate_of,
        attempt: lead.attempt,
        accept_by: lead.accept_by,
        touch_by: lead.touch_by,
    }
}
