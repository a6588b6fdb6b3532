//! Password verifiers as PostgreSQL stores them in `pg_authid.rolpassword`.
//!
//! Both ends use this crate: `CREATE ROLE … PASSWORD` makes a verifier, authentication checks against it. Neither ever
//! stores the password itself.

mod md5;
mod saslprep;
mod scram;

pub use md5::{md5_challenge_response, md5_verifier};
pub use saslprep::sasl_prep;
pub use scram::{DEFAULT_ITERATIONS, ScramVerifier};

/// A stored password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verifier {
    /// `SCRAM-SHA-256$…`.
    Scram(ScramVerifier),
    /// `md5…`: the 32 hexadecimal digits.
    Md5(String),
}

impl Verifier {
    /// Reads a stored password; `None` when the text is in neither form (and therefore a password in the clear).
    pub fn parse(stored: &str) -> Option<Verifier> {
        if let Some(digits) = stored.strip_prefix("md5") {
            let is_digest = digits.len() == 32 && digits.bytes().all(|b| b"0123456789abcdef".contains(&b));
            return is_digest.then(|| Verifier::Md5(digits.to_owned()));
        }
        ScramVerifier::parse(stored).map(Verifier::Scram)
    }

    /// Whether `password` is the password of `role`.
    pub fn matches(&self, role: &str, password: &str) -> bool {
        match self {
            Verifier::Scram(verifier) => verifier.matches(password),
            Verifier::Md5(digits) => {
                let computed = md5_verifier(password, role);
                equal(computed.as_bytes().get(3..).unwrap_or_default(), digits.as_bytes())
            }
        }
    }
}

/// Comparison whose duration does not tell where the first difference is.
pub fn equal(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |seen, (a, b)| seen | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_forms() {
        let scram = ScramVerifier::new("secret", b"0123456789abcdef", 4096);
        let stored = scram.to_string();
        assert!(stored.starts_with("SCRAM-SHA-256$4096:MDEyMzQ1Njc4OWFiY2RlZg==$"));
        assert_eq!(Verifier::parse(&stored), Some(Verifier::Scram(scram)));
        assert!(Verifier::parse(&stored).is_some_and(|v| v.matches("anyone", "secret")));
        assert!(Verifier::parse(&stored).is_some_and(|v| !v.matches("anyone", "Secret")));

        let md5 = md5_verifier("secret", "alice");
        assert_eq!(md5, "md54a0a68b43b6cd5cf266fa02f196e2371");
        assert!(Verifier::parse(&md5).is_some_and(|v| v.matches("alice", "secret")));
        assert!(Verifier::parse(&md5).is_some_and(|v| !v.matches("bob", "secret")));

        for clear in ["", "secret", "md5", "md5XYZ", "SCRAM-SHA-256$", "SCRAM-SHA-256$x:y$z:w"] {
            assert_eq!(Verifier::parse(clear), None, "{clear}");
        }
    }
}
