//! What became of the transactions that were given a number.

use std::collections::{BTreeMap, VecDeque};

use super::{Engine, Shared};
use crate::base::BaseSnapshot;
use crate::error::Result;
use crate::types::{Timestamp, Xid};

/// Numbers on one page.
const PER_PAGE: u64 = 1 << 14;
/// Numbers in one word of a page: two bits for each.
const PER_WORD: u64 = 32;
const WORDS: usize = (PER_PAGE / PER_WORD) as usize;
/// Bytes of a page in the base.
const PAGE_BYTES: usize = WORDS * 8;
/// Pages that the base keeps: the outcomes of the last 33 million transactions.
const KEPT: u64 = 1 << 11;
/// Commits after which the list of them is looked through for those that no open snapshot is older than.
const RECENT: usize = 4096;

const COMMITTED: u64 = 1;
const ABORTED: u64 = 2;
/// It ended before outcomes were kept.
const FORGOTTEN: u64 = 3;
/// The lower bit of every number of a word.
const LOWER: u64 = 0x5555_5555_5555_5555;

/// What became of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XidStatus {
    /// It runs.
    InProgress,
    /// It has committed.
    Committed,
    /// It was rolled back, or a crash ended it.
    Aborted,
    /// Its number has not been given out.
    Future,
    /// It is so long ago that nobody remembers.
    Forgotten,
}

/// A snapshot in terms of transaction numbers: which of them had not ended for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XidSnapshot {
    /// All before this had ended.
    pub xmin: u64,
    /// None from this on had ended.
    pub xmax: u64,
    /// Those between the two that had not, in order, without the transaction that asks.
    pub running: Vec<u64>,
}

/// A page of outcomes.
type Words = [u64; WORDS];

struct Page {
    words: Box<Words>,
    /// Not in the base as it is.
    dirty: bool,
}

/// The outcomes of transactions, guarded by the commit mutex. Old pages are in the base only.
pub(crate) struct Outcomes {
    pages: BTreeMap<u64, Page>,
    /// All numbers below have ended; those that left no outcome, by a crash.
    ended: u64,
    /// The transactions of the commits after `since`, in order, 0 for those without a number.
    recent: VecDeque<u64>,
    since: Timestamp,
    /// The length of `recent` at which it is to be trimmed.
    full: usize,
}

impl Outcomes {
    /// As a base has them.
    pub(crate) fn new(base: &BaseSnapshot) -> Result<Outcomes> {
        let next = base.meta().next_xid;
        let mut outcomes = Outcomes::starting(next, base.timestamp());
        let number = next / PER_PAGE;
        outcomes.load(number, base)?;
        if !outcomes.pages.contains_key(&number) {
            // A new database, or one from before outcomes were kept.
            (number * PER_PAGE..next).for_each(|xid| outcomes.note(xid, FORGOTTEN));
            outcomes.pages.values_mut().for_each(|page| page.dirty = false);
        }
        Ok(outcomes)
    }

    /// Without anything before a transaction number and a commit.
    fn starting(next: u64, newest: Timestamp) -> Outcomes {
        Outcomes { pages: BTreeMap::new(), ended: next, recent: VecDeque::new(), since: newest, full: RECENT }
    }

    fn note(&mut self, xid: u64, outcome: u64) {
        let page = self.pages.entry(xid / PER_PAGE).or_insert_with(Page::empty);
        let word = &mut page.words[(xid % PER_PAGE / PER_WORD) as usize];
        let place = 2 * (xid % PER_WORD);
        *word = *word & !(3 << place) | outcome << place;
        page.dirty = true;
    }

    /// Notes the next commit of the order; 0 is none of a transaction's.
    pub(crate) fn committed(&mut self, xid: u64) {
        self.recent.push_back(xid);
        if xid != 0 {
            self.note(xid, COMMITTED);
        }
    }

    /// Notes the good end of a transaction that changed nothing, and so has no place in the order of commits.
    pub(crate) fn committed_nothing(&mut self, xid: Xid) {
        self.note(xid.0, COMMITTED);
    }

    /// Notes the end of a transaction that was rolled back.
    pub(crate) fn aborted(&mut self, xid: Xid) {
        self.note(xid.0, ABORTED);
    }

    /// Whether so many commits are remembered that it should be asked which are still needed.
    pub(crate) fn is_full(&self) -> bool {
        self.recent.len() >= self.full
    }

    /// Forgets the order of commits that all open snapshots see.
    pub(crate) fn trim(&mut self, oldest: Timestamp) {
        let seen = usize::try_from(oldest.saturating_sub(self.since)).unwrap_or(usize::MAX);
        let seen = seen.min(self.recent.len());
        self.recent.drain(..seen);
        self.since += seen as u64;
        self.full = RECENT.max(2 * self.recent.len());
    }

    /// A transaction that the log says has committed; its page may be in the base.
    pub(super) fn replayed(&mut self, xid: u64, base: &BaseSnapshot) -> Result<()> {
        if xid != 0 {
            self.load(xid / PER_PAGE, base)?;
            self.note(xid, COMMITTED);
        }
        Ok(())
    }

    /// After the log has been read: numbers go on from `next`, timestamps from `newest`.
    pub(super) fn opened(&mut self, next: u64, newest: Timestamp) {
        (self.ended, self.since) = (next, newest);
    }

    fn load(&mut self, number: u64, base: &BaseSnapshot) -> Result<()> {
        if !self.pages.contains_key(&number)
            && let Some(words) = base.outcomes(number, decode)?
        {
            self.pages.insert(number, Page { words, dirty: false });
        }
        Ok(())
    }

    /// Copies of the pages that the base does not have as they are. If they do not get there, nothing will any more.
    pub(super) fn take_dirty(&mut self) -> Vec<(u64, Vec<u8>)> {
        let dirty = self.pages.iter_mut().filter(|(_, page)| page.dirty);
        dirty
            .map(|(number, page)| {
                page.dirty = false;
                (*number, page.words.iter().flat_map(|word| word.to_le_bytes()).collect())
            })
            .collect()
    }

    /// Lets go of pages that the base has and that will not change any more.
    pub(super) fn let_go(&mut self, next: u64) {
        self.find_ended(next);
        let first = self.ended / PER_PAGE;
        self.pages.retain(|number, page| *number >= first || page.dirty);
    }

    /// Moves `ended` up to the first number whose transaction runs.
    fn find_ended(&mut self, next: u64) {
        while self.ended < next {
            let open = self.open_in_word(self.ended);
            if open != 0 {
                self.ended += u64::from(open.trailing_zeros() / 2);
                break;
            }
            self.ended = (self.ended / PER_WORD + 1) * PER_WORD;
        }
        self.ended = self.ended.min(next);
    }

    /// The numbers from this one on in its word that have no outcome: a bit for each, the lowest stands for `xid`.
    fn open_in_word(&self, xid: u64) -> u64 {
        let word = (xid % PER_PAGE / PER_WORD) as usize;
        let word = self.pages.get(&(xid / PER_PAGE)).map_or(0, |page| page.words[word]);
        (!(word | word >> 1) & LOWER) >> (2 * (xid % PER_WORD))
    }

    fn outcome(&self, xid: u64) -> u64 {
        let word = (xid % PER_PAGE / PER_WORD) as usize;
        let word = self.pages.get(&(xid / PER_PAGE)).map_or(0, |page| page.words[word]);
        word >> (2 * (xid % PER_WORD)) & 3
    }

    /// All numbers below `next` whose transactions run.
    fn running(&mut self, next: u64) -> Vec<u64> {
        self.find_ended(next);
        let (mut all, mut at) = (Vec::new(), self.ended);
        while at < next {
            let mut open = self.open_in_word(at);
            while open != 0 {
                all.push(at + u64::from(open.trailing_zeros() / 2));
                open &= open - 1;
            }
            at = (at / PER_WORD + 1) * PER_WORD;
        }
        while all.last().is_some_and(|last| *last >= next) {
            all.pop();
        }
        all
    }

    /// What a snapshot of this time sees, in terms of transaction numbers; `next` is the one to be given out next.
    fn as_of(&mut self, at: Timestamp, next: u64, own: Option<Xid>) -> XidSnapshot {
        let mut running = self.running(next);
        let before = usize::try_from(at.saturating_sub(self.since)).unwrap_or(usize::MAX);
        let later = self.recent.iter().skip(before);
        running.extend(later.filter(|xid| **xid != 0));
        let is_newest = self.recent.len() <= before;
        running.sort_unstable();
        let mut xmax = next;
        while xmax > 1 {
            // Of those rolled back it is not known whether that was before commits that the snapshot does not see.
            let unknown = !is_newest && xmax > self.ended && self.outcome(xmax - 1) == ABORTED;
            if running.last() == Some(&(xmax - 1)) {
                running.pop();
            } else if !unknown {
                break;
            }
            xmax -= 1;
        }
        let own = own.map(|xid| xid.0).filter(|own| *own < xmax);
        let xmin = running.first().copied().into_iter().chain(own).fold(xmax, u64::min);
        running.retain(|xid| Some(*xid) != own);
        XidSnapshot { xmin, xmax, running }
    }
}

impl Page {
    fn empty() -> Page {
        Page { words: Box::new([0; WORDS]), dirty: false }
    }
}

/// A page as the base has it.
fn decode(bytes: &[u8]) -> Option<Box<Words>> {
    if bytes.len() != PAGE_BYTES {
        return None;
    }
    let mut words = Box::new([0; WORDS]);
    for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(8)) {
        *word = u64::from_le_bytes(bytes.try_into().ok()?);
    }
    Some(words)
}

impl Shared {
    /// The first page that the base keeps, when this number is the next.
    pub(super) fn first_kept_page(next: u64) -> u64 {
        (next / PER_PAGE).saturating_sub(KEPT)
    }
}

impl Engine {
    /// What became of the transaction with a number. Of those before the last 33 million it is not known.
    pub fn xid_status(&self, xid: Xid) -> Result<XidStatus> {
        let shared = self.shared();
        let (xid, number) = (xid.0, xid.0 / PER_PAGE);
        let (outcome, ended) = {
            let mut sequence = shared.sequence.lock();
            let next = shared.next_xid.load(std::sync::atomic::Ordering::Relaxed);
            if xid >= next {
                return Ok(XidStatus::Future);
            }
            if number < Shared::first_kept_page(next) {
                return Ok(XidStatus::Forgotten);
            }
            let outcomes = &mut sequence.outcomes;
            outcomes.find_ended(next);
            let known = outcomes.pages.contains_key(&number);
            (known.then(|| outcomes.outcome(xid)), xid < outcomes.ended)
        };
        let outcome = match outcome {
            Some(outcome) => Some(outcome),
            // Pages leave memory only when the base has them.
            None => shared.registry.base().outcomes(number, decode)?.map(|words| {
                let word = words[(xid % PER_PAGE / PER_WORD) as usize];
                word >> (2 * (xid % PER_WORD)) & 3
            }),
        };
        Ok(match outcome {
            Some(COMMITTED) => XidStatus::Committed,
            Some(FORGOTTEN) => XidStatus::Forgotten,
            Some(0) | None if !ended => XidStatus::InProgress,
            Some(_) => XidStatus::Aborted,
            None => XidStatus::Forgotten,
        })
    }
}

impl crate::txn::Txn {
    /// What a snapshot of this transaction, taken at a time and still open, sees, in terms of transaction numbers.
    pub fn xid_snapshot(&self, at: Timestamp) -> XidSnapshot {
        let own = self.xid();
        let shared = self.engine().shared();
        let mut sequence = shared.sequence.lock();
        let next = shared.next_xid.load(std::sync::atomic::Ordering::Relaxed);
        sequence.outcomes.as_of(at, next, own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(outcomes: &mut Outcomes, at: u64, next: u64, own: Option<u64>) -> String {
        let XidSnapshot { xmin, xmax, running } = outcomes.as_of(at, next, own.map(Xid));
        let running: Vec<_> = running.iter().map(u64::to_string).collect();
        format!("{xmin}:{xmax}:{}", running.join(","))
    }

    #[test]
    fn a_snapshot_has_what_ran_when_it_was_taken() {
        let mut outcomes = Outcomes::starting(10, 5);
        assert_eq!(snapshot(&mut outcomes, 5, 10, None), "10:10:");
        // 10 to 13 run; 12 commits, then 11.
        assert_eq!(snapshot(&mut outcomes, 5, 14, None), "10:10:");
        outcomes.committed(12);
        assert_eq!(snapshot(&mut outcomes, 6, 14, None), "10:13:10,11");
        assert_eq!(snapshot(&mut outcomes, 5, 14, None), "10:10:");
        outcomes.committed(11);
        assert_eq!(snapshot(&mut outcomes, 7, 14, None), "10:13:10");
        assert_eq!(snapshot(&mut outcomes, 6, 14, None), "10:13:10,11");
        assert_eq!(snapshot(&mut outcomes, 7, 14, Some(10)), "10:13:");
        outcomes.aborted(Xid(13));
        assert_eq!(snapshot(&mut outcomes, 7, 14, None), "10:14:10");
        assert_eq!(snapshot(&mut outcomes, 6, 14, None), "10:13:10,11");
        outcomes.committed_nothing(Xid(10));
        assert_eq!(snapshot(&mut outcomes, 7, 14, None), "14:14:");
    }

    #[test]
    fn commits_are_forgotten_once_all_see_them() {
        let mut outcomes = Outcomes::starting(1000, 0);
        for xid in 1000..1000 + RECENT as u64 {
            assert!(!outcomes.is_full());
            outcomes.committed(xid);
        }
        assert!(outcomes.is_full());
        let next = 1000 + RECENT as u64;
        outcomes.trim(100);
        assert_eq!(outcomes.recent.len(), RECENT - 100);
        let all = snapshot(&mut outcomes, RECENT as u64, next, None);
        assert_eq!(all, format!("{next}:{next}:"));
        assert_eq!(snapshot(&mut outcomes, 100, next, None), "1100:1100:");
        outcomes.trim(u64::MAX);
        assert!(outcomes.recent.is_empty());
    }

    #[test]
    fn pages_leave_memory_when_they_are_written_and_all_have_ended() {
        let mut outcomes = Outcomes::starting(1, 0);
        for xid in 1..3 * PER_PAGE {
            match xid {
                70 => {}
                _ if xid % 2 == 0 => outcomes.aborted(Xid(xid)),
                _ => outcomes.committed(xid),
            }
        }
        let next = 3 * PER_PAGE;
        assert_eq!(outcomes.running(next), [70]);
        assert_eq!(outcomes.take_dirty().len(), 3);
        outcomes.let_go(next);
        assert_eq!(outcomes.pages.len(), 3);
        outcomes.aborted(Xid(70));
        outcomes.let_go(next);
        assert_eq!(outcomes.pages.len(), 1, "the first has changed");
        let pages = outcomes.take_dirty();
        assert_eq!(decode(&pages[0].1).map(|words| words[2]), Some(outcomes.pages[&0].words[2]));
        outcomes.let_go(next);
        assert!(outcomes.pages.is_empty());
        assert_eq!(outcomes.running(next), [0; 0]);
    }
}
