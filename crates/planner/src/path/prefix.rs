//! Conditions that bound a column without being comparisons: `LIKE 'prefix%'`, `^@`, `inet << inet`. An index finds the rows
//! within the bounds; the condition itself is checked on them.

use crate::planner::Planner;
use pglitedb_query_tree::{Const, Expr, OpExpr, Position};
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, Inet, Oid, oids};
use std::sync::Arc;

/// The comparisons that follow from a condition on a column with a constant.
pub(super) fn bounds(planner: &Planner<'_>, expr: &Expr) -> Result<Vec<Expr>> {
    let Expr::Op(op) = expr else { return Ok(Vec::new()) };
    let [left, Expr::Const(constant)] = op.args.as_slice() else { return Ok(Vec::new()) };
    if matches!(left, Expr::Const(_)) {
        return Ok(Vec::new());
    }
    let comparison = |operator: Oid, value: Datum| -> Result<Option<Expr>> {
        let info = planner.catalog().operator(operator)?;
        Ok(info.map(|info| {
            let value = Const { value, position: Position::default(), ..constant.clone() };
            Expr::Op(OpExpr {
                op: operator,
                func: info.proc,
                args: vec![left.clone(), Expr::Const(value)],
                position: Position::default(),
                ..op.clone()
            })
        }))
    };
    let mut found = Vec::new();
    match (&constant.value, text_operators(op.op)) {
        (Datum::Text(pattern), Some(operators)) => {
            let (prefix, exact) =
                if op.op == STARTS_WITH { (pattern.to_string(), false) } else { like_prefix(pattern) };
            if prefix.is_empty() {
                return Ok(Vec::new());
            }
            let next = successor(&prefix);
            let text = |text: String| Datum::Text(Arc::from(text));
            if exact {
                found.extend(comparison(operators.equal, text(prefix))?);
                return Ok(found);
            }
            found.extend(comparison(operators.greater_equal, text(prefix))?);
            if let Some(next) = next {
                found.extend(comparison(operators.less, text(next))?);
            }
        }
        (Datum::Inet(network), None) if matches!(op.op, INET_SUB | INET_SUB_EQUAL) => {
            if constant.type_oid != oids::INET {
                return Ok(Vec::new());
            }
            let first = if op.op == INET_SUB { INET_GREATER } else { INET_GREATER_EQUAL };
            let (low, high) = network_range(network);
            found.extend(comparison(first, Datum::Inet(low))?);
            found.extend(comparison(INET_LESS_EQUAL, Datum::Inet(high))?);
        }
        _ => {}
    }
    Ok(found)
}

/// `pg_operator.oid` of `text ^@ text`.
const STARTS_WITH: Oid = 3877;
/// Of `inet << inet`, `<<=`, `>`, `>=`, `<=`.
const INET_SUB: Oid = 931;
const INET_SUB_EQUAL: Oid = 932;
const INET_GREATER: Oid = 1205;
const INET_GREATER_EQUAL: Oid = 1206;
const INET_LESS_EQUAL: Oid = 1204;

struct TextOperators {
    equal: Oid,
    less: Oid,
    greater_equal: Oid,
}

/// The comparisons that go with `~~` or `^@` of a type.
fn text_operators(op: Oid) -> Option<TextOperators> {
    match op {
        1209 | STARTS_WITH => Some(TextOperators { equal: 98, less: 664, greater_equal: 667 }),
        1207 => Some(TextOperators { equal: 254, less: 255, greater_equal: 257 }),
        _ => None,
    }
}

/// The characters before the first wildcard of a LIKE pattern, and whether there is none.
fn like_prefix(pattern: &str) -> (String, bool) {
    let mut prefix = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '%' | '_' => return (prefix, false),
            '\\' => match chars.next() {
                Some(escaped) => prefix.push(escaped),
                // The pattern is not valid; matching says so.
                None => return (String::new(), false),
            },
            other => prefix.push(other),
        }
    }
    (prefix, true)
}

/// The least string above all that begin with a prefix, in the order of code points, which is that of indexes.
fn successor(prefix: &str) -> Option<String> {
    let mut next = prefix.to_owned();
    while let Some(last) = next.pop() {
        let above = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            other => char::from_u32(other as u32 + 1),
        };
        if let Some(above) = above {
            next.push(above);
            return Some(next);
        }
    }
    None
}

/// The network itself and its last address.
fn network_range(network: &Inet) -> (Inet, Inet) {
    let length = if network.is_v6 { 128 } else { 32 };
    let mut low = *network;
    let mut high = *network;
    for bit in usize::from(network.bits)..length {
        let (byte, mask) = (bit / 8, 0x80_u8 >> (bit % 8));
        low.addr[byte] &= !mask;
        high.addr[byte] |= mask;
    }
    high.bits = length as u8;
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes() {
        assert_eq!(like_prefix("abc%d"), ("abc".to_owned(), false));
        assert_eq!(like_prefix("a\\%b_"), ("a%b".to_owned(), false));
        assert_eq!(like_prefix("abc"), ("abc".to_owned(), true));
        assert_eq!(like_prefix("abc\\"), (String::new(), false));
        assert_eq!(successor("abc").as_deref(), Some("abd"));
        assert_eq!(successor("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(successor("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(successor("\u{10ffff}"), None);
    }
}
