//! The values of a session's settings, and how they are undone.

use super::definition::{Definition, definition};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Where a value comes from (`pg_settings.source`), weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// `default`
    Default,
    /// `configuration file`
    File,
    /// `database`
    Database,
    /// `user`
    User,
    /// `database user`
    DatabaseUser,
    /// `client`
    Client,
    /// `session`
    Session,
}

impl Source {
    /// PostgreSQL's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Source::Default => "default",
            Source::File => "configuration file",
            Source::Database => "database",
            Source::User => "user",
            Source::DatabaseUser => "database user",
            Source::Client => "client",
            Source::Session => "session",
        }
    }
}

/// A value with where it comes from and what `RESET` goes back to.
#[derive(Clone, Debug)]
struct Slot {
    value: Arc<str>,
    source: Source,
    reset: Arc<str>,
    reset_source: Source,
}

/// A change within a transaction.
#[derive(Clone, Debug)]
struct Change {
    key: Box<str>,
    /// Value and source before; `None`: the setting had no slot (a custom one did not exist).
    old: Option<(Arc<str>, Source)>,
    new: (Arc<str>, Source),
    local: bool,
}

/// How far the journal had come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SettingsMark(usize);

/// The session's values. Settings without an entry have their default.
#[derive(Debug, Default)]
pub struct Settings {
    slots: FxHashMap<Box<str>, Slot>,
    journal: Vec<Change>,
    /// Grows with every change.
    version: u64,
}

/// How a setting's name is looked up.
pub(crate) fn key_of(name: &str) -> Box<str> {
    name.to_ascii_lowercase().into_boxed_str()
}

impl Settings {
    /// A number that differs whenever a value does: for those who keep what they made of values.
    #[inline]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The value of a setting; of a custom one `None` if it was never set.
    pub fn get(&self, name: &str) -> Option<Arc<str>> {
        let key = key_of(name);
        match self.slots.get(&key) {
            Some(slot) => Some(slot.value.clone()),
            None => definition(&key).map(|definition| Arc::from(definition.default)),
        }
    }

    /// Value that `RESET` goes back to, and its source.
    pub fn reset_value(&self, name: &str) -> Option<(Arc<str>, Source)> {
        let key = key_of(name);
        match self.slots.get(&key) {
            Some(slot) => Some((slot.reset.clone(), slot.reset_source)),
            None => definition(&key).map(|definition| (Arc::from(definition.default), Source::Default)),
        }
    }

    /// Where the value comes from.
    pub fn source(&self, name: &str) -> Source {
        self.slots.get(&key_of(name)).map_or(Source::Default, |slot| slot.source)
    }

    /// Sets what the session begins with, which `RESET` goes back to.
    pub fn set_initial(&mut self, name: &str, value: &str, source: Source) {
        let value: Arc<str> = Arc::from(value);
        let slot = Slot { value: value.clone(), source, reset: value, reset_source: source };
        self.version += 1;
        self.slots.insert(key_of(name), slot);
    }

    /// Sets a value within the transaction.
    pub fn set(&mut self, name: &str, value: &str, source: Source, local: bool) {
        let key = key_of(name);
        let old = self.slots.get(&key).map(|slot| (slot.value.clone(), slot.source));
        let new: (Arc<str>, Source) = (Arc::from(value), source);
        self.put(&key, Some(&new));
        self.journal.push(Change { key, old, new, local });
    }

    /// Names (in lower case) of the settings that have been given a value.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.slots.keys().map(|key| &**key)
    }

    /// Names of custom settings (those with a dot), sorted.
    pub fn custom_names(&self) -> Vec<Box<str>> {
        let mut names: Vec<Box<str>> = self.slots.keys().filter(|key| key.contains('.')).cloned().collect();
        names.sort();
        names
    }

    /// Names of settings whose value is not the one `RESET` goes back to.
    pub fn changed_names(&self) -> Vec<Box<str>> {
        let changed = |slot: &Slot| slot.value != slot.reset || slot.source != slot.reset_source;
        let mut names: Vec<Box<str>> =
            self.slots.iter().filter(|(_, slot)| changed(slot)).map(|(key, _)| key.clone()).collect();
        names.sort();
        names
    }

    /// Where the journal stands (SAVEPOINT).
    pub fn mark(&self) -> SettingsMark {
        SettingsMark(self.journal.len())
    }

    /// Undoes what was set since a mark; returns the names concerned.
    pub fn rollback_to(&mut self, mark: SettingsMark) -> Vec<Box<str>> {
        let mut touched = Vec::new();
        while self.journal.len() > mark.0 {
            let Some(change) = self.journal.pop() else { break };
            self.put(&change.key, change.old.as_ref());
            touched.push(change.key);
        }
        touched.sort();
        touched.dedup();
        touched
    }

    /// Ends the transaction: what was set `LOCAL` is undone, the rest stays. Returns the names whose value changes.
    pub fn commit(&mut self) -> Vec<Box<str>> {
        if self.journal.iter().all(|change| !change.local) {
            self.journal.clear();
            return Vec::new();
        }
        let mut last: FxHashMap<Box<str>, Option<(Arc<str>, Source)>> = FxHashMap::default();
        for change in self.journal.drain(..) {
            let final_value = last.entry(change.key).or_insert(change.old);
            if !change.local {
                *final_value = Some(change.new);
            }
        }
        let mut touched = Vec::new();
        for (key, value) in last {
            self.put(&key, value.as_ref());
            touched.push(key);
        }
        touched.sort();
        touched
    }

    /// Ends a scope within the transaction (a routine with SET clauses) that began at a mark: what was set `LOCAL` since
    /// is undone, the rest stays. Returns the names whose value changes.
    pub fn end_scope(&mut self, mark: SettingsMark) -> Vec<Box<str>> {
        let mut kept: Vec<Change> = Vec::new();
        let mut touched = Vec::new();
        for change in self.journal.split_off(mark.0.min(self.journal.len())) {
            touched.push(change.key.clone());
            match kept.iter_mut().find(|known| known.key == change.key) {
                Some(known) if !change.local => (known.new, known.local) = (change.new, false),
                Some(_) => {}
                None => kept.push(change),
            }
        }
        for change in kept {
            if change.local {
                self.put(&change.key, change.old.as_ref());
            } else {
                self.put(&change.key, Some(&change.new));
                self.journal.push(change);
            }
        }
        touched.sort();
        touched.dedup();
        touched
    }

    fn put(&mut self, key: &str, value: Option<&(Arc<str>, Source)>) {
        self.version += 1;
        let Some((value, source)) = value else {
            self.slots.remove(key);
            return;
        };
        match self.slots.get_mut(key) {
            Some(slot) => (slot.value, slot.source) = (value.clone(), *source),
            None => {
                let reset: Arc<str> =
                    Arc::from(definition(key).map_or("", |Definition { default, .. }| default));
                let slot =
                    Slot { value: value.clone(), source: *source, reset, reset_source: Source::Default };
                self.slots.insert(key.into(), slot);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_values_end_with_the_transaction() {
        let mut settings = Settings::default();
        settings.set("work_mem", "100", Source::Session, false);
        settings.set("work_mem", "200", Source::Session, true);
        assert_eq!(settings.get("WORK_MEM").as_deref(), Some("200"));
        let before = settings.version();
        settings.commit();
        assert_ne!(settings.version(), before);
        assert_eq!(settings.get("work_mem").as_deref(), Some("100"));
        settings.set("work_mem", "300", Source::Session, true);
        settings.commit();
        assert_eq!(settings.get("work_mem").as_deref(), Some("100"));
    }

    #[test]
    fn rollback_undoes_to_the_mark() {
        let mut settings = Settings::default();
        settings.set("my.own", "a", Source::Session, false);
        let mark = settings.mark();
        settings.set("my.own", "b", Source::Session, false);
        settings.rollback_to(mark);
        assert_eq!(settings.get("my.own").as_deref(), Some("a"));
        settings.rollback_to(SettingsMark::default());
        assert_eq!(settings.get("my.own"), None);
    }
}
