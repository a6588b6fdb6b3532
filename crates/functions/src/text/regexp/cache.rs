//! Compiled patterns, kept per thread.

use super::emit::emit;
use super::parse::{Options, invalid, parse};
use fancy_regex::{Captures, Regex};
use pglitedb_sqlstate::{Error, Result, err};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// A compiled pattern.
pub struct Pattern {
    regex: Regex,
}

impl Pattern {
    /// Does it match anywhere?
    pub fn is_match(&self, text: &str) -> Result<bool> {
        self.regex.is_match(text).map_err(|error| failed(&error))
    }

    /// The first match from a byte offset on.
    pub fn captures_at<'t>(&self, text: &'t str, from: usize) -> Result<Option<Captures<'t>>> {
        if from > text.len() {
            return Ok(None);
        }
        self.regex.captures_from_pos(text, from).map_err(|error| failed(&error))
    }

    /// Number of groups, the whole match not counted.
    pub fn groups(&self) -> usize {
        self.regex.captures_len().saturating_sub(1)
    }
}

#[cold]
fn failed(error: &fancy_regex::Error) -> Error {
    err!(INVALID_REGULAR_EXPRESSION, "regular expression failed: {error}")
}

/// So many patterns are kept; then all are dropped.
const CACHE_SIZE: usize = 64;

thread_local! {
    static CACHE: RefCell<HashMap<(Box<str>, Options), Rc<Pattern>>> = RefCell::new(HashMap::new());
    /// The one used last: most loops use one pattern.
    static LAST: RefCell<Option<(Box<str>, Options, Rc<Pattern>)>> = const { RefCell::new(None) };
}

/// Compiles a pattern or finds it compiled.
pub fn compile(pattern: &str, mut options: Options) -> Result<Rc<Pattern>> {
    options.global = false;
    let last = LAST.with_borrow(|last| match last {
        Some((text, with, compiled)) if **text == *pattern && *with == options => Some(compiled.clone()),
        _ => None,
    });
    if let Some(compiled) = last {
        return Ok(compiled);
    }
    let key = (Box::from(pattern), options);
    let compiled = match CACHE.with_borrow(|cache| cache.get(&key).cloned()) {
        Some(compiled) => compiled,
        None => {
            let (tree, options) = parse(pattern, options)?;
            let regex = Regex::new(&emit(&tree, options))
                .map_err(|_| invalid("regular expression is too complex"))?;
            let compiled = Rc::new(Pattern { regex });
            CACHE.with_borrow_mut(|cache| {
                if cache.len() >= CACHE_SIZE {
                    cache.clear();
                }
                cache.insert(key.clone(), compiled.clone());
            });
            compiled
        }
    };
    LAST.set(Some((key.0, options, compiled.clone())));
    Ok(compiled)
}
