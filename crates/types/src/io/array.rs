//! Arrays: `{1,2,NULL}`, `{{a,"b c"},{d,e}}`, `[0:1]={1,2}`.

use super::binary::{patch_len, send_with_len};
use super::{input as input_value, output as output_value, quote_in_place, recv as recv_value};
use crate::datum::{ArrayDim, ArrayValue, Datum};
use crate::env::{TypeEnv, TypeInfo};
use crate::oids::{self, Oid};
use crate::scan::{Reader, is_space};
use pglitedb_sqlstate::{Error, Result, err};
use std::sync::Arc;

/// Most dimensions.
pub(super) const MAX_DIMS: usize = 6;
/// Most elements.
pub(super) const MAX_ELEMENTS: i64 = 134_217_727;

fn malformed(text: &str, detail: &str) -> Error {
    err!(INVALID_TEXT_REPRESENTATION, "malformed array literal: \"{text}\"").detail(detail)
}

fn too_many_dims(count: Option<usize>) -> Error {
    match count {
        Some(count) => err!(
            PROGRAM_LIMIT_EXCEEDED,
            "number of array dimensions ({count}) exceeds the maximum allowed ({MAX_DIMS})"
        ),
        None => {
            err!(
                PROGRAM_LIMIT_EXCEEDED,
                "number of array dimensions exceeds the maximum allowed ({MAX_DIMS})"
            )
        }
    }
}

fn too_large() -> Error {
    err!(PROGRAM_LIMIT_EXCEEDED, "array size exceeds the maximum allowed ({MAX_ELEMENTS})")
}

/// Reads an array.
pub(super) fn input(text: &str, info: &TypeInfo, typmod: i32, env: &dyn TypeEnv) -> Result<Datum> {
    let element = env.type_info(info.element)?;
    let mut parser = Parser { text, at: 0, delimiter: element.delimiter, buffer: String::new() };
    let mut dims = parser.dimensions()?;
    if dims.is_empty() {
        if parser.peek() != Some(b'{') {
            return Err(malformed(text, "Array value must start with \"{\" or dimension information."));
        }
    } else {
        if parser.peek() != Some(b'=') {
            return Err(malformed(text, "Missing \"=\" after array dimensions."));
        }
        parser.at += 1;
        parser.skip_space();
        if parser.peek() != Some(b'{') {
            return Err(malformed(text, "Array contents must start with \"{\"."));
        }
    }
    let values = parser.contents(&mut dims, element.oid, typmod, env)?;
    parser.skip_space();
    if parser.peek().is_some() {
        return Err(malformed(text, "Junk after closing right brace."));
    }
    if values.is_empty() {
        dims.clear();
    }
    check_bounds(&dims)?;
    Ok(Datum::Array(Arc::new(ArrayValue { elem_type: element.oid, dims, values })))
}

/// `54000` if a subscript would not fit.
fn check_bounds(dims: &[ArrayDim]) -> Result<()> {
    for dim in dims {
        if dim.lower.checked_add(dim.len).is_none() {
            return Err(err!(PROGRAM_LIMIT_EXCEEDED, "array lower bound is too large: {}", dim.lower));
        }
    }
    Ok(())
}

enum Item {
    Open,
    Close,
    Delimiter,
    /// In the parser's buffer.
    Value,
    Null,
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    delimiter: u8,
    buffer: String,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
    }

    fn malformed(&self, detail: &str) -> Error {
        malformed(self.text, detail)
    }

    /// `[l:u][n]...`
    fn dimensions(&mut self) -> Result<Vec<ArrayDim>> {
        let mut dims = Vec::new();
        loop {
            self.skip_space();
            if self.peek() != Some(b'[') {
                return Ok(dims);
            }
            self.at += 1;
            if dims.len() >= MAX_DIMS {
                return Err(too_many_dims(None));
            }
            let Some(first) = self.bound()? else {
                return Err(self.malformed("\"[\" must introduce explicitly-specified array dimensions."));
            };
            let (lower, upper) = if self.peek() == Some(b':') {
                self.at += 1;
                let upper = self.bound()?.ok_or_else(|| self.malformed("Missing array dimension value."))?;
                (first, upper)
            } else {
                (1, first)
            };
            if self.peek() != Some(b']') {
                return Err(self.malformed("Missing \"]\" after array dimensions."));
            }
            self.at += 1;
            if upper < lower {
                return Err(err!(ARRAY_SUBSCRIPT_ERROR, "upper bound cannot be less than lower bound"));
            }
            if upper == i32::MAX {
                return Err(err!(PROGRAM_LIMIT_EXCEEDED, "array upper bound is too large: {upper}"));
            }
            let len = upper.checked_sub(lower).and_then(|n| n.checked_add(1)).ok_or_else(too_large)?;
            dims.push(ArrayDim { len, lower });
        }
    }

    fn bound(&mut self) -> Result<Option<i32>> {
        let rest = &self.text[self.at..];
        let sign = usize::from(rest.starts_with(['+', '-']));
        let digits = rest[sign..].bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return Ok(None);
        }
        let number = &rest[..sign + digits];
        self.at += number.len();
        number
            .parse()
            .map(Some)
            .map_err(|_| err!(PROGRAM_LIMIT_EXCEEDED, "array bound is out of integer range"))
    }

    /// What is between (and with) the outermost braces.
    fn contents(
        &mut self,
        dims: &mut Vec<ArrayDim>,
        element: Oid,
        typmod: i32,
        env: &dyn TypeEnv,
    ) -> Result<Vec<Datum>> {
        let given = !dims.is_empty();
        let mut frozen = given;
        // Length of each dimension once known, and members so far at each level that is open.
        let mut lens: Vec<Option<i32>> = dims.iter().map(|d| Some(d.len)).collect();
        let mut counts: Vec<i32> = Vec::new();
        let mut values = Vec::new();
        let mut expect_delimiter = false;
        let dimension_error = |parser: &Self| {
            parser.malformed(if given {
                "Specified array dimensions do not match array contents."
            } else {
                "Multidimensional arrays must have sub-arrays with matching dimensions."
            })
        };
        let unexpected =
            |parser: &Self, c: u8| parser.malformed(&format!("Unexpected \"{}\" character.", c as char));
        loop {
            match self.item(env)? {
                Item::Open => {
                    if expect_delimiter {
                        return Err(unexpected(self, b'{'));
                    }
                    if counts.len() >= MAX_DIMS {
                        return Err(too_many_dims(None));
                    }
                    counts.push(0);
                    if counts.len() > lens.len() {
                        if frozen {
                            return Err(dimension_error(self));
                        }
                        lens.push(None);
                    }
                }
                Item::Close => {
                    let Some(count) = counts.pop() else { return Err(unexpected(self, b'}')) };
                    if count > 0 && !expect_delimiter {
                        return Err(unexpected(self, b'}'));
                    }
                    let level = counts.len();
                    match lens[level] {
                        None => lens[level] = Some(count),
                        Some(len) if len != count => return Err(dimension_error(self)),
                        Some(_) => {}
                    }
                    match counts.last_mut() {
                        Some(outer) => *outer += 1,
                        None => break,
                    }
                    expect_delimiter = true;
                }
                Item::Delimiter => {
                    if !expect_delimiter {
                        return Err(unexpected(self, self.delimiter));
                    }
                    expect_delimiter = false;
                }
                item @ (Item::Value | Item::Null) => {
                    if expect_delimiter {
                        return Err(self.malformed("Unexpected array element."));
                    }
                    values.push(match item {
                        Item::Value => input_value(&self.buffer, element, typmod, env)?,
                        _ => Datum::Null,
                    });
                    frozen = true;
                    if counts.len() != lens.len() {
                        return Err(dimension_error(self));
                    }
                    if let Some(count) = counts.last_mut() {
                        *count += 1;
                    }
                    if values.len() as i64 > MAX_ELEMENTS {
                        return Err(too_large());
                    }
                    expect_delimiter = true;
                }
            }
        }
        if !given {
            *dims = lens.iter().map(|len| ArrayDim { len: len.unwrap_or(0), lower: 1 }).collect();
        }
        Ok(values)
    }

    fn item(&mut self, env: &dyn TypeEnv) -> Result<Item> {
        self.skip_space();
        let Some(byte) = self.peek() else { return Err(self.malformed("Unexpected end of input.")) };
        match byte {
            b'"' => return self.quoted(),
            b'{' => self.at += 1,
            b'}' => self.at += 1,
            byte if byte == self.delimiter => self.at += 1,
            _ => return self.unquoted(env),
        }
        Ok(match byte {
            b'{' => Item::Open,
            b'}' => Item::Close,
            _ => Item::Delimiter,
        })
    }

    /// Appends the character at the current place to the buffer.
    fn take_char(&mut self) -> Result<char> {
        let c = self.text[self.at..].chars().next();
        let c = c.ok_or_else(|| self.malformed("Unexpected end of input."))?;
        self.buffer.push(c);
        self.at += c.len_utf8();
        Ok(c)
    }

    fn quoted(&mut self) -> Result<Item> {
        self.buffer.clear();
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'\\') => {
                    self.at += 1;
                    self.take_char()?;
                }
                Some(b'"') => break,
                _ => {
                    self.take_char()?;
                }
            }
        }
        self.at += 1;
        self.skip_space();
        match self.peek() {
            Some(b'{' | b'}') => Ok(Item::Value),
            Some(byte) if byte == self.delimiter => Ok(Item::Value),
            _ => Err(self.malformed("Incorrectly quoted array element.")),
        }
    }

    fn unquoted(&mut self, env: &dyn TypeEnv) -> Result<Item> {
        self.buffer.clear();
        let mut kept = 0;
        let mut escaped = false;
        loop {
            match self.peek() {
                Some(b'"') => return Err(self.malformed("Incorrectly quoted array element.")),
                Some(b'\\') => {
                    self.at += 1;
                    self.take_char()?;
                    kept = self.buffer.len();
                    escaped = true;
                }
                Some(byte) if byte == self.delimiter || byte == b'{' || byte == b'}' => break,
                _ => {
                    let c = self.take_char()?;
                    if !(c.is_ascii() && is_space(c as u8)) {
                        kept = self.buffer.len();
                    }
                }
            }
        }
        self.buffer.truncate(kept);
        let null = env.format().array_nulls && !escaped && self.buffer.eq_ignore_ascii_case("null");
        Ok(if null { Item::Null } else { Item::Value })
    }
}

/// Elements of these types never need quotes.
fn never_quoted(element: Oid) -> bool {
    matches!(
        element,
        oids::INT2
            | oids::INT4
            | oids::INT8
            | oids::OID
            | oids::BOOL
            | oids::FLOAT4
            | oids::FLOAT8
            | oids::NUMERIC
    )
}

fn needs_quotes(text: &[u8], delimiter: u8) -> bool {
    text.is_empty()
        || text.eq_ignore_ascii_case(b"null")
        || text.iter().any(|&b| matches!(b, b'"' | b'\\' | b'{' | b'}') || b == delimiter || is_space(b))
}

/// Appends an array's text form.
pub(super) fn output(array: &ArrayValue, env: &dyn TypeEnv, out: &mut Vec<u8>) -> Result<()> {
    if array.values.is_empty() {
        out.extend_from_slice(b"{}");
        return Ok(());
    }
    let element = env.type_info(array.elem_type)?;
    if array.dims.iter().any(|d| d.lower != 1) {
        for dim in &array.dims {
            let upper = i64::from(dim.lower) + i64::from(dim.len) - 1;
            out.push(b'[');
            crate::integer::write_i64(i64::from(dim.lower), out);
            out.push(b':');
            crate::integer::write_i64(upper, out);
            out.push(b']');
        }
        out.push(b'=');
    }
    // Elements per sub-array at each level, innermost last.
    let mut sizes: Vec<usize> = Vec::with_capacity(array.dims.len());
    let mut size = 1usize;
    for dim in array.dims.iter().rev() {
        size = size.saturating_mul(usize::try_from(dim.len).unwrap_or(0)).max(1);
        sizes.push(size);
    }
    let plain = never_quoted(array.elem_type);
    for (i, value) in array.values.iter().enumerate() {
        if i > 0 {
            let closed = sizes.iter().filter(|&&size| i % size == 0).count();
            out.extend(std::iter::repeat_n(b'}', closed));
            out.push(element.delimiter);
            out.extend(std::iter::repeat_n(b'{', closed));
        } else {
            out.extend(std::iter::repeat_n(b'{', sizes.len()));
        }
        if value.is_null() {
            out.extend_from_slice(b"NULL");
            continue;
        }
        let start = out.len();
        output_value(value, array.elem_type, env, out)?;
        if !plain && needs_quotes(&out[start..], element.delimiter) {
            quote_in_place(out, start, false);
        }
    }
    out.extend(std::iter::repeat_n(b'}', sizes.len()));
    Ok(())
}

/// Reads an array's binary form.
pub(super) fn recv(
    reader: &mut Reader<'_>,
    info: &TypeInfo,
    typmod: i32,
    env: &dyn TypeEnv,
) -> Result<Datum> {
    let ndim = reader.i32()?;
    let count = usize::try_from(ndim)
        .map_err(|_| err!(INVALID_BINARY_REPRESENTATION, "invalid number of dimensions: {ndim}"))?;
    if count > MAX_DIMS {
        return Err(too_many_dims(Some(count)));
    }
    let flags = reader.i32()?;
    if !(0..=1).contains(&flags) {
        return Err(err!(INVALID_BINARY_REPRESENTATION, "invalid array flags"));
    }
    let elem_type = reader.u32()?;
    if elem_type != info.element {
        let name = |oid| crate::format_type_be(oid, env).unwrap_or_else(|_| "unknown".to_owned());
        return Err(err!(
            DATATYPE_MISMATCH,
            "binary data has array element type {elem_type} ({}) instead of expected {} ({})",
            name(elem_type),
            info.element,
            name(info.element)
        ));
    }
    let mut dims = Vec::with_capacity(count);
    let mut total = i64::from(count > 0);
    for _ in 0..count {
        let dim = ArrayDim { len: reader.i32()?, lower: reader.i32()? };
        total = total.saturating_mul(i64::from(dim.len));
        if dim.len < 0 || total > MAX_ELEMENTS {
            return Err(too_large());
        }
        dims.push(dim);
    }
    check_bounds(&dims)?;
    if total == 0 {
        dims.clear();
    }
    // Every element takes at least four bytes.
    if total as usize > reader.remaining() / 4 {
        return Err(err!(PROTOCOL_VIOLATION, "insufficient data left in message"));
    }
    let mut values = Vec::with_capacity(total as usize);
    for i in 1..=total {
        let len = reader.i32()?;
        values.push(match usize::try_from(len) {
            Ok(len) if len <= reader.remaining() => {
                recv_value(reader.take(len)?, elem_type, typmod, env).map_err(|e| improper(e, i))?
            }
            Err(_) if len == -1 => Datum::Null,
            _ => return Err(err!(INVALID_BINARY_REPRESENTATION, "insufficient data left in message")),
        });
    }
    Ok(Datum::Array(Arc::new(ArrayValue { elem_type, dims, values })))
}

/// Bytes left over in an element are reported with its number.
fn improper(error: Error, element: i64) -> Error {
    if error.message() == "incorrect binary data format" {
        return err!(INVALID_BINARY_REPRESENTATION, "improper binary format in array element {element}");
    }
    error
}

/// Appends an array's binary form.
pub(super) fn send(array: &ArrayValue, env: &dyn TypeEnv, out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(&(array.dims.len() as i32).to_be_bytes());
    let has_nulls = array.values.iter().any(Datum::is_null);
    out.extend_from_slice(&i32::from(has_nulls).to_be_bytes());
    out.extend_from_slice(&array.elem_type.to_be_bytes());
    for dim in &array.dims {
        out.extend_from_slice(&dim.len.to_be_bytes());
        out.extend_from_slice(&dim.lower.to_be_bytes());
    }
    for value in &array.values {
        // The usual elements take a fixed number of bytes.
        let at = out.len();
        if let Datum::Int4(v) = value {
            out.extend_from_slice(&[0; 4]);
            out.extend_from_slice(&v.to_be_bytes());
            patch_len(out, at);
        } else {
            send_with_len(value, array.elem_type, env, out)?;
        }
    }
    Ok(())
}
