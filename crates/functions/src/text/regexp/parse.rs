//! From PostgreSQL's regular expression syntax to a tree.

use super::bracket;
use pglitedb_sqlstate::{Error, Result, err};

/// Options, from the flags argument and from the pattern itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    /// `i`
    pub ignore_case: bool,
    /// `.` and `[^...]` do not match a line feed (`n`, `p`).
    pub newline_stops: bool,
    /// `^` and `$` match at lines (`n`, `w`).
    pub line_anchors: bool,
    /// `x`
    pub expanded: bool,
    /// `q`
    pub literal: bool,
    /// `b`: a basic regular expression.
    pub basic: bool,
    /// Classes of characters know ASCII only, as in the collation `C`.
    pub ascii: bool,
    /// Digits and punctuation are Unicode's (`PG_UNICODE_FAST`).
    pub full: bool,
    /// `g`: for the functions that look for all matches.
    pub global: bool,
}

impl Options {
    /// Reads the flags argument of the functions.
    pub fn from_flags(flags: &str) -> Result<Options> {
        let mut options = Options::default();
        for flag in flags.chars() {
            if flag == 'g' {
                options.global = true;
            } else if flag == 'e' {
                // "Extended" in PostgreSQL's manual; here its code makes it mean what `b` does.
                options.basic = true;
            } else if !options.set(flag) {
                return Err(err!(INVALID_PARAMETER_VALUE, "invalid regular expression option: \"{flag}\""));
            }
        }
        Ok(options)
    }

    fn set(&mut self, flag: char) -> bool {
        match flag {
            'i' => self.ignore_case = true,
            'c' => self.ignore_case = false,
            'm' | 'n' => (self.newline_stops, self.line_anchors) = (true, true),
            'p' => (self.newline_stops, self.line_anchors) = (true, false),
            'w' => (self.newline_stops, self.line_anchors) = (false, true),
            's' => (self.newline_stops, self.line_anchors) = (false, false),
            'x' => self.expanded = true,
            't' => self.expanded = false,
            'q' => self.literal = true,
            'b' => self.basic = true,
            'e' => self.basic = false,
            _ => return false,
        }
        true
    }
}

/// A node of the tree.
#[derive(Debug)]
pub enum Node {
    /// Matches the empty string.
    Empty,
    /// One character.
    Char(char),
    /// `.`
    Any,
    /// A set of characters: the inside of a `[...]` of the target syntax.
    Set(String, bool),
    /// A constraint, in the target syntax.
    Assert(&'static str),
    /// A group.
    Group(Box<Node>, bool),
    /// Look-around: its opening in the target syntax.
    Look(&'static str, Box<Node>),
    /// A back-reference.
    Back(u32),
    /// A quantified atom: how often at least and at most, and whether short matches are preferred (`{n}` has no
    /// preference).
    Repeat(Box<Node>, u32, Option<u32>, Option<bool>),
    /// One after the other.
    Concat(Vec<Node>),
    /// One or the other.
    Alt(Vec<Node>),
}

impl Node {
    /// The node's own parts.
    fn parts(&self) -> &[Node] {
        match self {
            Node::Group(inner, _) | Node::Look(_, inner) | Node::Repeat(inner, ..) => {
                std::slice::from_ref(inner)
            }
            Node::Concat(parts) | Node::Alt(parts) => parts,
            _ => &[],
        }
    }

    /// Number of capturing groups.
    pub fn groups(&self) -> usize {
        usize::from(matches!(self, Node::Group(_, true)))
            + self.parts().iter().map(Node::groups).sum::<usize>()
    }

    /// Whether there is something in it that automata cannot do, or do with difficulty.
    pub fn has_look_around_or_references(&self) -> bool {
        matches!(self, Node::Look(..) | Node::Back(_))
            || self.parts().iter().any(Node::has_look_around_or_references)
    }
}

/// `2201B` with PostgreSQL's name of the fault.
#[cold]
pub fn invalid(what: &str) -> Error {
    err!(INVALID_REGULAR_EXPRESSION, "invalid regular expression: {what}")
}

/// `\m` of the syntax.
pub const WORD_START: &str = "\\b{start}";
/// `\M` of the syntax.
pub const WORD_END: &str = "\\b{end}";

/// Groups may nest so deep.
const MAX_DEPTH: usize = 200;
/// A bound may be so large.
const MAX_REPEAT: u32 = 255;

pub(super) struct Parser<'a> {
    chars: std::iter::Peekable<std::str::Chars<'a>>,
    rest: &'a str,
    pub(super) options: Options,
    groups: u32,
    /// Groups that are complete, by number.
    closed: Vec<bool>,
    depth: usize,
    /// Whether this is inside of a look-around, where groups capture nothing and cannot be referred to.
    looking_around: bool,
}

/// Parses a pattern; the options come back with those of the pattern's own prefix.
pub fn parse(pattern: &str, mut options: Options) -> Result<(Node, Options)> {
    let mut rest = pattern;
    if let Some(tail) = rest.strip_prefix("***") {
        match tail.chars().next() {
            Some('=') => options.literal = true,
            Some(':') => options.basic = false,
            _ => return Err(invalid("quantifier operand invalid")),
        }
        rest = &tail[1..];
    }
    if !options.literal
        && !options.basic
        && let Some(tail) = rest.strip_prefix("(?")
        && tail.starts_with(|c: char| c.is_ascii_alphabetic())
    {
        let end = tail.find(')').ok_or_else(|| invalid("invalid embedded option"))?;
        for flag in tail[..end].chars() {
            if !options.set(flag) {
                return Err(invalid("invalid embedded option"));
            }
        }
        rest = &tail[end + 1..];
    }
    if options.literal {
        return Ok((Node::Concat(rest.chars().map(Node::Char).collect()), options));
    }
    let translated;
    if options.basic {
        translated = super::basic::translate(rest)?;
        rest = &translated;
    }
    let mut parser = Parser {
        chars: rest.chars().peekable(),
        rest,
        options,
        groups: 0,
        closed: vec![false],
        depth: 0,
        looking_around: false,
    };
    let node = parser.alternatives()?;
    if parser.peek().is_some() {
        return Err(invalid("parentheses () not balanced"));
    }
    Ok((node, parser.options))
}

impl Parser<'_> {
    pub(super) fn peek(&mut self) -> Option<char> {
        self.chars.peek().copied()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.chars.next();
        self.rest = &self.rest[c.map_or(0, char::len_utf8)..];
        c
    }

    pub(super) fn looking_at(&self, text: &str) -> bool {
        self.rest.starts_with(text)
    }

    pub(super) fn rest(&self) -> &str {
        self.rest
    }

    pub(super) fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.next();
        }
    }

    fn alternatives(&mut self) -> Result<Node> {
        let mut branches = vec![self.branch()?];
        while self.peek() == Some('|') {
            self.next();
            branches.push(self.branch()?);
        }
        Ok(if branches.len() == 1 { branches.remove(0) } else { Node::Alt(branches) })
    }

    /// White space and comments of the expanded syntax, and `(?#...)` of every syntax.
    fn skip_ignored(&mut self) -> Result<()> {
        loop {
            if self.looking_at("(?#") {
                let len = self.rest.find(')').ok_or_else(|| invalid("parentheses () not balanced"))?;
                let count = self.rest[..len].chars().count() + 1;
                self.skip(count);
            } else if self.options.expanded && self.peek().is_some_and(char::is_whitespace) {
                self.next();
            } else if self.options.expanded && self.peek() == Some('#') {
                while self.peek().is_some_and(|c| c != '\n') {
                    self.next();
                }
            } else {
                return Ok(());
            }
        }
    }

    fn branch(&mut self) -> Result<Node> {
        let mut parts = Vec::new();
        loop {
            self.skip_ignored()?;
            match self.peek() {
                None | Some('|') => break,
                Some(')') if self.depth > 0 => break,
                Some(')') => return Err(invalid("parentheses () not balanced")),
                _ => {}
            }
            let atom = self.atom()?;
            self.skip_ignored()?;
            parts.push(self.quantified(atom)?);
        }
        Ok(match parts.len() {
            0 => Node::Empty,
            1 => parts.remove(0),
            _ => Node::Concat(parts),
        })
    }

    fn quantified(&mut self, atom: Node) -> Result<Node> {
        let (low, high) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') if self.rest[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                self.next();
                let bounds = self.bounds()?;
                return self.finish_quantifier(atom, bounds);
            }
            _ => return Ok(atom),
        };
        self.next();
        self.finish_quantifier(atom, (low, high, true))
    }

    fn finish_quantifier(&mut self, atom: Node, bounds: (u32, Option<u32>, bool)) -> Result<Node> {
        let (low, high, has_preference) = bounds;
        let lazy = self.peek() == Some('?');
        if lazy {
            self.next();
        }
        if matches!(atom, Node::Assert(_) | Node::Look(..)) {
            return Err(invalid("quantifier operand invalid"));
        }
        self.skip_ignored()?;
        if matches!(self.peek(), Some('*' | '+' | '?')) {
            return Err(invalid("quantifier operand invalid"));
        }
        Ok(Node::Repeat(Box::new(atom), low, high, has_preference.then_some(lazy)))
    }

    /// The numbers in braces, and whether there are two of them.
    fn bounds(&mut self) -> Result<(u32, Option<u32>, bool)> {
        let low = self.bound()?;
        let two = self.peek() == Some(',');
        let high = if self.peek() == Some(',') {
            self.next();
            if self.peek() == Some('}') { None } else { Some(self.bound()?) }
        } else {
            Some(low)
        };
        match self.next() {
            Some('}') => {}
            None => return Err(invalid("braces {} not balanced")),
            Some(_) => return Err(invalid("invalid repetition count(s)")),
        }
        if high.is_some_and(|high| high < low) {
            return Err(invalid("invalid repetition count(s)"));
        }
        Ok((low, high, two))
    }

    fn bound(&mut self) -> Result<u32> {
        let mut value = None;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            self.next();
            let sum = value.unwrap_or(0) * 10 + digit;
            if sum > MAX_REPEAT {
                return Err(invalid("invalid repetition count(s)"));
            }
            value = Some(sum);
        }
        value.ok_or_else(|| {
            invalid(if self.peek().is_none() {
                "braces {} not balanced"
            } else {
                "invalid repetition count(s)"
            })
        })
    }

    fn atom(&mut self) -> Result<Node> {
        match self.next() {
            Some('(') => self.group(),
            Some('[') => bracket::parse(self),
            Some('.') => Ok(Node::Any),
            Some('^') => Ok(Node::Assert(if self.options.line_anchors { "(?m:^)" } else { "\\A" })),
            Some('$') => Ok(Node::Assert(if self.options.line_anchors { "(?m:$)" } else { "\\z" })),
            Some('*' | '+' | '?') => Err(invalid("quantifier operand invalid")),
            Some('{') if self.peek().is_some_and(|c| c.is_ascii_digit()) => {
                Err(invalid("quantifier operand invalid"))
            }
            Some('\\') => self.escape(),
            Some(c) => Ok(Node::Char(c)),
            None => Ok(Node::Empty),
        }
    }

    fn group(&mut self) -> Result<Node> {
        let kinds = [
            ("?:", None),
            ("?=", Some("(?=")),
            ("?!", Some("(?!")),
            ("?<=", Some("(?<=")),
            ("?<!", Some("(?<!")),
        ];
        let kind = kinds.iter().find(|(text, _)| self.looking_at(text));
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(invalid("regular expression is too complex"));
        }
        let captures = kind.is_none() && !self.looking_around;
        let number = self.groups as usize + 1;
        if let Some((text, _)) = kind {
            self.skip(text.len());
        } else if self.peek() == Some('?') {
            return Err(invalid("quantifier operand invalid"));
        } else if captures {
            self.groups += 1;
            self.closed.push(false);
        }
        let outer = self.looking_around;
        self.looking_around |= matches!(kind, Some((_, Some(_))));
        let inner = self.alternatives()?;
        self.looking_around = outer;
        if self.next() != Some(')') {
            return Err(invalid("parentheses () not balanced"));
        }
        self.depth -= 1;
        if captures && let Some(closed) = self.closed.get_mut(number) {
            *closed = true;
        }
        Ok(match kind {
            Some((_, Some(open))) => Node::Look(open, Box::new(inner)),
            _ => Node::Group(Box::new(inner), captures),
        })
    }

    fn escape(&mut self) -> Result<Node> {
        let Some(c) = self.next() else { return Err(invalid("invalid escape \\ sequence")) };
        let node = match c {
            'd' | 'D' | 's' | 'S' | 'w' | 'W' => {
                let (set, negated) = bracket::class_escape(c, self.options);
                Node::Set(set.to_owned(), negated)
            }
            'A' => Node::Assert("\\A"),
            'Z' => Node::Assert("\\z"),
            'm' => Node::Assert(WORD_START),
            'M' => Node::Assert(WORD_END),
            'y' => Node::Assert("\\b"),
            'Y' => Node::Assert("\\B"),
            '1'..='9' => return self.back_reference(c),
            _ => Node::Char(self.char_escape(c)?),
        };
        Ok(node)
    }

    fn back_reference(&mut self, first: char) -> Result<Node> {
        let digits: String =
            std::iter::once(first).chain(self.rest.chars().take_while(char::is_ascii_digit)).collect();
        let number: u32 = digits.parse().map_err(|_| invalid("invalid backreference number"))?;
        if digits.len() == 1 || number <= self.groups {
            self.skip(digits.len() - 1);
            if self.looking_around || !self.closed.get(number as usize).is_some_and(|closed| *closed) {
                return Err(invalid("invalid backreference number"));
            }
            return Ok(Node::Back(number));
        }
        self.octal(first).map(Node::Char)
    }

    fn octal(&mut self, first: char) -> Result<char> {
        let mut value = first.to_digit(8).ok_or_else(|| invalid("invalid escape \\ sequence"))?;
        for _ in 0..2 {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) else { break };
            self.next();
            value = value * 8 + digit;
        }
        char::from_u32(value).ok_or_else(|| invalid("invalid escape \\ sequence"))
    }

    /// Escapes that stand for one character; `c` is what follows the backslash.
    pub(super) fn char_escape(&mut self, c: char) -> Result<char> {
        let bad = || invalid("invalid escape \\ sequence");
        Ok(match c {
            'a' => '\u{7}',
            'b' => '\u{8}',
            'B' => '\\',
            'c' => {
                let control = self.next().ok_or_else(bad)?;
                char::from_u32(control as u32 & 0x1f).ok_or_else(bad)?
            }
            'e' => '\u{1b}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            'u' => self.hex(4, 4)?,
            'U' => self.hex(8, 8)?,
            'x' => self.hex(1, 255)?,
            '0' => self.octal('0')?,
            _ if c.is_ascii_alphanumeric() => return Err(bad()),
            _ => c,
        })
    }

    fn hex(&mut self, least: usize, most: usize) -> Result<char> {
        let bad = || invalid("invalid escape \\ sequence");
        let (mut value, mut count) = (0_u32, 0);
        while count < most
            && let Some(digit) = self.peek().and_then(|c| c.to_digit(16))
        {
            self.next();
            value = value.checked_mul(16).and_then(|v| v.checked_add(digit)).ok_or_else(bad)?;
            count += 1;
        }
        if count < least {
            return Err(bad());
        }
        char::from_u32(value).ok_or_else(bad)
    }
}
