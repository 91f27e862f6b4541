//! Rules packed into units: equal blocks once, long lists under summaries.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::classes::{Class, Sets};
use super::scale::Joined;
use super::sieve::{Sieve, Sifter};
use super::steps::{Rest, Step, Values};
use super::units::{
    Block, Entry, Form, Held, Kind, NO_GUARD, NO_REST, NO_SHAPE, Sifted, Table, Template, Unit,
    Units,
};

/// Rules in a block: the bits of a word.
const BLOCK: usize = 64;

/// Blocks that are read one after the other before a summary pays.
const PLAIN_BLOCKS: usize = 2;

/// Rules that are sifted one by one even where words would do, and dimensions from which
/// sifting a whole block is quicker than a word for each of them.
const FEW_RULES: usize = 4;
const MANY_SOURCES: usize = 3;

/// Classes up to which a table has a word for each of them.
const DENSE_CLASSES: usize = 64;

/// A constraint: the source, how several values are joined, and the number of the set.
pub type Constraint = (u16, Joined, u32);

/// A rule: what its place does not say already.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its rank among owners, or its order among overlays.
    pub number: u32,
    /// Sorted by source and joint.
    pub constraints: SmallVec<[Constraint; 4]>,
    pub guard: u32,
}

/// What tables need to know of a source.
#[derive(Clone, Copy, Debug)]
pub struct Width {
    pub end: Class,
    pub plural: bool,
}

/// Packs rules.
pub struct Packer<'c> {
    pub units: Units,
    rules: &'c [Rule],
    sets: &'c mut Sets,
    widths: &'c [Width],
    sifter: &'c Sifter,
    templates: FxHashMap<Box<[u32]>, u32>,
    packed: FxHashMap<Box<[u32]>, Entry>,
}

/// The constraints of one bit of a block.
type Item = SmallVec<[Constraint; 4]>;

impl<'c> Packer<'c> {
    pub fn new(
        rules: &'c [Rule],
        sets: &'c mut Sets,
        widths: &'c [Width],
        sifter: &'c Sifter,
    ) -> Self {
        Self {
            units: Units::default(),
            rules,
            sets,
            widths,
            sifter,
            templates: FxHashMap::default(),
            packed: FxHashMap::default(),
        }
    }

    /// The unit with these rules, given by position and sorted by number.
    pub fn unit(&mut self, owners: &[u32], overlays: &[u32]) -> Unit {
        Unit {
            owners: self.entry(owners),
            overlays: self.entry(overlays),
        }
    }

    fn entry(&mut self, positions: &[u32]) -> Option<Entry> {
        let best = self.rules[*positions.first()? as usize].number;
        if let Some(&entry) = self.packed.get(positions) {
            return Some(entry);
        }
        let rules: Vec<&Rule> = self.of(positions);
        let mut entry = Entry {
            reject: self.common(&rules),
            best,
            shape: NO_SHAPE,
            at: 0,
            len: 0,
            held: Held::Blocks,
        };
        if let [only] = rules[..]
            && self.can_be_sifted(&[&only.constraints])
        {
            let (_, rest) = self.sieve(only);
            (entry.at, entry.held) = (rest, Held::Here);
        } else {
            let blocks = self.entries(positions);
            (entry.at, entry.len) = (self.units.blocks.len() as u32, blocks.len() as u16);
            match blocks[..] {
                [only] if only.kind == Kind::Sifted => {
                    (entry.at, entry.len) = (only.content, u16::from(only.len));
                    entry.held = Held::Sifted;
                }
                [only] if only.kind == Kind::Words && only.content <= u16::MAX.into() => {
                    (entry.at, entry.len) = (only.first, only.content as u16);
                    entry.held = Held::Words;
                }
                _ => self.units.blocks.extend(blocks),
            }
        }
        self.packed.insert(positions.into(), entry);
        Some(entry)
    }

    fn of(&self, positions: &[u32]) -> Vec<&'c Rule> {
        let rules = self.rules;
        positions.iter().map(|&at| &rules[at as usize]).collect()
    }

    /// What all of these rules reject.
    fn common(&self, rules: &[&Rule]) -> Sieve {
        let rejects = rules.iter().map(|rule| self.reject(rule).0);
        rejects.reduce(Sieve::and).unwrap_or_default()
    }

    /// The blocks of a list of rules, or summaries of them if there are many.
    fn entries(&mut self, rules: &[u32]) -> Vec<Block> {
        let blocks: Vec<(Block, Item)> =
            rules.chunks(BLOCK).map(|chunk| self.block(chunk)).collect();
        if blocks.len() <= PLAIN_BLOCKS {
            return blocks.into_iter().map(|(block, _)| block).collect();
        }
        blocks
            .chunks(BLOCK)
            .map(|chunk| self.summary(chunk))
            .collect()
    }

    fn block(&mut self, chunk: &[u32]) -> (Block, Item) {
        let rules = self.of(chunk);
        let items: Vec<&Item> = rules.iter().map(|rule| &rule.constraints).collect();
        let covered = cover(self.sets, &items);
        let mut block = Block {
            content: 0,
            first: 0,
            best: rules.first().map_or(u32::MAX, |rule| rule.number),
            kind: Kind::Words,
            len: chunk.len() as u8,
        };
        if self.can_be_sifted(&items) {
            block.kind = Kind::Sifted;
            block.content = self.units.sifted.len() as u32;
            for rule in rules {
                let (reject, rest) = self.sieve(rule);
                let number = rule.number;
                self.units.sifted.push(Sifted {
                    reject,
                    number,
                    rest,
                });
            }
        } else {
            block.first = self.units.slots.len() as u32;
            let guarded = self.slots(&rules);
            block.content = self.template(&items, guarded);
        }
        (block, covered)
    }

    /// Notes the rules' numbers and, if any of them has one, their guards; says which have.
    fn slots(&mut self, rules: &[&Rule]) -> u64 {
        let slots = &mut self.units.slots;
        slots.extend(rules.iter().map(|rule| rule.number));
        let mut guarded = 0;
        for (bit, rule) in rules.iter().enumerate() {
            guarded |= u64::from(rule.guard != NO_GUARD) << bit;
        }
        if guarded != 0 {
            slots.extend(rules.iter().map(|rule| rule.guard));
        }
        guarded
    }

    fn summary(&mut self, below: &[(Block, Item)]) -> Block {
        let first = self.units.blocks.len() as u32;
        self.units
            .blocks
            .extend(below.iter().map(|(block, _)| *block));
        let items: Vec<&Item> = below.iter().map(|(_, item)| item).collect();
        let content = self.template(&items, 0);
        Block {
            content,
            first,
            best: below[0].0.best,
            kind: Kind::Summary,
            len: below.len() as u8,
        }
    }

    /// Whether rules are better read one by one, and can be: that all of several values lie
    /// in one of two runs is more than a step can say.
    fn can_be_sifted(&self, items: &[&Item]) -> bool {
        let simple =
            |one: &Constraint| one.1 == Joined::Any || self.sets.get(one.2).intervals().len() == 1;
        (items.len() <= FEW_RULES || asked(items).len() >= MANY_SOURCES)
            && items.iter().all(|item| item.iter().all(simple))
    }

    /// What a rule rejects, and the constraints that this does not say all of.
    fn reject(&self, rule: &Rule) -> (Sieve, Item) {
        let mut open = Item::new();
        let mut reject = Sieve::default();
        for &(source, joined, set) in &rule.constraints {
            let set_of = self.sets.get(set);
            let (bits, all) = self.sifter.reject(usize::from(source), joined, set_of);
            reject = reject.or(bits);
            if !all {
                open.push((source, joined, set));
            }
        }
        (reject, open)
    }

    /// A rule's sieve and the number of its rest.
    fn sieve(&mut self, rule: &Rule) -> (Sieve, u32) {
        let (reject, open) = self.reject(rule);
        if open.is_empty() && rule.guard == NO_GUARD {
            return (reject, NO_REST);
        }
        let first_step = self.units.steps.len() as u32;
        for constraint in open {
            self.push_steps(constraint);
        }
        self.units.rests.push(Rest {
            first_step,
            steps: self.units.steps.len() as u32 - first_step,
            guard: rule.guard,
        });
        (reject, self.units.rests.len() as u32 - 1)
    }

    fn push_steps(&mut self, (source, joined, set): Constraint) {
        let values = self.values(source, joined);
        let runs = self.sets.get(set).intervals();
        for (at, &(from, to)) in runs.iter().enumerate() {
            self.units.steps.push(Step {
                from,
                to,
                source: source as u8,
                values,
                or: at + 1 < runs.len(),
            });
        }
    }

    fn values(&self, source: u16, joined: Joined) -> Values {
        match (self.widths[usize::from(source)].plural, joined) {
            (false, _) => Values::One,
            (true, Joined::Any) => Values::AnyOf,
            (true, Joined::All) => Values::AllOf,
        }
    }

    /// The template of these constraints, made at its first use.
    fn template(&mut self, items: &[&Item], guarded: u64) -> u32 {
        let key = template_key(items, guarded);
        if let Some(&template) = self.templates.get(&key) {
            return template;
        }
        let asked = asked(items);
        let first_table = self.units.tables.len() as u32;
        for (source, joined) in &asked {
            let table = self.table(items, *source, *joined);
            self.units.tables.push(table);
        }
        let template = self.units.templates.len() as u32;
        self.units.templates.push(Template {
            first_table,
            tables: asked.len() as u32,
            full: u64::MAX >> (BLOCK - items.len()),
            guarded,
        });
        self.templates.insert(key, template);
        template
    }

    /// The words of one source: a sweep over the classes where a rule begins or ends to
    /// accept.
    fn table(&mut self, items: &[&Item], source: u16, joined: Joined) -> Table {
        let mut always = 0_u64;
        let mut changes: Vec<(Class, u64)> = vec![(0, 0)];
        for (bit, item) in items.iter().enumerate() {
            match item.iter().find(|one| (one.0, one.1) == (source, joined)) {
                None => always |= 1 << bit,
                Some(&(_, _, set)) => {
                    for &(from, to) in self.sets.get(set).intervals() {
                        changes.extend([(from, 1 << bit), (to, 1 << bit)]);
                    }
                }
            }
        }
        changes.sort_unstable_by_key(|&(class, _)| class);
        let mut runs: Vec<(Class, u64)> = Vec::new();
        let mut word = always;
        for (class, toggled) in changes {
            word ^= toggled;
            match runs.last_mut() {
                Some(last) if last.0 == class => last.1 = word,
                _ => runs.push((class, word)),
            }
        }
        self.store(&runs, source, joined)
    }

    fn store(&mut self, runs: &[(Class, u64)], source: u16, joined: Joined) -> Table {
        let width = self.widths[usize::from(source)];
        let classes = width.end as usize;
        let first_row = self.units.rows.len() as u32;
        let first_start = self.units.starts.len() as u32;
        let dense = classes <= DENSE_CLASSES.max(2 * runs.len());
        if dense {
            let mut at = 0;
            for class in 0..width.end {
                while runs.get(at + 1).is_some_and(|run| run.0 <= class) {
                    at += 1;
                }
                self.units.rows.push(runs[at].1);
            }
        } else {
            self.units.starts.extend(runs.iter().map(|run| run.0));
            self.units.rows.extend(runs.iter().map(|run| run.1));
        }
        Table {
            first_row,
            first_start,
            rows: self.units.rows.len() as u32 - first_row,
            source,
            form: if dense { Form::Dense } else { Form::Runs },
            values: self.values(source, joined),
        }
    }
}

/// The sources that rules ask about, and how.
fn asked(items: &[&Item]) -> Vec<(u16, Joined)> {
    let mut asked: Vec<(u16, Joined)> = items
        .iter()
        .flat_map(|item| item.iter().map(|one| (one.0, one.1)))
        .collect();
    asked.sort_unstable();
    asked.dedup();
    asked
}

fn template_key(items: &[&Item], guarded: u64) -> Box<[u32]> {
    let mut key = vec![guarded as u32, (guarded >> 32) as u32];
    for item in items {
        key.push(item.len() as u32);
        for &(source, joined, set) in *item {
            key.extend([
                u32::from(source) << 1 | u32::from(joined == Joined::All),
                set,
            ]);
        }
    }
    key.into_boxed_slice()
}

/// What every lead must pass that passes any of the items: the union of their sets, for
/// those sources that all of them constrain.
fn cover(sets: &mut Sets, items: &[&Item]) -> Item {
    let Some((first, rest)) = items.split_first() else {
        return Item::new();
    };
    let mut covered = (*first).clone();
    for item in rest {
        covered.retain(|one| {
            let other = item.iter().find(|two| (two.0, two.1) == (one.0, one.1));
            let Some(&(_, _, set)) = other else {
                return false;
            };
            one.2 = sets.or(one.2, set);
            true
        });
    }
    covered
}
