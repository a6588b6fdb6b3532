//! The state of an analysis: a stack of query levels, innermost last.

use crate::cte::{CteEntry, RecursionState};
use crate::{AnalyzeContext, ExprKind};
use pglitedb_query_tree::{FromItem, Rte, SubLink, Var, VarReturning};
use pglitedb_sql_parser::ast;
use pglitedb_sqlstate::Result;
use pglitedb_types::Oid;
use std::cell::{Cell, OnceCell};
use std::sync::Arc;

/// How deep expressions and queries may nest.
const MAX_DEPTH: usize = 1200;

/// One analysis.
pub(crate) struct Binder<'c> {
    pub ctx: &'c AnalyzeContext<'c>,
    /// Query levels, the current one last. Never empty.
    pub levels: Vec<Level<'c>>,
    /// Recursive WITH queries under analysis.
    pub recursion: Vec<RecursionState>,
    /// The caller deals with INTO.
    pub allow_into: bool,
    /// And the next leaf of a set operation may have it.
    pub into_leaf: bool,
    /// `VALUE` of a domain's CHECK.
    pub domain_value: Option<(Oid, i32, Oid)>,
    /// `MERGE_ACTION()` is allowed from this level of nesting on.
    depth: Cell<usize>,
    search_path: OnceCell<Vec<Oid>>,
    temp_namespace: OnceCell<Option<Oid>>,
}

/// One query level (PostgreSQL: ParseState).
pub(crate) struct Level<'c> {
    pub rtable: Vec<Rte>,
    /// What names mean, in FROM order.
    pub namespace: Vec<NsItem>,
    pub from: Vec<FromItem>,
    pub ctes: Vec<CteEntry<'c>>,
    /// Names of WITH queries that are not visible yet.
    pub future_ctes: Vec<&'c str>,
    /// Where the expression under analysis stands.
    pub kind: ExprKind,
    /// LATERAL references are allowed now.
    pub lateral_active: bool,
    /// WINDOW definitions, and those of OVER (...).
    pub windows: Vec<(Option<&'c ast::Ident>, &'c ast::WindowSpec)>,
    pub has_aggs: bool,
    pub has_windows: bool,
    pub has_target_srfs: bool,
    pub has_sublinks: bool,
    pub has_modifying_cte: bool,
    /// Position of the last set-returning call seen, to refuse some nestings.
    pub srf_count: usize,
    pub last_srf: Option<usize>,
    /// The table to change.
    pub target: Option<Target>,
    /// Subqueries of `SET (a, b) = (SELECT ...)`, by id.
    pub multi_assign: Vec<SubLink>,
    /// Select-list items that are still `unknown` become text (not for INSERT ... SELECT).
    pub resolve_unknowns: bool,
    /// FOR UPDATE applies to this subquery as a whole.
    pub locked_by_parent: bool,
    /// FOR UPDATE clauses of the query under analysis, for locking relations on opening.
    pub locking: &'c [ast::LockingClause],
    /// Grouping: how many GROUPING() calls were seen.
    pub has_grouping: bool,
}

/// The table that INSERT, UPDATE, DELETE or MERGE changes.
#[derive(Clone)]
pub(crate) struct Target {
    pub rte: usize,
}

/// What a name in FROM stands for (PostgreSQL: ParseNamespaceItem).
#[derive(Clone)]
pub(crate) struct NsItem {
    pub name: Arc<str>,
    pub rte: usize,
    /// Columns of joins (and join aliases); `None`: those of the entry itself.
    pub columns: Option<Arc<[NsColumn]>>,
    /// `name.x` works.
    pub rel_visible: bool,
    /// `x` works.
    pub cols_visible: bool,
    /// Visible to LATERAL items only.
    pub lateral_only: bool,
    /// And allowed there.
    pub lateral_ok: bool,
    pub returning: VarReturning,
}

/// A column of a join: the variable it stands for.
#[derive(Clone, Debug)]
pub(crate) struct NsColumn {
    pub name: Arc<str>,
    pub rte: usize,
    pub attno: i16,
    pub type_oid: Oid,
    pub typmod: i32,
    pub collation: Oid,
    /// Left out of `*` of the join's name: not a column at all (dropped).
    pub dropped: bool,
}

impl NsColumn {
    pub fn var(&self, position: usize) -> Var {
        crate::columns::make_var(self.rte, self.attno, self.type_oid, self.typmod, self.collation, position)
    }
}

impl<'c> Level<'c> {
    pub fn new() -> Self {
        Level {
            rtable: Vec::new(),
            namespace: Vec::new(),
            from: Vec::new(),
            ctes: Vec::new(),
            future_ctes: Vec::new(),
            kind: ExprKind::None,
            lateral_active: false,
            windows: Vec::new(),
            has_aggs: false,
            has_windows: false,
            has_target_srfs: false,
            has_sublinks: false,
            has_modifying_cte: false,
            srf_count: 0,
            last_srf: None,
            target: None,
            multi_assign: Vec::new(),
            resolve_unknowns: true,
            locked_by_parent: false,
            locking: &[],
            has_grouping: false,
        }
    }
}

impl<'c> Binder<'c> {
    pub fn new(ctx: &'c AnalyzeContext<'c>) -> Self {
        Binder {
            ctx,
            levels: vec![Level::new()],
            recursion: Vec::new(),
            allow_into: false,
            into_leaf: false,
            domain_value: None,
            depth: Cell::new(0),
            search_path: OnceCell::new(),
            temp_namespace: OnceCell::new(),
        }
    }

    /// As [`Binder::new`], for text whose names mean the same whatever the session's search path is.
    pub fn with_search_path(ctx: &'c AnalyzeContext<'c>, search_path: Vec<Oid>) -> Self {
        let binder = Binder::new(ctx);
        // A new binder has none yet.
        let _ = binder.search_path.set(search_path);
        binder
    }

    /// The current level.
    pub fn level(&mut self) -> &mut Level<'c> {
        if self.levels.is_empty() {
            self.levels.push(Level::new());
        }
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    /// The current level, to read.
    pub fn cur(&self) -> &Level<'c> {
        &self.levels[self.levels.len() - 1]
    }

    pub fn kind(&self) -> ExprKind {
        self.cur().kind
    }

    /// An entry of the current range table.
    pub fn rte(&self, index: usize) -> &Rte {
        &self.cur().rtable[index]
    }

    /// The entry a variable refers to.
    pub fn rte_at(&self, rte: usize, levels_up: u32) -> Option<&Rte> {
        let at = self.levels.len().checked_sub(1 + levels_up as usize)?;
        self.levels.get(at)?.rtable.get(rte)
    }

    /// Runs `f` on a new innermost level and returns that level with the result.
    pub fn sublevel<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.guarded(|binder| {
            binder.levels.push(Level::new());
            binder.allow_into = false;
            let result = f(binder);
            binder.levels.pop();
            result
        })
    }

    /// Runs `f` one nesting deeper; `54001` beyond the limit.
    pub fn guarded<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let depth = self.depth.get() + 1;
        if depth > MAX_DEPTH {
            let limit =
                self.ctx.env.setting("max_stack_depth").ok().flatten().unwrap_or_else(|| "2MB".into());
            return Err(pglitedb_sqlstate::err!(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded").hint(
                format!(
                    "Increase the configuration parameter \"max_stack_depth\" (currently {limit}), after ensuring \
                     the platform's stack depth limit is adequate."
                ),
            ));
        }
        self.depth.set(depth);
        let result = f(self);
        self.depth.set(depth - 1);
        result
    }

    /// Runs `f` with another expression kind.
    pub fn with_kind<T>(&mut self, kind: ExprKind, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let saved = std::mem::replace(&mut self.level().kind, kind);
        let result = f(self);
        self.level().kind = saved;
        result
    }

    /// Schemas searched for unqualified names.
    pub fn search_path(&self) -> &[Oid] {
        self.search_path.get_or_init(|| self.ctx.catalog.search_path())
    }

    /// This session's temporary schema: searched for relations and types only.
    pub fn temp_namespace(&self) -> Result<Option<Oid>> {
        if let Some(known) = self.temp_namespace.get() {
            return Ok(*known);
        }
        let found = self.ctx.catalog.namespace_by_name("pg_temp")?;
        Ok(*self.temp_namespace.get_or_init(|| found))
    }
}
