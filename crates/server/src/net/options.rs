//! What can be chosen when a server is started.

use pglitedb_wire_protocol::Limits;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How clients prove who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMethod {
    /// Not at all.
    Trust,
    /// By a password in the clear (to be used with TLS).
    Password,
    /// By the old MD5 challenge. Roles whose stored password is a SCRAM verifier use SCRAM all the same.
    Md5,
    /// By SCRAM-SHA-256.
    Scram,
}

impl AuthMethod {
    /// The name of a method that asks for something.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            AuthMethod::Trust => None,
            AuthMethod::Password => Some("password"),
            AuthMethod::Md5 => Some("md5"),
            AuthMethod::Scram => Some("scram-sha-256"),
        }
    }

    /// The method of that name, as in `pg_hba.conf`.
    pub fn parse(name: &str) -> Option<AuthMethod> {
        match name {
            "trust" => Some(AuthMethod::Trust),
            "password" => Some(AuthMethod::Password),
            "md5" => Some(AuthMethod::Md5),
            "scram-sha-256" | "scram" => Some(AuthMethod::Scram),
            _ => None,
        }
    }
}

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListenAddress {
    /// Host (name, IPv4 or IPv6 address) and port, as `ToSocketAddrs` takes them.
    Tcp(String),
    /// A directory for the socket file `.s.PGSQL.PORT`.
    Unix {
        /// The directory.
        directory: PathBuf,
        /// The port that the name of the file contains.
        port: u16,
    },
}

/// The options of a server.
#[derive(Clone)]
pub struct ServerOptions {
    /// Where to listen.
    pub listen: Vec<ListenAddress>,
    /// Authentication of TCP clients.
    pub auth: AuthMethod,
    /// Authentication of clients on Unix sockets.
    pub auth_local: AuthMethod,
    /// TLS, if offered.
    pub tls: Option<Arc<tokio_rustls::rustls::ServerConfig>>,
    /// Refuse TCP clients that do not use TLS.
    pub require_tls: bool,
    /// Sessions at once; more are refused with 53300.
    pub max_connections: usize,
    /// Connections that may have a thread of their own while their clients send one request after another.
    pub hot_threads: usize,
    /// How long a client may take to authenticate.
    pub authentication_timeout: Duration,
    /// How long running statements may go on after a request to stop.
    pub stop_grace: Duration,
    /// Limits on messages.
    pub limits: Limits,
}

impl Default for ServerOptions {
    fn default() -> Self {
        ServerOptions {
            listen: Vec::new(),
            auth: AuthMethod::Trust,
            auth_local: AuthMethod::Trust,
            tls: None,
            require_tls: false,
            max_connections: 10_000,
            hot_threads: 128,
            authentication_timeout: Duration::from_secs(60),
            stop_grace: Duration::from_secs(3),
            limits: Limits::default(),
        }
    }
}
