//! The assignment engine once more, written from the specification alone: plain vectors,
//! everything searched for, every waiting lead tried at every step. Time is in minutes.

mod choice;
mod clock;

use super::world::{Happening, LeadText, REPS, Sla, TEAMS, TERRITORIES, Target, World};

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
                self.take_all_from(*rep, "rep_left", |_| true);
            }
            Happening::Account(account, rep) => {
                self.accounts[*account] = rep.map(|rep| (rep, true));
            }
            of_lead => self.of_lead(of_lead),
        }
        self.retry_waiting();
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

    fn known(&mut self, at: usize, what: &Happening) {
        let lead = self.leads[at].clone();
        let speaks = |rep: &Option<usize>| {
            lead.stage == Stage::Owned && rep.is_none_or(|rep| lead.rep == Some(rep))
        };
        match what {
            Happening::Accepted(_, rep) if speaks(rep) => {
                self.leads[at].taken_up = true;
                self.leads[at].accept_by = None;
            }
            Happening::Declined(_, rep) if speaks(rep) => {
                self.cool_off(at);
                self.next_try(at, "declined");
            }
            Happening::Touched(_, rep) if speaks(rep) => self.touch(at),
            Happening::Released(_) if speaks(&None) => self.release(at),
            Happening::Claimed(_, rep) => self.claim(at, *rep),
            Happening::Transferred(_, rep) => self.transfer(at, *rep),
            Happening::Closed(_) if lead.stage != Stage::Closed => {
                let lead = &mut self.leads[at];
                lead.stage = Stage::Closed;
                lead.reason = "lost";
                (lead.accept_by, lead.touch_by) = (None, None);
                (lead.recycle, lead.give_up_at) = (None, None);
                self.tell(at, "closed", None);
                let lead = &mut self.leads[at];
                (lead.territory, lead.team, lead.attempt) = (None, None, 1);
            }
            Happening::Withdrawn(id) => self.withdraw(at, *id),
            _ => {}
        }
    }

    fn touch(&mut self, at: usize) {
        let lead = &mut self.leads[at];
        (lead.taken_up, lead.touched) = (true, true);
        (lead.accept_by, lead.touch_by) = (None, None);
    }

    fn withdraw(&mut self, at: usize, id: usize) {
        let lead = self.leads.remove(at);
        let open = matches!(lead.stage, Stage::Waiting | Stage::Owned | Stage::Pooled);
        let previous = lead.rep.filter(|_| open).map(|rep| REPS[rep]);
        self.told.push(Told {
            rep: None,
            previous,
            pooled: false,
            accept_by: None,
            touch_by: None,
            ..told(&lead, "withdrawn", "withdrawn")
        });
        self.marks.retain(|(other, _)| *other != id);
        self.marks.push((id, lead.text.revision));
    }

    fn tell(&mut self, at: usize, outcome: &'static str, previous: Option<usize>) {
        let lead = &self.leads[at];
        let previous = previous.map(|rep| REPS[rep]);
        self.told.push(Told {
            previous,
            ..told(lead, outcome, lead.reason)
        });
    }

    fn active(&mut self, rep: usize) {
        self.status[rep] = Status::Active;
        for team in 0..TEAMS.len() {
            let clock = self.clocks[team];
            let pass = &mut self.passes[team][rep];
            if pass.away {
                pass.away = false;
                pass.credit = (clock - pass.pass).max(0);
            }
        }
    }

    fn away(&mut self, rep: usize, minutes: Option<i64>) {
        self.status[rep] = Status::Away(minutes.map(|minutes| self.now + minutes));
        if self.world.catch_up {
            for team in 0..TEAMS.len() {
                let member = self.world.teams[team]
                    .members
                    .iter()
                    .any(|one| one.0 == rep);
                let from = self.counts_from(team, rep);
                let pass = &mut self.passes[team][rep];
                if member && !pass.away {
                    *pass = Pass {
                        pass: from,
                        away: true,
                        ..*pass
                    };
                }
            }
        }
        self.take_all_from(rep, "rep_away", |lead| !lead.taken_up);
    }

    fn take_all_from(&mut self, rep: usize, reason: &'static str, which: impl Fn(&Lead) -> bool) {
        for at in 0..self.leads.len() {
            let lead = &self.leads[at];
            if lead.stage == Stage::Owned && lead.rep == Some(rep) && which(lead) {
                self.cool_off(at);
                self.settle(at, Some(reason));
            }
        }
    }

    fn new_plan(&mut self) {
        for at in 0..self.leads.len() {
            let lead = &self.leads[at];
            if lead.stage == Stage::Waiting && !self.too_old(lead) {
                let before = (lead.reason, lead.territory);
                let place = self.find(at);
                if let Place::Nobody(reason) = place
                    && before == (reason, self.territory(&self.leads[at].text))
                {
                    continue;
                }
                self.put(at, place, None);
            }
        }
    }

    /// One minute later: absences end, early activity expires, waiting leads are tried,
    /// deadlines pass.
    fn minute(&mut self) {
        for rep in 0..REPS.len() {
            if self.status[rep] == Status::Away(Some(self.now)) {
                self.active(rep);
            }
        }
        let before = self.early.len();
        self.early.retain(|(until, _, _)| *until > self.now);
        self.expired += before - self.early.len();
        self.retry_waiting();
        loop {
            let due = |lead: &Lead| self.deadline(lead).is_some_and(|(at, _)| at <= self.now);
            let ids: Vec<usize> = self
                .leads
                .iter()
                .filter(|lead| due(lead))
                .map(|lead| lead.text.id)
                .collect();
            if ids.is_empty() {
                return;
            }
            for id in ids {
                if let Some(at) = self.position(id) {
                    self.fire(at);
                    self.retry_waiting();
                }
            }
        }
    }

    fn deadline(&self, lead: &Lead) -> Option<(i64, &'static str)> {
        let all = [
            (lead.accept_by, "accept"),
            (lead.touch_by, "touch"),
            (lead.recycle.map(|(at, _)| at), "recycle"),
            (lead.give_up_at, "max_age"),
        ];
        let set = all.into_iter().filter_map(|(at, kind)| Some((at?, kind)));
        set.min_by_key(|(at, _)| *at)
    }

    fn sla(&self, at: usize) -> Option<Sla> {
        self.world.teams[self.leads[at].team?].sla
    }

    fn fire(&mut self, at: usize) {
        let Some((due, kind)) = self
            .deadline(&self.leads[at])
            .filter(|(at, _)| *at <= self.now)
        else {
            return;
        };
        let _ = due;
        match kind {
            "recycle" => self.recycle(at),
            "max_age" => self.put(at, Place::Nobody("too_old"), None),
            kind if self.sla(at).is_none_or(|sla| !sla.reassign) => {
                let lead = &mut self.leads[at];
                if kind == "accept" {
                    lead.accept_by = None;
                } else {
                    lead.touch_by = None;
                }
            }
            kind => {
                self.cool_off(at);
                let reason = if kind == "accept" {
                    "accept_timeout"
                } else {
                    "touch_timeout"
                };
                self.next_try(at, reason);
            }
        }
    }

    fn next_try(&mut self, at: usize, reason: &'static str) {
        let sla = self.sla(at);
        let owner = self.leads[at].rep;
        let lead = &mut self.leads[at];
        if let Some(owner) = owner.filter(|owner| !lead.excluded.contains(owner)) {
            lead.excluded.push(owner);
        }
        match sla.filter(|sla| self.leads[at].attempt >= sla.attempts) {
            None => {
                self.leads[at].attempt += 1;
                self.settle(at, Some(reason));
            }
            Some(sla) => {
                let reason = "retries_exhausted";
                let place = match sla.then {
                    Some(Target::Pool) => Place::Pool(reason),
                    Some(Target::Team(team)) => self
                        .seat_in(at, team, reason)
                        .unwrap_or(Place::Nobody(reason)),
                    None => Place::Nobody(reason),
                };
                self.put(at, place, None);
            }
        }
    }

    fn settle(&mut self, at: usize, reason: Option<&'static str>) {
        let place = self.find(at);
        self.put(at, place, reason);
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
