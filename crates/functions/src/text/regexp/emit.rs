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

/// The whole pattern.
pub fn emit(root: &Node, options: Options) -> String {
    let mut out = String::new();
    if options.ignore_case {
        out.push_str("(?i)");
    }
    Emitter { options, out: &mut out }.node(root);
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
    fn node(&mut self, node: &Node) {
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
                self.node(inner);
                self.out.push(')');
            }
            // Patterns with these are not translated.
            Node::Look(..) | Node::Back(_) => {}
            Node::Repeat(inner, low, high, lazy) => self.repeat(inner, *low, *high, *lazy == Some(true)),
            Node::Concat(parts) => {
                for part in parts {
                    if matches!(part, Node::Alt(_)) {
                        self.grouped(part);
                    } else {
                        self.node(part);
                    }
                }
            }
            Node::Alt(branches) => self.alternatives(branches),
        }
    }

    fn grouped(&mut self, node: &Node) {
        self.out.push_str("(?:");
        self.node(node);
        self.out.push(')');
    }

    fn repeat(&mut self, inner: &Node, low: u32, high: Option<u32>, is_lazy: bool) {
        match inner {
            Node::Char(_) | Node::Any | Node::Set(..) | Node::Group(..) => self.node(inner),
            _ => self.grouped(inner),
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
        if is_lazy {
            self.out.push('?');
        }
    }

    fn alternatives(&mut self, branches: &[Node]) {
        let mut order: Vec<&Node> = branches.iter().collect();
        if branches.iter().all(|b| literal_len(b).is_some()) {
            order.sort_by_key(|b| std::cmp::Reverse(literal_len(b)));
        }
        for (at, branch) in order.into_iter().enumerate() {
            if at > 0 {
                self.out.push('|');
            }
            self.node(branch);
        }
    }
}
