//! The server over real sockets: with `tokio-postgres` where a driver does, byte by byte where it would not.

mod auth;
mod bench;
mod brisk;
mod fake;
mod limits;
mod malformed;
mod queries;
mod raw;
mod shell;

use fake::FakeEngine;
use pglitedb_server::net::{ListenAddress, Server, ServerOptions, StopHandle};
use std::net::SocketAddr;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, NoTls};

/// A server in this process.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Stops it.
    pub stop: StopHandle,
    /// Ends with it.
    pub task: JoinHandle<pglitedb_sqlstate::Result<()>>,
}

/// Starts a server on a free port.
pub async fn start_with(engine: FakeEngine, mut options: ServerOptions) -> Running {
    options.listen.push(ListenAddress::Tcp("127.0.0.1:0".into()));
    let server = Server::bind(engine, options).await.expect("a free port");
    let address = server.tcp_addresses()[0];
    let stop = server.stop_handle();
    Running { address, stop, task: tokio::spawn(server.run()) }
}

/// Starts a server with nothing special.
pub async fn start() -> Running {
    start_with(FakeEngine::default(), ServerOptions::default()).await
}

impl Running {
    /// How to connect.
    pub fn config(&self) -> tokio_postgres::Config {
        let mut config = tokio_postgres::Config::new();
        config.host("127.0.0.1").port(self.address.port()).user("alice").dbname("db");
        config
    }

    /// A session as user `alice`.
    pub async fn connect(&self) -> Client {
        let (client, connection) = self.config().connect(NoTls).await.expect("a session");
        tokio::spawn(connection);
        client
    }
}

/// SQLSTATE and message of a failure.
pub fn failure<T>(result: Result<T, tokio_postgres::Error>) -> (String, String) {
    match result {
        Ok(_) => panic!("it worked"),
        Err(error) => {
            let error = error.as_db_error().unwrap_or_else(|| panic!("not from the server: {error:?}"));
            (error.code().code().to_owned(), error.message().to_owned())
        }
    }
}
