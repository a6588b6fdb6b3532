//! Compiled patterns, kept per thread.

use super::emit::emit;
use super::exact::{Exact, Spans, is_ordinary};
use super::parse::{Node, Options, invalid, parse};
use pglitedb_sqlstate::Result;
use regex::{Regex, RegexBuilder};
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::OnceLock;

/// Bytes that the `regex` crate may use for a pattern.
const SIZE_LIMIT: usize = 32 << 20;

/// A compiled pattern.
pub struct Pattern {
    /// The pattern for the `regex` crate, unless it contains look-around or back-references.
    regex: Option<Regex>,
    /// Whether that finds PostgreSQL's matches; otherwise it finds where they begin.
    ordinary: bool,
    tree: Node,
    options: Options,
    exact: OnceCell<Exact>,
    groups: usize,
}

/// What has matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match<'t> {
    text: &'t str,
    start: usize,
    end: usize,
}

impl<'t> Match<'t> {
    /// Byte offset of its beginning.
    pub fn start(&self) -> usize {
        self.start
    }

    /// Byte offset after its end.
    pub fn end(&self) -> usize {
        self.end
    }

    /// The text that has matched.
    pub fn as_str(&self) -> &'t str {
        &self.text[self.start..self.end]
    }
}

/// A match and what its groups have matched.
#[derive(Clone, Debug)]
pub struct Captures<'t> {
    text: &'t str,
    spans: Spans,
}

impl<'t> Captures<'t> {
    /// What a group has matched; group 0 is the whole.
    pub fn get(&self, group: usize) -> Option<Match<'t>> {
        let (start, end) = self.spans.get(group).copied().flatten()?;
        Some(Match { text: self.text, start, end })
    }

    /// Whether there are groups.
    pub fn has_groups(&self) -> bool {
        self.spans.len() > 1
    }

    /// The whole and the groups.
    pub fn iter(&self) -> impl Iterator<Item = Option<Match<'t>>> {
        (0..self.spans.len()).map(|group| self.get(group))
    }
}

impl Pattern {
    fn new(tree: Node, options: Options) -> Result<Pattern> {
        let (ordinary, groups) = (is_ordinary(&tree), tree.groups());
        let regex = if tree.has_look_around_or_references() {
            None
        } else {
            let regex = RegexBuilder::new(&emit(&tree, options)).size_limit(SIZE_LIMIT).build();
            Some(regex.map_err(|_| invalid("regular expression is too complex"))?)
        };
        let ordinary = ordinary && regex.is_some();
        let pattern = Pattern { regex, ordinary, tree, options, exact: OnceCell::new(), groups };
        if pattern.regex.is_none() {
            pattern.exact()?;
        }
        Ok(pattern)
    }

    fn exact(&self) -> Result<&Exact> {
        if let Some(exact) = self.exact.get() {
            return Ok(exact);
        }
        let exact = Exact::compile(&self.tree, self.options)?;
        Ok(self.exact.get_or_init(|| exact))
    }

    /// Does it match anywhere?
    pub fn is_match(&self, text: &str) -> Result<bool> {
        match &self.regex {
            Some(regex) => Ok(regex.is_match(text)),
            None => Ok(self.exact()?.search(text, 0).is_some()),
        }
    }

    /// The first match from a byte offset on, without its groups.
    pub fn find_at<'t>(&self, text: &'t str, from: usize) -> Result<Option<Match<'t>>> {
        if from > text.len() {
            return Ok(None);
        }
        if let Some(regex) = &self.regex
            && self.ordinary
        {
            return Ok(regex.find_at(text, from).map(|found| Match {
                text,
                start: found.start(),
                end: found.end(),
            }));
        }
        Ok(self.captures_at(text, from)?.and_then(|captures| captures.get(0)))
    }

    /// The first match from a byte offset on.
    pub fn captures_at<'t>(&self, text: &'t str, from: usize) -> Result<Option<Captures<'t>>> {
        if from > text.len() {
            return Ok(None);
        }
        let spans = match &self.regex {
            Some(regex) if self.ordinary && self.groups == 0 => {
                regex.find_at(text, from).map(|found| vec![Some((found.start(), found.end()))])
            }
            Some(regex) if self.ordinary => regex.captures_at(text, from).map(|found| {
                found.iter().map(|group| group.map(|group| (group.start(), group.end()))).collect::<Spans>()
            }),
            Some(regex) => match regex.find_at(text, from) {
                Some(found) => self.exact()?.match_at(text, found.start()),
                None => None,
            },
            None => self.exact()?.search(text, from),
        };
        Ok(spans.map(|spans| Captures { text, spans }))
    }

    /// Number of groups, the whole match not counted.
    pub fn groups(&self) -> usize {
        self.groups
    }
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
            let compiled = Rc::new(Pattern::new(tree, options)?);
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

/// The pattern of characters that are not assigned.
pub fn unassigned() -> Result<&'static Regex> {
    static UNASSIGNED: OnceLock<Option<Regex>> = OnceLock::new();
    let compiled = UNASSIGNED.get_or_init(|| Regex::new("\\p{Cn}").ok());
    compiled.as_ref().ok_or_else(|| invalid("regular expression is too complex"))
}
