//! From a fresh socket to a session: encryption, cancel requests, startup parameters, authentication.

use super::auth::{authenticate, random};
use super::buffers::{Input, OUTPUT_FULL_BYTES};
use super::connection::{Closed, Connection};
use super::options::AuthMethod;
use super::registry::{Backend, Signal};
use super::server::Shared;
use super::stream::Stream;
use super::tls::ALPN;
use crate::engine::{ConnectRequest, Engine, SessionState};
use pglitedb_sqlstate::{Error, Severity, err};
use pglitedb_wire_protocol::startup::{self, Startup, StartupPacket};
use pglitedb_wire_protocol::{Limits, MessageBuffer, TransactionStatus, next_frame};
use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

/// PostgreSQL cuts role and database names to this many bytes.
const MAX_NAME_BYTES: usize = 63;

/// Why there will be no session.
pub(crate) enum Refused {
    /// For this reason, which the client is told.
    Because(Error),
    /// The client is gone or was served already (a cancel request).
    Closed,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Refused::Because(error.severity(Severity::Fatal))
    }
}

impl From<std::io::Error> for Refused {
    fn from(_: std::io::Error) -> Self {
        Refused::Closed
    }
}

/// A connection before there is a session.
pub(crate) struct Channel {
    pub(crate) stream: Stream,
    pub(crate) input: Input,
    pub(crate) out: MessageBuffer,
}

impl Channel {
    fn new(stream: Stream) -> Self {
        Channel { stream, input: Input::default(), out: MessageBuffer::new(OUTPUT_FULL_BYTES) }
    }

    async fn write(&mut self) -> Result<(), Refused> {
        self.stream.write_all(self.out.as_bytes()).await?;
        self.stream.flush().await?;
        self.out.clear();
        Ok(())
    }

    async fn read(&mut self) -> Result<(), Refused> {
        let (input, stream) = (&mut self.input, &mut self.stream);
        match poll_fn(|cx| input.poll_fill(cx, stream, 0)).await? {
            0 => Err(Refused::Closed),
            _ => Ok(()),
        }
    }

    /// Sends what there is and waits for the client's answer in a password message.
    pub(crate) async fn password_message(&mut self) -> Result<Vec<u8>, Refused> {
        self.write().await?;
        loop {
            if let Some(frame) = next_frame(self.input.filled(), &Limits::authentication())? {
                if frame.tag == b'X' {
                    return Err(Refused::Closed);
                }
                if frame.tag != b'p' {
                    let text = format!("expected password response, got message type {}", frame.tag);
                    return Err(err!(PROTOCOL_VIOLATION, "{text}").into());
                }
                let (body, size) = (frame.body.to_vec(), frame.size);
                self.input.consume(size);
                return Ok(body);
            }
            self.read().await?;
        }
    }
}

/// Opens a session for a new client; what goes wrong is told to the client.
pub(crate) async fn open<E: Engine>(
    shared: &Arc<Shared<E>>,
    stream: Stream,
    peer: Option<SocketAddr>,
) -> Result<Box<Connection<E::Session>>, Closed> {
    let mut channel = Channel::new(stream);
    let limit = shared.options.authentication_timeout;
    let outcome = tokio::time::timeout(limit, shake_hands(shared, &mut channel, peer)).await;
    match outcome {
        Ok(Ok((session, backend))) => {
            let Channel { stream, input, out } = channel;
            let parts = (shared.watchdog.clone(), shared.registry.clone());
            let limits = shared.options.limits;
            let connection = Connection::new(stream, input, out, session, backend, parts, limits);
            Ok(Box::new(connection))
        }
        Ok(Err(Refused::Because(error))) => {
            channel.out.report(&error, None);
            let _ = tokio::time::timeout(limit, channel.write()).await;
            drain(&mut channel.stream).await;
            Err(Closed)
        }
        Ok(Err(Refused::Closed)) | Err(_) => Err(Closed),
    }
}

async fn shake_hands<E: Engine>(
    shared: &Arc<Shared<E>>,
    channel: &mut Channel,
    peer: Option<SocketAddr>,
) -> Result<(E::Session, Arc<Backend>), Refused> {
    accept_direct_tls(shared, channel).await?;
    let startup = loop {
        match next_startup_packet(channel).await? {
            StartupPacket::SslRequest => answer_ssl_request(shared, channel).await?,
            StartupPacket::GssEncRequest => {
                channel.stream.write_all(b"N").await?;
            }
            StartupPacket::Cancel { process_id, secret } => {
                shared.registry.cancel(process_id, &secret);
                return Err(Refused::Closed);
            }
            StartupPacket::Startup(startup) => break startup,
        }
    };
    if startup.negotiate {
        channel.out.negotiate_protocol_version(startup.version, &startup.unknown_options);
    }
    let request = read_parameters(&startup)?;
    if shared.stopping.load(Ordering::SeqCst) {
        return Err(err!(CANNOT_CONNECT_NOW, "the database system is shutting down").into());
    }
    if shared.connections.load(Ordering::SeqCst) > shared.options.max_connections {
        return Err(err!(TOO_MANY_CONNECTIONS, "sorry, too many clients already").into());
    }
    let local = channel.stream.is_local();
    if shared.options.require_tls && !local && !channel.stream.is_tls() {
        let text = format!(
            "no pg_hba.conf entry for host \"{}\", user \"{}\", database \"{}\", no encryption",
            peer.map(|peer| peer.ip().to_string()).unwrap_or_default(),
            request.user,
            request.database
        );
        return Err(err!(INVALID_AUTHORIZATION_SPECIFICATION, "{text}").into());
    }
    let method: AuthMethod = if local { shared.options.auth_local } else { shared.options.auth };
    authenticate(&shared.engine, channel, method, &request.user, &shared.mock_secret).await?;
    let system_user = method.name().map(|method| format!("{method}:{}", request.user));
    start_session(shared, channel, &startup, request, (peer, system_user)).await
}

/// User, database and settings of a session that is asked for.
struct Requested {
    user: String,
    database: String,
    settings: Vec<(String, String)>,
}

fn read_parameters(startup: &Startup) -> Result<Requested, Error> {
    let user = truncate_name(startup.get("user").unwrap_or_default());
    if user.is_empty() {
        return Err(err!(
            INVALID_AUTHORIZATION_SPECIFICATION,
            "no PostgreSQL user name specified in startup packet"
        ));
    }
    let database = startup.get("database").filter(|name| !name.is_empty()).map_or(user, truncate_name);
    if let Some(value) = startup.get("replication") {
        match value.to_ascii_lowercase().as_str() {
            "false" | "off" | "no" | "0" => {}
            "true" | "on" | "yes" | "1" | "database" => {
                return Err(Error::unsupported("replication connections are not supported"));
            }
            _ => {
                return Err(err!(
                    INVALID_PARAMETER_VALUE,
                    "invalid value for parameter \"replication\": \"{value}\""
                )
                .hint("Valid values are: \"false\", 0, \"true\", 1, \"database\"."));
            }
        }
    }
    let is_setting = |name: &str| !matches!(name, "user" | "database" | "replication");
    let settings = startup.parameters.iter().filter(|(name, _)| is_setting(name)).cloned().collect();
    Ok(Requested { user: user.to_owned(), database: database.to_owned(), settings })
}

fn truncate_name(name: &str) -> &str {
    name.get(..name.floor_char_boundary(MAX_NAME_BYTES)).unwrap_or(name)
}

async fn start_session<E: Engine>(
    shared: &Arc<Shared<E>>,
    channel: &mut Channel,
    startup: &Startup,
    request: Requested,
    (peer, system_user): (Option<SocketAddr>, Option<String>),
) -> Result<(E::Session, Arc<Backend>), Refused> {
    let signal = Arc::new(Signal::default());
    let Requested { user, database, settings: parameters } = request;
    let server = channel.stream.server_address();
    let host = signal.clone();
    let request = ConnectRequest { user, database, parameters, peer, server, system_user, host };
    let mut session = shared.engine.connect(request)?;
    let mut secret = random::<32>()?.to_vec();
    secret.truncate(startup.secret_length());
    let backend = Arc::new(Backend {
        process_id: session.process_id(),
        secret,
        canceller: session.canceller(),
        signal,
        busy: AtomicBool::new(false),
    });
    let out = &mut channel.out;
    session.take_parameter_changes(&mut |name, value| out.parameter_status(name, value));
    out.backend_key_data(backend.process_id, &backend.secret);
    out.ready_for_query(TransactionStatus::Idle);
    shared.registry.add(backend.clone());
    // A stop that came in between would otherwise miss this session.
    if shared.stopping.load(Ordering::SeqCst) {
        backend.signal.raise(super::registry::STOP);
    }
    Ok((session, backend))
}

async fn next_startup_packet(channel: &mut Channel) -> Result<StartupPacket, Refused> {
    loop {
        if let Some((packet, size)) = startup::decode(channel.input.filled())? {
            channel.input.consume(size);
            return Ok(packet);
        }
        channel.read().await?;
    }
}

/// Clients of `sslnegotiation=direct` begin with the TLS handshake itself.
async fn accept_direct_tls<E: Engine>(shared: &Shared<E>, channel: &mut Channel) -> Result<(), Refused> {
    let (Some(_), Stream::Tcp(stream)) = (&shared.options.tls, &channel.stream) else { return Ok(()) };
    let mut first = [0];
    if stream.peek(&mut first).await? == 0 || first != [0x16] {
        return Ok(());
    }
    accept_tls(shared, channel).await?;
    match &channel.stream {
        Stream::Tls(stream) if stream.get_ref().1.alpn_protocol() == Some(ALPN) => Ok(()),
        _ => Err(err!(
            PROTOCOL_VIOLATION,
            "received direct SSL connection request without ALPN protocol negotiation extension"
        )
        .into()),
    }
}

async fn answer_ssl_request<E: Engine>(shared: &Shared<E>, channel: &mut Channel) -> Result<(), Refused> {
    if shared.options.tls.is_none() || !matches!(channel.stream, Stream::Tcp(_)) {
        channel.stream.write_all(b"N").await?;
        return Ok(());
    }
    // Anything behind the request was not encrypted, and somebody in the middle may have put it there.
    if !channel.input.filled().is_empty() {
        return Err(err!(PROTOCOL_VIOLATION, "received unencrypted data after SSL request")
            .detail(
                "This could be either a client-software bug or evidence of an attempted man-in-the-middle attack.",
            )
            .into());
    }
    channel.stream.write_all(b"S").await?;
    accept_tls(shared, channel).await
}

async fn accept_tls<E: Engine>(shared: &Shared<E>, channel: &mut Channel) -> Result<(), Refused> {
    let Some(config) = &shared.options.tls else { return Err(Refused::Closed) };
    let taken = std::mem::replace(&mut channel.stream, Stream::Taken);
    let Stream::Tcp(stream) = taken else { return Err(Refused::Closed) };
    let stream: TcpStream = stream;
    let encrypted = TlsAcceptor::from(config.clone()).accept(stream).await?;
    channel.stream = Stream::Tls(Box::new(encrypted));
    Ok(())
}

/// Reads the rest of what a client says and forgets it, so that an error message is not lost to a reset connection.
pub(crate) async fn drain(stream: &mut Stream) {
    let mut waste = [0; 512];
    let _ = stream.shutdown().await;
    let _ = tokio::time::timeout(std::time::Duration::from_millis(200), async {
        while matches!(stream.read(&mut waste).await, Ok(1..)) {}
    })
    .await;
}
