//! Who the client is.

use super::handshake::{Channel, Refused};
use super::options::AuthMethod;
use crate::engine::{Engine, RoleAuth};
use pglitedb_passwords::{ScramVerifier, Verifier, equal, md5_challenge_response};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_wire_protocol::sasl::{self, Outcome, SCRAM_SHA_256, ScramExchange};

/// Random bytes for salts, nonces and cancel keys.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::internal(format!("could not generate random bytes: {error}")))?;
    Ok(bytes)
}

/// Lets the client prove that it is `user`, and tells it that it did.
pub(crate) async fn authenticate<E: Engine>(
    engine: &E,
    channel: &mut Channel,
    method: AuthMethod,
    user: &str,
    mock_secret: &[u8; 32],
) -> std::result::Result<(), Refused> {
    if method != AuthMethod::Trust {
        let role = engine.role(user)?;
        let expired = role.as_ref().is_some_and(|role| role.expired);
        let stored = role.as_ref().and_then(|role: &RoleAuth| role.password.as_deref());
        let verifier = stored.and_then(Verifier::parse).filter(|_| !expired);
        let known = match (method, &verifier) {
            (AuthMethod::Password, _) => check_cleartext(channel, user, verifier.as_ref()).await?,
            (AuthMethod::Md5, Some(Verifier::Md5(digits))) => check_md5(channel, digits).await?,
            (_, Some(Verifier::Scram(scram))) => {
                check_scram(channel, user, Some(scram.clone()), mock_secret).await?
            }
            _ => check_scram(channel, user, None, mock_secret).await?,
        };
        if !known {
            return Err(err!(INVALID_PASSWORD, "password authentication failed for user \"{user}\"").into());
        }
    }
    channel.out.authentication_ok();
    Ok(())
}

async fn check_cleartext(
    channel: &mut Channel,
    user: &str,
    verifier: Option<&Verifier>,
) -> std::result::Result<bool, Refused> {
    channel.out.authentication_cleartext();
    let body = channel.password_message().await?;
    let password = sasl::decode_password(&body)?;
    if password.is_empty() {
        return Err(err!(INVALID_PASSWORD, "empty password returned by client").into());
    }
    // Deriving keys from a password takes milliseconds.
    Ok(tokio::task::block_in_place(|| verifier.is_some_and(|verifier| verifier.matches(user, password))))
}

async fn check_md5(channel: &mut Channel, digits: &str) -> std::result::Result<bool, Refused> {
    let salt = random()?;
    channel.out.authentication_md5(salt);
    let body = channel.password_message().await?;
    let answer = sasl::decode_password(&body)?;
    Ok(equal(answer.as_bytes(), md5_challenge_response(digits, salt).as_bytes()))
}

async fn check_scram(
    channel: &mut Channel,
    user: &str,
    verifier: Option<ScramVerifier>,
    mock_secret: &[u8; 32],
) -> std::result::Result<bool, Refused> {
    channel.out.authentication_sasl(&[SCRAM_SHA_256]);
    let body = channel.password_message().await?;
    let (mechanism, first) = sasl::decode_initial_response(&body)?;
    if mechanism != SCRAM_SHA_256 {
        return Err(
            err!(PROTOCOL_VIOLATION, "client selected an invalid SASL authentication mechanism").into()
        );
    }
    let first = match first {
        Some(first) => first.to_vec(),
        None => {
            channel.out.authentication_sasl_continue(&[]);
            channel.password_message().await?
        }
    };
    // The same user gets the same salt each time, as a real one would.
    let [salt, _] = *ScramVerifier::hmac(mock_secret, &[user.as_bytes()]).as_chunks::<16>().0 else {
        return Err(Error::internal("a digest has 32 bytes").into());
    };
    let exchange = ScramExchange::begin(&first, verifier, salt, &random()?)?;
    channel.out.authentication_sasl_continue(exchange.server_first());
    let last = channel.password_message().await?;
    match exchange.finish(&last)? {
        Outcome::Accepted(signature) => {
            channel.out.authentication_sasl_final(&signature);
            Ok(true)
        }
        Outcome::Refused => Ok(false),
    }
}
