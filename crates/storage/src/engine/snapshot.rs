//! What a statement sees.

use std::sync::Arc;

use crate::base::BaseSnapshot;
use crate::types::{CommandId, Timestamp};
use crate::version::{Registration, Sight, TxnState};

/// The part of a snapshot that statements of a transaction can share.
pub(crate) struct View {
    registration: Registration,
    base: Arc<BaseSnapshot>,
}

impl View {
    pub(crate) fn new(registration: Registration, base: Arc<BaseSnapshot>) -> View {
        View { registration, base }
    }

    pub(crate) fn timestamp(&self) -> Timestamp {
        self.registration.timestamp()
    }

    pub(crate) fn base(&self) -> &Arc<BaseSnapshot> {
        &self.base
    }
}

/// What a statement sees: the state as of a commit, and what its own transaction wrote in earlier commands.
#[derive(Clone)]
pub struct Snapshot {
    view: Arc<View>,
    own: Option<Arc<TxnState>>,
    command: CommandId,
}

impl Snapshot {
    pub(crate) fn new(view: Arc<View>, own: Option<Arc<TxnState>>, command: CommandId) -> Snapshot {
        Snapshot { view, own, command }
    }

    /// The timestamp of the newest commit that is visible.
    pub fn timestamp(&self) -> Timestamp {
        self.view.timestamp()
    }

    /// The command whose own writes are not yet visible.
    pub fn command_id(&self) -> CommandId {
        self.command
    }

    /// The same snapshot as a later command of the transaction sees it: with what the commands before it wrote.
    pub(crate) fn at_command(&self, own: Option<Arc<TxnState>>, command: CommandId) -> Snapshot {
        Snapshot { view: Arc::clone(&self.view), own, command }
    }

    /// What it can see of versions.
    #[inline]
    pub(crate) fn sight(&self) -> Sight<'_> {
        let (at, base) = (self.view.timestamp(), self.view.base().timestamp());
        Sight { at, base, own: self.own.as_ref(), command: self.command }
    }

    pub(crate) fn base(&self) -> &Arc<BaseSnapshot> {
        self.view.base()
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot")
            .field("timestamp", &self.timestamp())
            .field("command", &self.command)
            .finish()
    }
}
