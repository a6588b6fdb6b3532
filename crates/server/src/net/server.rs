//! Listening, and stopping.

use super::connection::{Closed, Connection, Outcome};
use super::handshake;
use super::hot::{self, Left};
use super::options::{ListenAddress, ServerOptions};
use super::registry::Registry;
use super::stream::Stream;
use super::watchdog::Watchdog;
use crate::engine::Engine;
use pglitedb_sqlstate::{Error, Result, err};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;
use tokio::sync::{Notify, watch};

/// Sockets beyond `max_connections` that are listened to, so that cancel requests and refusals get through.
const SPARE_SOCKETS: usize = 100;

/// What all connections share.
pub(crate) struct Shared<E: Engine> {
    pub(crate) engine: E,
    pub(crate) options: ServerOptions,
    pub(crate) registry: Arc<Registry>,
    pub(crate) watchdog: Watchdog,
    /// Sockets that are open, with a session or on the way to one.
    pub(crate) connections: AtomicUsize,
    pub(crate) stopping: AtomicBool,
    /// From which the salts of unknown users are made.
    pub(crate) mock_secret: [u8; 32],
    /// Connections that have a thread of their own at the moment.
    hot_threads: AtomicUsize,
    all_gone: Notify,
}

/// How far a stop has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stop {
    No,
    Graceful,
    Now,
}

/// Stops a server from elsewhere.
#[derive(Clone)]
pub struct StopHandle(watch::Sender<Stop>);

impl StopHandle {
    /// Ends idle sessions and gives running statements some time. A second call ends those, too.
    pub fn stop(&self) {
        self.0.send_modify(|stop| *stop = if *stop == Stop::No { Stop::Graceful } else { Stop::Now });
    }
}

enum Listener {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener, PathBuf),
}

/// A server that listens already.
pub struct Server<E: Engine> {
    shared: Arc<Shared<E>>,
    listeners: Vec<Listener>,
    addresses: Vec<String>,
    tcp: Vec<SocketAddr>,
    stop: watch::Sender<Stop>,
}

impl<E: Engine> Server<E> {
    /// Opens the sockets. Must be called in a tokio runtime with several threads.
    pub async fn bind(engine: E, options: ServerOptions) -> Result<Server<E>> {
        let mut listeners = Vec::new();
        let mut addresses = Vec::new();
        let mut tcp = Vec::new();
        for address in &options.listen {
            match address {
                ListenAddress::Tcp(address) => {
                    for listener in bind_tcp(address).await? {
                        let local = listener.local_addr().map_err(|error| cannot_bind(address, &error))?;
                        addresses.push(local.to_string());
                        tcp.push(local);
                        listeners.push(Listener::Tcp(listener));
                    }
                }
                ListenAddress::Unix { directory, port } => {
                    let path = directory.join(format!(".s.PGSQL.{port}"));
                    addresses.push(path.display().to_string());
                    listeners.push(bind_unix(path).await?);
                }
            }
        }
        let shared = Shared {
            engine,
            options,
            registry: Arc::default(),
            watchdog: Watchdog::default(),
            connections: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
            mock_secret: super::auth::random()?,
            hot_threads: AtomicUsize::new(0),
            all_gone: Notify::new(),
        };
        let (stop, _) = watch::channel(Stop::No);
        Ok(Server { shared: Arc::new(shared), listeners, addresses, tcp, stop })
    }

    /// Where it listens, for people.
    pub fn addresses(&self) -> &[String] {
        &self.addresses
    }

    /// Where it listens for TCP; with the real port where 0 was asked for.
    pub fn tcp_addresses(&self) -> &[SocketAddr] {
        &self.tcp
    }

    /// The handle that stops it.
    pub fn stop_handle(&self) -> StopHandle {
        StopHandle(self.stop.clone())
    }

    /// Serves until it is stopped, then closes the database.
    pub async fn run(self) -> Result<()> {
        let Server { shared, listeners, stop, .. } = self;
        let mut sockets = Vec::new();
        let mut tasks = Vec::new();
        for listener in listeners {
            #[cfg(unix)]
            if let Listener::Unix(_, path) = &listener {
                sockets.push(path.clone());
            }
            tasks.push(tokio::spawn(accept_all(shared.clone(), listener)));
        }
        let mut changes = stop.subscribe();
        let _ = changes.wait_for(|stop| *stop >= Stop::Graceful).await;
        shared.stopping.store(true, Ordering::SeqCst);
        for task in &tasks {
            task.abort();
        }
        for socket in &sockets {
            let _ = std::fs::remove_file(socket);
        }
        shared.registry.stop_all(false);
        let hurry = changes.wait_for(|stop| *stop == Stop::Now);
        let in_time = tokio::select! {
            () = wait_until_gone(&shared) => true,
            () = tokio::time::sleep(shared.options.stop_grace) => false,
            _ = hurry => false,
        };
        if !in_time {
            shared.registry.stop_all(true);
            let _ = tokio::time::timeout(Duration::from_secs(5), wait_until_gone(&shared)).await;
        }
        shared.watchdog.close();
        tokio::task::block_in_place(|| shared.engine.close())
    }
}

async fn wait_until_gone<E: Engine>(shared: &Shared<E>) {
    loop {
        let gone = shared.all_gone.notified();
        if shared.connections.load(Ordering::SeqCst) == 0 {
            return;
        }
        gone.await;
    }
}

async fn accept_all<E: Engine>(shared: Arc<Shared<E>>, listener: Listener) {
    loop {
        let accepted = match &listener {
            Listener::Tcp(listener) => listener.accept().await.map(|(stream, peer)| {
                // Answers are written whole; waiting for more would only delay them.
                let _ = stream.set_nodelay(true);
                (Stream::Tcp(stream), Some(peer))
            }),
            #[cfg(unix)]
            Listener::Unix(listener, _) => {
                listener.accept().await.map(|(stream, _)| (Stream::Unix(stream), None))
            }
        };
        match accepted {
            Ok((stream, peer)) => {
                let open = shared.connections.fetch_add(1, Ordering::SeqCst) + 1;
                let place = Place(shared.clone());
                if open <= shared.options.max_connections + SPARE_SOCKETS {
                    tokio::spawn(serve(place, stream, peer));
                }
            }
            // Most likely there are no file descriptors left: closing connections will help, spinning will not.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// A counted connection.
struct Place<E: Engine>(Arc<Shared<E>>);

impl<E: Engine> Drop for Place<E> {
    fn drop(&mut self) {
        if self.0.connections.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.all_gone.notify_waiters();
        }
    }
}

/// A connection from beginning to end. The handshake is boxed: its state is large, and the task's memory is as large as
/// its largest state.
async fn serve<E: Engine>(place: Place<E>, stream: Stream, peer: Option<SocketAddr>) {
    let opened: std::result::Result<_, Closed> = Box::pin(handshake::open(&place.0, stream, peer)).await;
    if let Ok(mut connection) = opened {
        while let Outcome::Brisk = connection.run().await {
            match run_hot(&place.0, connection).await {
                Some(back) => connection = back,
                None => return,
            }
        }
        let mut stream = std::mem::replace(&mut connection.stream, Stream::Taken);
        drop(connection);
        Box::pin(handshake::drain(&mut stream)).await;
    }
}

/// Lets a brisk connection have a thread while it is brisk; `None` when it ended there.
async fn run_hot<E: Engine>(
    shared: &Arc<Shared<E>>,
    mut connection: Box<Connection<E::Session>>,
) -> Option<Box<Connection<E::Session>>> {
    let taken = shared.hot_threads.fetch_add(1, Ordering::SeqCst);
    let threads = HotThread(shared.clone());
    if taken >= shared.options.hot_threads || !connection.stream.can_block() {
        return Some(connection);
    }
    let served = tokio::task::spawn_blocking(move || {
        let left = hot::run(&mut connection);
        drop(threads);
        (left, connection)
    });
    match served.await {
        Ok((Left::Paused, connection)) => Some(connection),
        Ok((Left::Closed, mut connection)) => {
            let mut stream = std::mem::replace(&mut connection.stream, Stream::Taken);
            drop(connection);
            Box::pin(handshake::drain(&mut stream)).await;
            None
        }
        Err(_) => None,
    }
}

/// A counted thread.
struct HotThread<E: Engine>(Arc<Shared<E>>);

impl<E: Engine> Drop for HotThread<E> {
    fn drop(&mut self) {
        self.0.hot_threads.fetch_sub(1, Ordering::SeqCst);
    }
}

fn cannot_bind(address: &str, error: &dyn std::fmt::Display) -> Error {
    err!(IO_ERROR, "could not listen on \"{address}\": {error}")
}

/// One listener for each address that the name stands for.
async fn bind_tcp(address: &str) -> Result<Vec<TcpListener>> {
    let resolved = tokio::net::lookup_host(address).await.map_err(|error| cannot_bind(address, &error))?;
    let mut listeners = Vec::new();
    let mut failure = None;
    for socket in resolved {
        match listen(socket) {
            Ok(listener) => listeners.push(listener),
            Err(error) => failure = Some(error),
        }
    }
    match failure {
        // A name with an IPv6 address on a machine without IPv6 is no reason to fail.
        Some(error) if listeners.is_empty() => Err(cannot_bind(address, &error)),
        _ if listeners.is_empty() => Err(cannot_bind(address, &"the name has no address")),
        _ => Ok(listeners),
    }
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => tokio::net::TcpSocket::new_v4()?,
        SocketAddr::V6(_) => tokio::net::TcpSocket::new_v6()?,
    };
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    // Thousands of clients may come at the same moment; the system cuts this down to its own limit.
    socket.listen(4096)
}

#[cfg(unix)]
async fn bind_unix(path: PathBuf) -> Result<Listener> {
    let shown = path.display().to_string();
    if path.exists() {
        // A socket that nobody listens to is left over from a server that did not stop cleanly.
        match tokio::net::UnixStream::connect(&path).await {
            Ok(_) => return Err(cannot_bind(&shown, &"another server listens there")),
            Err(_) => std::fs::remove_file(&path).map_err(|error| cannot_bind(&shown, &error))?,
        }
    }
    let listener = UnixListener::bind(&path).map_err(|error| cannot_bind(&shown, &error))?;
    Ok(Listener::Unix(listener, path))
}

#[cfg(not(unix))]
async fn bind_unix(path: PathBuf) -> Result<Listener> {
    Err(cannot_bind(&path.display().to_string(), &"this system has no Unix sockets"))
}
