//! What a running transaction consists of.

use super::constraints::ConstraintModes;
use crate::settings::SettingsMark;
use pglitedb_executor::DeferredCheck;
use pglitedb_sql_parser::ast::IsolationLevel;
use pglitedb_storage::SavepointId;
use pglitedb_types::Oid;

/// Where the session stands with regard to transaction blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum BlockState {
    /// No block; a statement runs in a transaction of its own.
    #[default]
    Idle,
    /// Several statements of one simple query, or of one pipeline, share a transaction that ends with them.
    Implicit,
    /// After BEGIN.
    Active,
    /// After BEGIN and an error.
    Failed,
}

/// A savepoint the user made.
pub(crate) struct Savepoint {
    pub name: Box<str>,
    pub id: SavepointId,
    pub settings: SettingsMark,
    pub read_only: bool,
    pub deferred: usize,
    pub notifications: usize,
    pub listen_changes: usize,
    pub role: (Oid, Oid, bool),
}

/// A LISTEN or UNLISTEN that takes effect at commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ListenChange {
    Listen(Box<str>),
    Unlisten(Box<str>),
    UnlistenAll,
}

/// The state of a session's transaction, or of its being in none.
pub(crate) struct Transaction {
    pub block: BlockState,
    /// Does a storage transaction run?
    pub running: bool,
    /// Start, microseconds since 2000-01-01 UTC.
    pub started: i64,
    pub isolation: IsolationLevel,
    pub read_only: bool,
    pub deferrable: bool,
    /// A statement has taken a snapshot: the isolation level is fixed.
    pub has_snapshot: bool,
    pub savepoints: Vec<Savepoint>,
    pub deferred: Vec<DeferredCheck>,
    pub constraints: ConstraintModes,
    pub notifications: Vec<(Box<str>, Box<str>)>,
    pub listen_changes: Vec<ListenChange>,
    /// COMMIT AND CHAIN: begin another one with the same properties.
    pub last_properties: (IsolationLevel, bool, bool),
}

impl Default for Transaction {
    fn default() -> Self {
        Transaction {
            block: BlockState::Idle,
            running: false,
            started: 0,
            isolation: IsolationLevel::ReadCommitted,
            read_only: false,
            deferrable: false,
            has_snapshot: false,
            savepoints: Vec::new(),
            deferred: Vec::new(),
            constraints: ConstraintModes::default(),
            notifications: Vec::new(),
            listen_changes: Vec::new(),
            last_properties: (IsolationLevel::ReadCommitted, false, false),
        }
    }
}

impl Transaction {
    /// After BEGIN, or in an implicit block: commands that must not run in a block are refused.
    pub(crate) fn in_block(&self) -> bool {
        self.block != BlockState::Idle
    }

    /// After BEGIN (or with a savepoint in an implicit block).
    pub(crate) fn in_explicit_block(&self) -> bool {
        matches!(self.block, BlockState::Active | BlockState::Failed)
    }
}
