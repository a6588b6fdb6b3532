//! Printing paths in PostgreSQL's canonical form.

use super::{Accessor, JsonPath, MethodArg, Node};
use crate::json::write_json_string;
use std::fmt;

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        if !self.lax {
            out.push_str("strict ");
        }
        node(&self.root, true, &mut out);
        f.write_str(&out)
    }
}

fn quoted(text: &str, out: &mut String) {
    let mut bytes = Vec::with_capacity(text.len() + 2);
    write_json_string(text, &mut bytes);
    out.push_str(&String::from_utf8_lossy(&bytes));
}

fn priority(node: &Node) -> u8 {
    match node {
        Node::Binary(op, ..) => op.priority(),
        Node::Sign(..) => 5,
        _ => 6,
    }
}

/// Appends in parentheses if asked.
fn bracketed(brackets: bool, out: &mut String, inner: impl FnOnce(&mut String)) {
    if brackets {
        out.push('(');
    }
    inner(out);
    if brackets {
        out.push(')');
    }
}

fn node(item: &Node, brackets: bool, out: &mut String) {
    match item {
        Node::Root => out.push('$'),
        Node::Current => out.push('@'),
        Node::Last => out.push_str("last"),
        Node::Variable(name) => {
            out.push('$');
            quoted(name, out);
        }
        Node::Null => out.push_str("null"),
        Node::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Node::Number(number) => out.push_str(&number.to_string()),
        Node::String(text) => quoted(text, out),
        Node::Chain(inner, accessors) => {
            bracketed(matches!(**inner, Node::Number(_)), out, |out| node(inner, true, out));
            accessors.iter().for_each(|a| accessor(a, out));
        }
        Node::Binary(op, left, right) => bracketed(brackets, out, |out| {
            node(left, priority(left) <= op.priority(), out);
            out.push(' ');
            out.push_str(op.symbol());
            out.push(' ');
            node(right, priority(right) <= op.priority(), out);
        }),
        Node::Sign(minus, operand) => bracketed(brackets, out, |out| {
            out.push(if *minus { '-' } else { '+' });
            node(operand, priority(operand) <= 5, out);
        }),
        Node::Not(operand) => {
            out.push_str("!(");
            node(operand, false, out);
            out.push(')');
        }
        Node::IsUnknown(operand) => {
            out.push('(');
            node(operand, false, out);
            out.push_str(") is unknown");
        }
        Node::Exists(operand) => {
            out.push_str("exists (");
            node(operand, false, out);
            out.push(')');
        }
        Node::LikeRegex(operand, pattern, flags) => bracketed(brackets, out, |out| {
            node(
                operand,
                priority(operand) <= 6 && matches!(**operand, Node::Binary(..) | Node::Sign(..)),
                out,
            );
            out.push_str(" like_regex ");
            quoted(pattern, out);
            if !flags.is_empty() {
                out.push_str(&format!(" flag \"{flags}\""));
            }
        }),
    }
}

fn accessor(item: &Accessor, out: &mut String) {
    let level = |level: &Option<u32>| level.map_or_else(|| "last".to_owned(), |level| level.to_string());
    match item {
        Accessor::Key(key) => {
            out.push('.');
            quoted(key, out);
        }
        Accessor::AnyKey => out.push_str(".*"),
        Accessor::AnyItem => out.push_str("[*]"),
        Accessor::Items(items) => {
            out.push('[');
            for (at, (from, to)) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                node(from, false, out);
                if let Some(to) = to {
                    out.push_str(" to ");
                    node(to, false, out);
                }
            }
            out.push(']');
        }
        Accessor::AnyDepth(Some(0), None) => out.push_str(".**"),
        Accessor::AnyDepth(from, to) if from == to => out.push_str(&format!(".**{{{}}}", level(from))),
        Accessor::AnyDepth(from, to) => out.push_str(&format!(".**{{{} to {}}}", level(from), level(to))),
        Accessor::Filter(predicate) => {
            out.push_str("?(");
            node(predicate, false, out);
            out.push(')');
        }
        Accessor::Method(method, arguments) => {
            out.push_str(&format!(".{}(", method.name()));
            for (at, argument) in arguments.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                match argument {
                    MethodArg::Number(number) => out.push_str(&number.to_string()),
                    MethodArg::Text(text) => quoted(text, out),
                }
            }
            out.push(')');
        }
    }
}
