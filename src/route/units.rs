//! Units: the rules of one place by rank, sifted one by one or in blocks of 64, and the few words that say which of them a lead passes.
//!
//! For each dimension a block has one word for each class of values: bit `i` is set if rule `i`
//! takes the class. The words of the lead's classes joined by *and* leave the rules that match,
//! and the lowest bit is the winner. Blocks of equal rules share these words: thousands of
//! places cut by the same industries and sizes need them once, and they stay in the cache.
//! Rules of their own lie in a row instead, each behind its sieve.

use super::classes::Class;
use super::shapes::ShapeIx;
use super::sieve::Sieve;
use super::sources::Notes;
use super::steps::{Rest, Step, Values};

/// The mark of a place that needs no test.
pub const NO_SHAPE: ShapeIx = ShapeIx::MAX;

/// The mark of a rule without a guard.
pub const NO_GUARD: u32 = u32::MAX;

/// The mark of a rule that its sieve says all of.
pub(super) const NO_REST: u32 = u32::MAX;

/// A place's rules for owners or for overlays, as they lie in the lists of all who come by:
/// half a line of memory that often answers by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What all of its rules reject.
    pub reject: Sieve,
    /// The lowest number among its rules.
    pub best: u32,
    /// What the lead must lie in besides.
    pub shape: ShapeIx,
    pub(super) at: u32,
    pub(super) len: u16,
    pub(super) held: Held,
}

/// Where an entry's rules are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// The only rule is the entry itself; `at` is its rest.
    Here,
    /// In a row of sifted rules.
    Sifted,
    /// In the only block, read by the words of a template: `at` is its first slot and `len`
    /// the template, so that nothing lies between the entry and the slots.
    Words,
    /// In blocks.
    Blocks,
}

/// All rules of one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unit {
    pub owners: Option<Entry>,
    pub overlays: Option<Entry>,
}

impl Unit {
    /// The same rules for those who lie in a shape.
    pub fn within(self, shape: ShapeIx) -> Self {
        let within = |entry: Entry| Entry { shape, ..entry };
        Self {
            owners: self.owners.map(within),
            overlays: self.overlays.map(within),
        }
    }
}

/// Rules of one place, or blocks of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    /// The template, or the first sifted rule.
    pub content: u32,
    /// The first slot, or the first of the blocks that this one summarises.
    pub first: u32,
    /// The lowest rank number in it.
    pub best: u32,
    pub kind: Kind,
    /// How many rules or blocks it has.
    pub len: u8,
}

/// How a block is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// By the words of a template, which leave rules.
    Words,
    /// By the words of a template, which leave blocks.
    Summary,
    /// Rule by rule.
    Sifted,
}

/// A rule behind its sieve.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sifted {
    pub reject: Sieve,
    pub number: u32,
    /// What the sieve leaves open.
    pub rest: u32,
}

/// What equal blocks share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Template {
    pub first_table: u32,
    pub tables: u32,
    pub full: u64,
    /// Rules that need a look beyond these words.
    pub guarded: u64,
}

/// The words of one dimension.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    pub first_row: u32,
    /// Where the runs of classes begin that have a word each; unused if every class has one.
    pub first_start: u32,
    pub rows: u32,
    pub source: u16,
    pub form: Form,
    pub values: Values,
}

/// How a table finds a class's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// By number.
    Dense,
    /// By search among runs of classes.
    Runs,
}

/// One lead, as rules see it.
pub struct Asked<'a, 'l> {
    pub notes: &'a mut Notes<'l>,
    pub sieve: Sieve,
    /// Whether the lead is in the place and passes a guard; the last look at a rule.
    pub admits: &'a mut dyn FnMut(u32) -> bool,
}

/// All rules of a plan, compiled.
#[derive(Debug, Default)]
pub struct Units {
    pub(super) templates: Vec<Template>,
    pub(super) tables: Vec<Table>,
    pub(super) starts: Vec<Class>,
    pub(super) rows: Vec<u64>,
    pub(super) sifted: Vec<Sifted>,
    pub(super) rests: Vec<Rest>,
    pub(super) steps: Vec<Step>,
    pub(super) blocks: Vec<Block>,
    /// Rank numbers, block by block; a block with guarded rules is followed by the numbers of
    /// their guards.
    pub(super) slots: Vec<u32>,
}

impl Units {
    /// Something from the first line of memory that an entry leads to.
    #[inline]
    pub fn first_word(&self, entry: &Entry) -> u32 {
        let at = entry.at as usize;
        match entry.held {
            Held::Here => 0,
            Held::Sifted => self.sifted[at].number,
            Held::Words => self.slots[at],
            Held::Blocks => self.blocks[at].best,
        }
    }

    /// The lowest number below `limit` whose rule the lead passes.
    pub fn best(&self, entry: &Entry, limit: u32, lead: &mut Asked<'_, '_>) -> Option<u32> {
        self.search(entry, limit, lead, &mut |_| true)
    }

    /// Shows the number of every rule that the lead passes.
    pub fn each(&self, entry: &Entry, lead: &mut Asked<'_, '_>, see: &mut dyn FnMut(u32)) {
        self.search(entry, u32::MAX, lead, &mut |number| {
            see(number);
            false
        });
    }

    /// Shows the numbers below `limit` whose rules the lead passes, in ascending order, and
    /// gives the one at which it is told to stop.
    fn search(
        &self,
        entry: &Entry,
        limit: u32,
        lead: &mut Asked<'_, '_>,
        stop: &mut dyn FnMut(u32) -> bool,
    ) -> Option<u32> {
        if !entry.reject.passes(lead.sieve) {
            return None;
        }
        let held = entry.at as usize..entry.at as usize + usize::from(entry.len);
        match entry.held {
            Held::Here => {
                let passes = self.rest_passes(entry.at, lead);
                (passes && stop(entry.best)).then_some(entry.best)
            }
            Held::Sifted => self.sift(&self.sifted[held], limit, lead, stop),
            Held::Words => self.in_block(&self.only_block(entry), limit, lead, stop),
            Held::Blocks => self.blocks[held]
                .iter()
                .take_while(|block| block.best < limit)
                .find_map(|block| self.in_block(block, limit, lead, stop)),
        }
    }

    /// The block that an entry stands for.
    fn only_block(&self, entry: &Entry) -> Block {
        let content = u32::from(entry.len);
        Block {
            content,
            first: entry.at,
            best: entry.best,
            kind: Kind::Words,
            len: self.templates[content as usize].full.count_ones() as u8,
        }
    }

    fn sift(
        &self,
        rules: &[Sifted],
        limit: u32,
        lead: &mut Asked<'_, '_>,
        stop: &mut dyn FnMut(u32) -> bool,
    ) -> Option<u32> {
        for rule in rules {
            if rule.number >= limit {
                return None;
            }
            let passes = rule.reject.passes(lead.sieve) && self.rest_passes(rule.rest, lead);
            if passes && stop(rule.number) {
                return Some(rule.number);
            }
        }
        None
    }

    fn rest_passes(&self, rest: u32, lead: &mut Asked<'_, '_>) -> bool {
        if rest == NO_REST {
            return (lead.admits)(NO_GUARD);
        }
        let rest = &self.rests[rest as usize];
        let first = rest.first_step as usize;
        let mut any = false;
        for step in &self.steps[first..first + rest.steps as usize] {
            any = any || step.takes(lead.notes);
            if !step.or {
                if !any {
                    return false;
                }
                any = false;
            }
        }
        (lead.admits)(rest.guard)
    }

    fn in_block(
        &self,
        block: &Block,
        limit: u32,
        lead: &mut Asked<'_, '_>,
        stop: &mut dyn FnMut(u32) -> bool,
    ) -> Option<u32> {
        let first = block.content as usize;
        if block.kind == Kind::Sifted {
            let rules = &self.sifted[first..first + usize::from(block.len)];
            return self.sift(rules, limit, lead, stop);
        }
        let template = &self.templates[first];
        let mut word = self.word(template, lead.notes);
        while word != 0 {
            let bit = word.trailing_zeros();
            word &= word - 1;
            if block.kind == Kind::Summary {
                let below = &self.blocks[(block.first + bit) as usize];
                if below.best >= limit {
                    return None;
                }
                if let found @ Some(_) = self.in_block(below, limit, lead, stop) {
                    return found;
                }
                continue;
            }
            let number = self.slots[(block.first + bit) as usize];
            if number >= limit {
                return None;
            }
            if (lead.admits)(self.guard_of(template, block, bit)) && stop(number) {
                return Some(number);
            }
        }
        None
    }

    fn guard_of(&self, template: &Template, block: &Block, bit: u32) -> u32 {
        if template.guarded >> bit & 1 == 0 {
            return NO_GUARD;
        }
        self.slots[(block.first + u32::from(block.len) + bit) as usize]
    }

    /// The rules of a block that the lead's classes leave.
    fn word(&self, template: &Template, notes: &mut Notes<'_>) -> u64 {
        let first = template.first_table as usize;
        let mut word = template.full;
        for table in &self.tables[first..first + template.tables as usize] {
            let source = usize::from(table.source);
            word &= match table.values {
                Values::One => self.row(table, notes.class(source)),
                Values::AnyOf => {
                    let mut any = 0;
                    notes.each_class(source, |class| any |= self.row(table, class));
                    any
                }
                Values::AllOf => {
                    let mut all = u64::MAX;
                    notes.each_class(source, |class| all &= self.row(table, class));
                    all
                }
            };
            if word == 0 {
                break;
            }
        }
        word
    }

    fn row(&self, table: &Table, class: Class) -> u64 {
        let at = match table.form {
            Form::Dense => class,
            Form::Runs => {
                let first = table.first_start as usize;
                let starts = &self.starts[first..first + table.rows as usize];
                // The first run begins at class 0, so at least one begins at or below any class.
                starts.partition_point(|&start| start <= class) as u32 - 1
            }
        };
        self.rows[(table.first_row + at) as usize]
    }

    /// Memory held, in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.templates[..])
            + size_of_val(&self.tables[..])
            + size_of_val(&self.starts[..])
            + size_of_val(&self.rows[..])
            + size_of_val(&self.sifted[..])
            + size_of_val(&self.rests[..])
            + size_of_val(&self.steps[..])
            + size_of_val(&self.blocks[..])
            + size_of_val(&self.slots[..])
    }
}
