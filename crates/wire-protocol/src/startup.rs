//! What a client sends first: a request for encryption, for cancellation, or for a session.

use crate::cursor::{Cursor, utf8};
use pglitedb_sqlstate::{Result, Severity, err};

/// The newest protocol version spoken here: 3.2.
pub const NEWEST_VERSION: u32 = version(3, 2);

/// The largest startup packet PostgreSQL takes.
const MAX_STARTUP_BYTES: usize = 10_000;

const CANCEL_REQUEST: u32 = version(1234, 5678);
const SSL_REQUEST: u32 = version(1234, 5679);
const GSSENC_REQUEST: u32 = version(1234, 5680);

const fn version(major: u32, minor: u32) -> u32 {
    major << 16 | minor
}

/// A packet of the startup phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartupPacket {
    /// The client wants TLS; answer one byte, `S` or `N`.
    SslRequest,
    /// The client wants GSSAPI encryption; answer one byte, `N`.
    GssEncRequest,
    /// The client wants another session's statement to stop. There is no answer.
    Cancel {
        /// Whose statement.
        process_id: i32,
        /// Proof that the client may ask: 4 bytes in protocol 3.0, up to 256 from 3.2 on.
        secret: Vec<u8>,
    },
    /// The client wants a session.
    Startup(Startup),
}

/// The parameters of a session that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Startup {
    /// The version that will be spoken: the requested one or [`NEWEST_VERSION`], whichever is less.
    pub version: u32,
    /// Whether the client has to be told by NegotiateProtocolVersion, because it asked for a newer version or for
    /// options that are not known.
    pub negotiate: bool,
    /// Protocol options (`_pq_.…`) that are not known.
    pub unknown_options: Vec<String>,
    /// Everything else: `user`, `database`, and settings, in the order sent.
    pub parameters: Vec<(String, String)>,
}

impl Startup {
    /// The last value given for a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Length of the secret key that this client can take.
    pub fn secret_length(&self) -> usize {
        if self.version >= version(3, 2) { 32 } else { 4 }
    }
}

/// Reads a startup packet from the head of `input`: the packet and its size, or `None` while it is incomplete.
/// Errors are `FATAL`.
pub fn decode(input: &[u8]) -> Result<Option<(StartupPacket, usize)>> {
    let Some(word) = input.first_chunk::<4>() else { return Ok(None) };
    let size = u32::from_be_bytes(*word) as usize;
    if !(8..=MAX_STARTUP_BYTES).contains(&size) {
        return Err(err!(PROTOCOL_VIOLATION, "invalid length of startup packet").severity(Severity::Fatal));
    }
    let Some(body) = input.get(4..size) else { return Ok(None) };
    let packet = decode_body(body).map_err(|error| error.severity(Severity::Fatal))?;
    Ok(Some((packet, size)))
}

fn decode_body(body: &[u8]) -> Result<StartupPacket> {
    let mut cursor = Cursor::new(body);
    match cursor.u32()? {
        SSL_REQUEST if cursor.rest().is_empty() => Ok(StartupPacket::SslRequest),
        GSSENC_REQUEST if cursor.rest().is_empty() => Ok(StartupPacket::GssEncRequest),
        CANCEL_REQUEST => {
            let process_id = cursor.i32()?;
            let secret = cursor.rest().to_vec();
            if secret.is_empty() || secret.len() > 256 {
                return Err(err!(PROTOCOL_VIOLATION, "invalid length of cancel request packet"));
            }
            Ok(StartupPacket::Cancel { process_id, secret })
        }
        code if code >> 16 == 3 => decode_parameters(code, cursor).map(StartupPacket::Startup),
        code => Err(err!(
            FEATURE_NOT_SUPPORTED,
            "unsupported frontend protocol {}.{}: server supports 3.0 to 3.2",
            code >> 16,
            code & 0xffff
        )),
    }
}

fn decode_parameters(requested: u32, mut cursor: Cursor<'_>) -> Result<Startup> {
    let mut parameters = Vec::new();
    let mut unknown_options = Vec::new();
    loop {
        let missing_end =
            |_| err!(PROTOCOL_VIOLATION, "invalid startup packet layout: expected terminator as last byte");
        let name = utf8(cursor.c_bytes().map_err(missing_end)?)?;
        if name.is_empty() {
            break;
        }
        let value = utf8(cursor.c_bytes().map_err(missing_end)?)?;
        if name.starts_with("_pq_.") {
            unknown_options.push(name.to_owned());
        } else {
            parameters.push((name.to_owned(), value.to_owned()));
        }
    }
    if !cursor.rest().is_empty() {
        return Err(err!(
            PROTOCOL_VIOLATION,
            "invalid startup packet layout: expected terminator as last byte"
        ));
    }
    let negotiate = requested > NEWEST_VERSION || !unknown_options.is_empty();
    Ok(Startup { version: requested.min(NEWEST_VERSION), negotiate, unknown_options, parameters })
}
