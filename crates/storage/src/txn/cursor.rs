//! Scans: the base and the versions, merged.

use std::cmp::Ordering;
use std::ops::Bound;
use std::sync::Arc;

use crate::base::{BaseScan, Entry};
use crate::engine::{ScanMark, SerializableTxn, Shared, Snapshot};
use crate::error::Result;
use crate::lock::LockOwner;
use crate::types::{Direction, Key, KeyRange, StorageId, Value};
use crate::version::{Version, VersionTable};

/// Keys taken from the versions at once: few at first, for scans that want few.
const FIRST_BATCH: usize = 16;
const LAST_BATCH: usize = 256;
/// SERIALIZABLE: what is taken counts as read, so take little.
const WATCHED_BATCH: usize = 8;

/// A scan of a serializable transaction, which notes how far it has come.
pub(super) struct Watch {
    pub(super) shared: Arc<Shared>,
    pub(super) txn: Arc<SerializableTxn>,
    pub(super) mark: ScanMark,
}

impl Watch {
    fn extend(&self, key: Option<&[u8]>) {
        self.shared.serializable.extend_scan(&self.txn, &self.mark, key);
    }
}

/// The side of the versions.
struct VersionSide {
    table: Option<Arc<VersionTable>>,
    range: KeyRange,
    direction: Direction,
    /// What was taken, the next one last.
    batch: Vec<(Key, Option<Value>)>,
    size: usize,
}

impl VersionSide {
    fn fill(&mut self, snapshot: &Snapshot, owner: &LockOwner, watch: Option<&Watch>) -> Result<()> {
        let sight = snapshot.sight();
        let mut writers = Vec::new();
        let mut sees = |chain: &[Version]| {
            if watch.is_some() {
                sight.passed_over(chain, &mut writers);
            }
            let version = sight.of(chain)?;
            owner.note_seen(version.txn.wait());
            Some(version.value.clone())
        };
        while self.batch.is_empty() {
            let Some(table) = &self.table else { break };
            match table.batch(&self.range, self.direction, self.size, &mut sees, &mut self.batch) {
                None => self.table = None,
                Some(last) => match self.direction {
                    Direction::Forward => self.range.lower = Bound::Excluded(last),
                    Direction::Backward => self.range.upper = Bound::Excluded(last),
                },
            }
            self.size = if watch.is_some() { WATCHED_BATCH } else { (self.size * 4).min(LAST_BATCH) };
        }
        self.batch.reverse();
        match watch {
            Some(watch) => watch.shared.serializable.passed_over(&watch.txn, &writers),
            None => Ok(()),
        }
    }
}

/// The side of the base: not begun yet, or under way with the next entry taken.
#[allow(clippy::large_enum_variant)] // There is one in a cursor, and it is soon the large one.
enum BaseSide {
    Start(KeyRange),
    Running(BaseScan, Option<Entry>),
}

/// The entry that the cursor stands on.
enum Current {
    None,
    Base(Entry),
    Version(Key, Value),
}

/// A scan under way. It keeps nothing locked between calls, and stays valid whatever is written meanwhile.
pub struct Cursor {
    storage: StorageId,
    snapshot: Snapshot,
    owner: LockOwner,
    versions: VersionSide,
    base: BaseSide,
    current: Current,
    watch: Option<Watch>,
}

/// Which side has the next key.
enum Next {
    Base,
    Version,
    /// Both have it: the version hides the base's entry.
    Both,
}

impl Cursor {
    pub(super) fn new(
        storage: StorageId,
        table: Option<Arc<VersionTable>>,
        range: KeyRange,
        direction: Direction,
        snapshot: Snapshot,
        owner: LockOwner,
        watch: Option<Watch>,
    ) -> Cursor {
        let base = BaseSide::Start(range.clone());
        let size = if watch.is_some() { WATCHED_BATCH } else { FIRST_BATCH };
        let versions = VersionSide { table, range, direction, batch: Vec::new(), size };
        Cursor { storage, snapshot, owner, versions, base, current: Current::None, watch }
    }

    /// The next key and value, which stay until the next call.
    #[allow(clippy::should_implement_trait)] // It lends; an iterator cannot.
    pub fn next(&mut self) -> Result<Option<(&[u8], &[u8])>> {
        if let Some(watch) = &self.watch {
            // How far the scan will get is not known yet; all of it counts until then.
            watch.extend(None);
        }
        self.advance()?;
        if let Some(watch) = &self.watch {
            watch.extend(self.reached());
        }
        Ok(self.entry())
    }

    /// The entry that the last `next` returned.
    pub fn entry(&self) -> Option<(&[u8], &[u8])> {
        match &self.current {
            Current::None => None,
            Current::Base(entry) => Some((entry.key(), entry.value())),
            Current::Version(key, value) => Some((key, value)),
        }
    }

    /// The last key that was looked at, if the scan is not at its end.
    fn reached(&self) -> Option<&[u8]> {
        let (current, _) = self.entry()?;
        // What has been taken from the versions is known to its end.
        let taken = self.versions.batch.first().map_or(current, |(key, _)| key.as_slice());
        let further = match self.versions.direction {
            Direction::Forward => taken > current,
            Direction::Backward => taken < current,
        };
        Some(if further { taken } else { current })
    }

    /// The snapshot that is read.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    fn start_base(&mut self) -> Result<()> {
        if let BaseSide::Start(range) = &self.base {
            let mut scan = self.snapshot.base().scan(self.storage, range, self.versions.direction)?;
            let first = scan.next()?;
            self.base = BaseSide::Running(scan, first);
        }
        Ok(())
    }

    /// Moves to the next entry that the snapshot has.
    fn advance(&mut self) -> Result<()> {
        self.start_base()?;
        loop {
            self.owner.cancel_token().check()?;
            if self.versions.batch.is_empty() && self.versions.table.is_some() {
                self.versions.fill(&self.snapshot, &self.owner, self.watch.as_ref())?;
            }
            let BaseSide::Running(scan, peeked) = &mut self.base else { return Ok(()) };
            let next = match (&*peeked, self.versions.batch.last()) {
                (None, None) => {
                    self.current = Current::None;
                    return Ok(());
                }
                (Some(_), None) => Next::Base,
                (None, Some(_)) => Next::Version,
                (Some(entry), Some((key, _))) => order(entry.key(), key, self.versions.direction),
            };
            if let Next::Base | Next::Both = next {
                let following = scan.next()?;
                if let Some(entry) = std::mem::replace(peeked, following)
                    && let Next::Base = next
                {
                    self.current = Current::Base(entry);
                    return Ok(());
                }
            }
            if let Some((key, Some(value))) = self.versions.batch.pop() {
                self.current = Current::Version(key, value);
                return Ok(());
            }
        }
    }
}

fn order(base: &[u8], version: &[u8], direction: Direction) -> Next {
    let order = match direction {
        Direction::Forward => base.cmp(version),
        Direction::Backward => version.cmp(base),
    };
    match order {
        Ordering::Less => Next::Base,
        Ordering::Equal => Next::Both,
        Ordering::Greater => Next::Version,
    }
}
