//! Names of conditions.

use pglitedb_sqlstate::{Result, SqlState, codes, err};

/// All codes of a condition's name.
pub(crate) fn codes_named(name: &str) -> Result<Vec<SqlState>> {
    let found: Vec<SqlState> =
        codes::CONDITIONS.iter().filter(|(_, known)| *known == name).map(|(code, _)| *code).collect();
    if found.is_empty() {
        return Err(err!(UNDEFINED_OBJECT, "unrecognized exception condition \"{name}\""));
    }
    Ok(found)
}

/// The code that a RAISE means by a name or (`allow_code`) by five characters.
pub(crate) fn code_of(text: &str, allow_code: bool) -> Result<SqlState> {
    if allow_code && let Some(code) = SqlState::parse(text) {
        return Ok(code);
    }
    codes_named(text).map(|found| found.first().copied().unwrap_or(codes::RAISE_EXCEPTION))
}
