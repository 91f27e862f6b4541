//! Cells of longitude and latitude in a tree of sixteen children, each with a list of the shapes that fill it or whose border it has.
//!
//! A lead walks from the top to the smallest cell there is and finds at most a list a level,
//! sorted by rank, where an R-tree would read every box that holds it. What fills a cell needs
//! no exact test.

use crate::plan::Point;
use crate::route::cover::{Cell, Relation, relation};
use crate::route::shapes::{Bounds, Outline, ShapeIx, Shapes, canonical_lon};
use crate::route::units::{Entry, Unit};

use super::lists::{Lists, Span};

/// The sides of the largest and the smallest cells, as powers of two of 1e-7 degrees: 27
/// degrees, and 180 metres on the equator.
const LARGEST: u32 = 28;
const SMALLEST: u32 = 14;

/// A level's cells have a quarter of the side of those above.
const STEP: u32 = 2;
const CHILDREN: u32 = 1 << (2 * STEP);

/// Columns and rows of the largest cells: 360 and 180 degrees are 3.6e9 and 1.8e9.
const COLUMNS: u32 = 14;
const ROWS: u32 = 7;

/// Cells that a shape's box may have on its finest level, and how many if it is a circle,
/// whose exact test is short, or if shapes are many: more cells spare exact tests and cost
/// memory.
const FINE: u64 = 256;
const COARSE: u64 = 64;
const MANY_SHAPES: usize = 20_000;

/// The mark of a cell that is not divided.
const UNDIVIDED: u32 = u32::MAX;

/// A cell: its list, and the first of its children.
#[derive(Clone, Copy, Debug)]
struct Node {
    span: Span,
    children: u32,
}

/// All cells.
#[derive(Debug, Default)]
pub struct Mosaic {
    nodes: Vec<Node>,
    lists: Lists,
}

/// A shape with the rules that hold in it.
pub struct Placed {
    pub shape: ShapeIx,
    pub bounds: Vec<Bounds>,
    pub unit: Unit,
}

/// A cell's position among those of its level.
#[derive(Clone, Copy)]
struct At {
    node: u32,
    x: u32,
    y: u32,
    shift: u32,
}

/// Cells and who lies in them, while shapes are laid.
struct Laying<'s> {
    shapes: &'s Shapes,
    nodes: Vec<Node>,
    /// Cell, position of the shape, and whether it fills the cell.
    laid: Vec<(u32, u32, bool)>,
}

impl Mosaic {
    pub fn of(shapes: &Shapes, placed: &[Placed]) -> Self {
        let empty = Node {
            span: Span::default(),
            children: UNDIVIDED,
        };
        let mut laying = Laying {
            shapes,
            nodes: vec![empty; (COLUMNS * ROWS) as usize],
            laid: Vec::new(),
        };
        for (at, one) in placed.iter().enumerate() {
            laying.lay(at as u32, one, placed.len() > MANY_SHAPES);
        }
        let Laying {
            mut nodes,
            mut laid,
            ..
        } = laying;
        laid.sort_unstable();
        let mut lists = Lists::default();
        for here in laid.chunk_by(|one, two| one.0 == two.0) {
            let units = here.iter().map(|&(_, at, fills)| {
                let placed = &placed[at as usize];
                if fills {
                    placed.unit
                } else {
                    placed.unit.within(placed.shape)
                }
            });
            nodes[here[0].0 as usize].span = lists.add(units);
        }
        Self { nodes, lists }
    }

    /// Shows the lists of all cells that hold a point: rules for owners, then for overlays.
    #[inline]
    pub fn each<'s>(&'s self, point: Point, mut see: impl FnMut(&'s [Entry], &'s [Entry])) {
        let (x, y) = coordinates(point);
        let mut shift = LARGEST;
        let mut node = &self.nodes[((y >> shift) * COLUMNS + (x >> shift)) as usize];
        loop {
            if !node.span.is_empty() {
                let (owners, overlays) = self.lists.at(node.span);
                see(owners, overlays);
            }
            if node.children == UNDIVIDED {
                return;
            }
            shift -= STEP;
            node = &self.nodes[(node.children + child(x, y, shift)) as usize];
        }
    }

    /// Memory held, in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.nodes[..]) + self.lists.bytes()
    }
}

/// Longitude and latitude as numbers from 0 on.
fn coordinates(point: Point) -> (u32, u32) {
    let from = |value: i32, least: i64| (i64::from(value) - least) as u32;
    (
        from(canonical_lon(point.lon_e7), -1_800_000_000),
        from(point.lat_e7, -900_000_000),
    )
}

/// Which child of a cell holds a point.
const fn child(x: u32, y: u32, shift: u32) -> u32 {
    let low = (1 << STEP) - 1;
    ((y >> shift & low) << STEP) | (x >> shift & low)
}

impl Laying<'_> {
    fn lay(&mut self, at: u32, placed: &Placed, many: bool) {
        let outline = self.shapes.outline(placed.shape);
        let finest = match outline {
            Outline::Edges(_) if !many => FINE,
            _ => COARSE,
        };
        let floor = floor(&placed.bounds, finest);
        for y in 0..ROWS {
            for x in 0..COLUMNS {
                let root = At {
                    node: y * COLUMNS + x,
                    x,
                    y,
                    shift: LARGEST,
                };
                if placed.bounds.iter().any(|one| root.cell().meets(one)) {
                    self.descend(root, (at, placed), &outline, floor);
                }
            }
        }
    }

    fn descend(&mut self, at: At, placed: (u32, &Placed), outline: &Outline, floor: u32) {
        match relation(self.shapes, placed.1.shape, outline, at.cell()) {
            Relation::Outside => {}
            Relation::Inside => self.laid.push((at.node, placed.0, true)),
            Relation::Border(_) if at.shift <= floor => {
                self.laid.push((at.node, placed.0, false));
            }
            Relation::Border(near) => {
                let first = self.divide(at.node);
                for number in 0..CHILDREN {
                    let below = At {
                        node: first + number,
                        x: at.x << STEP | (number & ((1 << STEP) - 1)),
                        y: at.y << STEP | number >> STEP,
                        shift: at.shift - STEP,
                    };
                    self.descend(below, placed, &near, floor);
                }
            }
        }
    }

    fn divide(&mut self, node: u32) -> u32 {
        let held = self.nodes[node as usize].children;
        if held != UNDIVIDED {
            return held;
        }
        let first = self.nodes.len() as u32;
        self.nodes[node as usize].children = first;
        let empty = Node {
            span: Span::default(),
            children: UNDIVIDED,
        };
        self.nodes.extend([empty; CHILDREN as usize]);
        first
    }
}

/// The level on which a shape with these boxes has about as many cells as it may.
fn floor(bounds: &[Bounds], finest: u64) -> u32 {
    let cells = |shift: u32| -> u64 {
        let across = |one: &Bounds, axis: usize| {
            ((i64::from(one.high[axis]) - i64::from(one.low[axis])) as u64 >> shift) + 1
        };
        bounds
            .iter()
            .map(|one| across(one, 0) * across(one, 1))
            .sum()
    };
    let mut shift = LARGEST;
    while shift > SMALLEST && cells(shift - STEP) <= finest {
        shift -= STEP;
    }
    shift
}

impl At {
    /// The cell's sides. At the end of the world it is cut off.
    fn cell(&self) -> Cell {
        let low = |position: u32| i64::from(position) << self.shift;
        let side = (1_i64 << self.shift) - 1;
        let cut = |value: i64, end: i64| (value.min(2 * end) - end) as i32;
        let (x, y) = (low(self.x), low(self.y));
        Cell {
            west: cut(x, 1_800_000_000),
            east: cut(x + side, 1_800_000_000),
            south: cut(y, 900_000_000),
            north: cut(y + side, 900_000_000),
        }
    }
}
