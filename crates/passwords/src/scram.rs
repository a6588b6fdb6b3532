//! SCRAM-SHA-256 verifiers (RFC 5802, RFC 7677).

use crate::{equal, sasl_prep};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::fmt;

/// PostgreSQL's default of the setting `scram_iterations`.
pub const DEFAULT_ITERATIONS: u32 = 4096;

/// What the server keeps of a password: enough to recognize a client that knows it, not enough to be one.
#[derive(Clone, PartialEq, Eq)]
pub struct ScramVerifier {
    /// Rounds of PBKDF2.
    pub iterations: u32,
    /// Salt.
    pub salt: Vec<u8>,
    /// H(ClientKey).
    pub stored_key: [u8; 32],
    /// HMAC(SaltedPassword, "Server Key").
    pub server_key: [u8; 32],
}

impl ScramVerifier {
    /// Derives a verifier. The salt must be random; PostgreSQL uses 16 bytes.
    pub fn new(password: &str, salt: &[u8], iterations: u32) -> Self {
        let salted = salted_password(&sasl_prep(password), salt, iterations.max(1));
        let client_key = Self::hmac(&salted, &[b"Client Key"]);
        ScramVerifier {
            iterations: iterations.max(1),
            salt: salt.to_vec(),
            stored_key: Self::hash(&client_key),
            server_key: Self::hmac(&salted, &[b"Server Key"]),
        }
    }

    /// Reads the stored form.
    pub fn parse(stored: &str) -> Option<Self> {
        let mut parts = stored.strip_prefix("SCRAM-SHA-256$")?.splitn(2, '$');
        let (iterations, salt) = parts.next()?.split_once(':')?;
        let (stored_key, server_key) = parts.next()?.split_once(':')?;
        let iterations = iterations.parse().ok().filter(|rounds| *rounds > 0)?;
        Some(ScramVerifier {
            iterations,
            salt: STANDARD.decode(salt).ok()?,
            stored_key: STANDARD.decode(stored_key).ok()?.try_into().ok()?,
            server_key: STANDARD.decode(server_key).ok()?.try_into().ok()?,
        })
    }

    /// Whether `password` is the one.
    pub fn matches(&self, password: &str) -> bool {
        let other = Self::new(password, &self.salt, self.iterations);
        equal(&self.server_key, &other.server_key) & equal(&self.stored_key, &other.stored_key)
    }

    /// Whether `proof` shows that the client knows the password, for the messages exchanged.
    pub fn check_proof(&self, auth_message: &[u8], proof: &[u8; 32]) -> bool {
        let mut client_key = Self::hmac(&self.stored_key, &[auth_message]);
        for (byte, proof) in client_key.iter_mut().zip(proof) {
            *byte ^= proof;
        }
        equal(&Self::hash(&client_key), &self.stored_key)
    }

    /// The server's own proof.
    pub fn server_signature(&self, auth_message: &[u8]) -> [u8; 32] {
        Self::hmac(&self.server_key, &[auth_message])
    }

    /// HMAC-SHA-256 of the concatenated parts.
    pub fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = new_mac(key);
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    fn hash(data: &[u8]) -> [u8; 32] {
        Sha256::digest(data).into()
    }
}

impl fmt::Display for ScramVerifier {
    /// The stored form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encode = |bytes: &[u8]| STANDARD.encode(bytes);
        write!(
            f,
            "SCRAM-SHA-256${}:{}${}:{}",
            self.iterations,
            encode(&self.salt),
            encode(&self.stored_key),
            encode(&self.server_key)
        )
    }
}

impl fmt::Debug for ScramVerifier {
    /// Without the keys, which do not belong into logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScramVerifier").field("iterations", &self.iterations).finish_non_exhaustive()
    }
}

fn new_mac(key: &[u8]) -> Hmac<Sha256> {
    match Hmac::new_from_slice(key) {
        Ok(mac) => mac,
        // HMAC takes keys of any length; the error type exists for other algorithms.
        Err(_) => unreachable!("HMAC accepts every key length"),
    }
}

/// PBKDF2 with one block of output.
fn salted_password(password: &str, salt: &[u8], iterations: u32) -> [u8; 32] {
    let keyed = new_mac(password.as_bytes());
    let mut mac = keyed.clone();
    mac.update(salt);
    mac.update(&1u32.to_be_bytes());
    let mut last: [u8; 32] = mac.finalize().into_bytes().into();
    let mut result = last;
    for _ in 1..iterations {
        let mut mac = keyed.clone();
        mac.update(&last);
        last = mac.finalize().into_bytes().into();
        for (byte, other) in result.iter_mut().zip(last) {
            *byte ^= other;
        }
    }
    result
}
