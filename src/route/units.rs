//! Units: the rules of one place in blocks of 64 by rank, and the few words that say which of them a lead passes.
//!
//! For each dimension a block has one word for each class of values: bit `i` is set if rule `i`
//! takes the class. The words of the lead's classes joined by *and* leave the rules that match,
//! and the lowest bit is the winner. Blocks of equal rules share these words: thousands of
//! places cut by the same industries and sizes need them once, and they stay in the cache.

use super::classes::Class;
use super::sources::Notes;

/// A unit's blocks, small enough to lie beside whatever names the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitRef {
    /// The best rank number among the unit's rules for owners, `u32::MAX` if it has none.
    pub best: u32,
    /// Its first block: those for owners, then those for overlays.
    pub block: u32,
    pub owners: u16,
    pub overlays: u16,
}

impl UnitRef {
    /// The unit without rules.
    pub const NONE: Self = Self {
        best: u32::MAX,
        block: 0,
        owners: 0,
        overlays: 0,
    };
}

/// Rules of one place, or blocks of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    /// The template, or the first step.
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
    /// Rule by rule: a few rules of their own that ask about many dimensions are one or two
    /// lines of memory this way.
    Steps,
}

/// One run of classes that a rule takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub from: Class,
    pub to: Class,
    pub source: u8,
    pub values: Values,
    pub then: Then,
}

/// What follows a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// The rule takes another run of the same source as well.
    Or,
    /// The rule asks about more.
    And,
    /// The next rule.
    Next,
    /// The next rule, after a look at this one's guard.
    Guard,
}

/// The source of a step that every lead passes.
pub(super) const NO_SOURCE: u8 = u8::MAX;

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

/// How many values a lead has in a dimension, and how their words are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Values {
    One,
    AnyOf,
    AllOf,
}

impl Step {
    fn takes(&self, notes: &mut Notes<'_>) -> bool {
        if self.source == NO_SOURCE {
            return true;
        }
        let source = usize::from(self.source);
        let within = |class: Class| self.from <= class && class < self.to;
        match self.values {
            Values::One => within(notes.class(source)),
            Values::AnyOf => {
                let mut any = false;
                notes.each_class(source, &mut |class| any |= within(class));
                any
            }
            Values::AllOf => {
                let mut all = true;
                notes.each_class(source, &mut |class| all &= within(class));
                all
            }
        }
    }
}

/// All rules of a plan, compiled.
#[derive(Debug, Default)]
pub struct Units {
    pub(super) templates: Vec<Template>,
    pub(super) tables: Vec<Table>,
    pub(super) starts: Vec<Class>,
    pub(super) rows: Vec<u64>,
    pub(super) steps: Vec<Step>,
    pub(super) blocks: Vec<Block>,
    /// Rank numbers, block by block; a block with guarded rules is followed by the numbers of
    /// their guards.
    pub(super) slots: Vec<u32>,
}

impl Units {
    /// The lowest rank number below `limit` whose rule the lead passes.
    pub fn best(
        &self,
        unit: UnitRef,
        notes: &mut Notes<'_>,
        limit: u32,
        passes: &mut dyn FnMut(u32) -> bool,
    ) -> Option<u32> {
        let first = unit.block as usize;
        self.blocks[first..first + usize::from(unit.owners)]
            .iter()
            .take_while(|block| block.best < limit)
            .find_map(|block| self.first_of(block, notes, limit, passes))
    }

    fn first_of(
        &self,
        block: &Block,
        notes: &mut Notes<'_>,
        limit: u32,
        passes: &mut dyn FnMut(u32) -> bool,
    ) -> Option<u32> {
        if block.kind == Kind::Steps {
            let first = self.walk(block, notes, passes, &mut |_| true)?;
            return (first < limit).then_some(first);
        }
        let template = &self.templates[block.content as usize];
        let mut word = self.word(template, notes);
        while word != 0 {
            let bit = word.trailing_zeros();
            word &= word - 1;
            if block.kind == Kind::Summary {
                let below = &self.blocks[(block.first + bit) as usize];
                if below.best >= limit {
                    return None;
                }
                if let found @ Some(_) = self.first_of(below, notes, limit, passes) {
                    return found;
                }
            } else if self.guard_passes(template, block, bit, passes) {
                let number = self.slots[(block.first + bit) as usize];
                return (number < limit).then_some(number);
            }
        }
        None
    }

    /// Reads rules one by one, shows the number of each that the lead passes, and gives the
    /// one at which it is told to stop.
    fn walk(
        &self,
        block: &Block,
        notes: &mut Notes<'_>,
        passes: &mut dyn FnMut(u32) -> bool,
        stop: &mut dyn FnMut(u32) -> bool,
    ) -> Option<u32> {
        let mut steps = self.steps[block.content as usize..].iter();
        for rule in 0..u32::from(block.len) {
            let (mut all, mut any) = (true, false);
            let last = loop {
                // Every rule ends with a step that says so.
                let step = steps.next()?;
                if step.then == Then::Or {
                    any |= all && step.takes(notes);
                    continue;
                }
                all = all && (any || step.takes(notes));
                any = false;
                if step.then != Then::And {
                    break step.then;
                }
            };
            let slot = (block.first + rule) as usize;
            let guard = slot + usize::from(block.len);
            if all && (last == Then::Next || passes(self.slots[guard])) && stop(self.slots[slot]) {
                return Some(self.slots[slot]);
            }
        }
        None
    }

    /// Shows the number of every overlay rule that the lead passes.
    pub fn each_overlay(
        &self,
        unit: UnitRef,
        notes: &mut Notes<'_>,
        passes: &mut dyn FnMut(u32) -> bool,
        see: &mut dyn FnMut(u32),
    ) {
        let first = unit.block as usize + usize::from(unit.owners);
        for block in &self.blocks[first..first + usize::from(unit.overlays)] {
            self.each_of(block, notes, passes, see);
        }
    }

    fn each_of(
        &self,
        block: &Block,
        notes: &mut Notes<'_>,
        passes: &mut dyn FnMut(u32) -> bool,
        see: &mut dyn FnMut(u32),
    ) {
        if block.kind == Kind::Steps {
            self.walk(block, notes, passes, &mut |number| {
                see(number);
                false
            });
            return;
        }
        let template = &self.templates[block.content as usize];
        let mut word = self.word(template, notes);
        while word != 0 {
            let bit = word.trailing_zeros();
            word &= word - 1;
            if block.kind == Kind::Summary {
                self.each_of(
                    &self.blocks[(block.first + bit) as usize],
                    notes,
                    passes,
                    see,
                );
            } else if self.guard_passes(template, block, bit, passes) {
                see(self.slots[(block.first + bit) as usize]);
            }
        }
    }

    fn guard_passes(
        &self,
        template: &Template,
        block: &Block,
        bit: u32,
        passes: &mut dyn FnMut(u32) -> bool,
    ) -> bool {
        if template.guarded >> bit & 1 == 0 {
            return true;
        }
        passes(self.slots[(block.first + u32::from(block.len) + bit) as usize])
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
                    notes.each_class(source, &mut |class| any |= self.row(table, class));
                    any
                }
                Values::AllOf => {
                    let mut all = u64::MAX;
                    notes.each_class(source, &mut |class| all &= self.row(table, class));
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
            + size_of_val(&self.steps[..])
            + size_of_val(&self.blocks[..])
            + size_of_val(&self.slots[..])
    }
}
