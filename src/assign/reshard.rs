//! Tenants moved to lanes of another number of partitions, with everything known of them.
//!
//! Numbers of names belong to a lane, so every row is read, its numbers are given anew, and
//! it is written under the new lane. The order in which leads were born decides who is served
//! first: what was number `s` in lane `p` of `n` counts as `s * n + p`, which keeps each
//! tenant's order and never meets another lane's. New numbers go on above all of these, while
//! `seq` begins again with 1, as another lane's does; the epoch keeps ids apart.

use crate::event::Timestamp;

use super::errands::{EarlyRow, Errand, WorkRow};
use super::keys::{self, Subject};
use super::life::{Life, Overlay};
use super::meta::Meta;
use super::names::{NO_TENANT, Named, Names, PoolNo, RepNo, TeamNo, TenantNo, TextNo};
use super::records::{Past, RepRow, TeamRow, TenantRow, Wake};
use super::{Options, State};

/// The new lanes.
pub struct Layout<'a> {
    /// How many partitions there will be.
    pub partitions: u32,
    /// The partition at which a tenant is decided then.
    pub home: &'a dyn Fn(&str) -> u32,
}

/// How a lane is called in decision ids: its partition, and after a reshard the epoch too.
pub fn lane_name(partition: u32, epoch: u32) -> Box<str> {
    match epoch {
        0 => partition.to_string().into(),
        _ => format!("{partition}.{epoch}").into(),
    }
}

/// The state of the new lane `target`, gathered from all old lanes in the order of their
/// partitions. [`State::changes`] hands out all of its rows.
pub fn gather(old: &[&State], target: u32, layout: &Layout<'_>) -> State {
    let metas = || old.iter().map(|state| state.meta());
    let lanes = old.len() as u64;
    let epoch = metas().map(|meta| meta.epoch).max().unwrap_or(0) + 1;
    let mut new = State::with_options(Options {
        lane: lane_name(target, epoch),
        ..Options::default()
    });
    let mut next_early = 0;
    for (from, state) in (0_u64..).zip(old) {
        let mut mover = Mover {
            old: state,
            new: &mut new,
            target,
            layout,
            from,
            lanes,
        };
        mover.tenants();
        mover.leads();
        mover.members();
        mover.remembered();
        mover.errands();
        next_early = next_early.max(state.meta().next_early.saturating_mul(lanes) + from);
    }
    let next = metas().map(|meta| meta.next_number.saturating_mul(lanes));
    // Every number of an old lane counts as less.
    let first_number = next.max().unwrap_or(0) + lanes;
    let own = old
        .get(target as usize)
        .map(|state| state.meta().offsets.clone());
    *new.rows.edit_meta() = Meta {
        partitions: layout.partitions,
        next_number: first_number,
        first_number,
        clock: metas().map(|meta| meta.clock).max().unwrap_or_default(),
        offsets: own.unwrap_or_default(),
        next_early,
        epoch,
        base: 0,
        leads: 0,
    };
    new.count_leads();
    new
}

/// Moves from one old lane into the new one.
struct Mover<'a> {
    old: &'a State,
    new: &'a mut State,
    target: u32,
    layout: &'a Layout<'a>,
    /// The old lane's partition, and how many there were.
    from: u64,
    lanes: u64,
}

impl Mover<'_> {
    /// Whether the tenant is decided in the new lane.
    fn moves(&self, tenant: TenantNo) -> bool {
        (self.layout.home)(self.old.names.text(tenant)) == self.target
    }

    /// A birth, or a boundary between births, as the new lane counts.
    fn birth(&self, seq: u64) -> u64 {
        seq.saturating_mul(self.lanes).saturating_add(self.from)
    }

    fn tenant(&mut self, tenant: TenantNo) -> TenantNo {
        self.new.names.tenant(self.old.names.text(tenant))
    }

    /// The same name's number in the new lane.
    fn name<N: Named>(&mut self, number: N) -> N {
        let names: &Names = &self.old.names;
        let tenant = match names.tenant_of(number) {
            NO_TENANT => NO_TENANT,
            tenant => self.new.names.tenant(names.text(tenant)),
        };
        self.new.names.number(tenant, names.text(number))
    }

    fn optional<N: Named>(&mut self, number: Option<N>) -> Option<N> {
        number.map(|number| self.name(number))
    }

    fn every<'n, N: Named + 'n, L>(&mut self, numbers: impl IntoIterator<Item = &'n N>) -> L
    where
        L: FromIterator<N>,
    {
        let moved = numbers.into_iter().map(|number| self.name(*number));
        moved.collect()
    }

    fn tenants(&mut self) {
        let before = lane_name(self.from as u32, self.old.meta().epoch);
        let (next, first) = (self.old.meta().next_number, self.old.meta().first_number);
        for number in self.old.names.all::<TenantNo>() {
            if !self.moves(number) {
                continue;
            }
            let TenantRow { plan, switch, past } = self.old.rows.tenant(number).clone();
            let moved = self.tenant(number);
            let mut row = TenantRow { plan, switch, past };
            row.past.push(Past {
                below: next,
                first,
                lane: before.clone(),
            });
            *self.new.rows.tenants.edit(moved.0) = row;
        }
    }

    fn leads(&mut self) {
        let old = self.old;
        for (slot, _) in old.rows.leads.slots() {
            let Some(life) = old.rows.life(slot).filter(|life| self.moves(life.tenant)) else {
                continue;
            };
            let key = keys::hash(Subject::Lead, old.names.text(life.tenant), &life.id);
            let moved = self.life(life);
            self.new.rows.insert_lead(key, &moved);
        }
    }

    fn life(&mut self, life: Life) -> Life {
        let overlays = life.overlays.iter();
        let overlays = overlays.map(|one| Overlay {
            territory: self.name(one.territory),
            team: self.optional(one.team),
            rep: self.optional(one.rep),
        });
        let overlays = overlays.collect();
        let mut cooling = life.cooling;
        for one in &mut cooling {
            (one.rep, one.pool) = (self.name(one.rep), self.name(one.pool));
        }
        let mut touches = life.touches;
        for touch in &mut touches {
            touch.rep = self.optional(touch.rep);
        }
        let mut origin = life.origin;
        origin.topic = self.text(origin.topic);
        Life {
            tenant: self.tenant(life.tenant),
            birth: self.birth(life.birth),
            origin,
            territory: self.optional(life.territory),
            team: self.optional(life.team),
            rep: self.optional(life.rep),
            pool: self.optional(life.pool),
            claimed: self.optional(life.claimed),
            overlays,
            excluded: self.every(&life.excluded),
            cooling,
            waits: self.every(&life.waits),
            owners: self.every(&life.owners),
            touches,
            ..life
        }
    }

    /// A topic; number 0 is also what an ended lead has.
    fn text(&mut self, number: TextNo) -> TextNo {
        match self.old.names.text(number) {
            "" => TextNo(0),
            text => self.new.names.shared(text),
        }
    }

    /// Reps, teams, places in rotations, and accounts.
    fn members(&mut self) {
        let old = self.old;
        for number in old.names.all::<RepNo>() {
            let row = old.rows.rep(number);
            if *row == RepRow::default() || !self.moves(old.names.tenant_of(number)) {
                continue;
            }
            let mut row = row.clone();
            for (pool, _) in &mut row.claims {
                *pool = self.name::<PoolNo>(*pool);
            }
            let moved = self.name(number);
            *self.new.rows.reps.edit(moved.0) = row;
        }
        for number in old.names.all::<TeamNo>() {
            let row = old.rows.team(number);
            if *row == TeamRow::default() || !self.moves(old.names.tenant_of(number)) {
                continue;
            }
            let wake = row.wake.map(|wake| Wake {
                at: wake.at,
                cursor: self.birth(wake.cursor),
                rep: self.optional(wake.rep),
            });
            let moved = self.name(number);
            *self.new.rows.teams.edit(moved.0) = TeamRow {
                wake,
                ..row.clone()
            };
        }
        for (number, (team, rep)) in (0_u32..).zip(&old.rows.pass_keys) {
            if self.moves(old.names.tenant_of(*team)) {
                let (team, rep) = (self.name(*team), self.name(*rep));
                let moved = self.new.rows.pass_number(team, rep);
                *self.new.rows.edit_pass(moved) = *old.rows.pass(number);
            }
        }
        for (key, row) in old.rows.accounts.all() {
            if self.moves(old.names.tenant_of(row.rep)) {
                let mut row = *row;
                row.rep = self.name(row.rep);
                self.new.rows.accounts.put(key, Some(row));
            }
        }
    }

    /// Event ids and marks of withdrawn leads are hashes that do not tell their tenant. They
    /// go to every lane that can get a tenant of the old one; where nobody asks for them they
    /// are swept in time.
    fn remembered(&mut self) {
        let common = gcd(self.lanes, u64::from(self.layout.partitions));
        if self.from % common != u64::from(self.target) % common {
            return;
        }
        for (hash, at) in self.old.rows.events.all() {
            let known = self.new.rows.events.get(&hash).copied();
            let at: Timestamp = known.map_or(*at, |known| known.max(*at));
            self.new.rows.events.put(hash, Some(at));
        }
        for (key, mark) in self.old.rows.marks.all() {
            let known = self.new.rows.marks.get(&key).copied();
            let later = known.is_none_or(|known| known.at < mark.at);
            if later {
                self.new.rows.marks.put(key, Some(*mark));
            }
        }
    }

    /// Early activity and walks over many leads.
    fn errands(&mut self) {
        let old = self.old;
        for (number, row) in old.rows.early.all() {
            if self.moves(row.tenant) {
                let tenant = self.tenant(row.tenant);
                let moved = EarlyRow {
                    tenant,
                    ..row.clone()
                };
                self.new.rows.early.put(self.birth(number), Some(moved));
            }
        }
        for ((tenant, errand), row) in old.rows.work.all() {
            if !self.moves(tenant) {
                continue;
            }
            let errand = match errand {
                Errand::Left(rep) => Errand::Left(self.name(rep)),
                Errand::Away(rep) => Errand::Away(self.name(rep)),
                Errand::Waiting | Errand::Survey | Errand::Realign => errand,
            };
            let moved = WorkRow {
                cursor: self.birth(row.cursor),
                end: self.birth(row.end),
                ..row.clone()
            };
            let tenant = self.tenant(tenant);
            self.new.rows.work.put((tenant, errand), Some(moved));
        }
    }
}

fn gcd(one: u64, other: u64) -> u64 {
    match other {
        0 => one.max(1),
        other => gcd(other, one % other),
    }
}

impl State {
    /// Every tenant of which something is known.
    pub fn tenants(&self) -> impl Iterator<Item = &str> {
        let all = self.names.all::<TenantNo>();
        all.map(|tenant| self.names.text(tenant))
    }
}
