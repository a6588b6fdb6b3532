//! Connections for many threads.

use crate::connection::Connection;
use crate::database::Database;
use crate::error::{Error, Result};
use parking_lot::{Condvar, Mutex};
use pglitedb_sqlstate::codes;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How a [`Pool`] keeps its connections.
///
/// ```
/// use pglitedb::{Database, Pool, PoolConfig};
/// use std::time::Duration;
///
/// # fn main() -> pglitedb::Result<()> {
/// # let database = Database::in_memory()?;
/// let config = PoolConfig::default().max_size(8).acquire_timeout(Duration::from_secs(1));
/// let pool = Pool::with_config(&database, config)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct PoolConfig {
    max_size: usize,
    min_idle: usize,
    max_lifetime: Option<Duration>,
    idle_timeout: Option<Duration>,
    acquire_timeout: Duration,
    user: String,
    database: String,
}

impl Default for PoolConfig {
    /// At most four connections per processor (16 at least), none kept idle for longer than 10 minutes, none older than 30
    /// minutes, 30 seconds of waiting for one.
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        PoolConfig {
            max_size: (4 * processors).max(16),
            min_idle: 0,
            max_lifetime: Some(Duration::from_secs(30 * 60)),
            idle_timeout: Some(Duration::from_secs(10 * 60)),
            acquire_timeout: Duration::from_secs(30),
            user: "postgres".to_owned(),
            database: "postgres".to_owned(),
        }
    }
}

impl PoolConfig {
    /// The most connections that there are at a time, at least 1.
    pub fn max_size(mut self, connections: usize) -> Self {
        self.max_size = connections.max(1);
        self
    }

    /// How many idle connections are opened at once and kept whatever their age (up to `max_size`).
    pub fn min_idle(mut self, connections: usize) -> Self {
        self.min_idle = connections;
        self
    }

    /// Older connections are replaced when they are returned; `None`: never.
    pub fn max_lifetime(mut self, lifetime: Option<Duration>) -> Self {
        self.max_lifetime = lifetime;
        self
    }

    /// Connections that were not used for so long are closed; `None`: never.
    pub fn idle_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// How long [`Pool::get`] waits for a connection.
    pub fn acquire_timeout(mut self, timeout: Duration) -> Self {
        self.acquire_timeout = timeout;
        self
    }

    /// User and database to connect to.
    pub fn connect_as(mut self, user: impl Into<String>, database: impl Into<String>) -> Self {
        self.user = user.into();
        self.database = database.into();
        self
    }
}

/// A connection with its age.
struct Member {
    connection: Connection,
    created: Instant,
    used: Instant,
}

#[derive(Default)]
struct State {
    /// The one that was used last at the end.
    idle: Vec<Member>,
    /// Idle ones, those in use, and those being opened.
    total: usize,
    waiting: usize,
}

struct Shared {
    database: Database,
    config: PoolConfig,
    state: Mutex<State>,
    returned: Condvar,
}

/// A pool of connections. Clones share it, in any number of threads.
///
/// It opens connections as they are needed, up to a limit, and closes those that are idle for long. What a borrower leaves
/// behind (an open transaction, settings, temporary tables, locks) is gone when the next one gets the connection; prepared
/// statements stay. Connections that broke are not given out again.
///
/// ```
/// use pglitedb::{Database, Pool};
///
/// # fn main() -> pglitedb::Result<()> {
/// let pool = Pool::new(&Database::in_memory()?)?;
/// pool.get()?.batch_execute("CREATE TABLE hit (thread int)")?;
/// std::thread::scope(|scope| {
///     for thread in 0..4 {
///         let pool = pool.clone();
///         scope.spawn(move || pool.get()?.execute("INSERT INTO hit VALUES ($1)", &[&thread]));
///     }
/// });
/// let hits: i64 = pool.get()?.query_one("SELECT count(*) FROM hit", &[])?.get(0);
/// assert_eq!(hits, 4);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Pool(Arc<Shared>);

const fn assert_shared<T: Clone + Send + Sync>() {}
const _: () = assert_shared::<Pool>();

/// How many connections a [`Pool`] has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStatus {
    /// All.
    pub connections: usize,
    /// Those that nobody uses.
    pub idle: usize,
    /// Threads that wait for one.
    pub waiting: usize,
}

impl Pool {
    /// A pool with the default settings.
    pub fn new(database: &Database) -> Result<Pool> {
        Self::with_config(database, PoolConfig::default())
    }

    /// A pool with settings. Opens [`min_idle`](PoolConfig::min_idle) connections.
    pub fn with_config(database: &Database, config: PoolConfig) -> Result<Pool> {
        let pool = Pool(Arc::new(Shared {
            database: database.clone(),
            config,
            state: Mutex::default(),
            returned: Condvar::new(),
        }));
        for _ in 0..pool.0.config.min_idle.min(pool.0.config.max_size) {
            let member = pool.0.open()?;
            let mut state = pool.0.state.lock();
            state.total += 1;
            state.idle.push(member);
        }
        Ok(pool)
    }

    /// A connection; waits for one if all are in use, and fails (53300) when that takes too long.
    pub fn get(&self) -> Result<PooledConnection> {
        let deadline = Instant::now().checked_add(self.0.config.acquire_timeout);
        let mut state = self.0.state.lock();
        loop {
            self.0.close_old(&mut state);
            if let Some(member) = state.idle.pop() {
                return Ok(self.lend(member));
            }
            if state.total < self.0.config.max_size {
                state.total += 1;
                drop(state);
                return match self.0.open() {
                    Ok(member) => Ok(self.lend(member)),
                    Err(error) => {
                        self.0.lost();
                        Err(error)
                    }
                };
            }
            state.waiting += 1;
            let timed_out = match deadline {
                Some(deadline) => self.0.returned.wait_until(&mut state, deadline).timed_out(),
                None => {
                    self.0.returned.wait(&mut state);
                    false
                }
            };
            state.waiting -= 1;
            if timed_out && state.idle.is_empty() && state.total >= self.0.config.max_size {
                return Err(Error::of(
                    codes::TOO_MANY_CONNECTIONS,
                    format!("timed out waiting for one of the pool's {} connections", self.0.config.max_size),
                ));
            }
        }
    }

    /// A connection if there is one without waiting.
    pub fn try_get(&self) -> Result<Option<PooledConnection>> {
        let mut state = self.0.state.lock();
        self.0.close_old(&mut state);
        if let Some(member) = state.idle.pop() {
            return Ok(Some(self.lend(member)));
        }
        if state.total >= self.0.config.max_size {
            return Ok(None);
        }
        state.total += 1;
        drop(state);
        match self.0.open() {
            Ok(member) => Ok(Some(self.lend(member))),
            Err(error) => {
                self.0.lost();
                Err(error)
            }
        }
    }

    fn lend(&self, member: Member) -> PooledConnection {
        PooledConnection { member: Some(member), pool: self.0.clone() }
    }

    /// How many connections there are.
    pub fn status(&self) -> PoolStatus {
        let state = self.0.state.lock();
        PoolStatus { connections: state.total, idle: state.idle.len(), waiting: state.waiting }
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.0.database
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.status().fmt(f)
    }
}

impl Shared {
    fn open(&self) -> Result<Member> {
        let connection = self.database.connect_as(&self.config.user, &self.config.database)?;
        let now = Instant::now();
        Ok(Member { connection, created: now, used: now })
    }

    /// A connection is gone: there is room for another one.
    fn lost(&self) {
        self.state.lock().total -= 1;
        self.returned.notify_one();
    }

    /// Closes what was idle for too long. The one that waits longest is the first.
    fn close_old(&self, state: &mut State) {
        let Some(limit) = self.config.idle_timeout else { return };
        let Some(first) = state.idle.first() else { return };
        if first.used.elapsed() < limit || state.idle.len() <= self.config.min_idle {
            return;
        }
        let surplus = state.idle.len() - self.config.min_idle;
        let old = state.idle.iter().take(surplus).take_while(|member| member.used.elapsed() >= limit).count();
        state.idle.drain(..old);
        state.total -= old;
    }

    /// Takes a connection back, as new.
    fn take_back(&self, mut member: Member) {
        let worn = self.config.max_lifetime.is_some_and(|limit| member.created.elapsed() >= limit);
        if worn || member.connection.is_closed() || member.connection.reset().is_err() {
            drop(member);
            self.lost();
            return;
        }
        let mut state = self.state.lock();
        member.used = Instant::now();
        state.idle.push(member);
        let waiting = state.waiting > 0;
        self.close_old(&mut state);
        drop(state);
        if waiting {
            self.returned.notify_one();
        }
    }
}

/// A connection of a [`Pool`], which gets it back when this is dropped.
pub struct PooledConnection {
    member: Option<Member>,
    pool: Arc<Shared>,
}

impl PooledConnection {
    /// Takes the connection out of the pool for good.
    pub fn detach(mut self) -> Connection {
        match self.member.take() {
            Some(member) => {
                self.pool.lost();
                member.connection
            }
            None => unreachable!("only detaching and dropping take it"),
        }
    }
}

impl Deref for PooledConnection {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match &self.member {
            Some(member) => &member.connection,
            None => unreachable!("only detaching and dropping take it"),
        }
    }
}

impl DerefMut for PooledConnection {
    fn deref_mut(&mut self) -> &mut Connection {
        match &mut self.member {
            Some(member) => &mut member.connection,
            None => unreachable!("only detaching and dropping take it"),
        }
    }
}

impl Drop for PooledConnection {
    fn drop(&mut self) {
        if let Some(member) = self.member.take() {
            self.pool.take_back(member);
        }
    }
}

impl std::fmt::Debug for PooledConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("PooledConnection").field(&**self).finish()
    }
}
