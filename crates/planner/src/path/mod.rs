//! Paths: ways to compute a set of relations, with their costs; and the search for the cheapest.

pub(crate) mod base;
pub(crate) mod clause;
pub(crate) mod cost;
pub(crate) mod index;
pub(crate) mod join;
pub(crate) mod join_paths;
pub(crate) mod selectivity;

use pglitedb_catalog::IndexInfo;
use pglitedb_query_tree::{Expr, IndexCondKind, JoinType, Plan};
use pglitedb_types::Oid;
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
    pub display: Expr,
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
    pub display: Expr,
}

/// A set of relations with its surviving paths.
#[derive(Debug)]
pub(crate) struct RelNode {
    pub rels: RelSet,
    pub rows: f64,
    pub width: i32,
    pub paths: Vec<Rc<Path>>,
}

impl RelNode {
    /// Adds a path unless an existing one is at least as good in every respect; removes those that it beats.
    pub(crate) fn add(&mut self, path: Path) {
        let better = |a: &Path, b: &Path| {
            a.total <= b.total * 1.000_000_1
                && a.startup <= b.startup * 1.000_000_1
                && a.required.within(b.required)
                && a.rows <= b.rows
                && pathkeys_contain(&a.pathkeys, &b.pathkeys)
        };
        if self.paths.iter().any(|known| better(known, &path)) {
            return;
        }
        self.paths.retain(|known| !better(&path, known));
        self.paths.push(Rc::new(path));
    }

    /// The cheapest path that needs no outer relation beyond `allowed`.
    pub(crate) fn cheapest(&self, allowed: RelSet) -> Option<&Rc<Path>> {
        self.paths
            .iter()
            .filter(|path| path.required.within(allowed))
            .min_by(|a, b| a.total.total_cmp(&b.total))
    }
}

/// Does an order `have` imply the order `want`?
pub(crate) fn pathkeys_contain(have: &[PathKey], want: &[PathKey]) -> bool {
    have.len() >= want.len() && have.iter().zip(want).all(|(have, want)| have == want)
}
