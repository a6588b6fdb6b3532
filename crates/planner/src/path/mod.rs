//! Paths: ways to compute a set of relations, with their costs; and the search for the cheapest.

pub(crate) mod base;
pub(crate) mod bitmap;
pub(crate) mod clause;
pub(crate) mod cost;
pub(crate) mod index;
pub(crate) mod join;
pub(crate) mod join_cost;
pub(crate) mod join_paths;
pub(crate) mod join_selectivity;
pub(crate) mod matching;
pub(crate) mod memoize;
pub(crate) mod prefix;
pub(crate) mod selectivity;
pub(crate) mod useful;

use pglitedb_catalog::IndexInfo;
use pglitedb_query_tree::{Expr, IndexCondKind, JoinType, Plan};
use pglitedb_types::Oid;
use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::Arc;

/// A set of base relations of one query level, by their position among the level's base relations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct RelSet(pub u128);

/// Base relations of one query level; more are refused.
pub(crate) const RELATIONS_MAX: usize = 128;

impl RelSet {
    pub(crate) fn single(rel: usize) -> Self {
        RelSet(1 << rel)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn union(self, other: Self) -> Self {
        RelSet(self.0 | other.0)
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        RelSet(self.0 & !other.0)
    }

    pub(crate) fn overlaps(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    pub(crate) fn contains(self, rel: usize) -> bool {
        self.0 >> rel & 1 == 1
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = usize> {
        (0..RELATIONS_MAX).filter(move |rel| self.contains(*rel))
    }
}

/// One column of a sort order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PathKey {
    pub expr: Expr,
    /// B-tree operator family.
    pub family: Oid,
    pub collation: Oid,
    pub descending: bool,
    pub nulls_first: bool,
}

/// A way to compute `rels`, given values of `required`.
#[derive(Debug)]
pub(crate) struct Path {
    pub kind: PathKind,
    pub rels: RelSet,
    /// Relations outside whose columns are used (parameters of a nested loop).
    pub required: RelSet,
    /// Nodes in it that settings switch off; paths with fewer win whatever they cost.
    pub disabled: u32,
    pub rows: f64,
    pub startup: f64,
    pub total: f64,
    pub width: i32,
    pub pathkeys: Vec<PathKey>,
}

/// An index condition with the clause it came from.
#[derive(Clone, Debug)]
pub(crate) struct IndexClause {
    pub key: usize,
    pub kind: IndexCondKind,
    /// What EXPLAIN shows.
    pub display: Expr,
    /// The clause it implements.
    pub clause: Expr,
    /// It only follows from the clause, which must be checked as well.
    pub lossy: bool,
}

/// Kinds of paths.
#[derive(Debug)]
pub(crate) enum PathKind {
    /// FROM is empty, or the level's condition is constant false.
    Empty,
    Seq {
        quals: Vec<Expr>,
    },
    Index {
        index: Arc<IndexInfo>,
        conds: Vec<IndexClause>,
        quals: Vec<Expr>,
        backward: bool,
        index_only: bool,
    },
    BitmapHeap {
        bitmap: Rc<bitmap::Bitmap>,
        quals: Vec<Expr>,
    },
    Tid {
        tids: Vec<Expr>,
        cursor: Option<Arc<str>>,
        quals: Vec<Expr>,
    },
    /// A subquery that was planned on its own. `params`: lateral references.
    Subquery {
        plan: Rc<Plan>,
        params: Vec<(Expr, usize)>,
        quals: Vec<Expr>,
    },
    /// Function, VALUES, WITH query, table function: made from the range table entry.
    Other {
        quals: Vec<Expr>,
    },
    Material(Rc<Path>),
    /// Keeps rows by the values of `keys`, columns of relations outside.
    Memoize {
        input: Rc<Path>,
        keys: Vec<Expr>,
        binary: bool,
        /// Only one row is asked for.
        single: bool,
        /// Cost of a call after the first.
        rescan: cost::Cost,
    },
    NestLoop {
        join: JoinType,
        outer: Rc<Path>,
        inner: Rc<Path>,
        join_quals: Vec<Expr>,
        quals: Vec<Expr>,
        unique: bool,
    },
    Hash {
        join: JoinType,
        outer: Rc<Path>,
        inner: Rc<Path>,
        keys: Vec<EquiKey>,
        join_quals: Vec<Expr>,
        quals: Vec<Expr>,
        unique: bool,
    },
    Merge {
        join: JoinType,
        outer: Rc<Path>,
        inner: Rc<Path>,
        keys: Vec<EquiKey>,
        sort_outer: bool,
        sort_inner: bool,
        /// Keep the inner side's rows.
        material: bool,
        join_quals: Vec<Expr>,
        quals: Vec<Expr>,
        unique: bool,
    },
}

/// An equality between the two sides of a join.
#[derive(Clone, Debug)]
pub(crate) struct EquiKey {
    pub outer: Expr,
    pub inner: Expr,
    pub op: Oid,
    pub family: Oid,
    pub collation: Oid,
    /// Order of the inputs, for merging.
    pub descending: bool,
    pub nulls_first: bool,
    /// The condition, outer side first.
    pub display: Expr,
    /// The condition as it was written.
    pub clause: Expr,
}

/// A set of relations with its surviving paths, cheapest first.
#[derive(Debug)]
pub(crate) struct RelNode {
    pub rels: RelSet,
    pub rows: f64,
    pub width: i32,
    /// Does it matter how soon the first row comes?
    pub startup_matters: bool,
    pub paths: Vec<Rc<Path>>,
}

/// Costs that differ by less are the same.
const FUZZ: f64 = 1.01;

/// How two paths compare in one respect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Better {
    Equal,
    First,
    Second,
    Neither,
}

impl RelNode {
    fn compare_costs(&self, a: &Path, b: &Path, fuzz: f64) -> Better {
        let startup_matters = |path: &Path| self.startup_matters && path.required.is_empty();
        match a.disabled.cmp(&b.disabled) {
            Ordering::Less => return Better::First,
            Ordering::Greater => return Better::Second,
            Ordering::Equal => {}
        }
        if a.total > b.total * fuzz {
            let sooner = startup_matters(a) && b.startup > a.startup * fuzz;
            return if sooner { Better::Neither } else { Better::Second };
        }
        if b.total > a.total * fuzz {
            let sooner = startup_matters(b) && a.startup > b.startup * fuzz;
            return if sooner { Better::Neither } else { Better::First };
        }
        if a.startup > b.startup * fuzz {
            Better::Second
        } else if b.startup > a.startup * fuzz {
            Better::First
        } else {
            Better::Equal
        }
    }

    /// Which of two paths makes the other superfluous? Of equals the known one stays.
    fn dominance(&self, new: &Path, known: &Path) -> Better {
        let costs = self.compare_costs(new, known, FUZZ);
        let orders = compare_orders(new, known);
        if costs == Better::Neither || orders == Better::Neither {
            return Better::Neither;
        }
        let needs_less = new.required.within(known.required) && new.rows <= known.rows;
        let needs_more = known.required.within(new.required) && new.rows >= known.rows;
        let verdict = match (costs, orders) {
            (Better::Equal, Better::Equal) if needs_less && needs_more => {
                match self.compare_costs(new, known, 1.000_000_000_1) {
                    Better::First => Better::First,
                    _ => Better::Second,
                }
            }
            (Better::Equal, Better::Equal) if needs_less => Better::First,
            (Better::Equal, Better::Equal) => Better::Second,
            (Better::First, Better::Second) | (Better::Second, Better::First) => Better::Neither,
            (Better::First, _) | (_, Better::First) => Better::First,
            _ => Better::Second,
        };
        match verdict {
            Better::First if needs_less => Better::First,
            Better::Second if needs_more => Better::Second,
            _ => Better::Neither,
        }
    }

    /// Adds a path unless an existing one is at least as good in every respect; removes those that it beats.
    pub(crate) fn add(&mut self, path: Path) {
        let mut at = 0;
        while let Some(known) = self.paths.get(at) {
            match self.dominance(&path, known) {
                Better::First => {
                    self.paths.remove(at);
                }
                Better::Second => return,
                _ => at += 1,
            }
        }
        let cheaper = |known: &Rc<Path>| (known.disabled, known.total) <= (path.disabled, path.total);
        let place = self.paths.iter().position(|known| !cheaper(known)).unwrap_or(self.paths.len());
        self.paths.insert(place, Rc::new(path));
    }
}

/// Order by cost, the switched-off ones last.
pub(crate) fn cheaper(a: &Path, b: &Path) -> Ordering {
    a.disabled.cmp(&b.disabled).then(a.total.total_cmp(&b.total)).then(a.startup.total_cmp(&b.startup))
}

/// Which path's order contains the other's? Parameterized paths have none that counts.
fn compare_orders(a: &Path, b: &Path) -> Better {
    let order = |path: &Path| if path.required.is_empty() { path.pathkeys.len() } else { 0 };
    let (left, right) = (&a.pathkeys[..order(a)], &b.pathkeys[..order(b)]);
    match (pathkeys_contain(left, right), pathkeys_contain(right, left)) {
        (true, true) => Better::Equal,
        (true, false) => Better::First,
        (false, true) => Better::Second,
        (false, false) => Better::Neither,
    }
}

/// An expression without relabelings around it.
pub(crate) fn strip(mut expr: &Expr) -> &Expr {
    while let Expr::Relabel { arg, .. } = expr {
        expr = arg;
    }
    expr
}

/// Does an order `have` imply the order `want`?
pub(crate) fn pathkeys_contain(have: &[PathKey], want: &[PathKey]) -> bool {
    have.len() >= want.len() && have.iter().zip(want).all(|(have, want)| have == want)
}
