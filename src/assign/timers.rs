//! A lead's deadlines falling due: accept, touch, recycle, maximum age; and the next try.

use crate::event::{Cause, Reason, TimerKind, Timestamp};
use crate::plan::{OnBreach, Target};

use super::changelog::key_of;
use super::choice::Verdict;
use super::desk::Desk;
use super::life::{Life, Stage};
use super::outcome::Motive;
use super::pick::Wish;

impl Life {
    /// The timer that is due at `now`; of several, the one that fell due first.
    fn fallen(&self, now: Timestamp) -> Option<(Timestamp, TimerKind)> {
        let timers = &self.timers;
        let all = [
            (timers.accept, TimerKind::Accept),
            (timers.touch, TimerKind::Touch),
            (timers.recycle.map(|(at, _)| at), TimerKind::Recycle),
            (timers.max_age, TimerKind::MaxAge),
        ];
        let set = all.into_iter().filter_map(|(at, kind)| Some((at?, kind)));
        set.filter(|&(at, _)| at <= now).min_by_key(|&(at, _)| at)
    }
}

impl Desk<'_> {
    /// Fires the earliest due timer of the lead in `slot`.
    pub fn fire_lead(&mut self, slot: u32) {
        let Some(life) = self.rows.life(slot) else {
            return;
        };
        let Some((due, kind)) = life.fallen(self.now) else {
            return;
        };
        self.effects.counts.timer(kind, self.now.since(due).0);
        let key = key_of(self.names, &life);
        let Some(mut case) = self.case(slot, key) else {
            return;
        };
        let motive = Motive {
            cause: Some(Cause::Timer(kind)),
            always: true,
            ..Motive::default()
        };
        match kind {
            TimerKind::Accept => self.breach(&mut case.life, Reason::AcceptTimeout, motive),
            TimerKind::Touch => self.breach(&mut case.life, Reason::TouchTimeout, motive),
            TimerKind::Recycle => {
                let rule = case.life.timers.recycle.map_or(0, |(_, rule)| rule);
                self.recycle(&mut case.life, rule, motive);
            }
            _ => self.outlive(&mut case.life, motive),
        }
        self.put_down(&case);
        self.serve_stirred();
    }

    /// A deadline passed: the lead goes to somebody else, or stays and is counted.
    fn breach(&mut self, life: &mut Life, reason: Reason, motive: Motive) {
        let team = self
            .team_ix(life.team)
            .map(|team| &self.plan.teams[team.at()]);
        let sla = team.and_then(|team| team.sla.as_ref());
        if sla.is_none_or(|sla| sla.on_breach == OnBreach::Keep) {
            // Without an SLA in the present plan there is nothing left to enforce.
            self.effects.counts.breaches_kept += u64::from(sla.is_some());
            match reason {
                Reason::AcceptTimeout => life.timers.accept = None,
                _ => life.timers.touch = None,
            }
            return;
        }
        self.cool_off(life);
        let reason = Some(reason);
        self.next_try(life, Motive { reason, ..motive });
    }

    /// The owner failed: another rep tries, or after the last try the lead goes to `then`.
    pub fn next_try(&mut self, life: &mut Life, motive: Motive) {
        let team = self
            .team_ix(life.team)
            .map(|team| &self.plan.teams[team.at()]);
        let sla = team.and_then(|team| team.sla.as_ref());
        let last = sla.is_some_and(|sla| life.attempt >= sla.attempts);
        let then = sla.and_then(|sla| sla.then);
        self.exclude_owner(life);
        if last {
            self.give_up(life, then, motive);
        } else {
            life.attempt = life.attempt.saturating_add(1);
            self.reread(life, |desk, life, facts, candidates| {
                desk.settle(life, facts, candidates, motive);
            });
        }
    }

    /// The owner does not get this lead again; the lead is decided anew.
    pub fn pass_on(&mut self, life: &mut Life, motive: Motive) {
        self.exclude_owner(life);
        self.reread(life, |desk, life, facts, candidates| {
            desk.settle(life, facts, candidates, motive);
        });
    }

    fn exclude_owner(&mut self, life: &mut Life) {
        if let Some(rep) = life.rep
            && !life.excluded.contains(&rep)
        {
            life.excluded.push(rep);
        }
    }

    /// No tries are left.
    fn give_up(&mut self, life: &mut Life, then: Option<Target>, motive: Motive) {
        let reason = Reason::RetriesExhausted;
        self.reread(life, |desk, life, facts, candidates| {
            let excluded = life.excluded.clone();
            let wish = Wish {
                facts,
                excluded: &excluded,
                id: &life.id,
            };
            let verdict = match then {
                Some(Target::Pool(pool)) => Verdict::Pool { pool, reason },
                Some(Target::Team(team)) => desk
                    .choose_in(team, wish, reason)
                    .unwrap_or(Verdict::Nobody { reason }),
                None => Verdict::Nobody { reason },
            };
            let motive = Motive {
                reason: Some(reason),
                ..motive
            };
            desk.conclude(life, facts, candidates, verdict, motive);
        });
    }

    /// A waiting lead reached its maximum age.
    fn outlive(&mut self, life: &mut Life, motive: Motive) {
        if life.stage != Stage::Waiting {
            life.timers.max_age = None;
            return;
        }
        let reason = Reason::TooOld;
        self.reread(life, |desk, life, facts, candidates| {
            desk.conclude(life, facts, candidates, Verdict::Nobody { reason }, motive);
        });
    }
}
