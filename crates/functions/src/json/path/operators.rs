//! Arithmetic and predicates of paths.

use super::datetime;
use super::eval::{Evaluator, Items, Scope};
use super::item::Item;
use crate::text::regexp::{Options, compile};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::jsonpath::{BinaryOp, Node};
use pglitedb_types::{JsonbValue, Numeric};
use std::cmp::Ordering;

/// The single number that an operand must be.
fn operand<'a>(
    eval: &Evaluator<'a>,
    node: &Node,
    side: &str,
    op: BinaryOp,
    scope: Scope<'a, '_>,
) -> Result<Numeric> {
    let items = eval.unwrapped(node, scope)?;
    if let [item] = items.as_slice()
        && let Some(JsonbValue::Number(number)) = item.json()
    {
        return Ok(number.clone());
    }
    Err(err!(
        SINGLETON_SQL_JSON_ITEM_REQUIRED,
        "{side} operand of jsonpath operator {} is not a single numeric value",
        op.symbol()
    ))
}

/// `+ - * / %`
pub fn arithmetic<'a>(
    eval: &Evaluator<'a>,
    op: BinaryOp,
    left: &Node,
    right: &Node,
    scope: Scope<'a, '_>,
) -> Result<Item<'a>> {
    let a = operand(eval, left, "left", op, scope)?;
    let b = operand(eval, right, "right", op, scope)?;
    let result = match op {
        BinaryOp::Add => a.add(&b)?,
        BinaryOp::Sub => a.sub(&b)?,
        BinaryOp::Mul => a.mul(&b)?,
        BinaryOp::Div => a.div(&b)?,
        _ => a.rem(&b)?,
    };
    Ok(Item::new(JsonbValue::Number(result)))
}

/// Unary `+` and `-`.
pub fn sign<'a>(
    eval: &Evaluator<'a>,
    minus: bool,
    node: &Node,
    scope: Scope<'a, '_>,
    out: &mut Items<'a>,
) -> Result<()> {
    for item in eval.unwrapped(node, scope)? {
        out.push(match item.json() {
            Some(JsonbValue::Number(number)) if minus => Item::new(JsonbValue::Number(number.neg())),
            Some(JsonbValue::Number(_)) => item,
            _ => {
                return Err(err!(
                    SQL_JSON_NUMBER_NOT_FOUND,
                    "operand of unary jsonpath operator {} is not a numeric value",
                    if minus { "-" } else { "+" }
                ));
            }
        });
    }
    Ok(())
}

/// Errors inside of a predicate make it unknown, but for those that are no data exceptions.
fn lenient<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if &error.code().class() == b"22" => Ok(None),
        Err(error) => Err(error),
    }
}

/// True, false or (`None`) unknown.
pub fn predicate<'a>(eval: &Evaluator<'a>, node: &Node, scope: Scope<'a, '_>) -> Result<Option<bool>> {
    match node {
        Node::Binary(BinaryOp::And, left, right) => {
            let left = predicate(eval, left, scope)?;
            if left == Some(false) {
                return Ok(Some(false));
            }
            let right = predicate(eval, right, scope)?;
            Ok(if right == Some(true) { left } else { right })
        }
        Node::Binary(BinaryOp::Or, left, right) => {
            let left = predicate(eval, left, scope)?;
            if left == Some(true) {
                return Ok(Some(true));
            }
            let right = predicate(eval, right, scope)?;
            Ok(if right == Some(false) { left } else { right })
        }
        Node::Binary(op, left, right) => pairwise(eval, *op, left, right, scope),
        Node::Not(operand) => Ok(predicate(eval, operand, scope)?.map(|truth| !truth)),
        Node::IsUnknown(operand) => Ok(Some(predicate(eval, operand, scope)?.is_none())),
        Node::Exists(operand) => Ok(lenient(eval.items(operand, scope))?.map(|items| !items.is_empty())),
        Node::LikeRegex(operand, pattern, flags) => {
            let Some(items) = lenient(eval.unwrapped(operand, scope))? else { return Ok(None) };
            let options = regex_options(flags);
            let compiled = compile(pattern, options)?;
            any(
                eval,
                items.iter().map(|item| match item.json() {
                    Some(JsonbValue::String(text)) => compiled.is_match(text).map(Some),
                    _ => Ok(None),
                }),
            )
        }
        _ => Err(Error::internal("jsonpath expression is no predicate")),
    }
}

/// Is the pattern of a `like_regex` a regular expression?
pub fn check_like_regex(pattern: &str, flags: &str) -> Result<()> {
    compile(pattern, regex_options(flags)).map(|_| ())
}

/// XQuery's flags: `s` lets the dot match line feeds, `m` makes anchors match at lines.
fn regex_options(flags: &str) -> Options {
    let dot_all = flags.contains('s');
    Options {
        ignore_case: flags.contains('i'),
        literal: flags.contains('q'),
        newline_stops: !dot_all,
        line_anchors: flags.contains('m'),
        ..Options::default()
    }
}

/// Is any of them true? In strict mode all are looked at, and one that is unknown makes the whole unknown.
fn any<'a>(eval: &Evaluator<'a>, truths: impl Iterator<Item = Result<Option<bool>>>) -> Result<Option<bool>> {
    let (mut unknown, mut found) = (false, false);
    for truth in truths {
        match truth? {
            None if !eval.lax => return Ok(None),
            None => unknown = true,
            Some(true) if eval.lax => return Ok(Some(true)),
            Some(true) => found = true,
            Some(false) => {}
        }
    }
    Ok(if found {
        Some(true)
    } else if unknown {
        None
    } else {
        Some(false)
    })
}

fn pairwise<'a>(
    eval: &Evaluator<'a>,
    op: BinaryOp,
    left: &Node,
    right: &Node,
    scope: Scope<'a, '_>,
) -> Result<Option<bool>> {
    let Some(left) = lenient(eval.unwrapped(left, scope))? else { return Ok(None) };
    let right =
        if op == BinaryOp::StartsWith { eval.items(right, scope) } else { eval.unwrapped(right, scope) };
    let Some(right) = lenient(right)? else { return Ok(None) };
    let pairs = left.iter().flat_map(|a| right.iter().map(move |b| (a, b)));
    any(
        eval,
        pairs.map(|(a, b)| {
            if op == BinaryOp::StartsWith {
                return Ok(starts_with(a, b));
            }
            Ok(compare(eval, a, b, op)?.map(|ordering| match op {
                BinaryOp::Equal => ordering == Some(Ordering::Equal),
                BinaryOp::NotEqual => ordering != Some(Ordering::Equal),
                BinaryOp::Less => ordering == Some(Ordering::Less),
                BinaryOp::LessOrEqual => matches!(ordering, Some(Ordering::Less | Ordering::Equal)),
                BinaryOp::Greater => ordering == Some(Ordering::Greater),
                _ => matches!(ordering, Some(Ordering::Greater | Ordering::Equal)),
            }))
        }),
    )
}

fn starts_with(a: &Item<'_>, b: &Item<'_>) -> Option<bool> {
    match (a.json(), b.json()) {
        (Some(JsonbValue::String(a)), Some(JsonbValue::String(b))) => Some(a.starts_with(&**b)),
        _ => None,
    }
}

/// Order of strings by their UTF-16 form, as SQL/JSON has it: differs from bytewise order beyond the BMP only.
fn compare_strings(a: &str, b: &str) -> Ordering {
    a.encode_utf16().cmp(b.encode_utf16())
}

/// `None`: unknown. `Some(None)`: comparable, and not equal, but without order (null against something).
fn compare(
    eval: &Evaluator<'_>,
    a: &Item<'_>,
    b: &Item<'_>,
    op: BinaryOp,
) -> Result<Option<Option<Ordering>>> {
    let (x, y) = match (a, b) {
        (Item::Json(x), Item::Json(y)) => (&**x, &**y),
        (Item::Datetime(x), Item::Datetime(y)) => return Ok(datetime::compare(eval, x, y)?.map(Some)),
        _ => return Ok(None),
    };
    Ok(match (x, y) {
        (JsonbValue::Null, JsonbValue::Null) => Some(Some(Ordering::Equal)),
        (JsonbValue::Bool(x), JsonbValue::Bool(y)) => Some(Some(x.cmp(y))),
        (JsonbValue::Number(x), JsonbValue::Number(y)) => Some(Some(x.compare(y))),
        (JsonbValue::String(x), JsonbValue::String(y)) => {
            let equality = matches!(op, BinaryOp::Equal | BinaryOp::NotEqual);
            Some(Some(if equality { x.cmp(y) } else { compare_strings(x, y) }))
        }
        (JsonbValue::Array(_) | JsonbValue::Object(_), _)
        | (_, JsonbValue::Array(_) | JsonbValue::Object(_)) => None,
        // Null differs from everything; other types cannot be compared.
        (JsonbValue::Null, _) | (_, JsonbValue::Null) => Some(None),
        _ => None,
    })
}
