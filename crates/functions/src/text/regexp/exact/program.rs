//! The automaton of a pattern, and running it over text.

use regex_syntax::hir::{Class, HirKind};

/// Where an instruction leads that has not been connected yet.
pub const NOWHERE: usize = usize::MAX;

/// A set of characters.
#[derive(Debug)]
pub struct CharSet {
    ascii: [bool; 128],
    ranges: Vec<(char, char)>,
}

impl CharSet {
    /// Reads a set in the syntax of the `regex` crate.
    pub fn parse(text: &str, ignore_case: bool) -> Option<CharSet> {
        let mut builder = regex_syntax::ParserBuilder::new();
        let hir = builder.case_insensitive(ignore_case).build().parse(text).ok()?;
        let ranges: Vec<(char, char)> = match hir.kind() {
            HirKind::Class(Class::Unicode(class)) => {
                class.ranges().iter().map(|range| (range.start(), range.end())).collect()
            }
            HirKind::Class(Class::Bytes(class)) => class
                .ranges()
                .iter()
                .map(|range| (char::from(range.start()), char::from(range.end())))
                .collect(),
            HirKind::Literal(literal) => {
                let c = std::str::from_utf8(&literal.0).ok()?.chars().next()?;
                vec![(c, c)]
            }
            _ => return None,
        };
        Some(CharSet::of(ranges))
    }

    fn of(ranges: Vec<(char, char)>) -> CharSet {
        let mut ascii = [false; 128];
        for (byte, slot) in ascii.iter_mut().enumerate() {
            let c = char::from(byte as u8);
            *slot = ranges.iter().any(|(low, high)| (*low..=*high).contains(&c));
        }
        CharSet { ascii, ranges }
    }

    fn contains(&self, c: char) -> bool {
        match self.ascii.get(c as usize) {
            Some(is_in) => *is_in,
            None => {
                let after = self.ranges.partition_point(|(low, _)| *low <= c);
                after > 0 && self.ranges.get(after - 1).is_some_and(|(_, high)| c <= *high)
            }
        }
    }
}

/// A constraint on a place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `\A`
    TextStart,
    /// `\Z`
    TextEnd,
    /// `^` of lines.
    LineStart,
    /// `$` of lines.
    LineEnd,
    /// `\m`
    WordStart,
    /// `\M`
    WordEnd,
    /// `\y`
    WordBoundary,
    /// `\Y`
    NoWordBoundary,
}

fn is_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_alphabetic() || c.is_ascii_digit() || c == '_')
}

impl Place {
    fn holds(self, text: &str, at: usize) -> bool {
        let before = || text[..at].chars().next_back();
        let after = || text[at..].chars().next();
        match self {
            Place::TextStart => at == 0,
            Place::TextEnd => at == text.len(),
            Place::LineStart => at == 0 || before() == Some('\n'),
            Place::LineEnd => at == text.len() || after() == Some('\n'),
            Place::WordStart => !is_word(before()) && is_word(after()),
            Place::WordEnd => is_word(before()) && !is_word(after()),
            Place::WordBoundary => is_word(before()) != is_word(after()),
            Place::NoWordBoundary => is_word(before()) == is_word(after()),
        }
    }
}

/// An instruction.
#[derive(Debug)]
pub enum Inst {
    /// Takes a character of the set.
    Set(usize, usize),
    /// Goes on.
    Jump(usize),
    /// Goes on at both.
    Split(usize, usize),
    /// Goes on where the constraint holds.
    Place(Place, usize),
    /// Goes on where the part from `entry` to `exit` matches (`wanted`) or does not: after this place or before it.
    Look { behind: bool, wanted: bool, entry: usize, exit: usize, next: usize },
}

/// A part of the automaton: from its first instruction until its last.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// First instruction.
    pub entry: usize,
    /// The instruction that is reached when the part has matched.
    pub exit: usize,
}

/// An automaton.
#[derive(Debug, Default)]
pub struct Program {
    /// Its instructions.
    pub insts: Vec<Inst>,
    /// The sets that they refer to.
    pub sets: Vec<CharSet>,
}

/// States that are alive.
struct States {
    list: Vec<usize>,
    seen: Vec<u32>,
    round: u32,
    stack: Vec<usize>,
}

impl States {
    fn new(size: usize) -> States {
        States { list: Vec::new(), seen: vec![0; size], round: 0, stack: Vec::new() }
    }

    fn begin(&mut self) {
        self.list.clear();
        self.round += 1;
    }
}

impl Program {
    /// Adds what can be reached from `from` without a character; whether `exit` is among it.
    fn close(&self, states: &mut States, from: usize, exit: usize, text: &str, at: usize) -> bool {
        let mut reached = false;
        states.stack.push(from);
        while let Some(here) = states.stack.pop() {
            let Some(seen) = states.seen.get_mut(here) else { continue };
            if *seen == states.round {
                continue;
            }
            *seen = states.round;
            if here == exit {
                reached = true;
                continue;
            }
            match self.insts.get(here) {
                Some(Inst::Set(..)) => states.list.push(here),
                Some(Inst::Jump(next)) => states.stack.push(*next),
                Some(Inst::Split(one, other)) => states.stack.extend([*other, *one]),
                Some(Inst::Place(place, next)) if place.holds(text, at) => states.stack.push(*next),
                Some(Inst::Place(..)) => {}
                Some(Inst::Look { behind, wanted, entry, exit, next }) => {
                    let span = Span { entry: *entry, exit: *exit };
                    let found =
                        if *behind { self.ends_at(span, text, at) } else { self.begins_at(span, text, at) };
                    if found == *wanted {
                        states.stack.push(*next);
                    }
                }
                None => {}
            }
        }
        reached
    }

    /// Runs `span` from `from`, over text before `limit`, and shows every end of a match to `found`, until that says
    /// that it has seen enough.
    fn run(&self, span: Span, text: &str, from: usize, limit: usize, mut found: impl FnMut(usize) -> bool) {
        let (mut now, mut next) = (States::new(self.insts.len()), States::new(self.insts.len()));
        now.begin();
        if self.close(&mut now, span.entry, span.exit, text, from) && found(from) {
            return;
        }
        for (offset, c) in text[from..limit].char_indices() {
            let at = from + offset + c.len_utf8();
            next.begin();
            let mut reached = false;
            for state in &now.list {
                if let Some(Inst::Set(set, target)) = self.insts.get(*state)
                    && self.sets.get(*set).is_some_and(|set| set.contains(c))
                {
                    reached |= self.close(&mut next, *target, span.exit, text, at);
                }
            }
            if reached && found(at) {
                return;
            }
            std::mem::swap(&mut now, &mut next);
            if now.list.is_empty() {
                return;
            }
        }
    }

    /// All ends, in order, of matches that begin at `from` and end at `limit` at the latest.
    pub fn ends(&self, span: Span, text: &str, from: usize, limit: usize) -> Vec<usize> {
        let mut ends = Vec::new();
        self.run(span, text, from, limit, |at| {
            ends.push(at);
            false
        });
        ends
    }

    /// Whether the text from `from` to `to` matches as a whole.
    pub fn matches(&self, span: Span, text: &str, from: usize, to: usize) -> bool {
        let mut matches = false;
        self.run(span, text, from, to, |at| {
            matches |= at == to;
            at == to
        });
        matches
    }

    fn begins_at(&self, span: Span, text: &str, at: usize) -> bool {
        let mut found = false;
        self.run(span, text, at, text.len(), |_| {
            found = true;
            true
        });
        found
    }

    fn ends_at(&self, span: Span, text: &str, at: usize) -> bool {
        let mut starts = text[..at].char_indices().map(|(start, _)| start).chain([at]);
        starts.any(|start| self.matches(span, text, start, at))
    }
}
