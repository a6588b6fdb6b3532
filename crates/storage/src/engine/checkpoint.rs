//! Checkpoints: what was committed goes into the base, and the log is cut.

use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::shared::Shared;
use crate::base::{BaseWriter, Meta, Pause};
use crate::error::{Error, Result};
use crate::lock::CancelToken;
use crate::types::{Key, Lsn, Timestamp};
use crate::version::VersionTable;

/// Keys that are looked at while a table is locked.
const STEP: usize = 512;
/// Writers wait when the log is so many times over the threshold.
const FULL: u64 = 3;
/// A checkpoint in the background pauses so many times longer than it writes.
const PAUSE: u32 = 3;
/// The longest of these pauses.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// How a checkpoint is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Haste {
    /// In the background: it leaves most of the disk to others, unless they fill the log faster than that.
    Background,
    /// Somebody waits for it.
    AtOnce,
    /// Nothing will be written afterwards.
    Last,
}

impl Shared {
    /// Writes everything committed into the base and cuts the log.
    pub(crate) fn checkpoint_now(self: &Arc<Self>, haste: Haste) -> Result<()> {
        let _running = self.checkpointing.lock();
        if let Some(reason) = self.poison_reason() {
            return Err(Error::Poisoned { reason });
        }
        let outcome = self.write_checkpoint(haste);
        if let Err(error) = &outcome {
            self.poison(error);
        }
        self.checkpoint.lock().finished += 1;
        self.checkpoint_done.notify_all();
        outcome
    }

    fn write_checkpoint(self: &Arc<Self>, haste: Haste) -> Result<()> {
        let before = self.registry.base();
        // Registered, so that the versions of this time stay until they are written.
        let (registration, meta, outcomes) = {
            let mut sequence = self.sequence.lock();
            let meta = Meta {
                lsn: sequence.log.end(),
                chain: sequence.log.chain(),
                timestamp: sequence.timestamp,
                next_xid: self.next_xid.load(Ordering::Relaxed),
            };
            (self.registry.register(0, false), meta, sequence.outcomes.take_dirty())
        };
        let marks = self.counter_marks(haste == Haste::Last);
        if meta.lsn == before.meta().lsn && marks.is_empty() && outcomes.is_empty() {
            self.thin_out();
            return Ok(());
        }
        self.base_file.reclaim()?;
        let writer = self.base_file.write(self.pause(haste, meta.lsn))?;
        writer.counters(&marks)?;
        writer.outcomes(&outcomes, Shared::first_kept_page(meta.next_xid))?;
        self.drop_tables(&writer, meta.timestamp)?;
        let mut entries = 0;
        for table in self.store.tables() {
            if table.dropped_at().is_none_or(|at| at > meta.timestamp) {
                entries += write_table(&writer, &table, before.timestamp(), meta.timestamp)?;
            }
        }
        writer.finish(&meta)?;
        let base = Arc::new(self.base_file.snapshot()?);
        self.registry.set_base(base);
        self.sequence.lock().outcomes.let_go(meta.next_xid);
        self.checkpoint_lsn.store(meta.lsn.0, Ordering::Release);
        drop((registration, before));
        self.counts.checkpoints.fetch_add(1, Ordering::Relaxed);
        self.counts.checkpoint_entries.fetch_add(entries, Ordering::Relaxed);
        self.thin_out();
        self.cut_log(meta.lsn)
    }

    /// What a checkpoint of the log up to `until` does after each chunk that it has written.
    fn pause(self: &Arc<Self>, haste: Haste, until: Lsn) -> Option<Pause> {
        let shared = Arc::downgrade(self);
        match haste {
            Haste::Last => None,
            Haste::AtOnce => Some(Arc::new(|_| {})),
            Haste::Background => Some(Arc::new(move |spent| {
                if let Some(shared) = shared.upgrade() {
                    shared.make_way(until, spent);
                }
            })),
        }
    }

    /// Pauses a checkpoint of the log up to `until`, if there is time for that, after `spent` was spent on writing.
    fn make_way(&self, until: Lsn, spent: Duration) {
        let since = self.last_lsn.load(Ordering::Relaxed).saturating_sub(until.0);
        if since > self.config.checkpoint_threshold / 2 {
            return;
        }
        let mut state = self.checkpoint.lock();
        if !state.stop {
            self.checkpoint_wanted.wait_for(&mut state, (spent * PAUSE).min(LONGEST_PAUSE));
        }
    }

    fn drop_tables(&self, writer: &BaseWriter, until: Timestamp) -> Result<()> {
        let dropped = self.dropped.lock().clone();
        for (storage, at) in dropped {
            if at <= until {
                writer.drop_table(storage)?;
                writer.drop_counters(storage)?;
            }
        }
        Ok(())
    }

    fn cut_log(&self, lsn: Lsn) -> Result<()> {
        match &self.writer {
            Some(writer) => writer.lock().cut(lsn),
            None => Ok(()),
        }
    }

    /// Drops the versions that no snapshot needs any more.
    pub(crate) fn thin_out(&self) {
        let horizon = self.horizon();
        self.dropped.lock().retain(|(storage, at)| {
            let needed = *at > horizon.oldest_base();
            if !needed {
                self.store.remove(*storage);
            }
            needed
        });
        for table in self.store.tables() {
            let mut from = Bound::Unbounded;
            loop {
                let (freed, end) = table.thin_out(&from, STEP, &horizon);
                self.store.add_bytes(-(freed as i64));
                match end {
                    Some(end) => from = Bound::Excluded(end),
                    None => break,
                }
            }
        }
    }

    /// Asks for a checkpoint if the log has grown long.
    pub(crate) fn maybe_checkpoint(&self, end: Lsn) {
        let since = end.0.saturating_sub(self.checkpoint_lsn.load(Ordering::Relaxed));
        if since < self.config.checkpoint_threshold || !self.config.background {
            return;
        }
        let mut state = self.checkpoint.lock();
        if !state.wanted {
            state.wanted = true;
            self.checkpoint_wanted.notify_one();
        }
    }

    /// Waits while far more is waiting for a checkpoint than should be. Called before a transaction's first write.
    pub(crate) fn wait_for_room(&self, cancel: &CancelToken) -> Result<()> {
        let full = self.config.checkpoint_threshold.saturating_mul(FULL);
        let is_full = || {
            let end = self.last_lsn.load(Ordering::Relaxed);
            end.saturating_sub(self.checkpoint_lsn.load(Ordering::Acquire)) > full
        };
        if !is_full() || !self.config.background {
            return Ok(());
        }
        self.locks.blocking(|| {
            while is_full() {
                self.check_writable()?;
                cancel.check()?;
                self.maybe_checkpoint(Lsn(self.last_lsn.load(Ordering::Relaxed)));
                let mut state = self.checkpoint.lock();
                self.checkpoint_done.wait_for(&mut state, Duration::from_millis(100));
            }
            Ok(())
        })
    }

    /// The checkpoint thread.
    pub(crate) fn run_checkpointer(self: Arc<Self>) {
        loop {
            {
                let mut state = self.checkpoint.lock();
                while !state.wanted && !state.stop {
                    self.checkpoint_wanted.wait(&mut state);
                }
                if state.stop {
                    return;
                }
                state.wanted = false;
            }
            if self.checkpoint_now(Haste::Background).is_err() {
                return; // The engine is poisoned; there is nothing left to do here.
            }
        }
    }
}

/// Writes what changed in a table between two commits.
fn write_table(writer: &BaseWriter, table: &VersionTable, after: Timestamp, until: Timestamp) -> Result<u64> {
    let mut from: Bound<Key> = Bound::Unbounded;
    let mut batch = Vec::with_capacity(STEP);
    let mut open = None;
    let mut entries = 0;
    loop {
        batch.clear();
        let end = table.changed(&from, STEP, after, until, &mut batch);
        if !batch.is_empty() {
            let target = match &mut open {
                Some(target) => target,
                None => open.insert(writer.table(table.id())?),
            };
            target.apply(&batch)?;
            entries += batch.len() as u64;
        }
        match end {
            Some(end) => from = Bound::Excluded(end),
            None => return Ok(entries),
        }
    }
}
