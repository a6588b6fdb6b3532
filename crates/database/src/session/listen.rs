//! LISTEN and NOTIFY.

use crate::env::{Env, SessionHost};
use crate::transaction::state::ListenChange;
use parking_lot::Mutex;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A delivered notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notification {
    pub pid: u32,
    pub channel: Arc<str>,
    pub payload: Arc<str>,
}

/// Where a session's notifications arrive.
pub(crate) struct Mailbox {
    pub(crate) host: Option<Arc<dyn SessionHost>>,
    any: AtomicBool,
    messages: Mutex<VecDeque<Notification>>,
    channels: Mutex<Vec<Box<str>>>,
}

impl Mailbox {
    pub(crate) fn new(host: Option<Arc<dyn SessionHost>>) -> Arc<Self> {
        Arc::new(Mailbox {
            host,
            any: AtomicBool::new(false),
            messages: Mutex::default(),
            channels: Mutex::default(),
        })
    }

    pub(crate) fn wake(&self) {
        if let Some(host) = &self.host {
            host.wake();
        }
    }

    fn deliver(&self, notification: Notification) {
        self.messages.lock().push_back(notification);
        self.any.store(true, Ordering::Release);
    }

    /// Takes what has arrived.
    pub(crate) fn take(&self) -> VecDeque<Notification> {
        if !self.any.load(Ordering::Acquire) {
            return VecDeque::new();
        }
        let mut messages = self.messages.lock();
        self.any.store(false, Ordering::Release);
        std::mem::take(&mut *messages)
    }
}

/// A session's part in notifications.
pub(crate) struct ListenState {
    pub(crate) mailbox: Arc<Mailbox>,
    /// Channels it listens on, in order.
    pub(crate) channels: RefCell<Vec<Box<str>>>,
}

impl ListenState {
    pub(crate) fn new(host: Option<Arc<dyn SessionHost>>) -> Self {
        ListenState { mailbox: Mailbox::new(host), channels: RefCell::default() }
    }
}

impl Env {
    /// Carries out what LISTEN, UNLISTEN and NOTIFY of a committed transaction asked for.
    pub(crate) fn publish_notifications(
        &self,
        changes: Vec<ListenChange>,
        notifications: Vec<(Box<str>, Box<str>)>,
    ) {
        if !changes.is_empty() {
            let mut channels = self.listen.channels.borrow_mut();
            for change in changes {
                match change {
                    ListenChange::Listen(channel) if channels.contains(&channel) => {}
                    ListenChange::Listen(channel) => channels.push(channel),
                    ListenChange::Unlisten(channel) => channels.retain(|known| *known != channel),
                    ListenChange::UnlistenAll => channels.clear(),
                }
            }
            *self.listen.mailbox.channels.lock() = channels.clone();
        }
        if notifications.is_empty() {
            return;
        }
        let sessions = self.cluster.sessions.list();
        for session in sessions.iter().filter(|session| session.database == self.database.oid) {
            let channels = session.mailbox.channels.lock().clone();
            let mut delivered = false;
            for (channel, payload) in &notifications {
                if channels.contains(channel) {
                    session.mailbox.deliver(Notification {
                        pid: self.pid,
                        channel: Arc::from(&**channel),
                        payload: Arc::from(&**payload),
                    });
                    delivered = true;
                }
            }
            if delivered && session.pid != self.pid {
                session.mailbox.wake();
            }
        }
    }
}
