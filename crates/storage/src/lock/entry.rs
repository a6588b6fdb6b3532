//! The locks on one object, and the part of the lock table that a mutex guards.

use std::collections::VecDeque;
use std::sync::Arc;

use hashbrown::HashTable;
use smallvec::SmallVec;

use super::{LockInfo, LockMode, LockTag, WaitSlot};

/// An owner's holds on an object, as sets of modes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder {
    pub(super) owner: u64,
    pub(super) pid: u32,
    txn: u16,
    session: u16,
}

impl Holder {
    pub(super) fn modes(&self) -> u16 {
        self.txn | self.session
    }
}

/// A request in the queue.
pub(super) struct Waiter {
    pub(super) owner: u64,
    pub(super) pid: u32,
    pub(super) mode: LockMode,
    pub(super) session: bool,
    pub(super) slot: Arc<WaitSlot>,
    pub(super) since: i64,
}

/// The locks on one object.
pub(super) struct Entry {
    hash: u64,
    tag: LockTag,
    pub(super) holders: SmallVec<[Holder; 1]>,
    queue: VecDeque<Waiter>,
}

impl Entry {
    /// The modes that an owner holds at transaction or at session level.
    pub(super) fn held_at(&self, owner: u64, session: bool) -> u16 {
        let holder = self.holders.iter().find(|holder| holder.owner == owner);
        holder.map_or(0, |holder| if session { holder.session } else { holder.txn })
    }

    fn held_by(&self, owner: u64) -> u16 {
        self.holders.iter().find(|holder| holder.owner == owner).map_or(0, Holder::modes)
    }

    fn held_by_others(&self, owner: u64) -> u16 {
        self.holders.iter().filter(|holder| holder.owner != owner).fold(0, |set, holder| set | holder.modes())
    }

    pub(super) fn queue(&self) -> impl Iterator<Item = &Waiter> {
        self.queue.iter()
    }

    /// Where a new request belongs: at the end, or before the first who must wait for this owner anyway.
    pub(super) fn place_in_queue(&self, owner: u64) -> usize {
        if self.queue.is_empty() {
            return 0;
        }
        let held = self.held_by(owner);
        let waits_for_us = |waiter: &Waiter| waiter.mode.conflicts() & held != 0;
        self.queue.iter().position(waits_for_us).unwrap_or(self.queue.len())
    }

    /// Whether a request with `place` others before it can be granted at once.
    pub(super) fn is_free_for(&self, owner: u64, mode: LockMode, place: usize) -> bool {
        let ahead = self.queue().take(place).fold(0, |set, waiter| set | waiter.mode.bit());
        mode.conflicts() & (self.held_by_others(owner) | ahead) == 0
    }

    /// Whether those who hold locks would let this one in.
    pub(super) fn holders_allow(&self, owner: u64, mode: LockMode) -> bool {
        mode.conflicts() & self.held_by_others(owner) == 0
    }

    pub(super) fn add(&mut self, owner: u64, pid: u32, mode: LockMode, session: bool) {
        let index = match self.holders.iter().position(|holder| holder.owner == owner) {
            Some(index) => index,
            None => {
                self.holders.push(Holder { owner, pid, txn: 0, session: 0 });
                self.holders.len() - 1
            }
        };
        let holder = &mut self.holders[index];
        let set = if session { &mut holder.session } else { &mut holder.txn };
        *set |= mode.bit();
    }

    fn remove(&mut self, owner: u64, mode: LockMode, session: bool) {
        let Some(index) = self.holders.iter().position(|holder| holder.owner == owner) else { return };
        let holder = &mut self.holders[index];
        let set = if session { &mut holder.session } else { &mut holder.txn };
        *set &= !mode.bit();
        if holder.modes() == 0 {
            self.holders.swap_remove(index);
        }
    }

    pub(super) fn enqueue(&mut self, place: usize, waiter: Waiter) {
        self.queue.insert(place, waiter);
    }

    pub(super) fn dequeue(&mut self, slot: &Arc<WaitSlot>) {
        self.queue.retain(|waiter| !Arc::ptr_eq(&waiter.slot, slot));
    }

    /// Moves an owner's request to the head of the queue.
    pub(super) fn move_to_front(&mut self, owner: u64) {
        if let Some(index) = self.queue.iter().position(|waiter| waiter.owner == owner)
            && let Some(waiter) = self.queue.remove(index)
        {
            self.queue.push_front(waiter);
        }
    }

    /// Grants, in the queue's order, what conflicts neither with what is held nor with who waits longer.
    pub(super) fn wake(&mut self) {
        if self.queue.is_empty() {
            return;
        }
        let mut left = VecDeque::new();
        let mut ahead = 0;
        for waiter in std::mem::take(&mut self.queue) {
            let conflicts = waiter.mode.conflicts();
            if conflicts & (self.held_by_others(waiter.owner) | ahead) == 0 {
                self.add(waiter.owner, waiter.pid, waiter.mode, waiter.session);
                waiter.slot.grant();
            } else {
                ahead |= waiter.mode.bit();
                left.push_back(waiter);
            }
        }
        self.queue = left;
    }
}

/// A part of the lock table.
#[derive(Default)]
pub(super) struct Shard {
    entries: HashTable<Entry>,
}

impl Shard {
    /// The entry of an object, made if missing.
    pub(super) fn entry(&mut self, hash: u64, tag: &LockTag) -> &mut Entry {
        let entry = self.entries.entry(hash, |e| e.hash == hash && e.tag == *tag, |e| e.hash);
        let new = || Entry { hash, tag: tag.clone(), holders: SmallVec::new(), queue: VecDeque::new() };
        entry.or_insert_with(new).into_mut()
    }

    pub(super) fn find(&mut self, hash: u64, tag: &LockTag) -> Option<&mut Entry> {
        self.entries.find_mut(hash, |e| e.hash == hash && e.tag == *tag)
    }

    pub(super) fn get(&self, hash: u64, tag: &LockTag) -> Option<&Entry> {
        self.entries.find(hash, |e| e.hash == hash && e.tag == *tag)
    }

    pub(super) fn release(&mut self, owner: u64, tag: &LockTag, hash: u64, mode: LockMode, session: bool) {
        let Ok(mut found) = self.entries.find_entry(hash, |e| e.hash == hash && e.tag == *tag) else {
            return;
        };
        let entry = found.get_mut();
        entry.remove(owner, mode, session);
        entry.wake();
        if entry.holders.is_empty() && entry.queue.is_empty() {
            found.remove();
        }
    }

    pub(super) fn drop_if_empty(&mut self, hash: u64, tag: &LockTag) {
        if let Ok(found) = self.entries.find_entry(hash, |e| e.hash == hash && e.tag == *tag)
            && found.get().holders.is_empty()
            && found.get().queue.is_empty()
        {
            found.remove();
        }
    }

    pub(super) fn list(&self, into: &mut Vec<LockInfo>) {
        for entry in &self.entries {
            for holder in &entry.holders {
                for (set, session) in [(holder.txn, false), (holder.session, true)] {
                    into.extend(LockMode::in_set(set).map(|mode| LockInfo {
                        tag: entry.tag.clone(),
                        mode,
                        pid: holder.pid,
                        granted: true,
                        session,
                        wait_start: None,
                    }));
                }
            }
            into.extend(entry.queue().map(|waiter| LockInfo {
                tag: entry.tag.clone(),
                mode: waiter.mode,
                pid: waiter.pid,
                granted: false,
                session: waiter.session,
                wait_start: Some(waiter.since),
            }));
        }
    }
}
