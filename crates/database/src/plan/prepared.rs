//! A statement that can be run again.

use super::AnalyzedQuery;
use crate::output::Column;
use parking_lot::Mutex;
use pglitedb_executor::Executor;
use pglitedb_query_tree::PlannedStmt;
use pglitedb_sql_parser::ast::Statement;
use pglitedb_types::Oid;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What a plan depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlanKey {
    /// Which descriptors, and their version.
    pub catalog: (u64, u64),
    /// Settings that plans depend on, search path included.
    pub settings: u64,
    /// Current user.
    pub user: Oid,
}

/// How a statement is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatementKind {
    /// No statement at all.
    Empty,
    /// Planned: SELECT, INSERT, UPDATE, DELETE, MERGE.
    Planned,
    /// BEGIN, COMMIT, ROLLBACK and the like, which also run in a failed block.
    Transaction,
    /// Any other command.
    Utility,
}

impl StatementKind {
    pub(crate) fn of(stmt: &Statement) -> Self {
        match stmt {
            // SELECT ... INTO creates a table.
            Statement::Select(query) if pglitedb_analyzer::into_clause(query).is_some() => {
                StatementKind::Utility
            }
            Statement::Select(_)
            | Statement::Insert(_)
            | Statement::Update(_)
            | Statement::Delete(_)
            | Statement::Merge(_) => StatementKind::Planned,
            Statement::Transaction(_) => StatementKind::Transaction,
            _ => StatementKind::Utility,
        }
    }
}

/// Executors that wait to be used again.
const POOL_LIMIT: usize = 4;

/// A plan, and executors that have run it.
pub(crate) struct CachedPlan {
    pub key: PlanKey,
    pub stmt: Arc<PlannedStmt>,
    pub columns: Arc<[Column]>,
    pool: Mutex<Vec<Executor>>,
}

impl CachedPlan {
    pub(crate) fn new(key: PlanKey, stmt: PlannedStmt, columns: Arc<[Column]>) -> Self {
        CachedPlan { key, stmt: Arc::new(stmt), columns, pool: Mutex::default() }
    }

    /// An executor that was given back.
    #[inline]
    pub(crate) fn take_executor(&self) -> Option<Executor> {
        self.pool.lock().pop()
    }

    /// Keeps an executor that was reset.
    pub(crate) fn give_back(&self, executor: Executor) {
        let mut pool = self.pool.lock();
        if pool.len() < POOL_LIMIT {
            pool.push(executor);
        }
    }
}

/// How far the planning of a statement has come.
pub(crate) enum PlanState {
    None,
    /// Bound, for the description of a statement that was not run yet.
    Analyzed(PlanKey, Box<AnalyzedQuery>),
    Planned(Arc<CachedPlan>),
}

/// A statement that can be run again.
pub(crate) struct Prepared {
    /// The text that positions refer to.
    pub source: Arc<str>,
    /// The statement; `None` for an empty one.
    pub stmt: Option<Statement>,
    pub kind: StatementKind,
    pub param_types: Arc<[Oid]>,
    /// Result columns, once they were described to the client.
    pub described: Mutex<Option<Arc<[Column]>>>,
    pub(super) plan: Mutex<PlanState>,
    /// When it was prepared (`pg_prepared_statements`), microseconds since 2000-01-01 UTC.
    pub prepared_at: i64,
    /// By PREPARE rather than by a Parse message.
    pub from_sql: bool,
}

impl Prepared {
    pub(crate) fn new(source: Arc<str>, stmt: Option<Statement>, param_types: Arc<[Oid]>) -> Self {
        let kind = stmt.as_ref().map_or(StatementKind::Empty, StatementKind::of);
        Prepared {
            source,
            stmt,
            kind,
            param_types,
            described: Mutex::new(None),
            plan: Mutex::new(PlanState::None),
            prepared_at: 0,
            from_sql: false,
        }
    }

    /// The statement's own text (`pg_prepared_statements.statement`).
    pub(crate) fn text(&self) -> &str {
        self.source.trim()
    }
}

/// A session's prepared statements.
#[derive(Default)]
pub(crate) struct PreparedStatements {
    unnamed: Option<Arc<Prepared>>,
    named: FxHashMap<Box<str>, Arc<Prepared>>,
}

impl PreparedStatements {
    #[inline]
    pub(crate) fn get(&self, name: &str) -> Option<&Arc<Prepared>> {
        if name.is_empty() { self.unnamed.as_ref() } else { self.named.get(name) }
    }

    pub(crate) fn put(&mut self, name: &str, prepared: Arc<Prepared>) {
        if name.is_empty() {
            self.unnamed = Some(prepared);
        } else {
            self.named.insert(name.into(), prepared);
        }
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<Arc<Prepared>> {
        if name.is_empty() { self.unnamed.take() } else { self.named.remove(name) }
    }

    pub(crate) fn clear(&mut self) {
        self.unnamed = None;
        self.named.clear();
    }

    /// The named ones, sorted.
    pub(crate) fn list(&self) -> Vec<(Box<str>, Arc<Prepared>)> {
        let mut all: Vec<_> =
            self.named.iter().map(|(name, prepared)| (name.clone(), prepared.clone())).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    /// Forgets all plans.
    pub(crate) fn discard_plans(&mut self) {
        for prepared in self.named.values().chain(&self.unnamed) {
            *prepared.plan.lock() = PlanState::None;
        }
    }
}
