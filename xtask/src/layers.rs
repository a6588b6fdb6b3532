//! Which crate may use which: a crate uses only crates of rows above its own (`ARCHITECTURE.md`).

use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Rows of the layout, top first. Within a row none uses another.
const ROWS: &[&[&str]] = &[
    &["sqlstate", "platform"],
    &["types", "sql-parser", "passwords", "storage"],
    &["text-search"],
    &["catalog", "functions", "wire-protocol"],
    &["query-tree", "tables"],
    &["analyzer", "planner", "executor", "plpgsql"],
    &["database"],
    &["graph"],
    &["pglitedb"],
    &["server"],
];

/// Crates that must stay pure: whatever their row would allow, these they may not use.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("analyzer", &["storage", "tables", "platform"]),
    ("planner", &["storage", "tables", "platform", "sql-parser"]),
    ("storage", &["types", "sqlstate", "catalog"]),
    ("catalog", &["storage"]),
    ("database", &["wire-protocol"]),
];

fn row(name: &str) -> Option<usize> {
    ROWS.iter().position(|row| row.contains(&name))
}

fn short(name: &str) -> &str {
    name.strip_prefix("pglitedb-").unwrap_or(name)
}

/// Checks normal and build dependencies of all members.
pub fn check(root: &Path) -> Result<String, String> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("cannot run cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let metadata: Value =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = metadata["packages"].as_array().cloned().unwrap_or_default();
    let members: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut wrong = Vec::new();
    let mut edges = 0;
    for package in &packages {
        let name = short(package["name"].as_str().unwrap_or_default());
        if matches!(name, "xtask" | "test-support" | "difference") {
            continue;
        }
        let Some(own) = row(name) else {
            wrong.push(format!("crate {name} has no row in xtask/src/layers.rs"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let full = dependency["name"].as_str().unwrap_or_default();
            if !members.contains(&full) || dependency["kind"].as_str() == Some("dev") {
                continue;
            }
            edges += 1;
            let target = short(full);
            let forbidden = FORBIDDEN.iter().any(|(from, to)| *from == name && to.contains(&target));
            if forbidden || row(target).is_none_or(|row| row >= own) {
                wrong.push(format!("{name} must not use {target}"));
            }
        }
    }
    if wrong.is_empty() {
        return Ok(format!("{} crates, {edges} dependencies, all in the right direction", members.len()));
    }
    Err(format!("dependencies in the wrong direction:\n  {}", wrong.join("\n  ")))
}
