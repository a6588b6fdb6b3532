//! Words of a path.

use crate::Numeric;
use pglitedb_sqlstate::{Error, Result, err};
use std::str::FromStr;

/// A word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name or keyword without quotes.
    Word(String),
    /// A string in quotes.
    Text(String),
    /// `$name` or `$"name"`
    Variable(String),
    /// A number, and whether it was written as an integer.
    Number(Numeric, bool),
    /// One or two characters of punctuation.
    Symbol(&'static str),
    /// The end.
    End,
}

const SYMBOLS: [&str; 31] = [
    "**", "&&", "||", "==", "!=", "<>", "<=", ">=", "$", "@", "(", ")", "[", "]", "{", "}", "?", "!", "<",
    ">", "=", ",", ".", "*", "/", "%", "+", "-", ":", "&", "|",
];

pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

/// A token, and what PostgreSQL's scanner shows of it in a complaint: the characters that ended its scan.
pub(super) struct Scanned {
    pub token: Token,
    pub near: String,
}

/// A complaint about the input near a text; nothing left means the end.
pub(super) fn complaint(message: &str, near: &str) -> Error {
    if near.is_empty() {
        return err!(SYNTAX_ERROR, "{message} at end of jsonpath input");
    }
    err!(SYNTAX_ERROR, "{message} at or near \"{near}\" of jsonpath input")
}

/// A syntax error near a token.
pub(super) fn syntax_error(near: &str) -> Error {
    complaint("syntax error", near)
}

fn is_special(c: char) -> bool {
    "?%$.[]{}()|&!=<>@#,*:-+/".contains(c)
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

/// May it be part of a name (without a backslash)?
fn is_other(c: char) -> bool {
    !is_special(c) && !is_blank(c) && c != '"' && c != '\\'
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Lexer { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_space(&mut self) -> Result<()> {
        loop {
            self.at += self.rest().len() - self.rest().trim_start_matches(is_blank).len();
            if !self.rest().starts_with("/*") {
                return Ok(());
            }
            match self.rest().get(2..).and_then(|rest| rest.find("*/")) {
                Some(end) => self.at += end + 4,
                None => return Err(complaint("unexpected end of comment", "")),
            }
        }
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Result<Scanned> {
        self.skip_space()?;
        let Some(c) = self.peek() else { return Ok(Scanned { token: Token::End, near: String::new() }) };
        let start = self.at;
        let token = match c {
            '"' => {
                let text = self.quoted()?;
                return Ok(Scanned { token: Token::Text(text), near: "\"".into() });
            }
            '$' => return self.variable(),
            '0'..='9' => match self.number()? {
                Some(number) => number,
                None => return self.name(false),
            },
            '.' if self
                .rest()
                .get(1..)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) =>
            {
                self.number()?.ok_or_else(|| syntax_error("."))?
            }
            _ if is_special(c) => self.symbol()?,
            _ => return self.name(false),
        };
        Ok(Scanned { token, near: self.text.get(start..self.at).unwrap_or("").to_owned() })
    }

    fn symbol(&mut self) -> Result<Token> {
        let found = SYMBOLS.iter().find(|symbol| self.rest().starts_with(**symbol));
        let symbol = *found.ok_or_else(|| syntax_error(self.rest().get(..1).unwrap_or("")))?;
        self.at += symbol.len();
        Ok(Token::Symbol(match symbol {
            "<>" => "!=",
            "=" => "==",
            other => other,
        }))
    }

    fn variable(&mut self) -> Result<Scanned> {
        self.at += 1;
        match self.peek() {
            Some('"') => {
                let name = self.quoted()?;
                Ok(Scanned { token: Token::Variable(name), near: "\"".into() })
            }
            Some(c) if is_other(c) || c == '\\' => self.name(true),
            _ => Ok(Scanned { token: Token::Symbol("$"), near: "$".into() }),
        }
    }

    /// A name without quotes. Its scan ends at a blank, which complaints then show, or before anything else.
    fn name(&mut self, variable: bool) -> Result<Scanned> {
        let mut out = String::new();
        let mut near = String::new();
        while let Some(c) = self.peek() {
            if is_blank(c) {
                near.push(c);
                break;
            }
            if c == '\\' {
                self.escape(&mut out)?;
            } else if is_other(c) {
                out.push(c);
                self.at += c.len_utf8();
            } else {
                break;
            }
        }
        Ok(Scanned { token: if variable { Token::Variable(out) } else { Token::Word(out) }, near })
    }

    fn quoted(&mut self) -> Result<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let c = self.peek().ok_or_else(|| complaint("unterminated quoted string", ""))?;
            match c {
                '"' => {
                    self.at += 1;
                    return Ok(out);
                }
                '\\' => self.escape(&mut out)?,
                _ => {
                    self.at += c.len_utf8();
                    out.push(c);
                }
            }
        }
    }

    /// An escape, or a row of Unicode escapes, which may be surrogates of one another.
    fn escape(&mut self, out: &mut String) -> Result<()> {
        let c = self.rest().chars().nth(1);
        let c = c.ok_or_else(|| complaint("unexpected end after backslash", ""))?;
        if c == 'u' {
            return self.unicode(out);
        }
        self.at += 1 + c.len_utf8();
        out.push(match c {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            'x' => {
                let digits = self.hex_digits(2);
                if digits < 2 {
                    let near = self.rest().get(..digits).unwrap_or("");
                    return Err(complaint("invalid hexadecimal character sequence", &format!("\\x{near}")));
                }
                let code = self.hex(2);
                return append_code(code, &mut None, out);
            }
            other => other,
        });
        Ok(())
    }

    /// How many of the next `most` characters are hexadecimal digits.
    fn hex_digits(&self, most: usize) -> usize {
        self.rest().bytes().take(most).take_while(u8::is_ascii_hexdigit).count()
    }

    fn hex(&mut self, digits: usize) -> u32 {
        let text = self.rest().get(..digits).unwrap_or("");
        self.at += digits;
        u32::from_str_radix(text, 16).unwrap_or(0)
    }

    fn unicode(&mut self, out: &mut String) -> Result<()> {
        let start = self.at;
        let mut high = None;
        let mut codes = Vec::new();
        while self.rest().starts_with("\\u") {
            self.at += 2;
            if self.rest().starts_with('{') {
                self.at += 1;
                let digits = self.hex_digits(6);
                let code = self.hex(digits);
                if digits == 0 || !self.rest().starts_with('}') {
                    return Err(self.bad_unicode(start));
                }
                self.at += 1;
                codes.push(code);
                continue;
            }
            let digits = self.hex_digits(4);
            let code = self.hex(digits);
            if digits < 4 {
                return Err(self.bad_unicode(start));
            }
            codes.push(code);
        }
        for code in codes {
            append_code(code, &mut high, out)?;
        }
        if high.is_some() { Err(lonely_surrogate()) } else { Ok(()) }
    }

    fn bad_unicode(&self, start: usize) -> Error {
        complaint("invalid Unicode escape sequence", self.text.get(start..self.at).unwrap_or(""))
    }

    /// The longest of what may begin here; `None` if that is a name, which may begin with digits.
    fn number(&mut self) -> Result<Option<Token>> {
        let rest = self.rest();
        let forms = NumberForms::new(rest);
        let word: usize = rest.chars().take_while(|c| is_other(*c)).map(char::len_utf8).sum();
        let longest = forms.longest();
        match longest {
            Some((len, _)) if word > len => Ok(None),
            None => Ok(None),
            Some((len, form)) => {
                let text = rest.get(..len).unwrap_or("");
                let integer = match form {
                    Form::Integer => true,
                    Form::Real => false,
                    Form::Fail => return Err(complaint("invalid numeric literal", text)),
                    Form::Junk => return Err(complaint("trailing junk after numeric literal", text)),
                };
                self.at += len;
                Ok(Some(Token::Number(Numeric::from_str(text)?, integer)))
            }
        }
    }
}

/// Appends a code point; the first half of a surrogate pair waits in `high`.
fn append_code(code: u32, high: &mut Option<u32>, out: &mut String) -> Result<()> {
    if code == 0 {
        return Err(err!(UNTRANSLATABLE_CHARACTER, "unsupported Unicode escape sequence")
            .detail("\\u0000 cannot be converted to text."));
    }
    let first = high.take();
    let code = match (code, first) {
        (0xD800..0xDC00, Some(_)) => {
            return Err(err!(INVALID_TEXT_REPRESENTATION, "invalid input syntax for type jsonpath")
                .detail("Unicode high surrogate must not follow a high surrogate."));
        }
        (0xD800..0xDC00, None) => {
            *high = Some(code);
            return Ok(());
        }
        (0xDC00..0xE000, Some(first)) => 0x10000 + ((first - 0xD800) << 10) + (code - 0xDC00),
        (0xDC00..0xE000, None) | (_, Some(_)) => return Err(lonely_surrogate()),
        (code, None) => code,
    };
    let invalid = || complaint("invalid Unicode escape sequence", &format!("\\u{{{code:x}}}"));
    out.push(char::from_u32(code).ok_or_else(invalid)?);
    Ok(())
}

fn lonely_surrogate() -> Error {
    err!(INVALID_TEXT_REPRESENTATION, "invalid input syntax for type jsonpath")
        .detail("Unicode low surrogate must follow a high surrogate.")
}

/// What a number may be.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Real,
    Integer,
    /// An exponent without digits.
    Fail,
    /// A number and the character that does not belong.
    Junk,
}

/// The forms that a text may begin with. The longest wins, and of equally long ones the first.
struct NumberForms(Vec<(usize, Form)>);

impl NumberForms {
    fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let digits = |from: usize, radix: u32| {
            let is_digit = |at: usize| bytes.get(at).is_some_and(|b| char::from(*b).is_digit(radix));
            let mut at = from;
            while is_digit(at) || (at > from && bytes.get(at) == Some(&b'_') && is_digit(at + 1)) {
                at += 1;
            }
            at
        };
        let whole = match bytes.first() {
            Some(b'0') => 1,
            Some(b'1'..=b'9') => digits(0, 10),
            _ => 0,
        };
        let decimal = if bytes.get(whole) == Some(&b'.') {
            let end = digits(whole + 1, 10);
            (whole > 0 || end > whole + 1).then_some(end)
        } else {
            None
        };
        let exponent = |end: usize| {
            if !matches!(bytes.get(end), Some(b'e' | b'E')) {
                return (None, None);
            }
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let stop = digits(end + 1 + sign, 10);
            ((stop > end + 1 + sign).then_some(stop), (sign == 1).then_some(end + 2))
        };
        let mantissa = decimal.unwrap_or(whole);
        let (real, fail) = exponent(mantissa);
        let (plain_real, plain_fail) = if decimal.is_some() { exponent(whole) } else { (None, None) };
        let mut forms = Vec::new();
        let mut add = |len: Option<usize>, form: Form| {
            if let Some(len) = len.filter(|len| *len > 0) {
                forms.push((len, form));
            }
        };
        add(real.or(plain_real), Form::Real);
        add(decimal, Form::Real);
        add(Some(whole), Form::Integer);
        let radix = match bytes {
            [b'0', b'x' | b'X', ..] => Some(16),
            [b'0', b'o' | b'O', ..] => Some(8),
            [b'0', b'b' | b'B', ..] => Some(2),
            _ => None,
        };
        add(radix.map(|radix| digits(2, radix)).filter(|end| *end > 2), Form::Integer);
        add(fail.or(plain_fail), Form::Fail);
        let junk = |end: Option<usize>| {
            let end = end.filter(|end| *end > 0)?;
            let next = text.get(end..)?.chars().next().filter(|c| is_other(*c))?;
            Some(end + next.len_utf8())
        };
        add(junk(Some(whole)), Form::Junk);
        add(junk(decimal), Form::Junk);
        add(junk(real.or(plain_real)), Form::Junk);
        NumberForms(forms)
    }

    fn longest(&self) -> Option<(usize, Form)> {
        self.0.iter().copied().reduce(|best, next| if next.0 > best.0 { next } else { best })
    }
}
