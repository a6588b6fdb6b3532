//! Buffers that idle connections do not hold.
//!
//! A connection takes memory from a pool of its thread when there is something to read or write, and gives it back
//! when it waits for its client again. Thousands of idle connections then share a handful of buffers.

use pglitedb_wire_protocol::MessageBuffer;
use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, ReadBuf};

/// Size of a pooled input buffer: what one read takes at most, unless a longer message needs more.
const INPUT_BYTES: usize = 16 * 1024;
/// From this size on, output is written before more is made.
pub(crate) const OUTPUT_FULL_BYTES: usize = 64 * 1024;
/// Larger output buffers are not kept.
const OUTPUT_KEPT_BYTES: usize = 2 * OUTPUT_FULL_BYTES;
/// Buffers of each kind that a thread keeps.
const POOLED: usize = 16;

#[derive(Default)]
struct Pool {
    input: Vec<Vec<u8>>,
    output: Vec<Vec<u8>>,
}

thread_local! {
    static POOL: RefCell<Pool> = RefCell::default();
}

fn take_input() -> Vec<u8> {
    POOL.with_borrow_mut(|pool| pool.input.pop()).unwrap_or_else(|| vec![0; INPUT_BYTES])
}

fn keep_input(buffer: Vec<u8>) {
    if buffer.len() == INPUT_BYTES {
        POOL.with_borrow_mut(|pool| {
            if pool.input.len() < POOLED {
                pool.input.push(buffer);
            }
        });
    }
}

/// Gives `out` memory, if it has none.
pub(crate) fn equip_output(out: &mut MessageBuffer, equipped: &mut bool) {
    if !*equipped {
        *equipped = true;
        if let Some(mut storage) = POOL.with_borrow_mut(|pool| pool.output.pop()) {
            out.swap_storage(&mut storage);
        }
    }
}

/// Takes the memory of an empty `out` back.
pub(crate) fn release_output(out: &mut MessageBuffer, equipped: &mut bool) {
    if *equipped && out.is_empty() {
        *equipped = false;
        let mut storage = Vec::new();
        out.swap_storage(&mut storage);
        if (1..=OUTPUT_KEPT_BYTES).contains(&storage.capacity()) {
            storage.clear();
            POOL.with_borrow_mut(|pool| {
                if pool.output.len() < POOLED {
                    pool.output.push(storage);
                }
            });
        }
    }
}

/// Bytes that have arrived and are not used up yet.
#[derive(Default)]
pub(crate) struct Input {
    /// All initialized; the bytes that count are `start..end`. Empty while the connection is idle.
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl Input {
    /// What has arrived.
    pub(crate) fn filled(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Marks the first `count` bytes as used up.
    pub(crate) fn consume(&mut self, count: usize) {
        self.start = self.end.min(self.start.saturating_add(count));
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
    }

    /// Reads what there is, at least one byte; 0 at the end of the stream. `needed` says how long the incomplete
    /// message at the head will be, if that is known. While nothing arrives, no memory is held (unless part of a message
    /// has arrived).
    pub(crate) fn poll_fill<S: AsyncRead + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut S,
        needed: usize,
    ) -> Poll<io::Result<usize>> {
        self.make_room(needed);
        let Some(room) = self.bytes.get_mut(self.end..) else { return Poll::Ready(Ok(0)) };
        let mut target = ReadBuf::new(room);
        let polled = Pin::new(stream).poll_read(cx, &mut target);
        let count = target.filled().len();
        if polled.is_pending() {
            self.release_if_empty();
        }
        ready!(polled)?;
        self.end += count;
        Poll::Ready(Ok(count))
    }

    /// The same with a blocking call.
    pub(crate) fn fill_blocking(&mut self, stream: &mut impl io::Read, needed: usize) -> io::Result<usize> {
        self.make_room(needed);
        let Some(room) = self.bytes.get_mut(self.end..) else { return Ok(0) };
        let count = stream.read(room)?;
        self.end += count;
        Ok(count)
    }

    fn make_room(&mut self, needed: usize) {
        if self.bytes.is_empty() {
            self.bytes = take_input();
        }
        // Moving pays when the rest is short or the message would not fit behind it.
        if self.start > 0 && (self.end == self.bytes.len() || self.start + needed > self.bytes.len()) {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.bytes.len() {
            // Doubling follows what has really arrived, so a length alone makes nobody allocate.
            let doubled = self.bytes.len().saturating_mul(2);
            self.bytes.resize(doubled.min(needed.max(self.bytes.len() + INPUT_BYTES)), 0);
        }
    }

    fn release_if_empty(&mut self) {
        if self.end == 0 {
            keep_input(std::mem::take(&mut self.bytes));
        }
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        keep_input(std::mem::take(&mut self.bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Waker;

    #[test]
    fn input_grows_for_long_messages_and_holds_nothing_when_idle() {
        let data: Vec<u8> = (0..100_000u32).map(|n| n as u8).collect();
        let mut stream = &data[..];
        let mut input = Input::default();
        let mut cx = Context::from_waker(Waker::noop());
        while input.filled().len() < data.len() {
            assert!(matches!(input.poll_fill(&mut cx, &mut stream, data.len()), Poll::Ready(Ok(1..))));
        }
        assert_eq!(input.filled(), data);
        input.consume(99_999);
        assert_eq!(input.filled(), [data[99_999]]);
        input.consume(5);
        assert!(input.filled().is_empty());

        let mut never = tokio::io::empty();
        assert!(matches!(input.poll_fill(&mut cx, &mut never, 0), Poll::Ready(Ok(0))));
        let (mut pending, _other) = tokio::io::duplex(10);
        assert!(input.poll_fill(&mut cx, &mut pending, 0).is_pending());
        assert_eq!(input.bytes.capacity(), 0);
    }
}
