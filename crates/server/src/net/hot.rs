//! A thread for each connection that is in full swing.
//!
//! A connection whose client sends one request after another leaves the event loop: a thread of its own reads and writes
//! with blocking calls, which costs two thirds of the time of the detour through `epoll` and the runtime's queues, and a
//! wait for a lock or for durability just blocks it. As soon as the client pauses the connection goes back, so thousands
//! of idle connections need no threads. The number of such threads is limited; without one a connection works all the same.

use super::connection::{Closed, Connection, Step};
use super::registry::HOT_THREAD;
use super::stream::Stream;
use crate::engine::Session;
use pglitedb_sqlstate::Severity;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

/// A client silent for that long goes back to the event loop. Also how late a signal can be noticed.
const PATIENCE: Duration = Duration::from_millis(10);
/// A client that takes no data for that long goes back to the event loop.
const WRITE_PATIENCE: Duration = Duration::from_millis(200);

/// How a connection left its thread.
pub(crate) enum Left {
    /// The client pauses: on with the event loop.
    Paused,
    /// The connection is over.
    Closed,
}

/// A socket with blocking calls.
enum Socket {
    Tcp(std::net::TcpStream),
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixStream),
}

impl Socket {
    fn from_stream(stream: Stream) -> io::Result<Socket> {
        match stream {
            Stream::Tcp(stream) => {
                let stream = stream.into_std()?;
                stream.set_nonblocking(false)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(WRITE_PATIENCE))?;
                Ok(Socket::Tcp(stream))
            }
            #[cfg(unix)]
            Stream::Unix(stream) => {
                let stream = stream.into_std()?;
                stream.set_nonblocking(false)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(WRITE_PATIENCE))?;
                Ok(Socket::Unix(stream))
            }
            Stream::Tls(_) | Stream::Taken => Err(ErrorKind::Unsupported.into()),
        }
    }

    /// Must be called within the runtime.
    fn into_stream(self) -> io::Result<Stream> {
        match self {
            Socket::Tcp(stream) => {
                stream.set_nonblocking(true)?;
                tokio::net::TcpStream::from_std(stream).map(Stream::Tcp)
            }
            #[cfg(unix)]
            Socket::Unix(stream) => {
                stream.set_nonblocking(true)?;
                tokio::net::UnixStream::from_std(stream).map(Stream::Unix)
            }
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Socket::Tcp(stream) => stream.read(buffer),
            #[cfg(unix)]
            Socket::Unix(stream) => stream.read(buffer),
        }
    }
}

impl Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Socket::Tcp(stream) => stream.write(bytes),
            #[cfg(unix)]
            Socket::Unix(stream) => stream.write(bytes),
        }
    }
}

/// Serves a connection until it pauses or ends. Called on a thread that may block, within the runtime.
pub(crate) fn run<S: Session>(connection: &mut Connection<S>) -> Left {
    let stream = std::mem::replace(&mut connection.stream, Stream::Taken);
    let Ok(mut socket) = Socket::from_stream(stream) else { return Left::Closed };
    HOT_THREAD.set(true);
    let left = serve(connection, &mut socket);
    HOT_THREAD.set(false);
    match socket.into_stream() {
        Ok(stream) => {
            connection.stream = stream;
            left
        }
        Err(_) => Left::Closed,
    }
}

fn serve<S: Session>(connection: &mut Connection<S>, socket: &mut Socket) -> Left {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    loop {
        let step = connection.step();
        if matches!(step, Step::Next) && !connection.out.is_full() {
            continue;
        }
        match write(connection, socket, &waker) {
            Ok(true) => {}
            // The event loop writes the rest.
            Ok(false) => return if step == Step::Close { Left::Closed } else { Left::Paused },
            Err(Closed) => return Left::Closed,
        }
        match step {
            Step::Close => return Left::Closed,
            Step::NeedInput => match read(connection, socket) {
                Ok(true) => {}
                Ok(false) => return Left::Paused,
                Err(Closed) => return Left::Closed,
            },
            Step::Next | Step::Write => {}
        }
    }
}

/// Reads something; `false` when nothing comes or there is something else to attend to.
fn read<S: Session>(connection: &mut Connection<S>, socket: &mut Socket) -> Result<bool, Closed> {
    connection.become_idle();
    if connection.backend.signal.flags() != 0 {
        return Ok(false);
    }
    let needed = connection.limits.needed(connection.input.filled());
    loop {
        match connection.input.fill_blocking(socket, needed) {
            Ok(0) => return Err(Closed),
            Ok(_) => {
                connection.backend.busy.store(true, Ordering::SeqCst);
                return Ok(true);
            }
            Err(error) => match error.kind() {
                ErrorKind::Interrupted => {}
                ErrorKind::WouldBlock | ErrorKind::TimedOut => return Ok(false),
                _ => return Err(Closed),
            },
        }
    }
}

/// Writes everything, once it is durable; `false` when the client takes no more.
fn write<S: Session>(
    connection: &mut Connection<S>,
    socket: &mut Socket,
    waker: &Waker,
) -> Result<bool, Closed> {
    if connection.out.is_empty() {
        return Ok(true);
    }
    if let Err(error) = wait_durable(&mut connection.session, waker) {
        connection.out.clear();
        connection.out.report(&error.severity(Severity::Fatal), None);
        let _ = socket.write(connection.out.as_bytes());
        return Err(Closed);
    }
    while let Some(rest) = connection.unwritten() {
        match socket.write(rest) {
            Ok(0) => return Err(Closed),
            Ok(count) => connection.written(count),
            Err(error) => match error.kind() {
                ErrorKind::Interrupted => {}
                ErrorKind::WouldBlock | ErrorKind::TimedOut => return Ok(false),
                _ => return Err(Closed),
            },
        }
    }
    Ok(true)
}

fn wait_durable<S: Session>(session: &mut S, waker: &Waker) -> pglitedb_sqlstate::Result<()> {
    let mut cx = Context::from_waker(waker);
    loop {
        match session.poll_durable(&mut cx) {
            Poll::Ready(result) => return result,
            // Wakes at once if the waker was called in the meantime.
            Poll::Pending => std::thread::park(),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}
