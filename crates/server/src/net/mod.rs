//! The server proper: listeners, connections, and the loop between client and session.

mod auth;
mod buffers;
mod connection;
mod dispatch;
mod handshake;
mod hot;
mod options;
mod registry;
mod server;
mod stream;
mod tls;
mod watchdog;

pub(crate) use registry::on_own_thread;

pub use options::{AuthMethod, ListenAddress, ServerOptions};
pub use server::{Server, StopHandle};
pub use tls::load_tls;
