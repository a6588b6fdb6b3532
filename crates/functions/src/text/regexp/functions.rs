//! Matching operators, and functions that find matches.

use super::parse::Options;
use super::{Captures, Pattern, compile};
use crate::call::{FnCtx, SetIter};
use crate::text::compare::char_count;
use crate::{Builtin, Registry};
use pglitedb_sqlstate::{Result, bail, err};
use pglitedb_types::{ArrayValue, CollationRules, Datum, oids};
use std::sync::Arc;

fn matches(ctx: &FnCtx<'_>, text: &str, pattern: &str, ignore_case: bool) -> Result<bool> {
    // The collations "C" and "POSIX".
    let rules = pglitedb_types::collation_rules(ctx.info.collation, ctx.env.as_type_env())?;
    let (ascii, full) = (rules == CollationRules::Ascii, rules == CollationRules::Full);
    compile(pattern, Options { ignore_case, ascii, full, ..Options::default() })?.is_match(text)
}

/// Where to search on after a match: past one character if it was empty.
pub fn next_start(text: &str, start: usize, end: usize) -> usize {
    if end > start {
        return end;
    }
    end + text[end..].chars().next().map_or(1, char::len_utf8)
}

/// Byte offset of a 1-based character position; `None` beyond the end.
pub fn offset_of(text: &str, position: i32) -> Option<usize> {
    let skip = usize::try_from(position).ok()?.checked_sub(1)?;
    text.char_indices().map(|(at, _)| at).chain(std::iter::once(text.len())).nth(skip)
}

/// Byte ranges of all matches; of those useful for splitting only, if asked.
pub fn find_all(pattern: &Pattern, text: &str, splitting: bool) -> Result<Vec<(usize, usize)>> {
    let mut found = Vec::new();
    let (mut from, mut previous_end) = (0, 0);
    while let Some(whole) = pattern.find_at(text, from)? {
        if !splitting || (whole.start() < text.len() && whole.end() > previous_end) {
            found.push((whole.start(), whole.end()));
            previous_end = whole.end();
        }
        from = next_start(text, whole.start(), whole.end());
    }
    Ok(found)
}

fn match_array(captures: &Captures<'_>) -> Datum {
    let skip = usize::from(captures.has_groups());
    let values =
        captures.iter().skip(skip).map(|m| m.map_or(Datum::Null, |m| Datum::text(m.as_str()))).collect();
    Datum::Array(Arc::new(ArrayValue::one_dim(oids::TEXT, values)))
}

fn flags_without_global(flags: &str, function: &str) -> Result<Options> {
    let options = Options::from_flags(flags)?;
    if options.global {
        let error = err!(INVALID_PARAMETER_VALUE, "{function}() does not support the \"global\" option");
        return Err(if function == "regexp_match" {
            error.hint("Use the regexp_matches function instead.")
        } else {
            error
        });
    }
    Ok(options)
}

fn regexp_match(text: &str, pattern: &str, flags: &str) -> Result<Option<Datum>> {
    let options = flags_without_global(flags, "regexp_match")?;
    Ok(compile(pattern, options)?.captures_at(text, 0)?.map(|captures| match_array(&captures)))
}

fn split(text: &str, pattern: &str, flags: &str, function: &str) -> Result<Vec<Datum>> {
    let options = flags_without_global(flags, function)?;
    let compiled = compile(pattern, options)?;
    let mut from = 0;
    let mut parts = Vec::new();
    for (start, end) in find_all(&compiled, text, true)? {
        parts.push(Datum::text(&text[from..start]));
        from = end;
    }
    parts.push(Datum::text(&text[from..]));
    Ok(parts)
}

fn split_to_array(text: &str, pattern: &str, flags: &str) -> Result<ArrayValue> {
    Ok(ArrayValue::one_dim(oids::TEXT, split(text, pattern, flags, "regexp_split_to_array")?))
}

/// Rows computed beforehand.
pub struct Rows(pub std::vec::IntoIter<Datum>);

impl SetIter for Rows {
    fn next(&mut self, _ctx: &FnCtx<'_>, row: &mut Vec<Datum>) -> Result<bool> {
        row.clear();
        row.extend(self.0.next());
        Ok(!row.is_empty())
    }
}

/// A set of rows of one column.
pub fn rows(values: Vec<Datum>) -> Result<Box<dyn SetIter>> {
    Ok(Box::new(Rows(values.into_iter())))
}

fn strings<const N: usize>(args: &[Datum]) -> Result<[&str; N]> {
    let mut out = [""; N];
    for (slot, arg) in out.iter_mut().zip(args) {
        *slot = crate::convert::Arg::get(arg)?;
    }
    Ok(out)
}

fn regexp_matches(_ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Box<dyn SetIter>> {
    let [text, pattern, flags] = strings(args)?;
    let options = Options::from_flags(flags)?;
    let compiled = compile(pattern, options)?;
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(captures) = compiled.captures_at(text, from)? {
        found.push(match_array(&captures));
        let Some(whole) = captures.get(0).filter(|_| options.global) else { break };
        from = next_start(text, whole.start(), whole.end());
    }
    rows(found)
}

fn split_to_table(_ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Box<dyn SetIter>> {
    let [text, pattern, flags] = strings(args)?;
    rows(split(text, pattern, flags, "regexp_split_to_table")?)
}

fn substring(text: &str, pattern: &str) -> Result<Option<String>> {
    let compiled = compile(pattern, Options::default())?;
    let Some(captures) = compiled.captures_at(text, 0)? else { return Ok(None) };
    let group = usize::from(compiled.groups() > 0);
    Ok(captures.get(group).map(|m| m.as_str().to_owned()))
}

/// A parameter that must not be less than something.
pub fn at_least(name: &str, value: i32, least: i32) -> Result<i32> {
    if value < least {
        bail!(INVALID_PARAMETER_VALUE, "invalid value for parameter \"{name}\": {value}");
    }
    Ok(value)
}

fn count(text: &str, pattern: &str, start: i32, flags: &str) -> Result<i32> {
    at_least("start", start, 1)?;
    let compiled = compile(pattern, flags_without_global(flags, "regexp_count")?)?;
    let Some(mut from) = offset_of(text, start) else { return Ok(0) };
    let mut found = 0;
    while let Some(whole) = compiled.find_at(text, from)? {
        found += 1;
        from = next_start(text, whole.start(), whole.end());
    }
    Ok(found)
}

/// Byte range of a group of the n-th match.
fn nth(text: &str, pattern: &Pattern, start: i32, n: i32, group: usize) -> Result<Option<(usize, usize)>> {
    let Some(mut from) = offset_of(text, start) else { return Ok(None) };
    let mut left = n;
    while let Some(captures) = pattern.captures_at(text, from)? {
        let Some(whole) = captures.get(0) else { break };
        left -= 1;
        if left == 0 {
            return Ok(captures.get(group).map(|m| (m.start(), m.end())));
        }
        from = next_start(text, whole.start(), whole.end());
    }
    Ok(None)
}

fn instr(text: &str, pattern: &str, start: i32, n: i32, end: i32, flags: &str, group: i32) -> Result<i32> {
    at_least("start", start, 1)?;
    at_least("n", n, 1)?;
    if !(0..=1).contains(&end) {
        bail!(INVALID_PARAMETER_VALUE, "invalid value for parameter \"endoption\": {end}");
    }
    at_least("subexpr", group, 0)?;
    let compiled = compile(pattern, flags_without_global(flags, "regexp_instr")?)?;
    if group as usize > compiled.groups() {
        return Ok(0);
    }
    let found = nth(text, &compiled, start, n, group as usize)?;
    Ok(found.map_or(0, |(from, to)| char_count(&text[..if end == 1 { to } else { from }]) + 1))
}

fn substr(text: &str, pattern: &str, start: i32, n: i32, flags: &str, group: i32) -> Result<Option<String>> {
    at_least("start", start, 1)?;
    at_least("n", n, 1)?;
    at_least("subexpr", group, 0)?;
    let compiled = compile(pattern, flags_without_global(flags, "regexp_substr")?)?;
    if group as usize > compiled.groups() {
        return Ok(None);
    }
    Ok(nth(text, &compiled, start, n, group as usize)?.map(|(from, to)| text[from..to].to_owned()))
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "textregexeq" => [ctx] |a: &str, b: &str| matches(ctx, a, b, false);
        "textregexne" => [ctx] |a: &str, b: &str| matches(ctx, a, b, false).map(|m| !m);
        "texticregexeq" => [ctx] |a: &str, b: &str| matches(ctx, a, b, true);
        "texticregexne" => [ctx] |a: &str, b: &str| matches(ctx, a, b, true).map(|m| !m);
        "nameregexeq" => [ctx] |a: &str, b: &str| matches(ctx, a, b, false);
        "nameregexne" => [ctx] |a: &str, b: &str| matches(ctx, a, b, false).map(|m| !m);
        "nameicregexeq" => [ctx] |a: &str, b: &str| matches(ctx, a, b, true);
        "nameicregexne" => [ctx] |a: &str, b: &str| matches(ctx, a, b, true).map(|m| !m);
        "regexp_like" => |a: &str, b: &str, flags: &str| {
            compile(b, flags_without_global(flags, "regexp_like")?)?.is_match(a)
        };
        "regexp_like_no_flags" => [ctx] |a: &str, b: &str| matches(ctx, a, b, false);
        "regexp_match" => |a: &str, b: &str, flags: &str| regexp_match(a, b, flags);
        "regexp_match_no_flags" => |a: &str, b: &str| regexp_match(a, b, "");
        "regexp_split_to_array" => |a: &str, b: &str, flags: &str| split_to_array(a, b, flags);
        "regexp_split_to_array_no_flags" => |a: &str, b: &str| split_to_array(a, b, "");
        "textregexsubstr" => |a: &str, b: &str| substring(a, b);
        "sql:2074" => |a: &str, b: &str, c: &str| {
            substring(a, &crate::text::like::similar_to_regex(b, Some(c))?)
        };
        "regexp_count" => |a: &str, b: &str, start: i32, flags: &str| count(a, b, start, flags);
        "regexp_count_no_flags" => |a: &str, b: &str, start: i32| count(a, b, start, "");
        "regexp_count_no_start" => |a: &str, b: &str| count(a, b, 1, "");
        "regexp_instr" => |a: &str, b: &str, start: i32, n: i32, end: i32, flags: &str, group: i32| {
            instr(a, b, start, n, end, flags, group)
        };
        "regexp_instr_no_subexpr" => |a: &str, b: &str, start: i32, n: i32, end: i32, flags: &str| {
            instr(a, b, start, n, end, flags, 0)
        };
        "regexp_instr_no_flags" => |a: &str, b: &str, start: i32, n: i32, end: i32| {
            instr(a, b, start, n, end, "", 0)
        };
        "regexp_instr_no_endoption" => |a: &str, b: &str, start: i32, n: i32| instr(a, b, start, n, 0, "", 0);
        "regexp_instr_no_n" => |a: &str, b: &str, start: i32| instr(a, b, start, 1, 0, "", 0);
        "regexp_instr_no_start" => |a: &str, b: &str| instr(a, b, 1, 1, 0, "", 0);
        "regexp_substr" => |a: &str, b: &str, start: i32, n: i32, flags: &str, group: i32| {
            substr(a, b, start, n, flags, group)
        };
        "regexp_substr_no_subexpr" => |a: &str, b: &str, start: i32, n: i32, flags: &str| {
            substr(a, b, start, n, flags, 0)
        };
        "regexp_substr_no_flags" => |a: &str, b: &str, start: i32, n: i32| substr(a, b, start, n, "", 0);
        "regexp_substr_no_n" => |a: &str, b: &str, start: i32| substr(a, b, start, 1, "", 0);
        "regexp_substr_no_start" => |a: &str, b: &str| substr(a, b, 1, 1, "", 0);
    );
    reg.add("regexp_matches", Builtin::Set(regexp_matches));
    reg.add("regexp_matches_no_flags", Builtin::Set(regexp_matches));
    reg.add("regexp_split_to_table", Builtin::Set(split_to_table));
    reg.add("regexp_split_to_table_no_flags", Builtin::Set(split_to_table));
}
