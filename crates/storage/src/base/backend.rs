//! redb's storage on a platform file: behind a header page of ours, and with a checksum for each block.
//!
//! The file is a header page, then groups of one page of checksums and the 1024 blocks that they belong to. redb never writes
//! over a block that a committed state uses, with the exception of its first; so a page of checksums, which is written
//! over, has the same entries for those blocks whether its last write reached the disk or not, or in part. The first block has no
//! checksum here; redb keeps its own for what is in it.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::io;
use std::sync::{Arc, OnceLock};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use pglitedb_platform::File;

/// Where the first group begins in the file.
pub(super) const HEADER_PAGE: u64 = BLOCK;

const BLOCK: u64 = 4096;
/// Blocks of a group: as many as a page has room for checksums.
const GROUP: u64 = BLOCK / 4;
/// Bytes of a group in the file.
const GROUP_BYTES: u64 = (GROUP + 1) * BLOCK;

/// What is known of a file's checksums. 0 stands for "never written".
#[derive(Debug, Default)]
struct Sums {
    groups: Vec<Option<Box<[u32]>>>,
    changed: BTreeSet<usize>,
}

/// Bytes that are written before they are synced, by a thread that takes its time. (Nobody else's sync waits longer than for these.)
const CHUNK: usize = 256 << 10;

/// Called after each chunk, with the time that its sync took. It may sleep.
pub(crate) type Pause = Arc<dyn Fn(Duration) + Send + Sync>;

/// A thread that writes a lot and is to leave room for others on the disk.
struct Pacer {
    thread: ThreadId,
    /// Bytes written since the last sync.
    unsynced: usize,
    pause: Pause,
}

impl Debug for Pacer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pacer").field("thread", &self.thread).field("unsynced", &self.unsynced).finish()
    }
}

/// A file of blocks with checksums.
#[derive(Debug)]
pub(super) struct Blocks {
    file: Arc<dyn File>,
    sums: Mutex<Sums>,
    /// The first write or sync that failed. redb gives up reading after a failure as well, so it is not told; nothing is
    /// written from then on, and whoever writes a checkpoint asks here whether it is worth anything.
    failure: OnceLock<io::Error>,
    /// The first damage found.
    damage: Mutex<Option<String>>,
    pacer: Mutex<Option<Pacer>>,
}

/// redb's view of the file.
#[derive(Debug)]
pub(super) struct FileBackend(pub(super) Arc<Blocks>);

/// Where a block is in the file.
fn place(block: u64) -> u64 {
    HEADER_PAGE + block / GROUP * GROUP_BYTES + (1 + block % GROUP) * BLOCK
}

fn sum_of(block: &[u8]) -> u32 {
    crc32c::crc32c(block).max(1)
}

impl Blocks {
    pub(super) fn new(file: Arc<dyn File>) -> Blocks {
        Blocks {
            file,
            sums: Mutex::default(),
            failure: OnceLock::new(),
            damage: Mutex::default(),
            pacer: Mutex::default(),
        }
    }

    /// Has what this thread writes synced in chunks, with a call of `pause` after each; `None` ends that. Without it everything
    /// would reach the disk in one burst at the end, and the log's syncs would wait behind it.
    pub(super) fn pace(&self, pause: Option<Pause>) {
        let thread = std::thread::current().id();
        *self.pacer.lock() = pause.map(|pause| Pacer { thread, unsynced: 0, pause });
    }

    /// After `count` bytes were written.
    fn keep_pace(&self, count: usize) -> io::Result<()> {
        let pause = match &mut *self.pacer.lock() {
            // Those who read may write as well, to make room in the cache; they are not to wait.
            Some(pacer) if pacer.thread == std::thread::current().id() => {
                pacer.unsynced += count;
                if pacer.unsynced < CHUNK {
                    return Ok(());
                }
                pacer.unsynced = 0;
                Arc::clone(&pacer.pause)
            }
            _ => return Ok(()),
        };
        let start = Instant::now();
        self.file.sync()?;
        pause(start.elapsed());
        Ok(())
    }

    /// Why nothing is written any more, if so.
    pub(super) fn failure(&self) -> Option<io::Error> {
        self.failure.get().map(|error| io::Error::new(error.kind(), error.to_string()))
    }

    /// Changes the file, unless an earlier change failed.
    fn change(&self, f: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        if self.failure.get().is_none()
            && let Err(error) = f()
        {
            let _ = self.failure.set(error);
        }
        Ok(())
    }

    /// The first damage found, in words.
    pub(super) fn damage(&self) -> Option<String> {
        self.damage.lock().clone()
    }

    /// Calls `f` with the checksums of a group, read from the file if need be.
    fn with_group<T>(&self, sums: &mut Sums, group: usize, f: impl FnOnce(&mut [u32]) -> T) -> io::Result<T> {
        if sums.groups.len() <= group {
            sums.groups.resize(group + 1, None);
        }
        if sums.groups[group].is_none() {
            let mut page = vec![0; BLOCK as usize];
            let mut filled = 0;
            let start = HEADER_PAGE + group as u64 * GROUP_BYTES;
            while filled < page.len() {
                match self.file.read_at(&mut page[filled..], start + filled as u64)? {
                    0 => break, // The file ends here: nothing of the group has been written.
                    n => filled += n,
                }
            }
            let entry = |bytes: &[u8]| bytes.try_into().map(u32::from_le_bytes).unwrap_or(0);
            sums.groups[group] = Some(page.chunks(4).map(entry).collect());
        }
        sums.groups[group].as_deref_mut().map(f).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Calls `f` for the parts of a range that lie in one group: the first block, and where the part is in the range.
    fn parts(
        offset: u64,
        len: usize,
        mut f: impl FnMut(u64, std::ops::Range<usize>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut done = 0;
        while done < len {
            let at = offset + done as u64;
            let group_end = (at / BLOCK / GROUP + 1) * GROUP * BLOCK;
            let n = (len - done).min((group_end - at) as usize);
            f(at, done..done + n)?;
            done += n;
        }
        Ok(())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let aligned = offset.is_multiple_of(BLOCK) && (out.len() as u64).is_multiple_of(BLOCK);
        let len = out.len();
        Blocks::parts(offset, len, |at, range| {
            let part = &mut out[range];
            self.file.read_exact_at(part, place(at / BLOCK) + at % BLOCK)?;
            if aligned { self.check(at / BLOCK, part) } else { Ok(()) }
        })
    }

    fn check(&self, first: u64, blocks: &[u8]) -> io::Result<()> {
        let known = {
            let mut sums = self.sums.lock();
            let from = (first % GROUP) as usize;
            let count = blocks.len() / BLOCK as usize;
            self.with_group(&mut sums, (first / GROUP) as usize, |group| group[from..from + count].to_vec())?
        };
        for (index, (block, known)) in blocks.chunks(BLOCK as usize).zip(known).enumerate() {
            let number = first + index as u64;
            if number > 0 && known != 0 && known != sum_of(block) {
                let text = format!("block {number} of the base file is damaged: its checksum does not match");
                self.damage.lock().get_or_insert_with(|| text.clone());
                return Err(io::Error::new(io::ErrorKind::InvalidData, text));
            }
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        Blocks::parts(offset, data.len(), |at, range| {
            let part = &data[range];
            self.file.write_at(part, place(at / BLOCK) + at % BLOCK)?;
            self.note(at, part)
        })?;
        self.keep_pace(data.len())
    }

    /// Notes the checksums of blocks that were written.
    fn note(&self, at: u64, data: &[u8]) -> io::Result<()> {
        let (group, mut index) = ((at / BLOCK / GROUP) as usize, (at / BLOCK % GROUP) as usize);
        let mut sums = self.sums.lock();
        sums.changed.insert(group);
        self.with_group(&mut sums, group, |group| {
            let whole = at.is_multiple_of(BLOCK);
            for block in data.chunks(BLOCK as usize) {
                // Of a block written in part the checksum is not known.
                let sum = if whole && block.len() == BLOCK as usize { sum_of(block) } else { 0 };
                if let Some(entry) = group.get_mut(index) {
                    *entry = sum;
                }
                index += 1;
            }
        })
    }

    /// Writes the checksums that changed.
    fn write_sums(&self) -> io::Result<()> {
        let mut sums = self.sums.lock();
        while let Some(group) = sums.changed.pop_first() {
            let page: Vec<u8> = self.with_group(&mut sums, group, |group| {
                group.iter().flat_map(|sum| sum.to_le_bytes()).collect()
            })?;
            self.file.write_at(&page, HEADER_PAGE + group as u64 * GROUP_BYTES)?;
        }
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        let content = self.file.len()?.saturating_sub(HEADER_PAGE);
        Ok(content / GROUP_BYTES * GROUP * BLOCK + (content % GROUP_BYTES).saturating_sub(BLOCK))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let (groups, rest) = (len / (GROUP * BLOCK), len % (GROUP * BLOCK));
        {
            // What may later grow again begins without checksums.
            let mut sums = self.sums.lock();
            let used = rest.div_ceil(BLOCK) as usize;
            let keep = groups as usize + usize::from(used > 0);
            sums.groups.truncate(keep);
            sums.changed.retain(|group| *group < keep);
            let shrinks = len < self.len()?;
            if used > 0 && shrinks {
                self.with_group(&mut sums, groups as usize, |group| group[used..].fill(0))?;
                sums.changed.insert(groups as usize);
            }
        }
        let tail = if rest > 0 { BLOCK + rest } else { 0 };
        self.file.set_len(HEADER_PAGE + groups * GROUP_BYTES + tail)
    }
}

impl redb::StorageBackend for FileBackend {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.change(|| self.0.set_len(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.change(|| {
            self.0.write_sums()?;
            self.0.file.sync()
        })
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.change(|| self.0.write(offset, data))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use pglitedb_platform::{Fs, OpenMode, SeededRandom, SimFs};
    use redb::StorageBackend;

    use super::*;

    fn backend(fs: &SimFs) -> FileBackend {
        let blocks = Blocks::new(fs.open(Path::new("/f"), OpenMode::Create).unwrap());
        FileBackend(Arc::new(blocks))
    }

    #[test]
    fn content_and_length_come_back_across_groups() {
        let fs = SimFs::new();
        let file = backend(&fs);
        let random = SeededRandom::new(5);
        let mut model = Vec::new();
        for _ in 0..60 {
            let blocks = random.below(3000);
            let len = (blocks * BLOCK) as usize;
            if random.below(4) == 0 || model.len() < len {
                file.set_len(len as u64).unwrap();
                model.resize(len, 0);
            }
            assert_eq!(file.len().unwrap(), model.len() as u64);
            let at = random.below(model.len() as u64 / BLOCK + 1).saturating_sub(20) * BLOCK;
            let n = (model.len() as u64 - at).min(20 * BLOCK) as usize;
            let data = vec![random.next() as u8; n];
            file.write(at, &data).unwrap();
            model[at as usize..at as usize + n].copy_from_slice(&data);
            let file = if random.below(3) == 0 {
                file.sync_data().unwrap();
                &backend(&fs)
            } else {
                &file
            };
            let from = random.below(model.len() as u64 / BLOCK + 1) / 2 * BLOCK;
            let mut out = vec![0; model.len() - from as usize];
            file.read(from, &mut out).unwrap();
            assert!(out == model[from as usize..]);
        }
    }

    #[test]
    fn a_thread_with_a_pace_syncs_in_chunks() {
        let fs = SimFs::new();
        let file = backend(&fs);
        fs.sync_dir(Path::new("/")).unwrap();
        file.set_len(1000 * BLOCK).unwrap();
        let pauses = Arc::new(Mutex::new(0));
        let counter = Arc::clone(&pauses);
        file.0.pace(Some(Arc::new(move |_| *counter.lock() += 1)));
        let block = vec![1; BLOCK as usize];
        for at in 0..200 {
            file.write(at * BLOCK, &block).unwrap();
        }
        assert_eq!(*pauses.lock(), 3);
        let last_synced = 3 * (CHUNK as u64 / BLOCK) - 1;
        std::thread::scope(|scope| {
            // Another thread's writes neither sync nor pause.
            scope.spawn(|| (200..400).for_each(|at| file.write(at * BLOCK, &block).unwrap()));
        });
        fs.crash(pglitedb_platform::CrashMode::LoseUnsynced, 1);
        let content = fs.content(Path::new("/f")).unwrap();
        assert_eq!(content[place(last_synced) as usize], 1);
        assert!(content.get(place(last_synced + 1) as usize).is_none_or(|byte| *byte == 0));
        file.0.pace(None);
    }

    #[test]
    fn a_flipped_bit_is_noticed() {
        let fs = SimFs::new();
        let file = backend(&fs);
        file.set_len(10 * BLOCK).unwrap();
        file.write(0, &vec![7; 10 * BLOCK as usize]).unwrap();
        file.sync_data().unwrap();
        let mut content = fs.content(Path::new("/f")).unwrap();
        content[place(3) as usize + 100] ^= 1;
        fs.set_content(Path::new("/f"), content);
        let file = backend(&fs);
        let mut out = vec![0; BLOCK as usize];
        file.read(2 * BLOCK, &mut out).unwrap();
        assert_eq!(file.read(3 * BLOCK, &mut out).unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert!(file.0.damage().is_some_and(|text| text.contains("block 3")));
    }
}
