//! Finding circles of waits.

use parking_lot::MutexGuard;
use rustc_hash::{FxHashMap, FxHashSet};

use super::entry::{Entry, Shard};
use super::manager::Waiting;
use super::{DeadlockDetail, DeadlockEdge};

type Shards<'a> = [MutexGuard<'a, Shard>];
type Waits = FxHashMap<u64, Waiting>;

/// Somebody whom a waiting owner waits for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blocker {
    pub(super) owner: u64,
    pub(super) pid: u32,
    /// It holds nothing that conflicts, but waits before us in the queue.
    soft: bool,
}

/// A circle of waits.
pub(super) struct Circle(Vec<(u64, Waiting, Blocker)>);

impl Circle {
    pub(super) fn detail(&self) -> DeadlockDetail {
        let edge = |(_, wait, blocker): &(u64, Waiting, Blocker)| DeadlockEdge {
            pid: wait.pid,
            mode: wait.mode,
            tag: wait.tag.clone(),
            blocked_by: blocker.pid,
        };
        DeadlockDetail { edges: self.0.iter().map(edge).collect() }
    }
}

fn entry<'a>(shards: &'a Shards<'_>, wait: &Waiting) -> Option<&'a Entry> {
    shards[(wait.hash >> 52) as usize % shards.len()].get(wait.hash, &wait.tag)
}

/// Those whom an owner waits for.
pub(super) fn blockers(shards: &Shards<'_>, waiting: &Waits, owner: u64) -> Vec<Blocker> {
    let Some(wait) = waiting.get(&owner) else { return Vec::new() };
    let Some(entry) = entry(shards, wait) else { return Vec::new() };
    if !entry.queue().any(|waiter| waiter.owner == owner) {
        return Vec::new(); // Granted already, though its thread has not run yet.
    }
    let conflicts = wait.mode.conflicts();
    let holders = entry.holders.iter().filter(|h| h.owner != owner && h.modes() & conflicts != 0);
    let mut all: Vec<_> = holders.map(|h| Blocker { owner: h.owner, pid: h.pid, soft: false }).collect();
    let ahead = entry.queue().take_while(|waiter| waiter.owner != owner);
    let ahead = ahead.filter(|waiter| waiter.mode.bit() & conflicts != 0);
    all.extend(ahead.map(|w| Blocker { owner: w.owner, pid: w.pid, soft: true }));
    all
}

/// A circle of waits through `start`, if there is one.
pub(super) fn find(shards: &Shards<'_>, waiting: &Waits, start: u64) -> Option<Circle> {
    let mut visited = FxHashSet::default();
    // The path from the start, with what is still to try at each step.
    let mut path: Vec<(u64, Vec<Blocker>, Option<Blocker>)> =
        vec![(start, blockers(shards, waiting, start), None)];
    while let Some((_, untried, taken)) = path.last_mut() {
        let Some(blocker) = untried.pop() else {
            path.pop();
            continue;
        };
        *taken = Some(blocker);
        if blocker.owner == start {
            let edge = |(owner, _, taken): &(u64, Vec<Blocker>, Option<Blocker>)| {
                Some((*owner, waiting.get(owner)?.clone(), (*taken)?))
            };
            return path.iter().map(edge).collect::<Option<Vec<_>>>().map(Circle);
        }
        if visited.insert(blocker.owner) {
            path.push((blocker.owner, blockers(shards, waiting, blocker.owner), None));
        }
    }
    None
}

/// Opens a circle, if somebody in it waits only for its place in the queue: it goes to the front. Returns whether that helped.
pub(super) fn reorder(shards: &mut Shards<'_>, waiting: &Waits, circle: &Circle) -> bool {
    for (owner, _, blocker) in &circle.0 {
        let Some(wait) = waiting.get(owner).filter(|_| blocker.soft) else { continue };
        let count = shards.len();
        let Some(entry) = shards[(wait.hash >> 52) as usize % count].find(wait.hash, &wait.tag) else {
            continue;
        };
        if entry.holders_allow(*owner, wait.mode) {
            entry.move_to_front(*owner);
            entry.wake();
            return true;
        }
    }
    false
}
