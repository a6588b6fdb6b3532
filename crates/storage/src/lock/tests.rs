//! The lock manager: modes, queues, deadlocks, cancellation.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::*;
use crate::Error;

const ROW: fn(u8) -> LockTag = |n| LockTag::row(crate::StorageId(1), &[n]);

fn owner(manager: &LockManager, pid: u32) -> LockOwner {
    let owner = manager.register(pid, CancelToken::new());
    let deadlock_timeout = Duration::from_millis(50);
    owner.set_settings(LockSettings { lock_timeout: None, deadlock_timeout });
    owner
}

fn wait_until_queued(manager: &LockManager, pid: u32) {
    let start = Instant::now();
    while !manager.list().iter().any(|lock| lock.pid == pid && !lock.granted) {
        assert!(start.elapsed() < Duration::from_secs(10), "{pid} does not wait");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn conflicting_requests_wait_their_turn() {
    let manager = LockManager::default();
    let (a, b, c) = (owner(&manager, 1), owner(&manager, 2), owner(&manager, 3));
    let tag = LockTag::Relation(1, 100);
    assert!(a.lock_session(tag.clone(), LockMode::AccessShare, LockWait::Block).unwrap());
    assert!(!b.lock_session(tag.clone(), LockMode::AccessExclusive, LockWait::Skip).unwrap());
    let refused = b.lock_session(tag.clone(), LockMode::AccessExclusive, LockWait::NoWait);
    assert!(matches!(refused, Err(Error::LockNotAvailable(_))));
    let (sender, order) = mpsc::channel();
    thread::scope(|scope| {
        let (first, second) = (sender.clone(), sender);
        let (tag_b, tag_c) = (tag.clone(), tag.clone());
        scope.spawn(move || {
            b.lock_session(tag_b, LockMode::AccessExclusive, LockWait::Block).unwrap();
            first.send("exclusive").unwrap();
        });
        wait_until_queued(&manager, 2);
        scope.spawn(move || {
            // It does not conflict with what is held, but must not overtake.
            c.lock_session(tag_c, LockMode::AccessShare, LockWait::Block).unwrap();
            second.send("share").unwrap();
        });
        wait_until_queued(&manager, 3);
        assert_eq!(manager.blockers(2), [1]);
        assert_eq!(manager.blockers(3), [2]);
        // The holder itself goes ahead of those who wait for it.
        assert!(a.lock_session(tag.clone(), LockMode::RowExclusive, LockWait::NoWait).unwrap());
        a.unlock_session_all(|_| true);
    });
    assert_eq!(order.iter().collect::<Vec<_>>(), ["exclusive", "share"]);
    assert!(manager.list().is_empty(), "owners are gone, and their locks with them");
}

#[test]
fn session_locks_are_counted() {
    let manager = LockManager::default();
    let (a, b) = (owner(&manager, 1), owner(&manager, 2));
    let tag = LockTag::Advisory(1, 7);
    a.lock_session(tag.clone(), LockMode::Exclusive, LockWait::Block).unwrap();
    a.lock_session(tag.clone(), LockMode::Exclusive, LockWait::Block).unwrap();
    assert!(a.unlock_session(&tag, LockMode::Exclusive));
    assert!(!b.lock_session(tag.clone(), LockMode::Share, LockWait::Skip).unwrap());
    assert!(a.unlock_session(&tag, LockMode::Exclusive));
    assert!(!a.unlock_session(&tag, LockMode::Exclusive));
    assert!(b.lock_session(tag.clone(), LockMode::Share, LockWait::Skip).unwrap());
    assert!(a.lock_session(tag, LockMode::Share, LockWait::Skip).unwrap());
}

#[test]
fn row_modes() {
    let manager = LockManager::default();
    let (a, b) = (owner(&manager, 1), owner(&manager, 2));
    a.lock_session(ROW(1), LockMode::ForNoKeyUpdate, LockWait::Block).unwrap();
    assert!(b.lock_session(ROW(1), LockMode::ForKeyShare, LockWait::Skip).unwrap());
    assert!(!b.lock_session(ROW(1), LockMode::ForShare, LockWait::Skip).unwrap());
    assert!(!a.lock_session(ROW(1), LockMode::ForUpdate, LockWait::Skip).unwrap());
    assert!(b.lock_session(ROW(2), LockMode::ForUpdate, LockWait::Skip).unwrap());
}

#[test]
fn deadlocks_are_found() {
    let manager = LockManager::default();
    let (a, b) = (owner(&manager, 1), owner(&manager, 2));
    a.lock_session(ROW(1), LockMode::ForUpdate, LockWait::Block).unwrap();
    b.lock_session(ROW(2), LockMode::ForUpdate, LockWait::Block).unwrap();
    let start = Instant::now();
    let outcomes: Vec<_> = thread::scope(|scope| {
        let one = scope.spawn(|| {
            let outcome = a.lock_session(ROW(2), LockMode::ForUpdate, LockWait::Block);
            a.unlock_session_all(|_| true);
            outcome
        });
        let two = scope.spawn(|| {
            let outcome = b.lock_session(ROW(1), LockMode::ForUpdate, LockWait::Block);
            b.unlock_session_all(|_| true);
            outcome
        });
        [one.join().unwrap(), two.join().unwrap()].into()
    });
    assert!(start.elapsed() < Duration::from_secs(2));
    let failures: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    let [Error::Deadlock(detail)] = failures[..] else { panic!("{outcomes:?}") };
    assert_eq!(detail.edges.len(), 2);
    assert_eq!(detail.edges[0].blocked_by, detail.edges[1].pid);
    assert_eq!(detail.edges[1].blocked_by, detail.edges[0].pid);
    assert_eq!(detail.edges[0].mode, LockMode::ForUpdate);
}

#[test]
fn a_circle_through_a_queue_is_opened() {
    // 1 holds A in share; 2 waits for A exclusively and holds B; 1 wants B; 3 wants A shared behind 2 and ... the
    // circle 1 → 2 is hard; here instead: 1 waits, behind 2, for what its holder would allow.
    let manager = LockManager::default();
    let (one, two, three) = (owner(&manager, 1), owner(&manager, 2), owner(&manager, 3));
    let (a, b) = (LockTag::Relation(1, 1), LockTag::Relation(1, 2));
    three.lock_session(a.clone(), LockMode::AccessShare, LockWait::Block).unwrap();
    one.lock_session(b.clone(), LockMode::AccessExclusive, LockWait::Block).unwrap();
    thread::scope(|scope| {
        let (tag_a, tag_b) = (a.clone(), b.clone());
        let two = &two;
        scope.spawn(move || {
            two.lock_session(tag_a, LockMode::AccessExclusive, LockWait::Block).unwrap();
        });
        wait_until_queued(&manager, 2);
        let three = &three;
        scope.spawn(move || {
            // 3, which keeps 2 waiting, waits for 1.
            three.lock_session(tag_b, LockMode::AccessShare, LockWait::Block).unwrap();
            three.unlock_session_all(|_| true);
        });
        wait_until_queued(&manager, 3);
        // 1 waits behind 2: 1 → 2 → 3 → 1, but 3's lock would let 1 in.
        one.lock_session(a, LockMode::AccessShare, LockWait::Block).unwrap();
        one.unlock_session_all(|_| true);
    });
}

#[test]
fn waits_time_out_and_can_be_cancelled() {
    let manager = LockManager::default();
    let a = owner(&manager, 1);
    a.lock_session(ROW(1), LockMode::ForUpdate, LockWait::Block).unwrap();
    let b = owner(&manager, 2);
    let lock_timeout = Some(Duration::from_millis(20));
    b.set_settings(LockSettings { lock_timeout, deadlock_timeout: Duration::from_secs(1) });
    let outcome = b.lock_session(ROW(1), LockMode::ForUpdate, LockWait::Block);
    assert!(matches!(outcome, Err(Error::LockTimeout(_))));
    let cancel = CancelToken::new();
    let c = manager.register(3, cancel.clone());
    thread::scope(|scope| {
        let waiting = scope.spawn(|| c.lock_session(ROW(1), LockMode::ForUpdate, LockWait::Block));
        wait_until_queued(&manager, 3);
        cancel.cancel(CancelReason::StatementTimeout);
        let outcome = waiting.join().unwrap();
        assert!(matches!(outcome, Err(Error::Cancelled(CancelReason::StatementTimeout))));
    });
    assert_eq!(manager.list().len(), 1);
}

#[test]
fn the_hook_surrounds_waits() {
    let manager = LockManager::default();
    let called = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&called);
    manager.set_blocking_hook(Arc::new(move |wait| {
        seen.store(true, Ordering::SeqCst);
        wait();
    }));
    let (a, b) = (owner(&manager, 1), owner(&manager, 2));
    a.lock_session(ROW(1), LockMode::ForUpdate, LockWait::Block).unwrap();
    assert!(!called.load(Ordering::SeqCst));
    thread::scope(|scope| {
        let waiting = scope.spawn(|| b.lock_session(ROW(1), LockMode::ForShare, LockWait::Block));
        wait_until_queued(&manager, 2);
        a.unlock_session(&ROW(1), LockMode::ForUpdate);
        assert!(waiting.join().unwrap().unwrap());
    });
    assert!(called.load(Ordering::SeqCst));
}
