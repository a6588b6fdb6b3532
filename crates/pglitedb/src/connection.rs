//! Connections: opening, preparing, running statements.

use crate::database::{Database, Shared};
use crate::error::{Error, Result};
use crate::notify::{Notices, Waker};
use crate::request::Timers;
use crate::row::Row;
use crate::rows::Rows;
use crate::sink::{RowSink, make_columns};
use crate::statement::{Prepared, Statement, StatementCache, ToStatement};
use crate::to_sql::ToSql;
use crate::types::Type;
use parking_lot::Mutex;
use pglitedb_database::{ConnectOptions, Env, Progress, Session};
use pglitedb_sqlstate::{Error as EngineError, Result as EngineResult, codes};
use pglitedb_storage::CancelToken;
use pglitedb_types::{Datum, Oid};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A connection: one session of a database, with a transaction, settings and temporary tables of its own.
///
/// It can move between threads and is used by one at a time; open as many as there are threads (it takes
/// microseconds), or use a [`Pool`](crate::Pool). Dropping it rolls back what was not committed.
///
/// Each statement commits on its own, unless it is inside of a [`transaction`](Connection::transaction).
///
/// ```
/// # fn main() -> pglitedb::Result<()> {
/// # let database = pglitedb::Database::in_memory()?;
/// let mut connection = database.connect()?;
/// connection.batch_execute("CREATE TABLE city (name text PRIMARY KEY, people int)")?;
/// let insert = connection.prepare("INSERT INTO city VALUES ($1, $2)")?;
/// for (name, people) in [("Aachen", 252_000), ("Bonn", 336_000)] {
///     connection.execute(&insert, &[&name, &people])?;
/// }
/// for row in connection.query("SELECT name, people FROM city WHERE people > $1", &[&300_000])? {
///     let (name, people): (&str, i32) = (row.get("name"), row.get("people"));
///     println!("{name}: {people}");
/// }
/// # Ok(())
/// # }
/// ```
pub struct Connection {
    pub(crate) session: Session,
    pub(crate) notices: Notices,
    pub(crate) waker: Arc<Waker>,
    pub(crate) number: u64,
    pub(crate) cancel: CancelToken,
    /// Savepoints of transaction guards that are open.
    pub(crate) depth: u32,
    pub(crate) cache: StatementCache,
    /// An error was fatal.
    pub(crate) broken: bool,
    pub(crate) timers: Timers,
    pub(crate) shared: Arc<Shared>,
}

const fn assert_send<T: Send>() {}
const _: () = assert_send::<Connection>();

static NUMBERS: AtomicU64 = AtomicU64::new(1);

impl Connection {
    pub(crate) fn open(database: &Database, user: &str, name: &str) -> Result<Connection> {
        let waker = Arc::new(Waker::default());
        let options = ConnectOptions {
            user: user.to_owned(),
            database: name.to_owned(),
            host: Some(waker.clone()),
            ..ConnectOptions::default()
        };
        let session = database.0.cluster.connect(options).map_err(|error| Error::new(error, ""))?;
        Ok(Connection {
            cancel: session.cancel_token(),
            session,
            notices: Notices::default(),
            waker,
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            depth: 0,
            cache: StatementCache::default(),
            broken: false,
            timers: Timers::default(),
            shared: database.0.clone(),
        })
    }

    /// Prepares a statement. PostgreSQL finds the types of parameters from how they are used.
    pub fn prepare(&mut self, sql: &str) -> Result<Statement> {
        self.prepare_typed(sql, &[])
    }

    /// As [`Connection::prepare`], with the types of the first parameters.
    ///
    /// ```
    /// use pglitedb::Type;
    ///
    /// # fn main() -> pglitedb::Result<()> {
    /// # let mut connection = pglitedb::Database::in_memory()?.connect()?;
    /// let statement = connection.prepare_typed("SELECT $1 + $1", &[Type::FLOAT8])?;
    /// assert_eq!(connection.query_one(&statement, &[&1.5])?.get::<_, f64>(0), 3.0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn prepare_typed(&mut self, sql: &str, types: &[Type]) -> Result<Statement> {
        let types: Vec<Oid> = types.iter().map(Type::oid).collect();
        self.begin_request()?;
        let result = self.prepare_statement(sql, &types);
        let result = self.settle(result);
        self.end_request(result)
    }

    fn prepare_statement(&mut self, sql: &str, types: &[Oid]) -> EngineResult<Statement> {
        let mut known = None;
        let mut sink = RowSink::new(None, &mut known, &mut self.notices);
        let handle = self.session.prepare(sql, types, &mut sink)?;
        let columns = self.session.handle_columns(&handle, &mut sink)?;
        let env = self.session.env();
        let params = handle.param_types().iter().map(|oid| Type::lookup(*oid, env)).collect();
        let known = columns.map(|columns| {
            let made = make_columns(&columns, env);
            (columns, made)
        });
        Ok(Statement(Arc::new(Prepared {
            handle,
            owner: self.number,
            given: types.into(),
            params,
            columns: known.as_ref().map(|(_, made)| made.list.clone()).unwrap_or_default(),
            known: Mutex::new(known),
        })))
    }

    pub(crate) fn prepare_cached(&mut self, sql: &str) -> Result<Statement> {
        if let Some(statement) = self.cache.get(sql) {
            return Ok(statement);
        }
        let statement = self.prepare(sql)?;
        self.cache.put(&statement);
        Ok(statement)
    }

    /// A statement of another connection.
    #[cold]
    pub(crate) fn adopt(&mut self, statement: &Statement) -> Result<Statement> {
        if statement.0.given.is_empty() {
            return self.prepare_cached(statement.sql());
        }
        let types: Vec<Type> = statement.0.given.iter().map(|oid| Type::bare(*oid)).collect();
        self.prepare_typed(statement.sql(), &types)
    }

    /// Runs a statement and says how many rows it changed (or read).
    pub fn execute<S: ToStatement + ?Sized>(&mut self, statement: &S, params: &[&dyn ToSql]) -> Result<u64> {
        let statement = statement.statement(self)?;
        self.run(&statement, params, None)
    }

    /// Runs a statement and collects its rows. For large results see [`Connection::query_raw`].
    pub fn query<S: ToStatement + ?Sized>(
        &mut self,
        statement: &S,
        params: &[&dyn ToSql],
    ) -> Result<Vec<Row>> {
        let statement = statement.statement(self)?;
        let mut rows = VecDeque::new();
        self.run(&statement, params, Some(&mut rows))?;
        Ok(rows.into())
    }

    /// Runs a statement that gives exactly one row. None is an error (P0002), more are, too (P0003).
    pub fn query_one<S: ToStatement + ?Sized>(
        &mut self,
        statement: &S,
        params: &[&dyn ToSql],
    ) -> Result<Row> {
        self.query_opt(statement, params)?
            .ok_or_else(|| Error::of(codes::NO_DATA_FOUND, "query returned no rows"))
    }

    /// Runs a statement that gives one row or none. More are an error (P0003).
    ///
    /// ```
    /// # fn main() -> pglitedb::Result<()> {
    /// # let mut connection = pglitedb::Database::in_memory()?.connect()?;
    /// assert!(connection.query_opt("SELECT 1 WHERE false", &[])?.is_none());
    /// let error = connection.query_opt("SELECT generate_series(1, 2)", &[]).unwrap_err();
    /// assert_eq!(error.sqlstate(), "P0003");
    /// # Ok(())
    /// # }
    /// ```
    pub fn query_opt<S: ToStatement + ?Sized>(
        &mut self,
        statement: &S,
        params: &[&dyn ToSql],
    ) -> Result<Option<Row>> {
        let statement = statement.statement(self)?;
        let mut rows = VecDeque::new();
        self.run(&statement, params, Some(&mut rows))?;
        let first = rows.pop_front();
        if !rows.is_empty() {
            return Err(Error::of(codes::TOO_MANY_ROWS, "query returned more than one row"));
        }
        Ok(first)
    }

    /// Runs a statement and hands its rows out one after the other: memory does not grow with the result.
    ///
    /// ```
    /// # fn main() -> pglitedb::Result<()> {
    /// # let mut connection = pglitedb::Database::in_memory()?.connect()?;
    /// let mut sum = 0;
    /// for row in connection.query_raw("SELECT generate_series(1, $1)", &[&100_000])? {
    ///     sum += i64::from(row?.get::<_, i32>(0));
    /// }
    /// assert_eq!(sum, 5_000_050_000);
    /// # Ok(())
    /// # }
    /// ```
    pub fn query_raw<S: ToStatement + ?Sized>(
        &mut self,
        statement: &S,
        params: &[&dyn ToSql],
    ) -> Result<Rows<'_>> {
        let statement = statement.statement(self)?;
        Rows::start(self, statement, params)
    }

    /// Runs a string of statements, separated by semicolons, and drops their rows. Outside of a transaction they are one
    /// together.
    pub fn batch_execute(&mut self, sql: &str) -> Result<()> {
        self.begin_request()?;
        let mut known = None;
        let mut sink = RowSink::new(None, &mut known, &mut self.notices);
        let result = self.session.simple_query(sql, &mut sink).and_then(|progress| self.complete(progress));
        self.end_request(result)
    }

    /// What is called in vain when nothing is ever full.
    pub(crate) fn complete(&mut self, progress: Progress) -> EngineResult<()> {
        match progress {
            Progress::Complete | Progress::OutputFull => Ok(()),
            Progress::CopyIn => Err(self.session.copy_fail("this call has no data")),
        }
    }

    /// Runs a prepared statement.
    fn run(
        &mut self,
        statement: &Statement,
        params: &[&dyn ToSql],
        rows: Option<&mut VecDeque<Row>>,
    ) -> Result<u64> {
        self.begin_request()?;
        let mut known = statement.0.known.lock();
        let mut sink = RowSink::new(rows, &mut known, &mut self.notices);
        let result = bind(&mut self.session, statement, params, &mut sink)
            .and_then(|()| self.session.execute("", 0, &mut sink));
        let result = match result {
            Ok(Progress::Complete | Progress::OutputFull) => Ok(()),
            Ok(Progress::CopyIn) => Err(self.session.copy_fail("this call has no data")),
            Err(error) => Err(error),
        };
        let processed = sink.processed;
        let synced = self.session.sync(&mut sink);
        drop(known);
        self.end_request(result.and(synced).map(|()| processed))
    }

    /// Ends what the session did for a request.
    pub(crate) fn settle<T>(&mut self, result: EngineResult<T>) -> EngineResult<T> {
        let mut known = None;
        let mut sink = RowSink::new(None, &mut known, &mut self.notices);
        let synced = self.session.sync(&mut sink);
        result.and_then(|value| synced.map(|()| value))
    }
}

/// Makes the unnamed portal.
#[inline]
pub(crate) fn bind(
    session: &mut Session,
    statement: &Statement,
    params: &[&dyn ToSql],
    sink: &mut RowSink<'_>,
) -> EngineResult<()> {
    let types = &statement.0.params;
    let mut decode = |at: usize, oid: Oid, env: &Env| -> EngineResult<Datum> {
        let (Some(param), Some(ty)) = (params.get(at), types.get(at)) else {
            return Err(EngineError::internal("no such parameter"));
        };
        let value = param.to_sql(ty).map_err(|error| for_parameter(error, at))?;
        value.fit(oid, env)
    };
    session.bind_handle("", &statement.0.handle, params.len(), &mut decode, sink)
}

#[cold]
fn for_parameter(error: Error, at: usize) -> EngineError {
    error.into_inner().context(format!("parameter ${}", at + 1))
}
