//! The input and output settings, which are handed out by reference and may change while a statement runs.

use pglitedb_types::FormatSettings;
use std::sync::OnceLock;

/// Settings and those that replaced them since the statement began. A chain, because references to older ones may be
/// in use; it is cut between statements.
#[derive(Default)]
pub(crate) struct FormatChain(Link);

#[derive(Default)]
struct Link {
    settings: FormatSettings,
    newer: OnceLock<Box<Link>>,
}

impl FormatChain {
    /// The newest settings.
    #[inline]
    pub(crate) fn get(&self) -> &FormatSettings {
        let mut link = &self.0;
        while let Some(newer) = link.newer.get() {
            link = newer;
        }
        &link.settings
    }

    /// Replaces the settings.
    pub(crate) fn push(&self, settings: FormatSettings) {
        let mut new = Box::new(Link { settings, newer: OnceLock::new() });
        let mut link = &self.0;
        loop {
            match link.newer.set(new) {
                Ok(()) => return,
                Err(back) => new = back,
            }
            match link.newer.get() {
                Some(newer) => link = newer,
                None => return,
            }
        }
    }

    /// Forgets all but the newest settings.
    #[inline]
    pub(crate) fn cut(&mut self) {
        if self.0.newer.get().is_some() {
            let settings = self.get().clone();
            self.0 = Link { settings, newer: OnceLock::new() };
        }
    }
}
