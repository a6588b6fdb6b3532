//! Numbers.

use super::{Lexer, Token, TokenKind, is_name_part, is_name_start};

/// A run of digits of `radix` in which single underscores may separate: the length from `bytes`' start.
fn digits(bytes: &[u8], radix: u32, leading_underscore: bool) -> usize {
    let is_digit = |index: usize| bytes.get(index).is_some_and(|byte| (*byte as char).is_digit(radix));
    let mut length = 0;
    if !leading_underscore && !is_digit(0) {
        return 0;
    }
    loop {
        if is_digit(length) {
            length += 1;
        } else if bytes.get(length) == Some(&b'_') && is_digit(length + 1) {
            length += 2;
        } else {
            return length;
        }
    }
}

impl Lexer<'_> {
    pub(super) fn number(&mut self, start: usize) -> Token {
        if self.byte(0) == b'0' {
            let (radix, name) = match self.byte(1) {
                b'x' | b'X' => (16, "hexadecimal"),
                b'o' | b'O' => (8, "octal"),
                b'b' | b'B' => (2, "binary"),
                _ => return self.decimal(start),
            };
            let length = digits(&self.bytes[start + 2..], radix, true);
            if length == 0 && !self.is_junk(start + 2) {
                self.position = start + 2 + usize::from(self.byte(2) == b'_');
                return self.fail_near(start, &format!("invalid {name} integer"));
            }
            self.position = start + 2 + length;
            return self.finish(start, Some(radix));
        }
        self.decimal(start)
    }

    /// Whether a name begins at `position`, other than a lone underscore behind a radix prefix.
    fn is_junk(&self, position: usize) -> bool {
        match self.bytes.get(position) {
            Some(b'_') => self.bytes.get(position + 1).is_some_and(|&byte| is_name_part(byte)),
            Some(&byte) => is_name_start(byte),
            None => false,
        }
    }

    fn decimal(&mut self, start: usize) -> Token {
        let mut radix = Some(10);
        self.position += digits(&self.bytes[self.position..], 10, false);
        // `1..10` is a range, not `1.` and `.10`.
        if self.byte(0) == b'.' && self.byte(1) != b'.' {
            radix = None;
            self.position += 1;
            self.position += digits(&self.bytes[self.position..], 10, false);
        }
        if matches!(self.byte(0), b'e' | b'E') {
            let sign = usize::from(matches!(self.byte(1), b'+' | b'-'));
            if self.byte(1 + sign).is_ascii_digit() {
                radix = None;
                self.position += 1 + sign;
                self.position += digits(&self.bytes[self.position..], 10, false);
            } else if sign == 1 {
                self.position += 2;
                return self.fail_near(start, "trailing junk after numeric literal");
            }
        }
        self.finish(start, radix)
    }

    /// Ends the number here; `radix` is `None` for anything but an integer.
    fn finish(&mut self, start: usize, radix: Option<u32>) -> Token {
        // Behind `0x`, `0o` and `0b` a digit of a larger radix is junk as well.
        let junk =
            |byte| is_name_start(byte) || (radix.is_some_and(|radix| radix != 10) && is_name_part(byte));
        if !self.at_end() && junk(self.byte(0)) {
            self.skip_name();
            return self.fail_near(start, "trailing junk after numeric literal");
        }
        let text = &self.text[start..self.position];
        let fits = radix.is_some_and(|radix| parse_integer(text, radix).is_some());
        self.token(if fits { TokenKind::Integer } else { TokenKind::Numeric }, start)
    }

    /// The value of an `Integer` token.
    pub fn integer(&self, token: &Token) -> i32 {
        let text = self.text.get(token.start as usize..token.end as usize).unwrap_or("");
        let radix = match text.as_bytes() {
            [b'0', b'x' | b'X', ..] => 16,
            [b'0', b'o' | b'O', ..] => 8,
            [b'0', b'b' | b'B', ..] => 2,
            _ => 10,
        };
        parse_integer(text, radix).unwrap_or(0)
    }
}

fn parse_integer(text: &str, radix: u32) -> Option<i32> {
    let digits = if radix == 10 { text } else { &text[2..] };
    let mut value: i32 = 0;
    for byte in digits.bytes().filter(|byte| *byte != b'_') {
        let digit = (byte as char).to_digit(radix)? as i32;
        value = value.checked_mul(radix as i32)?.checked_add(digit)?;
    }
    Some(value)
}
