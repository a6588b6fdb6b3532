//! Authentication messages from the client, and the server's side of SCRAM-SHA-256 (RFC 5802 as PostgreSQL uses it).

use crate::cursor::Cursor;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pglitedb_passwords::{DEFAULT_ITERATIONS, ScramVerifier, equal};
use pglitedb_sqlstate::{Error, Result, bail, err};

pub use crate::frontend::decode_password;

/// The mechanism's name in SASL messages.
pub const SCRAM_SHA_256: &str = "SCRAM-SHA-256";

/// Reads SASLInitialResponse: the chosen mechanism and its first message.
pub fn decode_initial_response(body: &[u8]) -> Result<(&str, Option<&[u8]>)> {
    let mut cursor = Cursor::new(body);
    let mechanism = cursor.c_str()?;
    let data = match cursor.i32()? {
        -1 => None,
        length => {
            let length = usize::try_from(length)
                .map_err(|_| err!(PROTOCOL_VIOLATION, "insufficient data left in message"))?;
            Some(cursor.take(length)?)
        }
    };
    cursor.finish()?;
    Ok((mechanism, data))
}

/// How a SCRAM exchange ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The client knows the password; this goes into AuthenticationSASLFinal.
    Accepted(Vec<u8>),
    /// It does not. (Or the role has no SCRAM password: the client cannot tell the difference.)
    Refused,
}

/// One exchange, after the client's first message.
#[derive(Debug)]
pub struct ScramExchange {
    verifier: ScramVerifier,
    /// False for a role that does not exist or has no usable password: the exchange is played to its end, in vain.
    genuine: bool,
    channel_binding: &'static str,
    nonce: String,
    client_first_bare: String,
    server_first: String,
}

impl ScramExchange {
    /// Takes the client's first message and makes the server's. `verifier` is `None` for a role that cannot
    /// authenticate; `mock_salt` then stands for its salt and should be the same each time the same name is tried.
    /// `server_nonce` must be random.
    pub fn begin(
        client_first: &[u8],
        verifier: Option<ScramVerifier>,
        mock_salt: [u8; 16],
        server_nonce: &[u8; 18],
    ) -> Result<ScramExchange> {
        let text = std::str::from_utf8(client_first).map_err(|_| malformed("The message is not UTF-8."))?;
        let (channel_binding, bare) = split_gs2_header(text)?;
        let client_nonce = client_nonce(bare)?;
        let genuine = verifier.is_some();
        let verifier = verifier.unwrap_or_else(|| ScramVerifier {
            iterations: DEFAULT_ITERATIONS,
            salt: mock_salt.to_vec(),
            stored_key: [0; 32],
            server_key: [0; 32],
        });
        let nonce = format!("{client_nonce}{}", STANDARD.encode(server_nonce));
        let server_first =
            format!("r={nonce},s={},i={}", STANDARD.encode(&verifier.salt), verifier.iterations);
        Ok(ScramExchange {
            verifier,
            genuine,
            channel_binding,
            nonce,
            client_first_bare: bare.to_owned(),
            server_first,
        })
    }

    /// The server's first message, for AuthenticationSASLContinue.
    pub fn server_first(&self) -> &[u8] {
        self.server_first.as_bytes()
    }

    /// Takes the client's final message and decides.
    pub fn finish(&self, client_final: &[u8]) -> Result<Outcome> {
        let text = std::str::from_utf8(client_final).map_err(|_| malformed("The message is not UTF-8."))?;
        let (without_proof, proof) =
            text.rsplit_once(",p=").ok_or_else(|| malformed("Attribute \"p\" is missing."))?;
        let mut attributes = without_proof.split(',');
        if attributes.next().and_then(|a| a.strip_prefix("c=")) != Some(self.channel_binding) {
            bail!(PROTOCOL_VIOLATION, "unexpected SCRAM channel-binding attribute in client-final-message");
        }
        let nonce = attributes.next().and_then(|a| a.strip_prefix("r="));
        if !nonce.is_some_and(|nonce| equal(nonce.as_bytes(), self.nonce.as_bytes())) {
            bail!(PROTOCOL_VIOLATION, "invalid SCRAM response (nonce mismatch)");
        }
        let proof: [u8; 32] = STANDARD
            .decode(proof)
            .ok()
            .and_then(|proof| proof.try_into().ok())
            .ok_or_else(|| malformed("Malformed proof in client-final-message."))?;
        let auth_message = format!("{},{},{without_proof}", self.client_first_bare, self.server_first);
        let known = self.verifier.check_proof(auth_message.as_bytes(), &proof);
        if !(known & self.genuine) {
            return Ok(Outcome::Refused);
        }
        let signature = self.verifier.server_signature(auth_message.as_bytes());
        Ok(Outcome::Accepted(format!("v={}", STANDARD.encode(signature)).into_bytes()))
    }
}

fn malformed(detail: &str) -> Error {
    err!(PROTOCOL_VIOLATION, "malformed SCRAM message").detail(detail)
}

/// Splits the header off that says whether the channel is to be bound: returns it in base64, as the final message must
/// repeat it, and the rest.
fn split_gs2_header(text: &str) -> Result<(&'static str, &str)> {
    let (flag, rest) =
        text.split_once(',').ok_or_else(|| malformed("Comma expected, but found end of message."))?;
    let binding = match flag {
        "n" => "biws",
        "y" => "eSws",
        _ if flag.starts_with("p=") => {
            return Err(malformed(
                "The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message includes channel \
                 binding data.",
            ));
        }
        _ => return Err(malformed("Unexpected channel-binding flag.")),
    };
    match rest.split_once(',') {
        Some(("", bare)) => Ok((binding, bare)),
        Some((identity, _)) if identity.starts_with("a=") => {
            bail!(FEATURE_NOT_SUPPORTED, "client uses authorization identity, but it is not supported")
        }
        _ => Err(malformed("Unexpected attribute in client-first-message.")),
    }
}

/// The client's nonce. The user name in the message is ignored, as the startup packet has it.
fn client_nonce(bare: &str) -> Result<&str> {
    let mut attributes = bare.split(',');
    let first = attributes.next().unwrap_or_default();
    if first.starts_with("m=") {
        bail!(FEATURE_NOT_SUPPORTED, "client requires an unsupported SCRAM extension");
    }
    if !first.starts_with("n=") {
        return Err(malformed("Attribute \"n\" is missing."));
    }
    let nonce = attributes
        .next()
        .and_then(|a| a.strip_prefix("r="))
        .ok_or_else(|| malformed("Attribute \"r\" is missing."))?;
    if nonce.is_empty() || !nonce.bytes().all(|byte| (0x21..=0x7e).contains(&byte)) {
        bail!(PROTOCOL_VIOLATION, "non-printable characters in SCRAM nonce");
    }
    Ok(nonce)
}
