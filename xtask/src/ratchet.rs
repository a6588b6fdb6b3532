//! The regression ratchet: PostgreSQL's own suite may only get better.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const FILE: &str = "docs/regress-ratchet.txt";

/// Numbers that must not get worse, from the score's JSON: crashes must not go up, the others not down.
fn numbers(score: &Value) -> Result<BTreeMap<&'static str, u64>, String> {
    let get = |name: &str| {
        score.get(name).and_then(Value::as_u64).ok_or_else(|| format!("the score has no number \"{name}\""))
    };
    Ok(BTreeMap::from([
        ("crashes", get("crashes")?),
        ("files", get("files_ok")?),
        ("statements", get("statements_passed")?),
        ("statements with output", get("with_output_passed")?),
    ]))
}

fn parse(text: &str) -> BTreeMap<String, u64> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let (name, number) = line.rsplit_once(' ')?;
            Some((name.to_owned(), number.parse().ok()?))
        })
        .collect()
}

/// Compares a score with the ratchet file; with `update`, raises the file's numbers.
pub fn check(root: &Path, score: &str, update: bool) -> Result<String, String> {
    let text = fs::read_to_string(score).map_err(|error| format!("{score}: {error}"))?;
    let score: Value = serde_json::from_str(&text).map_err(|error| format!("{score}: {error}"))?;
    let now = numbers(&score)?;
    let path = root.join(FILE);
    let kept = parse(&fs::read_to_string(&path).unwrap_or_default());
    let mut worse = Vec::new();
    for (name, number) in &now {
        if let Some(before) = kept.get(*name)
            && (if *name == "crashes" { number > before } else { number < before })
        {
            worse.push(format!("{name}: {number}, was {before}"));
        }
    }
    if !worse.is_empty() {
        return Err(format!("the regression score got worse:\n  {}", worse.join("\n  ")));
    }
    if update {
        let mut out = String::from(
            "# Passed in PostgreSQL 18's regression suite; CI fails if one of these gets worse.\n",
        );
        for (name, number) in &now {
            out.push_str(&format!("{name} {number}\n"));
        }
        fs::write(&path, out).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let shown: Vec<String> = now.iter().map(|(name, number)| format!("{name} {number}")).collect();
    Ok(format!("regression ratchet holds: {}", shown.join(", ")))
}
