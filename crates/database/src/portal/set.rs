//! A session's portals, and what the end of a transaction means for them.

use super::{Portal, PortalState};
use crate::env::Env;
use pglitedb_sqlstate::{Result, err};
use pglitedb_tables::RowId;
use pglitedb_types::Oid;
use rustc_hash::FxHashMap;

/// A session's portals by name. Those that are running are taken out.
#[derive(Default)]
pub(crate) struct Portals {
    unnamed: Option<Box<Portal>>,
    named: FxHashMap<Box<str>, Box<Portal>>,
}

impl Portals {
    #[inline]
    pub(crate) fn take(&mut self, name: &str) -> Option<Box<Portal>> {
        if name.is_empty() { self.unnamed.take() } else { self.named.remove(name) }
    }

    #[inline]
    pub(crate) fn get(&self, name: &str) -> Option<&Portal> {
        if name.is_empty() { self.unnamed.as_deref() } else { self.named.get(name).map(|portal| &**portal) }
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    #[inline]
    pub(crate) fn put(&mut self, portal: Box<Portal>) {
        if portal.name.is_empty() {
            self.unnamed = Some(portal);
        } else {
            self.named.insert(portal.name.clone(), portal);
        }
    }

    /// Named cursors of SQL, by name.
    pub(crate) fn cursors(&self) -> Vec<&Portal> {
        let mut all: Vec<&Portal> = self.named.values().map(|portal| &**portal).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// CLOSE ALL.
    pub(crate) fn close_all(&mut self) {
        self.unnamed = None;
        self.named.clear();
    }

    /// The row a cursor stands on, for `WHERE CURRENT OF`.
    pub(crate) fn current_row(
        &self,
        cursor: &str,
        table: Oid,
        table_name: &dyn Fn() -> String,
    ) -> Result<Option<RowId>> {
        match self.named.get(cursor) {
            None => Err(err!(UNDEFINED_CURSOR, "cursor \"{cursor}\" does not exist")),
            Some(portal) => portal.current_row(table, table_name),
        }
    }

    /// Portals of a transaction end with it; held ones stay.
    pub(crate) fn transaction_ended(&mut self, committed: bool) {
        self.unnamed = None;
        if !self.named.is_empty() {
            self.named.retain(|_, portal| portal.held || (committed && portal.keep_at_commit()));
            for portal in self.named.values_mut() {
                portal.held = true;
                portal.depth = 0;
            }
        }
    }

    /// The block failed: what was running cannot go on.
    pub(crate) fn transaction_failed(&mut self) {
        self.unnamed = None;
        for portal in self.named.values_mut().filter(|portal| !portal.held) {
            portal.failed = true;
        }
    }

    /// A new savepoint: nothing to do, portals remember the depth at which they were made.
    pub(crate) fn savepoint(&mut self, _depth: usize) {}

    /// A savepoint was released: its portals belong to what surrounds it.
    pub(crate) fn release(&mut self, depth: usize) {
        for portal in self.named.values_mut() {
            portal.depth = portal.depth.min(depth);
        }
    }

    /// Rolled back to the savepoint at `depth`: portals made since are gone.
    pub(crate) fn rolled_back_to(&mut self, depth: usize) {
        self.named.retain(|_, portal| portal.held || portal.depth <= depth);
        for portal in self.named.values_mut() {
            portal.failed = false;
        }
    }
}

impl Portal {
    fn keep_at_commit(&self) -> bool {
        self.cursor.is_some_and(|options| options.hold)
            && matches!(self.state, PortalState::Rows { .. } | PortalState::Done)
    }
}

impl Env {
    /// A name for a cursor that was given none.
    pub(crate) fn unused_portal_name(&self) -> std::sync::Arc<str> {
        loop {
            let number = self.portal_number.get() + 1;
            self.portal_number.set(number);
            let name = format!("<unnamed portal {number}>");
            if !self.portals.borrow().contains(&name) {
                return name.into();
            }
        }
    }

    /// At commit: the rows of cursors WITH HOLD are read to the end and kept.
    pub(crate) fn hold_cursors(&self) -> Result<()> {
        let names: Vec<Box<str>> = {
            let portals = self.portals.borrow();
            if portals.named.is_empty() {
                return Ok(());
            }
            let holdable =
                |portal: &Portal| !portal.held && portal.cursor.is_some_and(|options| options.hold);
            portals
                .named
                .values()
                .filter(|portal| holdable(portal))
                .map(|portal| portal.name.clone())
                .collect()
        };
        for name in names {
            let Some(mut portal) = self.portals.borrow_mut().take(&name) else { continue };
            let result = if portal.failed { Ok(()) } else { portal.materialize(self) };
            let failed = portal.failed;
            if !failed {
                self.portals.borrow_mut().put(portal);
            }
            result?;
        }
        Ok(())
    }
}
