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
    pub template: u32,
    /// The first slot, or the first of the blocks that this one summarises.
    pub first: u32,
    /// This block is a summary of blocks.
    pub summary: bool,
    /// The lowest rank number in it.
    pub best: u32,
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

/// How many values a lead has in a dimension, and how their words are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Values {
    One,
    AnyOf,
    AllOf,
}

/// All rules of a plan, compiled.
#[derive(Debug, Default)]
pub struct Units {
    pub(super) templates: Vec<Template>,
    pub(super) tables: Vec<Table>,
    pub(super) starts: Vec<Class>,
    pub(super) rows: Vec<u64>,
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
        let template = &self.templates[block.template as usize];
        let mut word = self.word(template, notes);
        while word != 0 {
            let bit = word.trailing_zeros();
            word &= word - 1;
            if block.summary {
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
        let template = &self.templates[block.template as usize];
        let mut word = self.word(template, notes);
        while word != 0 {
            let bit = word.trailing_zeros();
            word &= word - 1;
            if block.summary {
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
        let rules = template.full.count_ones();
        passes(self.slots[(block.first + rules + bit) as usize])
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
            + size_of_val(&self.blocks[..])
            + size_of_val(&self.slots[..])
    }
}
