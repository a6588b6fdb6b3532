//! `aclitem`: `grantee=privileges/grantor`, the names of roles quoted where they need it. Its text is its representation.

use crate::env::{RegKind, TypeEnv};
use crate::oids::Oid;
use pglitedb_sqlstate::{Result, bail, err};

/// The letters of the privileges in the order in which they are shown; `*` after one says that it may be granted on.
const LETTERS: &str = "arwdDxtXUCTcsAm";
/// The role that grants where none is named.
const FIRST_ROLE: Oid = 10;
/// Longest name.
const MAX_NAME: usize = 63;

fn is_plain(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric() || !c.is_ascii()
}

/// Takes a name, possibly quoted, and the blanks around it.
fn take_name(text: &str) -> Result<(String, &str)> {
    let text = text.trim_ascii_start();
    let (mut name, mut quoted, mut end) = (String::new(), false, text.len());
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            // Two quotes are one, within quotes or not.
            '"' if chars.peek().is_some_and(|(_, next)| *next == '"') && quoted => {
                name.push('"');
                chars.next();
            }
            '"' => quoted = !quoted,
            c if quoted || is_plain(c) => name.push(c),
            _ => {
                end = at;
                break;
            }
        }
        if name.len() > MAX_NAME {
            return Err(err!(NAME_TOO_LONG, "identifier too long")
                .detail(format!("Identifier must be less than {} characters.", MAX_NAME + 1)));
        }
    }
    Ok((name, text.get(end..).unwrap_or_default().trim_ascii_start()))
}

/// A role's name as it is shown; of one that does not exist there is an error.
fn role(name: &str, env: &dyn TypeEnv) -> Result<String> {
    env.reg_input(RegKind::Role, &format!("\"{}\"", name.replace('"', "\"\"")))?;
    Ok(shown(name))
}

fn shown(name: &str) -> String {
    let is_safe = |c: char| c == '_' || c.is_ascii_alphanumeric();
    if name.chars().all(is_safe) { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// Reads an item and returns its canonical text.
pub fn parse(text: &str, env: &dyn TypeEnv) -> Result<String> {
    let (mut name, mut rest) = take_name(text)?;
    if !rest.starts_with('=') {
        if name != "group" && name != "user" {
            return Err(err!(INVALID_TEXT_REPRESENTATION, "unrecognized key word: \"{name}\"")
                .hint("ACL key word must be \"group\" or \"user\"."));
        }
        (name, rest) = take_name(rest)?;
        if name.is_empty() {
            return Err(err!(INVALID_TEXT_REPRESENTATION, "missing name")
                .hint("A name must follow the \"group\" or \"user\" key word."));
        }
    }
    let Some(after) = rest.strip_prefix('=') else {
        bail!(INVALID_TEXT_REPRESENTATION, "missing \"=\" sign");
    };
    let end = after.find(|c: char| !c.is_ascii_alphabetic() && c != '*').unwrap_or(after.len());
    let (letters, rest) = after.split_at(end);
    let mut out = if name.is_empty() { String::new() } else { role(&name, env)? };
    out.push('=');
    out.push_str(&privileges(letters)?);
    let (grantor, rest) = match rest.strip_prefix('/') {
        None => (env.reg_output(RegKind::Role, FIRST_ROLE)?.unwrap_or_else(|| FIRST_ROLE.to_string()), rest),
        Some(rest) => {
            let (name, rest) = take_name(rest)?;
            if name.is_empty() {
                bail!(INVALID_TEXT_REPRESENTATION, "a name must follow the \"/\" sign");
            }
            (role(&name, env)?, rest)
        }
    };
    if !rest.trim_ascii_start().is_empty() {
        bail!(INVALID_TEXT_REPRESENTATION, "extra garbage at the end of the ACL specification");
    }
    out.push('/');
    out.push_str(&grantor);
    Ok(out)
}

/// Letters in their order, each once.
fn privileges(letters: &str) -> Result<String> {
    let (mut granted, mut grantable, mut last) = ([false; LETTERS.len()], [false; LETTERS.len()], None);
    for letter in letters.chars() {
        if letter == '*' {
            if let Some(slot) = last.and_then(|last: usize| grantable.get_mut(last)) {
                *slot = true;
            }
            continue;
        }
        last = LETTERS.find(letter);
        match last.and_then(|at| granted.get_mut(at)) {
            Some(slot) => *slot = true,
            None => {
                bail!(INVALID_TEXT_REPRESENTATION, "invalid mode character: must be one of \"{LETTERS}\"")
            }
        }
    }
    let mut out = String::new();
    for ((letter, granted), grantable) in LETTERS.chars().zip(granted).zip(grantable) {
        if granted {
            out.push(letter);
            if grantable {
                out.push('*');
            }
        }
    }
    Ok(out)
}
