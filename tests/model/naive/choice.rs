//! Who gets a lead, by sections 5 and 6 of the specification, with plain searches.

use super::super::world::{Available, Happening, LeadText, Pick, Target};
use super::{Lead, Naive, Pass, Place, Stage, Status, clock};

impl Naive {
    pub(super) fn territory(&self, text: &LeadText) -> Option<usize> {
        match (text.source, text.big) {
            ("north", true) => Some(1),
            ("north", false) => Some(0),
            ("south", _) => Some(2),
            ("west", _) => Some(3),
            _ => None,
        }
    }

    /// The team of a territory or of the one it lies in.
    fn serving(&self, territory: usize) -> Option<usize> {
        let own = self.world.serves[territory];
        own.or(if territory == 1 {
            self.world.serves[0]
        } else {
            None
        })
    }

    pub(super) fn too_old(&self, lead: &Lead) -> bool {
        let fresh = lead.stage == Stage::Waiting && !lead.had_owner;
        let most = self.world.max_age_minutes.filter(|_| fresh);
        most.is_some_and(|most| self.now - lead.at > most)
    }

    pub(super) fn counts_from(&self, team: usize, rep: usize) -> i64 {
        let Pass { pass, credit, away } = self.passes[team][rep];
        if away {
            pass
        } else {
            pass.max((self.clocks[team] - credit).max(0))
        }
    }

    fn weight(&self, team: usize, rep: usize) -> Option<u32> {
        let members = &self.world.teams[team].members;
        members.iter().find(|one| one.0 == rep).map(|one| one.1)
    }

    fn open_of(&self, rep: usize) -> u32 {
        let held = |lead: &&Lead| lead.stage == Stage::Owned && lead.rep == Some(rep);
        self.leads.iter().filter(held).count() as u32
    }

    fn today(&self, counts: &[(usize, i64, u32)], rep: usize) -> u32 {
        let date = clock::date(self.world.reps[rep].zone, self.now);
        let today = counts.iter().filter(|one| one.0 == rep && one.1 == date);
        today.map(|one| one.2).sum()
    }

    fn below(&self, rep: usize, open: Option<u32>, per_day: Option<u32>) -> bool {
        open.is_none_or(|most| self.open_of(rep) < most)
            && per_day.is_none_or(|most| self.today(&self.days, rep) < most)
    }

    fn has_room(&self, rep: usize, team: Option<usize>) -> bool {
        let own = &self.world.reps[rep];
        let teams = team.map(|team| &self.world.teams[team]);
        self.below(rep, own.open, own.per_day)
            && teams.is_none_or(|team| self.below(rep, team.open, team.per_day))
    }

    /// When the member begins, if that is soon enough for the team.
    fn begins(&self, team: usize, rep: usize) -> Option<i64> {
        let rules = &self.world.teams[team];
        let calendar = self.world.reps[rep].calendar.or(rules.calendar);
        let from = match self.status[rep] {
            Status::Active => self.now,
            Status::Away(Some(until)) => until,
            Status::Away(None) | Status::Left => return None,
        };
        match rules.available {
            Available::Any => (from <= self.now).then_some(self.now),
            Available::Now => {
                (from <= self.now && clock::open(calendar, self.now)).then_some(self.now)
            }
            Available::WithinHours(hours) => {
                let begins = clock::opens(calendar, from);
                (begins <= self.now + hours * 60).then_some(begins)
            }
        }
    }

    pub(super) fn seat_in(
        &mut self,
        at: usize,
        team: usize,
        reason: &'static str,
    ) -> Option<Place> {
        let rep = self.pick(at, team, None).ok()?;
        let lead = self.leads[at].text.clone();
        let from = self.turn(team, rep, &lead);
        self.clocks[team] = self.clocks[team].max(from);
        Some(Place::Rep(rep, Some(team), reason))
    }

    fn pick(&self, at: usize, team: usize, not: Option<usize>) -> Result<usize, &'static str> {
        let (lead, rules) = (&self.leads[at], &self.world.teams[team]);
        let mut reps: Vec<usize> = rules.members.iter().map(|one| one.0).collect();
        reps.retain(|&rep| {
            let speaks = lead
                .text
                .language
                .is_none_or(|one| self.world.reps[rep].languages.contains(&one));
            let fits = !rules.speaks || speaks;
            fits && self.status[rep] != Status::Left
                && !lead.excluded.contains(&rep)
                && not != Some(rep)
        });
        if reps.is_empty() {
            return Err("no_eligible_rep");
        }
        reps.retain(|&rep| self.begins(team, rep).is_some());
        if reps.is_empty() {
            return Err("nobody_available");
        }
        reps.retain(|&rep| self.has_room(rep, Some(team)));
        let rank = |rep: &usize| {
            let within = matches!(rules.available, Available::WithinHours(_));
            let begins = if within {
                self.begins(team, *rep)
            } else {
                None
            };
            let loaded = rules.pick == Pick::LeastLoaded;
            let load = if loaded { self.load(team, *rep) } else { 0 };
            (begins, load, self.counts_from(team, *rep), *rep)
        };
        reps.into_iter().min_by_key(rank).ok_or("all_at_capacity")
    }

    /// Open leads over capacity, in parts of a common multiple of all capacities there are.
    fn load(&self, team: usize, rep: usize) -> u64 {
        let limits = [self.world.reps[rep].open, self.world.teams[team].open];
        let limit = limits.into_iter().flatten().min();
        let capacity = limit.unwrap_or(self.weight(team, rep).unwrap_or(1) * 1_000);
        u64::from(self.open_of(rep)) * 60_000 * 60 / u64::from(capacity)
    }

    /// A turn in a rotation; where it was counted from.
    fn turn(&mut self, team: usize, rep: usize, lead: &LeadText) -> i64 {
        let Some(weight) = self.weight(team, rep) else {
            return 0;
        };
        let (sum, count) = self.potentials[team];
        let mean = sum.checked_div(count).map_or(1_000, |mean| mean.max(1));
        let value = match lead.potential {
            _ if !self.world.teams[team].by_value => 1_000,
            Some(potential) => u64::from(potential) * 1_000,
            None => mean,
        };
        if let Some(potential) = lead.potential {
            self.potentials[team] = (sum + u64::from(potential) * 1_000, count + 1);
        }
        let (clock, from) = (self.clocks[team], self.counts_from(team, rep));
        let pass = &mut self.passes[team][rep];
        pass.pass = from + value as i64 * 6 / i64::from(weight);
        pass.credit = pass.credit.min((clock.max(from) - pass.pass).max(0));
        from
    }

    /// The team an assignment without a pick counts in.
    fn team_of(&self, rep: usize, preferred: Option<usize>) -> Option<usize> {
        let member = |team: &usize| self.weight(*team, rep).is_some();
        preferred.filter(member).or((0..3).find(member))
    }

    /// A certain rep, if he is active, has room and has not failed the lead.
    fn stick(&mut self, at: usize, rep: usize, reason: &'static str) -> Option<Place> {
        let lead = &self.leads[at];
        let serving = self.territory(&lead.text).and_then(|one| self.serving(one));
        let team = self.team_of(rep, serving);
        let fit = self.status[rep] == Status::Active && !lead.excluded.contains(&rep);
        if !fit || !self.has_room(rep, team) {
            return None;
        }
        self.count_manual(at, rep, team);
        Some(Place::Rep(rep, team, reason))
    }

    fn count_manual(&mut self, at: usize, rep: usize, team: Option<usize>) {
        let text = self.leads[at].text.clone();
        if let Some(team) = team.filter(|_| self.world.manual_counts) {
            self.turn(team, rep, &text);
        }
    }

    /// Account owner, team, overflow, the parent's team, fallback.
    pub(super) fn find(&mut self, at: usize) -> Place {
        let owner = self.leads[at]
            .text
            .account
            .and_then(|account| self.accounts[account]);
        if let Some((rep, _)) = owner.filter(|_| self.world.sticky_accounts)
            && let Some(place) = self.stick(at, rep, "account_owner")
        {
            return place;
        }
        let (steps, mut emptied) = self.steps(at);
        for (target, reason) in steps {
            match target {
                Target::Pool => return Place::Pool(emptied.unwrap_or(reason)),
                Target::Team(team) => match self.pick(at, team, None) {
                    Ok(_) => return self.seat_in(at, team, reason).unwrap(),
                    Err(why) => emptied = emptied.or(Some(why)),
                },
            }
        }
        Place::Nobody(emptied.unwrap_or("no_territory"))
    }

    fn steps(&self, at: usize) -> (Vec<(Target, &'static str)>, Option<&'static str>) {
        let mut steps: Vec<(Target, &'static str)> = Vec::new();
        let territory = self.territory(&self.leads[at].text);
        let team = territory.and_then(|one| self.serving(one));
        if let Some(team) = team {
            steps.push((Target::Team(team), "territory"));
            self.follow(team, "overflow", &mut steps);
            if let Some(parent) = self.world.serves[0].filter(|_| territory == Some(1)) {
                steps.push((Target::Team(parent), "overflow"));
                self.follow(parent, "overflow", &mut steps);
            }
        }
        if let Some(target) = self.world.fallback {
            steps.push((target, "fallback"));
            if let Target::Team(team) = target {
                self.follow(team, "fallback", &mut steps);
            }
        }
        let none = if territory.is_some() && team.is_none() {
            Some("no_team")
        } else {
            None
        };
        (steps, none)
    }

    /// The overflow of a team, and of those teams in turn.
    fn follow(&self, team: usize, reason: &'static str, steps: &mut Vec<(Target, &'static str)>) {
        for target in &self.world.teams[team].overflow {
            steps.push((*target, reason));
            if let Target::Team(team) = target {
                self.follow(*team, reason, steps);
            }
        }
    }

    /// Moves the lead and tells of it.
    pub(super) fn put(&mut self, at: usize, place: Place, instead: Option<&'static str>) {
        let now = self.now;
        let territory = self.territory(&self.leads[at].text);
        let previous = self.clear(at);
        self.leads[at].territory = territory;
        match place {
            Place::Rep(rep, team, reason) => {
                self.own(at, rep, team, instead.unwrap_or(reason));
                self.tell(at, "assigned", previous);
            }
            Place::Pool(reason) => {
                self.pool(at, reason);
                self.tell(at, "pooled", previous);
            }
            Place::Nobody(reason) => {
                let most = self.world.max_age_minutes.filter(|_| reason != "too_old");
                let lead = &mut self.leads[at];
                (lead.stage, lead.reason) = (Stage::Waiting, reason);
                let at_most = most.filter(|_| !lead.had_owner).map(|most| lead.at + most);
                lead.give_up_at = at_most.filter(|at| *at > now);
                self.tell(at, "unassigned", previous);
            }
        }
    }

    /// Ends whatever held the lead; the owner it had.
    fn clear(&mut self, at: usize) -> Option<usize> {
        let lead = &mut self.leads[at];
        let owner = lead.rep.take().filter(|_| lead.stage == Stage::Owned);
        lead.had_owner |= owner.is_some();
        lead.team = None;
        (lead.by_claim, lead.taken_up, lead.touched) = (false, false, false);
        (lead.accept_by, lead.touch_by, lead.recycle, lead.give_up_at) = (None, None, None, None);
        lead.hold_until = 0;
        owner
    }

    fn own(&mut self, at: usize, rep: usize, team: Option<usize>, reason: &'static str) {
        let (now, date) = (self.now, clock::date(self.world.reps[rep].zone, self.now));
        let rules = team.map(|team| &self.world.teams[team]);
        let calendar = self.world.reps[rep]
            .calendar
            .or(rules.and_then(|team| team.calendar));
        let sla = rules.and_then(|team| team.sla);
        let due = |minutes: Option<i64>, working: bool| {
            minutes.map(|minutes| clock::after(calendar.filter(|_| working), now, minutes))
        };
        let lead = &mut self.leads[at];
        (lead.stage, lead.reason, lead.rep, lead.team) = (Stage::Owned, reason, Some(rep), team);
        lead.accept_by = sla.and_then(|sla| due(sla.accept, sla.working));
        lead.touch_by = sla.and_then(|sla| due(sla.touch, sla.working));
        self.days.push((rep, date, 1));
        if let Some(account) = self.leads[at]
            .text
            .account
            .filter(|_| self.world.sticky_accounts)
            && self.accounts[account].is_none_or(|(_, declared)| !declared)
        {
            self.accounts[account] = Some((rep, false));
        }
    }

    fn pool(&mut self, at: usize, reason: &'static str) {
        let (now, pool) = (self.now, &self.world.pool);
        let rules = pool
            .recycle
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.1 == "pooled");
        let recycle = rules.map(|(rule, one)| (now + one.0, rule)).min();
        let hold = pool.hold.map_or(0, |minutes| now + minutes);
        let lead = &mut self.leads[at];
        (lead.stage, lead.reason, lead.hold_until) = (Stage::Pooled, reason, hold);
        lead.recycle = recycle;
    }

    pub(super) fn cool_off(&mut self, at: usize) {
        if self.leads[at].by_claim {
            self.cool(at);
        }
    }

    fn cool(&mut self, at: usize) {
        let (now, span) = (self.now, self.world.pool.cool_off);
        let lead = &mut self.leads[at];
        if let (Some(span), Some(rep)) = (span, lead.rep) {
            lead.cooling.retain(|one| one.0 != rep);
            lead.cooling.push((rep, now + span));
        }
    }

    pub(super) fn release(&mut self, at: usize) {
        self.cool(at);
        let previous = self.clear(at);
        self.pool(at, "released");
        self.tell(at, "pooled", previous);
    }

    pub(super) fn transfer(&mut self, at: usize, rep: usize) {
        let lead = &self.leads[at];
        let open = matches!(lead.stage, Stage::Waiting | Stage::Owned | Stage::Pooled);
        if !open
            || self.status[rep] == Status::Left
            || (lead.stage == Stage::Owned && lead.rep == Some(rep))
        {
            return;
        }
        self.cool_off(at);
        let serving = self.leads[at].territory.and_then(|one| self.serving(one));
        let team = self.team_of(rep, serving);
        self.count_manual(at, rep, team);
        let previous = self.clear(at);
        self.own(at, rep, team, "manual");
        self.tell(at, "assigned", previous);
    }

    pub(super) fn claim(&mut self, at: usize, rep: usize) {
        match self.may_claim(at, rep) {
            Err(reason) => {
                let lead = &self.leads[at];
                let told = super::told(lead, "claim_rejected", reason);
                self.told.push(told);
            }
            Ok(team) => {
                let (now, date) = (self.now, clock::date(self.world.reps[rep].zone, self.now));
                self.clear(at);
                self.own(at, rep, Some(team), "claimed");
                let rules = self.world.pool.recycle.iter().enumerate();
                let rules = rules.filter(|(_, rule)| rule.1 == "claim");
                let lead = &mut self.leads[at];
                lead.recycle = rules.map(|(rule, one)| (now + one.0, rule)).min();
                (lead.by_claim, lead.taken_up, lead.accept_by) = (true, true, None);
                self.claims.push((rep, date, 1));
                self.tell(at, "assigned", None);
            }
        }
    }

    fn may_claim(&self, at: usize, rep: usize) -> Result<usize, &'static str> {
        let (lead, pool) = (&self.leads[at], &self.world.pool);
        if matches!(lead.stage, Stage::Owned | Stage::Closed) {
            return Err("already_owned");
        }
        let team = pool
            .claimants
            .iter()
            .copied()
            .find(|&team| self.weight(team, rep).is_some());
        let member =
            team.filter(|_| lead.stage == Stage::Pooled && self.status[rep] != Status::Left);
        let team = member.ok_or("not_a_member")?;
        if self.now < lead.hold_until {
            return Err("on_hold");
        }
        if lead
            .cooling
            .iter()
            .any(|one| one.0 == rep && self.now < one.1)
        {
            return Err("cooling_off");
        }
        let mine =
            |lead: &&Lead| lead.stage == Stage::Owned && lead.by_claim && lead.rep == Some(rep);
        let held = self.leads.iter().filter(mine).count() as u32;
        let own = &self.world.reps[rep];
        let room = pool.open.is_none_or(|most| held < most)
            && pool
                .per_day
                .is_none_or(|most| self.today(&self.claims, rep) < most)
            && self.below(rep, own.open, own.per_day);
        if room { Ok(team) } else { Err("claim_limit") }
    }

    pub(super) fn recycle(&mut self, at: usize) {
        let rule = self.leads[at].recycle.map_or(0, |(_, rule)| rule);
        let target = self.world.pool.recycle[rule].2;
        self.cool_off(at);
        let owner = self.leads[at].rep;
        let place = match target {
            Target::Pool => Place::Pool("recycled"),
            Target::Team(team) => match self.pick(at, team, owner) {
                Err(_) => Place::Pool("recycled"),
                Ok(_) => self.seat_in(at, team, "recycled").unwrap(),
            },
        };
        self.put(at, place, None);
    }

    /// Every waiting lead, in order of arrival.
    pub(super) fn retry_waiting(&mut self) {
        for at in 0..self.leads.len() {
            let lead = &self.leads[at];
            if lead.stage != Stage::Waiting || lead.reason == "too_old" {
                continue;
            }
            match self.find(at) {
                Place::Nobody(_) => {}
                place => self.put(at, place, None),
            }
        }
    }

    /// A version of a lead.
    pub(super) fn lead(&mut self, text: &LeadText) {
        if let Some(at) = self.position(text.id) {
            return self.revision(at, text);
        }
        if self
            .marks
            .iter()
            .any(|one| one.0 == text.id && text.revision <= one.1)
        {
            return;
        }
        self.marks.retain(|one| one.0 != text.id);
        self.leads.push(Lead {
            text: text.clone(),
            at: self.now - text.age_minutes,
            stage: Stage::Waiting,
            reason: "",
            territory: None,
            team: None,
            rep: None,
            by_claim: false,
            had_owner: false,
            attempt: 1,
            taken_up: false,
            touched: false,
            accept_by: None,
            touch_by: None,
            recycle: None,
            give_up_at: None,
            hold_until: 0,
            excluded: Vec::new(),
            cooling: Vec::new(),
            duplicate_of: None,
            holds_person: false,
        });
        self.first(self.leads.len() - 1);
        let waiting = |one: &&(i64, usize, Happening)| one.1 == text.id;
        let waited: Vec<Happening> = self
            .early
            .iter()
            .filter(waiting)
            .map(|one| one.2.clone())
            .collect();
        self.early.retain(|one| one.1 != text.id);
        waited.iter().for_each(|what| self.of_lead(what));
    }

    /// Duplicate, known person, too old, or whatever the territory says.
    fn first(&mut self, at: usize) {
        let persons = self.world.dedupe_minutes.is_some() || self.world.sticky_persons;
        let lead = &self.leads[at];
        let (id, when, email) = (lead.text.id, lead.at, lead.text.email.filter(|_| persons));
        let same = |one: &&Lead| one.holds_person && one.text.email == email && one.text.id != id;
        let known = self
            .leads
            .iter()
            .find(|one| email.is_some() && same(one))
            .cloned();
        if let Some(first) = &known
            && self
                .world
                .dedupe_minutes
                .is_some_and(|most| (when - first.at).abs() <= most)
        {
            self.clear(at);
            let sticky = self.world.sticky_persons;
            let lead = &mut self.leads[at];
            (lead.stage, lead.reason, lead.holds_person) = (Stage::Duplicate, "duplicate", false);
            (lead.rep, lead.duplicate_of) = (first.rep.filter(|_| sticky), Some(first.text.id));
            lead.territory = None;
            self.tell(at, "duplicate", None);
            self.leads[at].attempt = 1;
            return;
        }
        let rep = known
            .and_then(|known| known.rep)
            .filter(|_| self.world.sticky_persons);
        let place = if self.too_old(&self.leads[at]) {
            Place::Nobody("too_old")
        } else {
            let same = rep.and_then(|rep| self.stick(at, rep, "same_person"));
            same.unwrap_or_else(|| self.find(at))
        };
        self.put(at, place, None);
        self.hold_person(at, email);
    }

    /// From now on this lead stands for the person.
    fn hold_person(&mut self, at: usize, email: Option<usize>) {
        for lead in &mut self.leads {
            if email.is_some() && lead.text.email == email {
                lead.holds_person = false;
            }
        }
        self.leads[at].holds_person = email.is_some();
    }

    fn revision(&mut self, at: usize, text: &LeadText) {
        let lead = &mut self.leads[at];
        if text.revision <= lead.text.revision {
            return;
        }
        if lead.stage == Stage::Closed {
            lead.text.revision = text.revision;
            return;
        }
        let moved = self.territory(text) != self.leads[at].territory;
        let persons = self.world.dedupe_minutes.is_some() || self.world.sticky_persons;
        let stage = self.leads[at].stage;
        self.leads[at].text = text.clone();
        self.leads[at].holds_person = false;
        match stage {
            Stage::Owned | Stage::Pooled if self.world.reroute && moved => {
                self.settle(at, None);
                self.hold_person(at, text.email.filter(|_| persons));
            }
            Stage::Owned => self.hold_person(at, text.email.filter(|_| persons)),
            Stage::Duplicate if self.still_repeats(at) => {}
            Stage::Duplicate => {
                let lead = &mut self.leads[at];
                (lead.duplicate_of, lead.rep, lead.attempt) = (None, None, 1);
                lead.stage = Stage::Waiting;
                self.first(at);
            }
            _ => self.first(at),
        }
    }

    fn still_repeats(&self, at: usize) -> bool {
        let lead = &self.leads[at];
        let most = self.world.dedupe_minutes;
        let first = self.leads.iter().find(|one| {
            one.holds_person && one.text.email == lead.text.email && lead.text.email.is_some()
        });
        first.is_some_and(|first| {
            let within = most.is_some_and(|most| (lead.at - first.at).abs() <= most);
            within && lead.duplicate_of == Some(first.text.id)
        })
    }
}
