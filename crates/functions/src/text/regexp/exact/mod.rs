//! Matching with PostgreSQL's choice among the possible matches.
//!
//! Of the matches that begin first PostgreSQL takes the longest or the shortest one, by what the pattern as a whole prefers;
//! then it decides what the groups match, from left to right, each by its own preference. Engines that try alternatives in
//! order find other ones. So patterns for which that makes a difference are matched here, and those with back-references.

mod build;
mod program;

use super::parse::{Node, Options};
use build::{Builder, Kind, Part, Preference};
use pglitedb_sqlstate::Result;
use program::Program;

/// Ranges of bytes that the whole (0) and the groups have matched.
pub type Spans = Vec<Option<(usize, usize)>>;

/// A pattern.
#[derive(Debug)]
pub struct Exact {
    program: Program,
    root: Part,
    groups: usize,
    ignore_case: bool,
}

/// Whether engines that try alternatives in order, literal ones by length, find the same matches as PostgreSQL.
pub fn is_ordinary(root: &Node) -> bool {
    let mut survey = Survey::default();
    survey.node(root);
    if survey.references {
        return false;
    }
    let wishes = survey.long + survey.short;
    match survey.choices {
        0 => wishes <= 1 || (survey.short == 0 && !survey.nested),
        1 => wishes == 0 && !survey.odd_choice,
        _ => false,
    }
}

/// What is in a pattern that makes a difference.
#[derive(Default)]
struct Survey {
    /// Quantifiers that prefer long matches, and short ones.
    long: usize,
    short: usize,
    /// Whether something longer than a character is repeated.
    nested: bool,
    /// Choices between things longer than a character.
    choices: usize,
    /// A choice not only between literals.
    odd_choice: bool,
    references: bool,
}

fn is_single(node: &Node) -> bool {
    match node {
        Node::Char(_) | Node::Any | Node::Set(..) => true,
        Node::Group(inner, _) => is_single(inner),
        Node::Alt(branches) => {
            branches.iter().all(|branch| !matches!(branch, Node::Group(..)) && is_single(branch))
        }
        _ => false,
    }
}

fn is_literal(node: &Node) -> bool {
    match node {
        Node::Char(_) | Node::Empty => true,
        Node::Concat(parts) => parts.iter().all(|part| matches!(part, Node::Char(_))),
        _ => false,
    }
}

impl Survey {
    fn node(&mut self, node: &Node) {
        match node {
            Node::Empty | Node::Char(_) | Node::Any | Node::Set(..) | Node::Assert(_) | Node::Look(..) => {}
            Node::Group(inner, _) => self.node(inner),
            Node::Back(_) => self.references = true,
            Node::Repeat(inner, low, high, lazy) => {
                match lazy {
                    Some(true) => self.short += 1,
                    Some(false) => self.long += 1,
                    None => {}
                }
                self.nested |= !(is_single(inner) || (*low == 1 && *high == Some(1)));
                self.node(inner);
            }
            Node::Concat(parts) => parts.iter().for_each(|part| self.node(part)),
            Node::Alt(_) if is_single(node) => {}
            Node::Alt(branches) => {
                self.choices += 1;
                self.odd_choice |= !branches.iter().all(is_literal);
                branches.iter().for_each(|branch| self.node(branch));
            }
        }
    }
}

impl Exact {
    /// Compiles a pattern.
    pub fn compile(root: &Node, options: Options) -> Result<Exact> {
        let (program, part) = Builder::build(root, options)?;
        let groups = root.groups();
        Ok(Exact { program, root: part, groups, ignore_case: options.ignore_case })
    }

    /// The match that begins at `begin`, if there is one.
    pub fn match_at(&self, text: &str, begin: usize) -> Option<Spans> {
        let mut ends = self.program.ends(self.root.span, text, begin, text.len());
        if self.root.preference != Preference::Short {
            ends.reverse();
        }
        let mut spans = vec![None; self.groups + 1];
        for end in ends {
            if self.dissect(&self.root, text, begin, end, &mut spans) {
                if let Some(whole) = spans.first_mut() {
                    *whole = Some((begin, end));
                }
                return Some(spans);
            }
            spans.fill(None);
        }
        None
    }

    /// The first match that begins at `from` or later.
    pub fn search(&self, text: &str, from: usize) -> Option<Spans> {
        let starts = text.get(from..)?.char_indices().map(|(at, _)| from + at).chain([text.len()]);
        starts.into_iter().find_map(|begin| self.match_at(text, begin))
    }

    /// Decides what the groups within `part` match, which as a whole matches from `begin` to `end`.
    fn dissect(&self, part: &Part, text: &str, begin: usize, end: usize, spans: &mut Spans) -> bool {
        match &part.kind {
            Kind::Plain => true,
            Kind::Group(number, inner) => {
                if !self.dissect(inner, text, begin, end, spans) {
                    return false;
                }
                if let Some(slot) = spans.get_mut(*number) {
                    *slot = Some((begin, end));
                }
                true
            }
            Kind::Reference(number, least, most) => {
                let Some((from, to)) = spans.get(*number).copied().flatten() else { return false };
                self.repeats(&text[from..to], &text[begin..end], *least, *most)
            }
            Kind::Choice(branches) => branches.iter().any(|branch| {
                if !self.program.matches(branch.span, text, begin, end) {
                    return false;
                }
                let matched = self.dissect(branch, text, begin, end, spans);
                if !matched {
                    forget(branch, spans);
                }
                matched
            }),
            Kind::Sequence(first, second) => {
                let mut middles = self.program.ends(first.span, text, begin, end);
                if first.preference != Preference::Short {
                    middles.reverse();
                }
                middles.into_iter().any(|middle| {
                    if !self.program.matches(second.span, text, middle, end) {
                        return false;
                    }
                    let matched = self.dissect(first, text, begin, middle, spans)
                        && self.dissect(second, text, middle, end, spans);
                    if !matched {
                        forget(first, spans);
                        forget(second, spans);
                    }
                    matched
                })
            }
            Kind::Repeat(inner, least, most) => self.iterate(inner, *least, *most, text, (begin, end), spans),
        }
    }

    /// Whether `text` is `once` so many times.
    fn repeats(&self, once: &str, text: &str, least: usize, most: Option<usize>) -> bool {
        if once.is_empty() || text.is_empty() {
            return text.is_empty() && (once.is_empty() || least == 0);
        }
        let mut rest = text;
        let mut count = 0;
        while !rest.is_empty() {
            let Some(tail) = self.without_prefix(rest, once) else { return false };
            rest = tail;
            count += 1;
        }
        count >= least && most.is_none_or(|most| count <= most)
    }

    fn without_prefix<'t>(&self, text: &'t str, prefix: &str) -> Option<&'t str> {
        if !self.ignore_case {
            return text.strip_prefix(prefix);
        }
        let mut chars = text.chars();
        for wanted in prefix.chars() {
            let c = chars.next()?;
            if c != wanted && !c.to_lowercase().eq(wanted.to_lowercase()) {
                return None;
            }
        }
        Some(chars.as_str())
    }

    /// Divides the text into matches of `part`: each as long (or as short) as it can be, from left to right.
    fn iterate(
        &self,
        part: &Part,
        least: usize,
        most: Option<usize>,
        text: &str,
        (begin, end): (usize, usize),
        spans: &mut Spans,
    ) -> bool {
        // No match at all is the last resort, even of nothing: then groups have matched nothing rather than not at all.
        let may_be_none = least == 0 && begin == end;
        let least = least.max(1);
        // Matches of nothing are needed at most to reach the least number.
        let most = most.unwrap_or(usize::MAX).min((end - begin).max(least));
        // Ends that are still to be tried, for each match.
        let choices = |from: usize| {
            let mut ends = self.program.ends(part.span, text, from, end);
            // The last one is tried first.
            if part.preference == Preference::Short {
                ends.reverse();
            }
            ends
        };
        let mut stack = vec![(begin, choices(begin))];
        while let Some((from, ends)) = stack.last_mut() {
            let from = *from;
            let Some(to) = ends.pop() else {
                stack.pop();
                continue;
            };
            let number = stack.len();
            if to == end {
                if number >= least && self.verify(part, text, &stack, end, spans) {
                    return true;
                }
                continue;
            }
            let useless = to == from && (number >= least || least - number < end - to);
            if number < most && !useless {
                let next = choices(to);
                stack.push((to, next));
            }
        }
        if may_be_none {
            forget(part, spans);
        }
        may_be_none
    }

    fn verify(
        &self,
        part: &Part,
        text: &str,
        stack: &[(usize, Vec<usize>)],
        end: usize,
        spans: &mut Spans,
    ) -> bool {
        let starts: Vec<usize> = stack.iter().map(|(from, _)| *from).chain([end]).collect();
        starts.windows(2).all(|pair| {
            let [from, to] = pair else { return false };
            forget(part, spans);
            self.dissect(part, text, *from, *to, spans)
        })
    }
}

/// What the groups within `part` have matched no longer counts.
fn forget(part: &Part, spans: &mut Spans) {
    match &part.kind {
        Kind::Plain | Kind::Reference(..) => {}
        Kind::Group(number, inner) => {
            if let Some(slot) = spans.get_mut(*number) {
                *slot = None;
            }
            forget(inner, spans);
        }
        Kind::Choice(branches) => branches.iter().for_each(|branch| forget(branch, spans)),
        Kind::Sequence(first, second) => {
            forget(first, spans);
            forget(second, spans);
        }
        Kind::Repeat(inner, ..) => forget(inner, spans),
    }
}
