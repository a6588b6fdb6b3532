//! Statements of simple queries by text, so that repeated ones are neither parsed nor planned again.

use super::Prepared;
use super::normal::NormalTexts;
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
}

impl TextCache {
    #[inline]
    pub(crate) fn get(&self, sql: &str) -> Option<Arc<QueryText>> {
        self.texts.get(sql).cloned()
    }

    /// Keeps a text that has come before.
    pub(crate) fn offer(&mut self, source: &Arc<str>, text: &Arc<QueryText>) {
        if source.len() > LENGTH_MAX {
            return;
        }
        let hash = hash_of(source);
        if self.seen.remove(&hash).is_none() {
            if self.seen.len() >= 4 * TEXTS_MAX {
                self.seen.clear();
            }
            self.seen.insert(hash, ());
            return;
        }
        if self.texts.len() >= TEXTS_MAX {
            self.texts.clear();
        }
        self.texts.insert(source.clone(), text.clone());
    }

    pub(crate) fn clear(&mut self) {
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
