//! From the tree to the syntax of the `regex` crate.

use super::parse::{Node, Options};
use std::fmt::Write as _;

/// Writes one character that means itself, inside or outside of brackets.
pub fn push_char(out: &mut String, c: char) {
    if matches!(
        c,
        '\\' | '.'
            | '+'
            | '*'
            | '?'
            | '('
            | ')'
            | '|'
            | '['
            | ']'
            | '{'
            | '}'
            | '^'
            | '$'
            | '#'
            | '&'
            | '-'
            | '~'
    ) {
        out.push('\\');
        out.push(c);
    } else if c.is_ascii_control() {
        let _ = write!(out, "\\x{:02X}", c as u32);
    } else {
        out.push(c);
    }
}

/// Greediness of an expression as PostgreSQL defines it: that of its first quantified atom, `None` if it has none.
/// Alternatives are always greedy.
fn lazy(node: &Node) -> Option<bool> {
    match node {
        Node::Repeat(inner, low, Some(high), is_lazy) if low == high => {
            // A fixed count does not change the preference, except that `{1,1}?` is the way to ask for one.
            if *is_lazy { Some(true) } else { lazy(inner) }
        }
        Node::Repeat(_, _, _, is_lazy) => Some(*is_lazy),
        Node::Group(inner, _) => lazy(inner),
        Node::Concat(parts) => parts.iter().find_map(lazy),
        Node::Alt(_) => Some(false),
        _ => None,
    }
}

/// Is the last quantified atom a lazy one?
fn ends_lazy(node: &Node) -> bool {
    fn last(node: &Node) -> Option<bool> {
        match node {
            Node::Repeat(_, low, Some(high), _) if low == high => None,
            Node::Repeat(_, _, _, is_lazy) => Some(*is_lazy),
            Node::Group(inner, _) => last(inner),
            Node::Concat(parts) => parts.iter().rev().find_map(last),
            _ => None,
        }
    }
    last(node) == Some(true)
}

fn ends_anchored(node: &Node) -> bool {
    match node {
        Node::Assert(text) => matches!(*text, "\\z" | "(?m:$)"),
        Node::Concat(parts) => parts.last().is_some_and(ends_anchored),
        Node::Group(inner, false) => ends_anchored(inner),
        _ => false,
    }
}

/// The whole pattern.
pub fn emit(root: &Node, options: Options) -> String {
    let mut out = String::new();
    if options.ignore_case {
        out.push_str("(?i)");
    }
    // PostgreSQL decides the length of the whole match by the whole's preference; with an end anchor the length is
    // given, and each part keeps its own.
    // So it does where a greedy whole ends with a greedy part.
    let preference = match lazy(root) {
        _ if ends_anchored(root) => None,
        Some(false) if !ends_lazy(root) => None,
        preference => preference,
    };
    Emitter { options, out: &mut out }.node(root, preference);
    out
}

struct Emitter<'a> {
    options: Options,
    out: &'a mut String,
}

/// Is it plain text? Its length in characters.
fn literal_len(node: &Node) -> Option<usize> {
    match node {
        Node::Empty => Some(0),
        Node::Char(_) => Some(1),
        Node::Concat(parts) => parts.iter().all(|p| matches!(p, Node::Char(_))).then_some(parts.len()),
        _ => None,
    }
}

impl Emitter<'_> {
    fn node(&mut self, node: &Node, preference: Option<bool>) {
        match node {
            Node::Empty => self.out.push_str("(?:)"),
            Node::Char(c) => push_char(self.out, *c),
            Node::Any => self.out.push_str(if self.options.newline_stops { "[^\\n]" } else { "(?s:.)" }),
            Node::Set(set, negated) => {
                self.out.push_str(if *negated { "[^" } else { "[" });
                self.out.push_str(set);
                self.out.push(']');
            }
            Node::Assert(text) => self.out.push_str(text),
            Node::Group(inner, captures) => {
                self.out.push_str(if *captures { "(" } else { "(?:" });
                self.node(inner, preference);
                self.out.push(')');
            }
            Node::Look(open, inner) => {
                self.out.push_str(open);
                self.node(inner, None);
                self.out.push(')');
            }
            Node::Back(number) => {
                let _ = write!(self.out, "(?:\\{number})");
            }
            Node::Repeat(inner, low, high, is_lazy) => self.repeat(inner, *low, *high, *is_lazy, preference),
            Node::Concat(parts) => {
                for part in parts {
                    if matches!(part, Node::Alt(_)) {
                        self.grouped(part, preference);
                    } else {
                        self.node(part, preference);
                    }
                }
            }
            Node::Alt(branches) => self.alternatives(branches, preference),
        }
    }

    fn grouped(&mut self, node: &Node, preference: Option<bool>) {
        self.out.push_str("(?:");
        self.node(node, preference);
        self.out.push(')');
    }

    fn repeat(&mut self, inner: &Node, low: u32, high: Option<u32>, is_lazy: bool, preference: Option<bool>) {
        let fixed_once = low == 1 && high == Some(1);
        let inner_preference = if fixed_once { is_lazy.then_some(true) } else { preference };
        match inner {
            Node::Char(_) | Node::Any | Node::Set(..) | Node::Group(..) | Node::Back(_) => {
                self.node(inner, inner_preference);
            }
            _ => self.grouped(inner, inner_preference),
        }
        match (low, high) {
            (1, Some(1)) => return,
            (0, None) => self.out.push('*'),
            (1, None) => self.out.push('+'),
            (0, Some(1)) => self.out.push('?'),
            (low, None) => {
                let _ = write!(self.out, "{{{low},}}");
            }
            (low, Some(high)) if low == high => {
                let _ = write!(self.out, "{{{low}}}");
                return;
            }
            (low, Some(high)) => {
                let _ = write!(self.out, "{{{low},{high}}}");
            }
        }
        if preference.unwrap_or(is_lazy) {
            self.out.push('?');
        }
    }

    fn alternatives(&mut self, branches: &[Node], preference: Option<bool>) {
        let mut order: Vec<&Node> = branches.iter().collect();
        if branches.iter().all(|b| literal_len(b).is_some()) {
            order.sort_by_key(|b| std::cmp::Reverse(literal_len(b)));
        }
        for (at, branch) in order.into_iter().enumerate() {
            if at > 0 {
                self.out.push('|');
            }
            self.node(branch, preference);
        }
    }
}
