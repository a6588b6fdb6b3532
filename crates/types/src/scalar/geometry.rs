//! The geometric types. Coordinates are kept as the binary format lists them; [`crate::Geometry`] says which.

use crate::datum::Geometry;
use crate::float;
use crate::oids::{self, Oid};
use crate::scan::{Reader, invalid_syntax, is_space};
use pglitedb_sqlstate::{Result, err};

/// Numbers nearer than this are equal to the geometric operators.
const EPSILON: f64 = 1e-6;

fn nearly(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= EPSILON
}

fn type_name(type_oid: Oid) -> &'static str {
    match type_oid {
        oids::POINT => "point",
        oids::LSEG => "lseg",
        oids::PATH => "path",
        oids::BOX => "box",
        oids::POLYGON => "polygon",
        oids::LINE => "line",
        _ => "circle",
    }
}

/// Reads the text form of one of the seven types.
pub fn parse(type_oid: Oid, text: &str) -> Result<Geometry> {
    let name = type_name(type_oid);
    let mut parser = Parser { text, at: 0, name };
    let parsed = match type_oid {
        oids::POINT => parser.whole(|p| p.pair().map(|(x, y)| plain(vec![x, y]))),
        oids::LSEG => parser.whole(|p| p.points(2, true).map(|(coords, _)| plain(coords))),
        oids::BOX => parser.whole(|p| p.points(2, false).map(|(coords, _)| plain(order_box(coords)))),
        oids::PATH => parser.whole(Parser::path),
        oids::POLYGON => parser.whole(|p| {
            let count = p.count_pairs()?;
            p.points(count, false).map(|(coords, _)| plain(coords))
        }),
        oids::LINE => return parser.line(),
        _ => parser.whole(Parser::circle),
    };
    parsed.ok_or_else(|| parser.number_error().unwrap_or_else(|| invalid_syntax(name, text)))
}

fn plain(coords: Vec<f64>) -> Geometry {
    Geometry { closed: false, coords }
}

/// A box keeps its upper right corner first.
fn order_box(coords: Vec<f64>) -> Vec<f64> {
    let [x1, y1, x2, y2] = coords[..] else { return coords };
    let swap = |a: f64, b: f64| if float::compare(a, b).is_lt() { (b, a) } else { (a, b) };
    let ((high_x, low_x), (high_y, low_y)) = (swap(x1, x2), swap(y1, y2));
    vec![high_x, high_y, low_x, low_y]
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    name: &'static str,
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

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    /// All of the text.
    fn whole(&mut self, read: impl FnOnce(&mut Self) -> Option<Geometry>) -> Option<Geometry> {
        let value = read(self)?;
        (self.at == self.text.len()).then_some(value)
    }

    /// If the parser stopped at a number that is out of range: that error.
    fn number_error(&self) -> Option<pglitedb_sqlstate::Error> {
        let rest = self.text.get(self.at..)?;
        let len = number_len(rest.as_bytes());
        let error = float::parse_f64(rest.get(..len)?).err()?;
        (error.code() == pglitedb_sqlstate::codes::NUMERIC_VALUE_OUT_OF_RANGE).then_some(error)
    }

    /// A number and the white space around it.
    fn number(&mut self) -> Option<f64> {
        self.skip_space();
        let rest = &self.text[self.at..];
        let len = number_len(rest.as_bytes());
        let value = float::parse_f64(rest.get(..len)?).ok()?;
        self.at += len;
        self.skip_space();
        Some(value)
    }

    /// `x,y` or `(x,y)`
    fn pair(&mut self) -> Option<(f64, f64)> {
        self.skip_space();
        let parenthesis = self.eat(b'(').is_some();
        let x = self.number()?;
        self.eat(b',')?;
        let y = self.number()?;
        if parenthesis {
            self.eat(b')')?;
            self.skip_space();
        }
        Some((x, y))
    }

    /// Is the parenthesis here the last one of the text?
    fn is_last_parenthesis(&self) -> bool {
        self.text.rfind('(') == Some(self.at)
    }

    /// Points in optional brackets; says whether they were square.
    fn points(&mut self, count: usize, square_allowed: bool) -> Option<(Vec<f64>, bool)> {
        let mut depth = 0;
        self.skip_space();
        let open = self.peek() == Some(b'[');
        if open {
            if !square_allowed {
                return None;
            }
            depth = 1;
            self.at += 1;
        } else if self.peek() == Some(b'(') {
            let bytes = self.text.as_bytes();
            let next = self.at + 1 + bytes[self.at + 1..].iter().take_while(|&&b| is_space(b)).count();
            if bytes.get(next) == Some(&b'(') || self.is_last_parenthesis() {
                depth = 1;
                self.at = next;
            }
        }
        let mut coords = Vec::with_capacity(count.min(self.text.len()) * 2);
        for _ in 0..count {
            let (x, y) = self.pair()?;
            coords.extend([x, y]);
            let _ = self.eat(b',');
        }
        while depth > 0 {
            match self.peek() {
                Some(b')') => {}
                Some(b']') if open && depth == 1 => {}
                _ => return None,
            }
            depth -= 1;
            self.at += 1;
            self.skip_space();
        }
        Some((coords, open))
    }

    /// Points in the text, by its commas.
    fn count_pairs(&self) -> Option<usize> {
        let commas = self.text.bytes().filter(|&b| b == b',').count();
        (commas % 2 == 1).then_some(commas.div_ceil(2))
    }

    fn path(&mut self) -> Option<Geometry> {
        let count = self.count_pairs()?;
        self.skip_space();
        let parenthesis = self.peek() == Some(b'(') && self.is_last_parenthesis();
        if parenthesis {
            self.at += 1;
        }
        let (coords, open) = self.points(count, true)?;
        if parenthesis {
            self.eat(b')')?;
            self.skip_space();
        }
        Some(Geometry { closed: !open, coords })
    }

    fn circle(&mut self) -> Option<Geometry> {
        self.skip_space();
        let mut depth = 0;
        if self.eat(b'<').is_some() {
            depth = 1;
        } else if self.peek() == Some(b'(') {
            let bytes = self.text.as_bytes();
            let next = self.at + 1 + bytes[self.at + 1..].iter().take_while(|&&b| is_space(b)).count();
            if bytes.get(next) == Some(&b'(') {
                depth = 1;
                self.at = next;
            }
        }
        let (x, y) = self.pair()?;
        let _ = self.eat(b',');
        let start = self.at;
        let radius = self.number()?;
        if radius < 0.0 {
            self.at = start;
            return None;
        }
        if depth == 1 {
            if !matches!(self.peek(), Some(b')' | b'>')) {
                return None;
            }
            self.at += 1;
            self.skip_space();
        }
        Some(plain(vec![x, y, radius]))
    }

    /// `{A,B,C}` or two points.
    fn line(&mut self) -> Result<Geometry> {
        let bad =
            |parser: &Self| parser.number_error().unwrap_or_else(|| invalid_syntax(parser.name, parser.text));
        let invalid = |what: &str| err!(INVALID_TEXT_REPRESENTATION, "invalid line specification: {what}");
        self.skip_space();
        if self.eat(b'{').is_some() {
            let read = |p: &mut Self| {
                let a = p.number()?;
                p.eat(b',')?;
                let b = p.number()?;
                p.eat(b',')?;
                let c = p.number()?;
                p.eat(b'}')?;
                p.skip_space();
                Some(plain(vec![a, b, c]))
            };
            let line = self.whole(read).ok_or_else(|| bad(self))?;
            if nearly(line.coords[0], 0.0) && nearly(line.coords[1], 0.0) {
                return Err(invalid("A and B cannot both be zero"));
            }
            return Ok(line);
        }
        let points = self.whole(|p| p.points(2, true).map(|(c, _)| plain(c))).ok_or_else(|| bad(self))?;
        let [x1, y1, x2, y2] = points.coords[..] else { return Err(bad(self)) };
        if nearly(x1, x2) && nearly(y1, y2) {
            return Err(invalid("must be two distinct points"));
        }
        Ok(plain(line_through(x1, y1, x2, y2)))
    }
}

/// Coefficients of the line through two points.
pub fn line_through(x1: f64, y1: f64, x2: f64, y2: f64) -> Vec<f64> {
    if nearly(x1, x2) {
        return vec![-1.0, 0.0, x1];
    }
    if nearly(y1, y2) {
        return vec![0.0, -1.0, y1];
    }
    let slope = (y1 - y2) / (x1 - x2);
    let c = y1 - slope * x1;
    // No minus zero.
    vec![slope, -1.0, if c == 0.0 { 0.0 } else { c }]
}

/// Bytes at the start that a number may take.
fn number_len(bytes: &[u8]) -> usize {
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let body = &bytes[sign.min(bytes.len())..];
    for word in ["infinity", "inf", "nan"] {
        if body.get(..word.len()).is_some_and(|b| b.eq_ignore_ascii_case(word.as_bytes())) {
            return sign + word.len();
        }
    }
    let mut at = 0;
    while let Some(&byte) = body.get(at) {
        let exponent_sign = matches!(byte, b'+' | b'-') && at > 0 && matches!(body[at - 1], b'e' | b'E');
        if !(byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E') || exponent_sign) {
            break;
        }
        at += 1;
    }
    sign + at
}

/// Appends the text form, numbers as `extra_float_digits` asks.
pub fn write(type_oid: Oid, value: &Geometry, extra_float_digits: i32, out: &mut Vec<u8>) {
    let number = |value: f64, out: &mut Vec<u8>| float::write_f64(value, extra_float_digits, out);
    let points = |coords: &[f64], out: &mut Vec<u8>| {
        for (i, pair) in coords.chunks_exact(2).enumerate() {
            if i > 0 {
                out.push(b',');
            }
            out.push(b'(');
            number(pair[0], out);
            out.push(b',');
            number(pair[1], out);
            out.push(b')');
        }
    };
    let bracketed = |open: u8, close: u8, out: &mut Vec<u8>| {
        out.push(open);
        points(&value.coords, out);
        out.push(close);
    };
    match (type_oid, value.coords.as_slice()) {
        (oids::LSEG, _) => bracketed(b'[', b']', out),
        (oids::PATH, _) if value.closed => bracketed(b'(', b')', out),
        (oids::PATH, _) => bracketed(b'[', b']', out),
        (oids::POLYGON, _) => bracketed(b'(', b')', out),
        (oids::LINE, [a, b, c]) => {
            out.push(b'{');
            number(*a, out);
            out.push(b',');
            number(*b, out);
            out.push(b',');
            number(*c, out);
            out.push(b'}');
        }
        (oids::CIRCLE, [x, y, radius]) => {
            out.push(b'<');
            points(&[*x, *y], out);
            out.push(b',');
            number(*radius, out);
            out.push(b'>');
        }
        (_, coords) => points(coords, out),
    }
}

/// Reads the binary form.
pub fn recv(type_oid: Oid, reader: &mut Reader<'_>) -> Result<Geometry> {
    let name = type_name(type_oid);
    let mut closed = false;
    let count = match type_oid {
        oids::POINT => 2,
        oids::LSEG | oids::BOX => 4,
        oids::LINE | oids::CIRCLE => 3,
        _ => {
            if type_oid == oids::PATH {
                closed = reader.u8()? != 0;
            }
            let points = usize::try_from(reader.i32()?).ok().filter(|&n| n > 0 && n < i32::MAX as usize / 16);
            let points = points.ok_or_else(|| {
                err!(INVALID_BINARY_REPRESENTATION, "invalid number of points in external \"{name}\" value")
            })?;
            points * 2
        }
    };
    let mut coords = Vec::with_capacity(count.min(reader.remaining() / 8 + 1));
    for _ in 0..count {
        coords.push(reader.f64()?);
    }
    match type_oid {
        oids::BOX => coords = order_box(coords),
        oids::CIRCLE if coords[2] < 0.0 => {
            return Err(err!(INVALID_BINARY_REPRESENTATION, "invalid radius in external \"circle\" value"));
        }
        oids::LINE if nearly(coords[0], 0.0) && nearly(coords[1], 0.0) => {
            return Err(err!(
                INVALID_BINARY_REPRESENTATION,
                "invalid line specification: A and B cannot both be zero"
            ));
        }
        _ => {}
    }
    Ok(Geometry { closed, coords })
}

/// Appends the binary form.
pub fn send(type_oid: Oid, value: &Geometry, out: &mut Vec<u8>) {
    if type_oid == oids::PATH {
        out.push(u8::from(value.closed));
    }
    if matches!(type_oid, oids::PATH | oids::POLYGON) {
        out.extend_from_slice(&((value.coords.len() / 2) as i32).to_be_bytes());
    }
    value.coords.iter().for_each(|c| out.extend_from_slice(&c.to_be_bytes()));
}
