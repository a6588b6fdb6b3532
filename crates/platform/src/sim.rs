//! A file system in memory that fails and crashes on demand.
//!
//! It keeps apart what a disk is sure to have (synced) from what it may have lost, and a crash chooses among the
//! latter. Handles from before a crash are dead afterwards, like the process that held them.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::file::{File, Fs, FsLock, OpenMode};
use crate::random::SeededRandom;

/// What becomes of unsynced changes at a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrashMode {
    /// All are lost.
    LoseUnsynced,
    /// All are kept, as when only the process dies.
    KeepAll,
    /// A random part is kept, some writes in part (in sectors of 512 bytes).
    Random,
}

/// What happens at a disk operation chosen with [`SimFs::fail_at`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// This operation fails with an input/output error; later ones work.
    Error,
    /// This operation fails because the disk is full; later ones work.
    DiskFull,
    /// The machine stops: this and all later operations fail until [`SimFs::crash`].
    Crash,
}

#[derive(Debug, Clone)]
enum Change {
    Write { offset: u64, data: Arc<[u8]> },
    SetLen(u64),
}

#[derive(Debug, Default, Clone)]
struct Inode {
    /// What is on disk for sure.
    synced: Vec<u8>,
    /// What programs see.
    live: Vec<u8>,
    /// What turns the one into the other.
    changes: Vec<Change>,
}

#[derive(Debug, Clone)]
enum NameChange {
    Link(PathBuf, u64),
    Unlink(PathBuf),
    Rename(PathBuf, PathBuf),
}

#[derive(Debug, Default)]
struct State {
    inodes: BTreeMap<u64, Inode>,
    names: BTreeMap<PathBuf, u64>,
    synced_names: BTreeMap<PathBuf, u64>,
    name_changes: Vec<NameChange>,
    dirs: BTreeSet<PathBuf>,
    locks: BTreeSet<PathBuf>,
    next_inode: u64,
    generation: u64,
    operations: u64,
    reads: u64,
    fault: Option<(u64, Fault)>,
    read_fault: Option<u64>,
    dead: bool,
    capacity: Option<u64>,
}

/// A file system in memory, with fault injection. Clones share it.
#[derive(Debug, Default, Clone)]
pub struct SimFs(Arc<Mutex<State>>);

fn broken() -> io::Error {
    io::Error::other("simulated failure")
}

fn apply(content: &mut Vec<u8>, change: &Change) {
    match change {
        Change::SetLen(len) => content.resize(*len as usize, 0),
        Change::Write { offset, data } => write_into(content, *offset as usize, data),
    }
}

fn write_into(content: &mut Vec<u8>, offset: usize, data: &[u8]) {
    if content.len() < offset + data.len() {
        content.resize(offset + data.len(), 0);
    }
    content[offset..offset + data.len()].copy_from_slice(data);
}

fn apply_name(names: &mut BTreeMap<PathBuf, u64>, change: &NameChange) {
    match change {
        NameChange::Link(path, inode) => {
            names.insert(path.clone(), *inode);
        }
        NameChange::Unlink(path) => {
            names.remove(path);
        }
        NameChange::Rename(from, to) => {
            if let Some(inode) = names.remove(from) {
                names.insert(to.clone(), inode);
            }
        }
    }
}

impl State {
    /// Counts one operation; fails if it is the one chosen to fail.
    fn operation(&mut self, generation: u64) -> io::Result<()> {
        self.alive(generation)?;
        self.operations += 1;
        match self.fault {
            Some((at, fault)) if at == self.operations => {
                self.fault = None;
                match fault {
                    Fault::Error => Err(broken()),
                    Fault::DiskFull => Err(io::ErrorKind::StorageFull.into()),
                    Fault::Crash => {
                        self.dead = true;
                        Err(broken())
                    }
                }
            }
            _ => Ok(()),
        }
    }

    fn read_operation(&mut self, generation: u64) -> io::Result<()> {
        self.alive(generation)?;
        self.reads += 1;
        if self.read_fault == Some(self.reads) {
            self.read_fault = None;
            return Err(broken());
        }
        Ok(())
    }

    fn alive(&self, generation: u64) -> io::Result<()> {
        if self.dead || generation != self.generation { Err(broken()) } else { Ok(()) }
    }

    fn check_capacity(&self, inode: u64, new_len: u64) -> io::Result<()> {
        let Some(capacity) = self.capacity else { return Ok(()) };
        let used: u64 =
            self.inodes.iter().filter(|(id, _)| **id != inode).map(|(_, i)| i.live.len() as u64).sum();
        let own = self.inodes.get(&inode).map_or(0, |i| i.live.len() as u64);
        if new_len > own && used + new_len > capacity {
            Err(io::ErrorKind::StorageFull.into())
        } else {
            Ok(())
        }
    }

    fn inode(&mut self, inode: u64) -> io::Result<&mut Inode> {
        self.inodes.get_mut(&inode).ok_or_else(broken)
    }

    fn change(&mut self, generation: u64, inode: u64, change: Change) -> io::Result<()> {
        let end = match &change {
            Change::Write { offset, data } => offset + data.len() as u64,
            Change::SetLen(len) => *len,
        };
        let was_dead = self.dead;
        let outcome = self.operation(generation);
        // The operation that the machine stopped in may have reached the disk, in part or whole.
        let crashed_now = self.dead && !was_dead;
        if outcome.is_err() && !crashed_now {
            return outcome;
        }
        self.check_capacity(inode, end)?;
        let file = self.inode(inode)?;
        apply(&mut file.live, &change);
        file.changes.push(change);
        outcome
    }

    fn rename_or(&mut self, generation: u64, change: NameChange) -> io::Result<()> {
        self.operation(generation)?;
        apply_name(&mut self.names, &change);
        self.name_changes.push(change);
        Ok(())
    }
}

impl SimFs {
    /// An empty file system.
    pub fn new() -> SimFs {
        SimFs::default()
    }

    /// How many disk operations (writes, syncs, changes of size or name) there were so far.
    pub fn operations(&self) -> u64 {
        self.0.lock().operations
    }

    /// How many reads there were so far.
    pub fn reads(&self) -> u64 {
        self.0.lock().reads
    }

    /// Lets the operation with this number (counted from 1, see `operations`) go wrong.
    pub fn fail_at(&self, operation: u64, fault: Fault) {
        self.0.lock().fault = Some((operation, fault));
    }

    /// Lets the read with this number fail.
    pub fn fail_read_at(&self, read: u64) {
        self.0.lock().read_fault = Some(read);
    }

    /// Takes a planned fault back.
    pub fn clear_faults(&self) {
        let mut state = self.0.lock();
        state.fault = None;
        state.read_fault = None;
    }

    /// Limits the bytes that all files together may have.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.0.lock().capacity = bytes;
    }

    /// Whether a planned crash has happened.
    pub fn is_dead(&self) -> bool {
        self.0.lock().dead
    }

    /// The machine stops and starts again: unsynced changes are lost or kept as `mode` says, old handles and locks are
    /// dead, planned faults forgotten.
    pub fn crash(&self, mode: CrashMode, seed: u64) {
        let random = SeededRandom::new(seed);
        let mut guard = self.0.lock();
        let state = &mut *guard;
        for file in state.inodes.values_mut() {
            let changes = std::mem::take(&mut file.changes);
            match mode {
                CrashMode::LoseUnsynced => {}
                CrashMode::KeepAll => file.synced.clone_from(&file.live),
                CrashMode::Random => changes.iter().for_each(|c| apply_some(&mut file.synced, c, &random)),
            }
            file.live.clone_from(&file.synced);
        }
        let changes = std::mem::take(&mut state.name_changes);
        let kept = match mode {
            CrashMode::LoseUnsynced => 0,
            CrashMode::KeepAll => changes.len(),
            CrashMode::Random => random.below(changes.len() as u64 + 1) as usize,
        };
        for change in &changes[..kept] {
            apply_name(&mut state.synced_names, change);
        }
        state.names.clone_from(&state.synced_names);
        let used: BTreeSet<u64> = state.names.values().copied().collect();
        state.inodes.retain(|inode, _| used.contains(inode));
        state.locks.clear();
        state.generation += 1;
        state.fault = None;
        state.read_fault = None;
        state.dead = false;
    }

    /// A copy that shares nothing with this one, as of now.
    pub fn fork(&self) -> SimFs {
        let state = self.0.lock();
        SimFs(Arc::new(Mutex::new(State {
            inodes: state.inodes.clone(),
            names: state.names.clone(),
            synced_names: state.synced_names.clone(),
            name_changes: state.name_changes.clone(),
            dirs: state.dirs.clone(),
            next_inode: state.next_inode,
            capacity: state.capacity,
            ..State::default()
        })))
    }

    /// The content of a file, for tests that damage it.
    pub fn content(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.0.lock();
        let inode = state.names.get(path)?;
        Some(state.inodes.get(inode)?.live.clone())
    }

    /// Replaces the content of a file, as if it had always been so.
    pub fn set_content(&self, path: &Path, content: Vec<u8>) {
        let mut state = self.0.lock();
        let inode = match state.names.get(path) {
            Some(inode) => *inode,
            None => {
                state.next_inode += 1;
                let inode = state.next_inode;
                state.names.insert(path.to_path_buf(), inode);
                state.synced_names.insert(path.to_path_buf(), inode);
                inode
            }
        };
        state.inodes.insert(inode, Inode { synced: content.clone(), live: content, changes: Vec::new() });
    }

    /// The paths of all files.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.0.lock().names.keys().cloned().collect()
    }

    /// The bytes of all files together.
    pub fn total_bytes(&self) -> u64 {
        self.0.lock().inodes.values().map(|inode| inode.live.len() as u64).sum()
    }
}

const SECTOR: usize = 512;

/// Applies a change, or not, or some sectors of it.
fn apply_some(content: &mut Vec<u8>, change: &Change, random: &SeededRandom) {
    match random.below(3) {
        0 => {}
        1 => apply(content, change),
        _ => match change {
            Change::SetLen(_) => apply(content, change),
            Change::Write { offset, data } => {
                let mut at = 0;
                while at < data.len() {
                    let position = *offset as usize + at;
                    let n = (SECTOR - position % SECTOR).min(data.len() - at);
                    if random.below(2) == 0 {
                        write_into(content, position, &data[at..at + n]);
                    }
                    at += n;
                }
            }
        },
    }
}

#[derive(Debug)]
struct SimFile {
    fs: SimFs,
    inode: u64,
    generation: u64,
}

impl File for SimFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut state = self.fs.0.lock();
        state.read_operation(self.generation)?;
        let content = &state.inode(self.inode)?.live;
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(content.len());
        let n = buf.len().min(content.len() - start);
        buf[..n].copy_from_slice(&content[start..start + n]);
        Ok(n)
    }

    fn write_at(&self, data: &[u8], offset: u64) -> io::Result<()> {
        self.fs.0.lock().change(self.generation, self.inode, Change::Write { offset, data: Arc::from(data) })
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.fs.0.lock();
        state.operation(self.generation)?;
        let file = state.inode(self.inode)?;
        for change in std::mem::take(&mut file.changes) {
            apply(&mut file.synced, &change);
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.fs.0.lock().change(self.generation, self.inode, Change::SetLen(len))
    }

    fn len(&self) -> io::Result<u64> {
        let mut state = self.fs.0.lock();
        state.alive(self.generation)?;
        Ok(state.inode(self.inode)?.live.len() as u64)
    }
}

#[derive(Debug)]
struct SimLock {
    fs: SimFs,
    path: PathBuf,
    generation: u64,
}

impl FsLock for SimLock {}

impl Drop for SimLock {
    fn drop(&mut self) {
        let mut state = self.fs.0.lock();
        if state.generation == self.generation {
            state.locks.remove(&self.path);
        }
    }
}

impl Fs for SimFs {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn File>> {
        let mut state = self.0.lock();
        let generation = state.generation;
        state.alive(generation)?;
        let inode = match (state.names.get(path).copied(), mode) {
            (Some(_), OpenMode::CreateNew) => return Err(io::ErrorKind::AlreadyExists.into()),
            (Some(inode), _) => inode,
            (None, OpenMode::Read | OpenMode::ReadWrite) => return Err(io::ErrorKind::NotFound.into()),
            (None, OpenMode::Create | OpenMode::CreateNew) => {
                state.next_inode += 1;
                let inode = state.next_inode;
                state.rename_or(generation, NameChange::Link(path.to_path_buf(), inode))?;
                state.inodes.insert(inode, Inode::default());
                inode
            }
        };
        Ok(Arc::new(SimFile { fs: self.clone(), inode, generation }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        if !state.names.contains_key(from) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let generation = state.generation;
        state.rename_or(generation, NameChange::Rename(from.to_path_buf(), to.to_path_buf()))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        if !state.names.contains_key(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let generation = state.generation;
        state.rename_or(generation, NameChange::Unlink(path.to_path_buf()))
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        let state = self.0.lock();
        state.alive(state.generation)?;
        Ok(state.names.contains_key(path) || state.dirs.contains(path))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let state = self.0.lock();
        state.alive(state.generation)?;
        let names = state.names.keys().filter(|path| path.parent() == Some(dir));
        Ok(names
            .filter_map(|path| path.file_name())
            .map(|name| name.to_string_lossy().into_owned())
            .collect())
    }

    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.alive(state.generation)?;
        state.dirs.insert(dir.to_path_buf());
        Ok(())
    }

    fn sync_dir(&self, _dir: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        let generation = state.generation;
        state.operation(generation)?;
        state.name_changes.clear();
        state.synced_names = state.names.clone();
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn FsLock>> {
        let mut state = self.0.lock();
        state.alive(state.generation)?;
        if !state.locks.insert(path.to_path_buf()) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(Box::new(SimLock { fs: self.clone(), path: path.to_path_buf(), generation: state.generation }))
    }

    fn lock_holder(&self, path: &Path) -> Option<u32> {
        self.0.lock().locks.contains(path).then(std::process::id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(fs: &SimFs) -> Arc<dyn File> {
        fs.open(Path::new("/d/f"), OpenMode::Create).unwrap()
    }

    #[test]
    fn unsynced_writes_are_lost() {
        let fs = SimFs::new();
        let f = file(&fs);
        f.write_at(b"one", 0).unwrap();
        f.sync().unwrap();
        fs.sync_dir(Path::new("/d")).unwrap();
        f.write_at(b"two", 0).unwrap();
        fs.crash(CrashMode::LoseUnsynced, 0);
        assert!(f.write_at(b"x", 0).is_err(), "handles die");
        assert_eq!(fs.content(Path::new("/d/f")).unwrap(), b"one");
    }

    #[test]
    fn unsynced_names_are_lost() {
        let fs = SimFs::new();
        let f = file(&fs);
        f.write_at(b"one", 0).unwrap();
        f.sync().unwrap();
        fs.crash(CrashMode::LoseUnsynced, 0);
        assert!(fs.paths().is_empty());
    }

    #[test]
    fn faults_hit_the_chosen_operation() {
        let fs = SimFs::new();
        let f = file(&fs);
        fs.fail_at(fs.operations() + 2, Fault::Error);
        f.write_at(b"a", 0).unwrap();
        assert!(f.write_at(b"b", 0).is_err());
        f.write_at(b"c", 0).unwrap();
        fs.fail_at(fs.operations() + 1, Fault::Crash);
        assert!(f.sync().is_err());
        assert!(f.sync().is_err());
        assert!(fs.is_dead());
    }

    #[test]
    fn disk_full() {
        let fs = SimFs::new();
        let f = file(&fs);
        fs.set_capacity(Some(4));
        f.write_at(b"abcd", 0).unwrap();
        assert_eq!(f.write_at(b"e", 4).unwrap_err().kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn random_crash_keeps_whole_sectors() {
        let fs = SimFs::new();
        let f = file(&fs);
        f.write_at(&[1; 2048], 0).unwrap();
        f.sync().unwrap();
        fs.sync_dir(Path::new("/d")).unwrap();
        f.write_at(&[2; 2048], 0).unwrap();
        fs.crash(CrashMode::Random, 7);
        let content = fs.content(Path::new("/d/f")).unwrap();
        assert!(content.chunks(512).all(|s| s.iter().all(|b| *b == s[0])));
    }
}
