//! All sessions of a cluster: numbers, cancellation from outside, notifications.

use crate::env::SessionHost;
use parking_lot::Mutex;
use pglitedb_storage::{CancelReason, CancelToken};
use pglitedb_types::Oid;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// What others may know of a session (`pg_stat_activity`).
#[derive(Clone)]
pub struct SessionInfo {
    /// `pg_backend_pid()`
    pub pid: u32,
    /// Database.
    pub database: Oid,
    /// Database name.
    pub database_name: Arc<str>,
    /// Session user.
    pub user: Oid,
    /// Session user's name.
    pub user_name: Arc<str>,
    /// Address and port of the client.
    pub client: Option<std::net::SocketAddr>,
    /// Address and port of the server.
    pub server: Option<std::net::SocketAddr>,
    /// `SYSTEM_USER`
    pub system_user: Option<Arc<str>>,
    /// Start of the session.
    pub started: i64,
    /// What changes.
    pub activity: Arc<Mutex<Activity>>,
    pub(crate) cancel: CancelToken,
    pub(crate) mailbox: Arc<super::listen::Mailbox>,
}

/// What a session is doing.
#[derive(Clone, Debug, Default)]
pub struct Activity {
    /// `application_name`
    pub application_name: Arc<str>,
    /// The last statement.
    pub query: Arc<str>,
    /// Start of the last statement.
    pub query_start: i64,
    /// Start of the transaction, if one is running.
    pub transaction_start: Option<i64>,
    /// `active`, `idle`, `idle in transaction`, ...
    pub state: &'static str,
    /// When the state last changed.
    pub state_change: i64,
}

/// The sessions of a cluster.
pub(crate) struct SessionRegistry {
    next_pid: AtomicU32,
    next_cache: AtomicU64,
    pub(crate) sessions: Mutex<BTreeMap<u32, SessionInfo>>,
}

impl Default for SessionRegistry {
    fn default() -> Self {
        SessionRegistry {
            next_pid: AtomicU32::new(1),
            next_cache: AtomicU64::new(1),
            sessions: Mutex::default(),
        }
    }
}

impl SessionRegistry {
    /// A number for a transaction's own descriptors, never given twice.
    pub(crate) fn next_cache_number(&self) -> u64 {
        self.next_cache.fetch_add(1, Ordering::Relaxed)
    }

    /// A process number no living session has.
    pub(crate) fn next_pid(&self) -> u32 {
        let sessions = self.sessions.lock();
        loop {
            let pid = self.next_pid.fetch_add(1, Ordering::Relaxed) & 0x3fff_ffff;
            if pid != 0 && !sessions.contains_key(&pid) {
                return pid;
            }
        }
    }

    pub(crate) fn add(&self, info: SessionInfo) {
        self.sessions.lock().insert(info.pid, info);
    }

    pub(crate) fn remove(&self, pid: u32) {
        self.sessions.lock().remove(&pid);
    }

    /// All sessions, by process number.
    pub(crate) fn list(&self) -> Vec<SessionInfo> {
        self.sessions.lock().values().cloned().collect()
    }

    /// `pg_cancel_backend`, `pg_terminate_backend`: false if there is no such session.
    pub(crate) fn signal(&self, pid: u32, reason: CancelReason) -> bool {
        let found = self.sessions.lock().get(&pid).cloned();
        let Some(info) = found else { return false };
        info.cancel.cancel(reason);
        if reason == CancelReason::Terminate {
            info.mailbox.wake();
        }
        true
    }
}

impl SessionInfo {
    /// The host to wake, if it has one.
    #[allow(dead_code)]
    pub(crate) fn host(&self) -> Option<Arc<dyn SessionHost>> {
        self.mailbox.host.clone()
    }
}
