//! House rules as checks.

use std::fs;
use std::path::{Path, PathBuf};

/// No source file may be longer.
const LINES_MAX: usize = 1000;

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "target") {
                sources(&path, into);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// Checks all sources.
pub fn check(root: &Path) -> Result<String, String> {
    let mut files = Vec::new();
    sources(&root.join("crates"), &mut files);
    sources(&root.join("tools"), &mut files);
    sources(&root.join("xtask"), &mut files);
    let mut wrong = Vec::new();
    for path in &files {
        let shown = path.strip_prefix(root).unwrap_or(path).display().to_string();
        let Ok(text) = fs::read_to_string(path) else {
            wrong.push(format!("{shown}: is not UTF-8"));
            continue;
        };
        let lines = text.lines().count();
        // Tables of facts are as long as the facts.
        if lines > LINES_MAX && !shown.ends_with("_table.rs") {
            wrong.push(format!("{shown}: {lines} lines, more than {LINES_MAX}"));
        }
        if !text.starts_with("//!") && !text.starts_with("// Generated") && !text.starts_with("#!") {
            wrong.push(format!("{shown}: does not begin with what it is for (//!)"));
        }
        if text.lines().any(|line| line.ends_with([' ', '\t'])) {
            wrong.push(format!("{shown}: white space at the end of a line"));
        }
        // Written in two parts so that this file does not name them itself.
        for banned in [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("dbg", "!(")] {
            if text.contains(banned) {
                wrong.push(format!("{shown}: {banned}...)"));
            }
        }
    }
    if wrong.is_empty() {
        return Ok(format!("{} files are tidy", files.len()));
    }
    Err(format!("{} problems:\n  {}", wrong.len(), wrong.join("\n  ")))
}
