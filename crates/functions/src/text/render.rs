//! Functions that put values of any type into text, and take lists apart: `concat`, `format`, `string_to_array`.

use crate::call::{FnCtx, SetIter};
use crate::io::text_of;
use crate::json::build::variadic;
use crate::text::quote::{quote_ident, quote_literal};
use crate::text::regexp::rows;
use crate::{Builtin, Registry};
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_types::{ArrayValue, Datum, Oid, oids};
use std::borrow::Cow;
use std::sync::Arc;

fn concat(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let Some(list) = variadic(ctx, args, 0)? else { return Ok(Datum::Null) };
    let mut out = String::new();
    for (type_oid, value) in list.iter().filter(|(_, value)| !value.is_null()) {
        out.push_str(&text_of(ctx, value, *type_oid)?);
    }
    Ok(Datum::Text(out.into()))
}

fn concat_ws(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let Some(Datum::Text(separator)) = args.first() else { return Ok(Datum::Null) };
    let Some(list) = variadic(ctx, args, 1)? else { return Ok(Datum::Null) };
    let mut out = String::new();
    for (at, (type_oid, value)) in list.iter().filter(|(_, value)| !value.is_null()).enumerate() {
        if at > 0 {
            out.push_str(separator);
        }
        out.push_str(&text_of(ctx, value, *type_oid)?);
    }
    Ok(Datum::Text(out.into()))
}

/// The elements of an array in one string; NULLs are left out or shown as `null`.
pub fn join(ctx: &FnCtx<'_>, array: &ArrayValue, delimiter: &str, null: Option<&str>) -> Result<String> {
    let mut out = String::new();
    let mut first = true;
    for value in &array.values {
        let text = match (value.is_null(), null) {
            (true, None) => continue,
            (true, Some(null)) => null.to_owned(),
            (false, _) => text_of(ctx, value, array.elem_type)?,
        };
        if !first {
            out.push_str(delimiter);
        }
        first = false;
        out.push_str(&text);
    }
    Ok(out)
}

/// The parts of a string: without a delimiter its characters. A part equal to `null` is NULL.
fn parts(text: &str, delimiter: Option<&str>, null: Option<&str>) -> Vec<Datum> {
    let part = |part: &str| if null == Some(part) { Datum::Null } else { Datum::text(part) };
    match delimiter {
        _ if text.is_empty() => Vec::new(),
        None => text.chars().map(|c| part(c.encode_utf8(&mut [0; 4]))).collect(),
        Some("") => vec![part(text)],
        Some(delimiter) => text.split(delimiter).map(part).collect(),
    }
}

fn string_to_table(_: &FnCtx<'_>, args: &[Datum]) -> Result<Box<dyn SetIter>> {
    let text = |at: usize| args.get(at).and_then(Datum::as_str);
    rows(text(0).map_or_else(Vec::new, |input| parts(input, text(1), text(2))))
}

#[cold]
fn too_few() -> Error {
    err!(INVALID_PARAMETER_VALUE, "too few arguments for format()")
}

/// `format()`: reads the format string.
struct Formatter<'a, 'c> {
    ctx: &'a FnCtx<'c>,
    args: Vec<(Oid, Cow<'a, Datum>)>,
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    /// The argument used last, counted from 1.
    last: usize,
    out: String,
}

impl Formatter<'_, '_> {
    fn next_char(&mut self) -> Result<char> {
        self.rest.next().ok_or_else(|| {
            err!(INVALID_PARAMETER_VALUE, "unterminated format() type specifier")
                .hint("For a single \"%\" use \"%%\".")
        })
    }

    fn number(&mut self) -> Result<Option<i32>> {
        let mut value = None;
        while let Some(digit) = self.rest.peek().and_then(|c| c.to_digit(10)) {
            self.rest.next();
            let sum = value.unwrap_or(0_i32).checked_mul(10).and_then(|v| v.checked_add(digit as i32));
            value = Some(sum.ok_or_else(|| err!(NUMERIC_VALUE_OUT_OF_RANGE, "number is out of range"))?);
        }
        Ok(value)
    }

    /// The argument with this number, or the next one.
    fn argument(&mut self, position: Option<i32>) -> Result<(Oid, Datum)> {
        self.last = match position {
            Some(position) => position as usize,
            None => self.last + 1,
        };
        let at = self.last.checked_sub(1).ok_or_else(|| {
            err!(INVALID_PARAMETER_VALUE, "format specifies argument 0, but arguments are numbered from 1")
        })?;
        self.args.get(at).map(|(type_oid, value)| (*type_oid, value.as_ref().clone())).ok_or_else(too_few)
    }

    fn width_argument(&mut self) -> Result<i32> {
        let position = self.number()?;
        if position.is_some() && self.next_char()? != '$' {
            return Err(err!(INVALID_PARAMETER_VALUE, "width argument position must be ended by \"$\""));
        }
        if position == Some(0) {
            bail!(INVALID_PARAMETER_VALUE, "format specifies argument 0, but arguments are numbered from 1");
        }
        let (type_oid, value) = self.argument(position)?;
        match value {
            Datum::Null => Ok(0),
            Datum::Int4(width) => Ok(width),
            Datum::Int2(width) => Ok(width.into()),
            other => pglitedb_types::integer::parse_int4(&text_of(self.ctx, &other, type_oid)?),
        }
    }

    fn specifier(&mut self) -> Result<()> {
        if self.rest.peek() == Some(&'%') {
            self.rest.next();
            self.out.push('%');
            return Ok(());
        }
        let mut position = None;
        let mut width = self.number()?;
        if width.is_some() && self.rest.peek() == Some(&'$') {
            self.rest.next();
            position = width.take();
            if position == Some(0) {
                bail!(
                    INVALID_PARAMETER_VALUE,
                    "format specifies argument 0, but arguments are numbered from 1"
                );
            }
        }
        let mut left = false;
        if width.is_none() {
            while self.rest.peek() == Some(&'-') {
                self.rest.next();
                left = true;
            }
            if self.rest.peek() == Some(&'*') {
                self.rest.next();
                width = Some(self.width_argument()?);
            } else {
                width = self.number()?;
            }
        }
        let mut width = width.unwrap_or(0);
        if width < 0 {
            left = true;
            width = width
                .checked_neg()
                .ok_or_else(|| err!(NUMERIC_VALUE_OUT_OF_RANGE, "number is out of range"))?;
        }
        let kind = self.next_char()?;
        if !matches!(kind, 's' | 'I' | 'L') {
            return Err(err!(INVALID_PARAMETER_VALUE, "unrecognized format() type specifier \"{kind}\"")
                .hint("For a single \"%\" use \"%%\"."));
        }
        let (type_oid, value) = self.argument(position)?;
        let text = self.convert(kind, &value, type_oid)?;
        self.pad(&text, width as usize, left)
    }

    fn convert(&self, kind: char, value: &Datum, type_oid: Oid) -> Result<String> {
        if value.is_null() {
            return match kind {
                's' => Ok(String::new()),
                'L' => Ok("NULL".to_owned()),
                _ => bail!(NULL_VALUE_NOT_ALLOWED, "null values cannot be formatted as an SQL identifier"),
            };
        }
        let text = text_of(self.ctx, value, type_oid)?;
        Ok(match kind {
            'I' => quote_ident(&text).into_owned(),
            'L' => quote_literal(&text),
            _ => text,
        })
    }

    fn pad(&mut self, text: &str, width: usize, left: bool) -> Result<()> {
        let missing = width.saturating_sub(text.chars().count());
        if missing > 0x3fff_0000 {
            bail!(PROGRAM_LIMIT_EXCEEDED, "requested length too large");
        }
        let blanks = std::iter::repeat_n(' ', missing);
        if left {
            self.out.push_str(text);
            self.out.extend(blanks);
        } else {
            self.out.extend(blanks);
            self.out.push_str(text);
        }
        Ok(())
    }
}

fn format(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let Some(Datum::Text(template)) = args.first() else { return Ok(Datum::Null) };
    let list = variadic(ctx, args, 1)?.unwrap_or_default();
    let mut formatter =
        Formatter { ctx, args: list, rest: template.chars().peekable(), last: 0, out: String::new() };
    while let Some(c) = formatter.rest.next() {
        if c == '%' {
            formatter.specifier()?;
        } else {
            formatter.out.push(c);
        }
    }
    Ok(Datum::Text(formatter.out.into()))
}

fn text_array(text: Option<&str>, delimiter: Option<&str>, null: Option<&str>) -> Option<Datum> {
    let values = parts(text?, delimiter, null);
    Some(Datum::Array(Arc::new(ArrayValue::one_dim(oids::TEXT, values))))
}

pub(crate) fn register(reg: &mut Registry) {
    reg.add("text_concat", Builtin::Scalar(concat));
    reg.add("text_concat_ws", Builtin::Scalar(concat_ws));
    reg.add("text_format", Builtin::Scalar(format));
    reg.add("text_format_nv", Builtin::Scalar(format));
    reg.add("text_to_table", Builtin::Set(string_to_table));
    reg.add("text_to_table_null", Builtin::Set(string_to_table));
    scalars!(reg;
        "text_to_array" => |text: Option<&str>, delimiter: Option<&str>| text_array(text, delimiter, None);
        "text_to_array_null" => |text: Option<&str>, delimiter: Option<&str>, null: Option<&str>| {
            text_array(text, delimiter, null)
        };
        "array_to_text_null" => [ctx] |array: Option<&ArrayValue>, delimiter: Option<&str>, null: Option<&str>| {
            match (array, delimiter) {
                (Some(array), Some(delimiter)) => join(ctx, array, delimiter, null).map(Some),
                _ => Ok(None),
            }
        };
    );
}
