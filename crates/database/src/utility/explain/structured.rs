//! The JSON, XML and YAML formats.

use super::node::{Explained, NodeText, Value};
use super::options::{ExplainFormat, ExplainOptions};
use std::time::Duration;

/// A tree of named values.
enum Tree {
    Scalar(String, bool),
    List(Vec<Tree>),
    /// Members in order.
    Group(Vec<(String, Tree)>),
}

fn text(value: impl Into<String>) -> Tree {
    Tree::Scalar(value.into(), true)
}

fn plain(value: impl ToString) -> Tree {
    Tree::Scalar(value.to_string(), false)
}

/// The whole document.
pub(super) fn print(explained: &Explained, options: &ExplainOptions) -> String {
    let mut query = vec![("Plan".to_owned(), node(&explained.root, options, &[]))];
    if !explained.settings.is_empty() {
        let members =
            explained.settings.iter().map(|(name, value)| (name.clone(), text(value.as_str()))).collect();
        query.push(("Settings".to_owned(), Tree::Group(members)));
    }
    let millis = |time: Duration| plain(format!("{:.3}", time.as_secs_f64() * 1000.0));
    if let Some(time) = explained.planning {
        query.push(("Planning Time".to_owned(), millis(time)));
    }
    if explained.execution.is_some() || options.analyze {
        query.push(("Triggers".to_owned(), Tree::List(Vec::new())));
    }
    if let Some(time) = explained.execution {
        query.push(("Execution Time".to_owned(), millis(time)));
    }
    let query = Tree::Group(query);
    let mut out = String::new();
    match options.format {
        ExplainFormat::Xml => {
            out.push_str("<explain xmlns=\"http://www.postgresql.org/2009/explain\">\n");
            xml("Query", &query, 2, &mut out);
            out.push_str("</explain>");
        }
        ExplainFormat::Yaml => yaml_item(&query, 0, &mut out),
        ExplainFormat::Json | ExplainFormat::Text => json(&Tree::List(vec![query]), 0, &mut out),
    }
    out
}

fn node(node_text: &NodeText, options: &ExplainOptions, relation: &[(&str, &str)]) -> Tree {
    let mut members = vec![("Node Type".to_owned(), text(node_text.node_type))];
    let (early, late): (Vec<_>, Vec<_>) =
        node_text.head.iter().partition(|(name, _)| matches!(*name, "Operation" | "Strategy"));
    members.extend(early.into_iter().map(|(name, value)| ((*name).to_owned(), tree(value))));
    if node_text.node_type == "Aggregate" {
        members.push(("Partial Mode".to_owned(), text("Simple")));
    }
    members.extend(relation.iter().map(|(name, value)| ((*name).to_owned(), text(*value))));
    members.push(("Parallel Aware".to_owned(), plain(false)));
    members.push(("Async Capable".to_owned(), plain(false)));
    members.extend(late.into_iter().map(|(name, value)| ((*name).to_owned(), tree(value))));
    if options.costs {
        let (startup, total, rows, width) = node_text.costs;
        members.push(("Startup Cost".to_owned(), plain(format!("{startup:.2}"))));
        members.push(("Total Cost".to_owned(), plain(format!("{total:.2}"))));
        members.push(("Plan Rows".to_owned(), plain(format!("{rows:.0}"))));
        members.push(("Plan Width".to_owned(), plain(width)));
    }
    if let Some(stats) = node_text.stats {
        let loops = stats.loops.max(1) as f64;
        let millis = |time: Duration| plain(format!("{:.3}", time.as_secs_f64() * 1000.0 / loops));
        if options.timing {
            members.push(("Actual Startup Time".to_owned(), millis(stats.startup)));
            members.push(("Actual Total Time".to_owned(), millis(stats.total)));
        }
        members.push(("Actual Rows".to_owned(), plain(format!("{:.2}", stats.rows as f64 / loops))));
        members.push(("Actual Loops".to_owned(), plain(stats.loops)));
    }
    members.push(("Disabled".to_owned(), plain(false)));
    members.extend(node_text.properties.iter().map(|(name, value)| (name.clone(), tree(value))));
    if !node_text.children.is_empty() {
        let children = node_text
            .children
            .iter()
            .map(|child| {
                let mut relation = vec![("Parent Relationship", child.relationship)];
                if let Some(name) = &child.subplan {
                    relation.push(("Subplan Name", name));
                }
                node(&child.node, options, &relation)
            })
            .collect();
        members.push(("Plans".to_owned(), Tree::List(children)));
    }
    Tree::Group(members)
}

fn tree(value: &Value) -> Tree {
    match value {
        Value::Text(value) => text(value.as_str()),
        Value::Integer(value) => plain(value),
        Value::Flag(value) => plain(value),
        Value::List(list) => Tree::List(list.iter().map(|item| text(item.as_str())).collect()),
    }
}

fn json_string(value: &str, out: &mut String) {
    out.push('"');
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn json(tree: &Tree, indent: usize, out: &mut String) {
    match tree {
        Tree::Scalar(value, true) => json_string(value, out),
        Tree::Scalar(value, false) => out.push_str(value),
        Tree::List(items)
            if items.iter().all(|item| matches!(item, Tree::Scalar(..))) && !items.is_empty() =>
        {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                json(item, indent, out);
            }
            out.push(']');
        }
        Tree::List(items) => {
            out.push_str("[\n");
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ",\n" } else { "" });
                out.push_str(&" ".repeat(indent + 2));
                json(item, indent + 2, out);
            }
            out.push_str(&format!("{}{}]", if items.is_empty() { "" } else { "\n" }, " ".repeat(indent)));
        }
        Tree::Group(members) => {
            out.push_str("{\n");
            for (at, (name, value)) in members.iter().enumerate() {
                out.push_str(if at > 0 { ",\n" } else { "" });
                out.push_str(&" ".repeat(indent + 2));
                json_string(name, out);
                out.push_str(": ");
                json(value, indent + 2, out);
            }
            out.push_str(&format!("\n{}}}", " ".repeat(indent)));
        }
    }
}

fn xml_text(value: &str) -> String {
    value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#x0d;")
}

fn xml(name: &str, tree: &Tree, indent: usize, out: &mut String) {
    let tag: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    let pad = " ".repeat(indent);
    match tree {
        Tree::Scalar(value, _) => out.push_str(&format!("{pad}<{tag}>{}</{tag}>\n", xml_text(value))),
        Tree::List(items) => {
            out.push_str(&format!("{pad}<{tag}>\n"));
            let item_name = if name == "Plans" { "Plan" } else { "Item" };
            items.iter().for_each(|item| xml(item_name, item, indent + 2, out));
            out.push_str(&format!("{pad}</{tag}>\n"));
        }
        Tree::Group(members) => {
            out.push_str(&format!("{pad}<{tag}>\n"));
            members.iter().for_each(|(name, value)| xml(name, value, indent + 2, out));
            out.push_str(&format!("{pad}</{tag}>\n"));
        }
    }
}

fn yaml_scalar(tree: &Tree, out: &mut String) {
    match tree {
        Tree::Scalar(value, true) => json_string(value, out),
        Tree::Scalar(value, false) => out.push_str(value),
        _ => {}
    }
}

fn yaml_item(tree: &Tree, indent: usize, out: &mut String) {
    out.push_str("- ");
    match tree {
        Tree::Group(members) => yaml_group(members, indent + 2, true, out),
        scalar => yaml_scalar(scalar, out),
    }
}

fn yaml_group(members: &[(String, Tree)], indent: usize, mut inline: bool, out: &mut String) {
    for (name, value) in members {
        if !std::mem::take(&mut inline) {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
        }
        out.push_str(name);
        out.push_str(": ");
        match value {
            Tree::Group(members) => yaml_group(members, indent + 2, false, out),
            Tree::List(items) => {
                for item in items {
                    out.push('\n');
                    out.push_str(&" ".repeat(indent + 2));
                    yaml_item(item, indent + 2, out);
                }
            }
            scalar => yaml_scalar(scalar, out),
        }
    }
}
