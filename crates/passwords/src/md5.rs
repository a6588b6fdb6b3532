//! The old MD5 method.

use md5::{Digest, Md5};

/// The stored form for MD5: `md5` and the digest of password and role name.
pub fn md5_verifier(password: &str, role: &str) -> String {
    format!("md5{}", hex_digest(&[password.as_bytes(), role.as_bytes()]))
}

/// What a client that knows the password answers to a challenge: `md5` and the digest of the stored digits and the salt.
pub fn md5_challenge_response(stored_digits: &str, salt: [u8; 4]) -> String {
    format!("md5{}", hex_digest(&[stored_digits.as_bytes(), &salt]))
}

fn hex_digest(parts: &[&[u8]]) -> String {
    let mut hash = Md5::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
