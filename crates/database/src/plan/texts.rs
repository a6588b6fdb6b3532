//! Statements by text, so that repeated ones are neither parsed nor planned again.

use super::normal::NormalTexts;
use super::prepared::PlanState;
use super::{PlanKey, Prepared};
use pglitedb_types::Oid;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A parsed string of statements.
pub(crate) struct QueryText {
    pub statements: Vec<Arc<Prepared>>,
}

/// Texts kept, at most.
const TEXTS_MAX: usize = 512;
/// Longer ones are not worth keeping.
const LENGTH_MAX: usize = 4096;

/// A session's texts.
#[derive(Default)]
pub(crate) struct TextCache {
    texts: FxHashMap<Arc<str>, Arc<QueryText>>,
    /// Seen once: only what comes again is kept.
    seen: FxHashMap<u64, ()>,
    /// Texts without their integers.
    pub normal: NormalTexts,
    /// Statements of Parse messages without a name, with the parameter types that the client gave.
    parsed: FxHashMap<Box<str>, (Box<[Oid]>, Arc<Prepared>)>,
}

impl TextCache {
    #[inline]
    pub(crate) fn get(&self, sql: &str) -> Option<Arc<QueryText>> {
        self.texts.get(sql).cloned()
    }

    /// Keeps a text that has come before.
    pub(crate) fn offer(&mut self, source: &Arc<str>, text: &Arc<QueryText>) {
        if !self.comes_again(source) {
            return;
        }
        if self.texts.len() >= TEXTS_MAX {
            self.texts.clear();
        }
        self.texts.insert(source.clone(), text.clone());
    }

    /// Whether a text is worth keeping: it is not too long, and has come before.
    fn comes_again(&mut self, text: &str) -> bool {
        if text.len() > LENGTH_MAX {
            return false;
        }
        let hash = hash_of(text);
        let again = self.seen.remove(&hash).is_some();
        if !again {
            if self.seen.len() >= 4 * TEXTS_MAX {
                self.seen.clear();
            }
            self.seen.insert(hash, ());
        }
        again
    }

    /// The statement of an earlier Parse message with this text and these types, if what is known of it still holds.
    pub(crate) fn parsed(&self, sql: &str, types: &[Oid], key: PlanKey) -> Option<Arc<Prepared>> {
        let (given, prepared) = self.parsed.get(sql)?;
        let holds = **given == *types
            && match &*prepared.plan.lock() {
                PlanState::Planned(plan) => plan.key == key,
                PlanState::Analyzed(known, _) => *known == key,
                PlanState::None => false,
            };
        holds.then(|| prepared.clone())
    }

    /// Keeps the statement of a Parse message whose text has come before.
    pub(crate) fn offer_parsed(&mut self, types: &[Oid], prepared: &Arc<Prepared>) {
        if !self.comes_again(&prepared.source) {
            return;
        }
        if self.parsed.len() >= TEXTS_MAX {
            self.parsed.clear();
        }
        self.parsed.insert((&*prepared.source).into(), (types.into(), prepared.clone()));
    }

    pub(crate) fn clear(&mut self) {
        self.parsed.clear();
        self.texts.clear();
        self.seen.clear();
        self.normal.clear();
    }
}

fn hash_of(text: &str) -> u64 {
    use std::hash::{Hash, Hasher};
    let mut hasher = rustc_hash::FxHasher::default();
    text.hash(&mut hasher);
    hasher.finish()
}
