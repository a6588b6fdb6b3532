//! Prepared statements.

use crate::connection::Connection;
use crate::error::Result;
use crate::row::Column;
use crate::sink::KnownColumns;
use crate::types::Type;
use parking_lot::Mutex;
use pglitedb_database::StatementHandle;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A prepared statement: parsed, checked and (from its first run on) planned.
///
/// It belongs to the connection that prepared it. Another connection of the same database accepts it, too, and prepares
/// it for itself at the first use. It notices when tables change, and is planned again.
///
/// ```
/// use pglitedb::Type;
///
/// # fn main() -> pglitedb::Result<()> {
/// # let mut connection = pglitedb::Database::in_memory()?.connect()?;
/// let statement = connection.prepare("SELECT $1::int + 1 AS next")?;
/// assert_eq!(statement.params(), [Type::INT4]);
/// assert_eq!(statement.columns()[0].name(), "next");
/// for n in 0..3 {
///     assert_eq!(connection.query_one(&statement, &[&n])?.get::<_, i32>("next"), n + 1);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Statement(pub(crate) Arc<Prepared>);

/// What clones of a statement share.
pub(crate) struct Prepared {
    pub(crate) handle: StatementHandle,
    /// The connection.
    pub(crate) owner: u64,
    /// Types that were asked for.
    pub(crate) given: Box<[u32]>,
    pub(crate) params: Box<[Type]>,
    /// Columns as they were when it was prepared.
    pub(crate) columns: Box<[Column]>,
    /// Columns of the last result.
    pub(crate) known: Mutex<KnownColumns>,
}

impl Statement {
    /// Types of the parameters.
    pub fn params(&self) -> &[Type] {
        &self.0.params
    }

    /// Columns of the result, none if it has no rows.
    pub fn columns(&self) -> &[Column] {
        &self.0.columns
    }

    /// The text.
    pub fn sql(&self) -> &str {
        self.0.handle.source()
    }
}

impl std::fmt::Debug for Statement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Statement").field("sql", &self.sql()).field("params", &self.params()).finish()
    }
}

/// What can be run: the text of one statement, or a prepared [`Statement`].
///
/// A connection remembers the texts that it has run, and prepares each only once.
pub trait ToStatement: private::Sealed {
    /// The prepared statement.
    #[doc(hidden)]
    fn statement(&self, connection: &mut Connection) -> Result<Statement>;
}

mod private {
    /// Keeps implementations in here.
    pub trait Sealed {}
    impl Sealed for str {}
    impl Sealed for String {}
    impl Sealed for super::Statement {}
}

impl ToStatement for str {
    fn statement(&self, connection: &mut Connection) -> Result<Statement> {
        connection.prepare_cached(self)
    }
}

impl ToStatement for String {
    fn statement(&self, connection: &mut Connection) -> Result<Statement> {
        connection.prepare_cached(self)
    }
}

impl ToStatement for Statement {
    #[inline]
    fn statement(&self, connection: &mut Connection) -> Result<Statement> {
        if self.0.owner == connection.number { Ok(self.clone()) } else { connection.adopt(self) }
    }
}

/// Texts that are remembered, at most.
const CACHE_MAX: usize = 256;
/// Longer ones are not worth it.
const LENGTH_MAX: usize = 16 * 1024;

/// A connection's statements by text and given types; the least recently used ones are forgotten.
#[derive(Default)]
pub(crate) struct StatementCache {
    by_text: FxHashMap<Box<str>, (Statement, u64)>,
    clock: u64,
}

impl StatementCache {
    pub(crate) fn get(&mut self, sql: &str) -> Option<Statement> {
        self.clock += 1;
        let (statement, used) = self.by_text.get_mut(sql)?;
        *used = self.clock;
        Some(statement.clone())
    }

    pub(crate) fn put(&mut self, statement: &Statement) {
        if statement.sql().len() > LENGTH_MAX {
            return;
        }
        if self.by_text.len() >= CACHE_MAX {
            let mut uses: Vec<u64> = self.by_text.values().map(|(_, used)| *used).collect();
            let middle = uses.len() / 4;
            let (_, limit, _) = uses.select_nth_unstable(middle);
            let limit = *limit;
            self.by_text.retain(|_, (_, used)| *used > limit);
        }
        self.by_text.insert(statement.sql().into(), (statement.clone(), self.clock));
    }

    pub(crate) fn clear(&mut self) {
        self.by_text.clear();
    }
}
