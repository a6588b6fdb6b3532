//! Enum labels that the running transaction has added, which it may not use itself.

use pglitedb_types::Oid;
use rustc_hash::FxHashSet;
use std::cell::{Cell, RefCell};

/// New enum types and new labels of older ones.
#[derive(Default)]
pub(crate) struct NewEnums {
    any: Cell<bool>,
    types: RefCell<FxHashSet<Oid>>,
    values: RefCell<FxHashSet<Oid>>,
}

impl NewEnums {
    /// The transaction has created an enum type: its labels may be used, whenever they are added.
    pub(crate) fn created(&self, type_oid: Oid) {
        self.any.set(true);
        self.types.borrow_mut().insert(type_oid);
    }

    /// The transaction has added a label.
    pub(crate) fn added(&self, type_oid: Oid, value: Oid) {
        if !self.types.borrow().contains(&type_oid) {
            self.any.set(true);
            self.values.borrow_mut().insert(value);
        }
    }

    /// May the transaction use a label?
    pub(crate) fn may_use(&self, value: Oid) -> bool {
        !self.any.get() || !self.values.borrow().contains(&value)
    }

    /// The transaction has ended.
    pub(crate) fn clear(&self) {
        if self.any.replace(false) {
            self.types.borrow_mut().clear();
            self.values.borrow_mut().clear();
        }
    }
}
