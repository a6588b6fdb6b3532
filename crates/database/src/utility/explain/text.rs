//! The text format.

use super::node::{Child, Explained, NodeText, Value};
use super::options::ExplainOptions;
use std::time::Duration;

/// All lines.
pub(super) fn lines(explained: &Explained, options: &ExplainOptions) -> Vec<String> {
    let mut lines = Vec::new();
    node(&explained.root, options, 0, true, &mut lines);
    if !explained.settings.is_empty() {
        let list: Vec<String> =
            explained.settings.iter().map(|(name, value)| format!("{name} = '{value}'")).collect();
        lines.push(format!("Settings: {}", list.join(", ")));
    }
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    if let Some(time) = explained.planning {
        lines.push(format!("Planning Time: {:.3} ms", millis(time)));
    }
    if let Some(time) = explained.execution {
        lines.push(format!("Execution Time: {:.3} ms", millis(time)));
    }
    lines
}

/// A node at an indentation (of its own text; children are six to the right), and everything below it.
fn node(node_text: &NodeText, options: &ExplainOptions, indent: usize, top: bool, lines: &mut Vec<String>) {
    let mut line = if top { String::new() } else { format!("{}->  ", " ".repeat(indent)) };
    line.push_str(&node_text.label);
    if options.costs {
        let (startup, total, rows, width) = node_text.costs;
        line.push_str(&format!("  (cost={startup:.2}..{total:.2} rows={rows:.0} width={width})"));
    }
    actual(node_text, options, &mut line);
    lines.push(line);
    let inner = if top { 2 } else { indent + 6 };
    for (name, value) in &node_text.properties {
        if let Some(text) = value_text(value) {
            lines.push(format!("{}{name}: {text}", " ".repeat(inner)));
        }
    }
    for child in &node_text.children {
        self::child(child, options, inner, lines);
    }
}

fn child(child: &Child, options: &ExplainOptions, indent: usize, lines: &mut Vec<String>) {
    match &child.subplan {
        Some(name) => {
            lines.push(format!("{}{name}", " ".repeat(indent)));
            node(&child.node, options, indent + 2, false, lines);
        }
        None => node(&child.node, options, indent, false, lines),
    }
}

fn actual(node_text: &NodeText, options: &ExplainOptions, line: &mut String) {
    let Some(stats) = node_text.stats else { return };
    if stats.loops == 0 {
        line.push_str(" (never executed)");
        return;
    }
    let loops = stats.loops as f64;
    let millis = |time: Duration| time.as_secs_f64() * 1000.0 / loops;
    let rows = stats.rows as f64 / loops;
    if options.timing {
        line.push_str(&format!(
            " (actual time={:.3}..{:.3} rows={rows:.2} loops={})",
            millis(stats.startup),
            millis(stats.total),
            stats.loops
        ));
    } else {
        line.push_str(&format!(" (actual rows={rows:.2} loops={})", stats.loops));
    }
}

fn value_text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Flag(true) => Some("true".to_owned()),
        Value::Flag(false) => None,
        Value::List(list) => Some(list.join(", ")),
    }
}
