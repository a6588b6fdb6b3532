//! Opening: making a new database, or recovering one.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use pglitedb_platform::{Fs, FsLock, Randomness, SystemRandom};

use super::counter::CounterId;
use super::shared::{Shared, Start};
use crate::base::{BaseFile, Meta};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::types::{Key, Lsn, Value, Xid};
use crate::version::{TxnState, Version, VersionTable};
use crate::wal::{FIRST_LSN, LogEnd, LogWriter, Op, OpReader, Reader, Segments};

const LOCK: &str = "LOCK";
const BASE: &str = "base";
const NEW_BASE: &str = "base.new";

/// The first number that a transaction gets. Those below stand for what was there before all transactions; programs know some
/// of them by PostgreSQL's meaning.
const FIRST_XID: u64 = 1 << 10;

/// A database without content.
const EMPTY: Meta = Meta { lsn: Lsn(FIRST_LSN), chain: 0, timestamp: 1, next_xid: FIRST_XID };

/// Opens a database in memory.
pub(super) fn in_memory(config: Config) -> Result<Arc<Shared>> {
    let base_file = BaseFile::in_memory(&EMPTY, config.page_cache_size)?;
    let base = base_file.snapshot()?;
    let (end, chain) = (EMPTY.lsn, EMPTY.chain);
    let path = Path::new(":memory:").to_path_buf();
    let start = Start { config, path, writer: None, end, chain, base_file, base, lock_file: None };
    Shared::new(start).map(Arc::new)
}

/// Opens, or makes, the database in a directory.
pub(super) fn open(fs: Arc<dyn Fs>, path: &Path, config: Config) -> Result<Arc<Shared>> {
    let io = |doing: &str, e| Error::io(format!("could not {doing} directory \"{}\"", path.display()), e);
    let exists = fs.exists(path).map_err(|e| io("look at", e))?;
    if !exists {
        if !config.create {
            return Err(Error::NotFound { path: path.to_path_buf() });
        }
        fs.create_dir_all(path).map_err(|e| io("create", e))?;
    }
    let lock_file = lock(fs.as_ref(), path)?;
    let names = fs.list(path).map_err(|e| io("list", e))?;
    if names.iter().any(|name| name == BASE) {
        return recover(fs, path, config, lock_file);
    }
    check_is_new(path, &names)?;
    if !config.create {
        return Err(Error::NotFound { path: path.to_path_buf() });
    }
    create(fs, path, config, &names, lock_file)
}

fn lock(fs: &dyn Fs, path: &Path) -> Result<Box<dyn FsLock>> {
    let file = path.join(LOCK);
    fs.lock(&file).map_err(|error| match error.kind() {
        std::io::ErrorKind::WouldBlock => {
            Error::LockedByOther { path: path.to_path_buf(), pid: fs.lock_holder(&file) }
        }
        _ => Error::io(format!("could not lock file \"{}\"", file.display()), error),
    })
}

/// A directory without a base is taken for a new database only if it holds nothing but what an unfinished creation leaves.
fn check_is_new(path: &Path, names: &[String]) -> Result<()> {
    let ours = |name: &String| {
        name == LOCK || name == NEW_BASE || name.starts_with("spare-") || name == "log-0000000001"
    };
    let log = names.iter().any(|name| name.starts_with("log-"));
    match names.iter().find(|name| !ours(name)) {
        Some(name) if name.starts_with("log-") => {
            Err(Error::corrupt(format!("file \"{}\" is missing", path.join(BASE).display())))
        }
        Some(name) => Err(Error::ForeignFile {
            path: path.join(name),
            detail: "the directory is neither empty nor a database".into(),
        }),
        None if log && !names.iter().any(|name| name == NEW_BASE) => {
            Err(Error::corrupt(format!("file \"{}\" is missing", path.join(BASE).display())))
        }
        None => Ok(()),
    }
}

/// Makes a database. Its base gets its name last, so that a creation that was interrupted begins anew.
fn create(
    fs: Arc<dyn Fs>,
    path: &Path,
    config: Config,
    names: &[String],
    lock_file: Box<dyn FsLock>,
) -> Result<Arc<Shared>> {
    let io = |doing: &str, e| Error::io(format!("could not {doing} in \"{}\"", path.display()), e);
    // The unfinished base goes last: as long as it is there, the rest is known to be unfinished as well.
    let mut leftover: Vec<&String> = names.iter().filter(|name| *name != LOCK).collect();
    leftover.sort_by_key(|name| *name == NEW_BASE);
    for name in leftover {
        fs.remove(&path.join(name)).map_err(|e| io("remove an unfinished file", e))?;
    }
    let mut id = [0; 16];
    SystemRandom.fill(&mut id).map_err(|e| io("choose an id", e))?;
    let new_base = path.join(NEW_BASE);
    let base_file = BaseFile::create(fs.as_ref(), &new_base, id, &EMPTY, config.page_cache_size)?;
    // The unfinished base must be known before the log appears.
    fs.sync_dir(path).map_err(|e| io("sync", e))?;
    let segments = Segments::create(Arc::clone(&fs), path, id, EMPTY.lsn)?;
    fs.sync_dir(path).map_err(|e| io("sync", e))?;
    fs.rename(&new_base, &path.join(BASE)).map_err(|e| io("rename the base", e))?;
    fs.sync_dir(path).map_err(|e| io("sync", e))?;
    let base = base_file.snapshot()?;
    let writer = Some(LogWriter::new(segments, config.wal_segment_size));
    let (end, chain, lock_file) = (EMPTY.lsn, EMPTY.chain, Some(lock_file));
    let path = path.to_path_buf();
    let start = Start { config, path, writer, end, chain, base_file, base, lock_file };
    Shared::new(start).map(Arc::new)
}

/// Opens a database and replays its log.
fn recover(fs: Arc<dyn Fs>, path: &Path, config: Config, lock_file: Box<dyn FsLock>) -> Result<Arc<Shared>> {
    let (base_file, id) = BaseFile::open(fs.as_ref(), &path.join(BASE), config.page_cache_size)?;
    if config.compact {
        base_file.compact()?;
    }
    let base = base_file.snapshot()?;
    let segments = Segments::open(fs, path, id)?;
    let (end, chain, size) = (base.meta().lsn, base.meta().chain, config.wal_segment_size);
    let from = LogEnd { lsn: end, chain };
    // The log writer takes over the segments, but they are read first; so the state exists with an end yet to be found.
    let writer = LogWriter::new(segments, size);
    let lock_file = Some(lock_file);
    let path = path.to_path_buf();
    let start = Start { config, path, writer: Some(writer), end, chain, base_file, base, lock_file };
    let shared = Arc::new(Shared::new(start)?);
    shared.replay(from)?;
    Ok(shared)
}

/// Checks the files of a database that nobody has open. Returns what is wrong, in words.
pub(super) fn verify(fs: Arc<dyn Fs>, path: &Path) -> Result<Vec<String>> {
    let _lock_file = lock(fs.as_ref(), path)?;
    let mut problems = Vec::new();
    let (base_file, id) = match BaseFile::open(fs.as_ref(), &path.join(BASE), 16 << 20) {
        Ok(opened) => opened,
        Err(error @ (Error::Corrupt { .. } | Error::ForeignFile { .. })) => {
            return Ok(vec![error.to_string()]);
        }
        Err(error) => return Err(error),
    };
    match base_file.verify() {
        Ok(true) => {}
        Ok(false) => problems.push("base file: its structure was damaged, and has been repaired".into()),
        Err(error) => problems.push(error.to_string()),
    }
    if let Err(error) = verify_log(fs, path, id, &base_file) {
        problems.push(error.to_string());
    }
    base_file.close();
    Ok(problems)
}

/// Reads the whole log that the base needs.
fn verify_log(fs: Arc<dyn Fs>, path: &Path, id: [u8; 16], base_file: &BaseFile) -> Result<()> {
    let meta = *base_file.snapshot()?.meta();
    let segments = Segments::open(fs, path, id)?;
    let from = LogEnd { lsn: meta.lsn, chain: meta.chain };
    let read = |_, parts: &[Vec<u8>]| {
        parts.iter().try_for_each(|part| {
            let mut ops = OpReader::new(part);
            while ops.next()?.is_some() {}
            Ok(())
        })
    };
    Reader::new(&segments).replay(from, read).map(drop)
}

impl Shared {
    /// Applies the log from a position on, and lets new records follow.
    fn replay(self: &Arc<Self>, from: LogEnd) -> Result<()> {
        let Some(writer) = &self.writer else { return Ok(()) };
        let mut writer = writer.lock();
        let mut timestamp = self.registry.newest();
        let mut table: Option<Arc<VersionTable>> = None;
        let base = self.registry.base();
        let done = Reader::new(writer.segments()).replay(from, |xid, parts| {
            timestamp += 1;
            self.sequence.lock().outcomes.replayed(xid, &base)?;
            let state = Arc::new(TxnState::committed_at(Xid(xid), timestamp));
            for part in parts {
                let mut ops = OpReader::new(part);
                while let Some(op) = ops.next()? {
                    self.replay_op(op, &state, &mut table)?;
                }
            }
            Ok(())
        })?;
        writer.end_at(done.end.lsn)?;
        // What was read may not have been synced by the process that wrote it. Before anything is answered from it, it is.
        writer.sync()?;
        drop(writer);
        self.next_xid.fetch_max(done.max_xid.saturating_add(1), Ordering::Relaxed);
        self.registry.publish(timestamp);
        self.last_lsn.store(done.end.lsn.0, Ordering::Release);
        self.durable.store(done.end.lsn.0, Ordering::Release);
        let mut sequence = self.sequence.lock();
        sequence.outcomes.opened(self.next_xid.load(Ordering::Relaxed), timestamp);
        sequence.timestamp = timestamp;
        sequence.log = crate::wal::LogBuffer::new(done.end.lsn, done.end.chain, true);
        Ok(())
    }

    fn replay_op(
        self: &Arc<Self>,
        op: Op<'_>,
        state: &Arc<TxnState>,
        last: &mut Option<Arc<VersionTable>>,
    ) -> Result<()> {
        let (id, key, value) = match op {
            Op::Put(id, key, value) => (id, key, Some(Value::from(value))),
            Op::Delete(id, key) => (id, key, None),
            Op::Drop(id) => {
                let at = state.committed().unwrap_or(0);
                self.store.get_or_create(id).mark_dropped(at);
                self.dropped.lock().push((id, at));
                self.drop_counters(id);
                return Ok(());
            }
            Op::Counter(id, number, mark) => {
                self.counter(CounterId(id, number))?.replay(mark);
                return Ok(());
            }
        };
        let table = match last {
            Some(table) if table.id() == id => table,
            _ => last.insert(self.store.get_or_create(id)),
        };
        let version = Version { txn: Arc::clone(state), command: 0, value };
        let change = table.push(Key::from_slice(key), version, || self.horizon())?;
        self.store.add_bytes(change);
        Ok(())
    }
}
