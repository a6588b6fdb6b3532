//! `to_number`.

use super::number_template::{Field, Item, SignPlace, Template};
use super::roman;
use crate::Numeric;
use crate::numeric::make_typmod;
use pglitedb_sqlstate::{Result, bail};

/// `to_number(text, text)`; `None` is NULL.
pub fn to_number(text: &str, template: &str) -> Result<Option<Numeric>> {
    if template.is_empty() {
        return Ok(None);
    }
    let template = Template::parse(template)?;
    if template.scientific {
        bail!(FEATURE_NOT_SUPPORTED, "\"EEEE\" not supported for input");
    }
    let mut reader = Reader {
        template: &template,
        rest: text,
        sign: ' ',
        digits: String::new(),
        whole_digits: 0,
        fraction_digits: 0,
        has_point: false,
        roman_digits: None,
    };
    for item in &template.items {
        if reader.rest.is_empty() {
            break;
        }
        match item {
            Item::Text(_) => reader.skip(1),
            Item::Pattern(field) => reader.pattern(*field)?,
        }
    }
    let pre = reader.roman_digits.unwrap_or(template.pre);
    let scale = reader.fraction_digits;
    let precision = pre + template.shift + scale;
    let digits = reader.digits.strip_suffix('.').unwrap_or(&reader.digits);
    let number = format!("{}{digits}", reader.sign);
    let typmod = make_typmod(
        i32::try_from(precision).unwrap_or(i32::MAX).min(0xFFFF),
        i32::try_from(scale).unwrap_or(i32::MAX).min(0x7FF),
    );
    let value = Numeric::parse_typmod(&number, typmod)?;
    if !template.multi {
        return Ok(Some(value));
    }
    // The power has more digits than it needs, and so has the product.
    let factor = Numeric::from_scaled(10, 0).power(&Numeric::from_scaled(-(template.shift as i128), 0))?;
    value.mul(&factor).map(Some)
}

struct Reader<'a> {
    template: &'a Template,
    rest: &'a str,
    /// Space until a sign was found.
    sign: char,
    /// Digits and point.
    digits: String,
    whole_digits: usize,
    fraction_digits: usize,
    has_point: bool,
    /// A Roman numeral's digits in decimal.
    roman_digits: Option<usize>,
}

impl Reader<'_> {
    fn skip(&mut self, count: usize) {
        let mut chars = self.rest.chars();
        for _ in 0..count {
            chars.next();
        }
        self.rest = chars.as_str();
    }

    /// Skips up to `count` characters that cannot be part of a number.
    fn skip_other(&mut self, count: usize) {
        for _ in 0..count {
            if self.rest.is_empty()
                || self.rest.starts_with(|c: char| c.is_ascii_digit() || ".,+-".contains(c))
            {
                break;
            }
            self.skip(1);
        }
    }

    fn pattern(&mut self, field: Field) -> Result<()> {
        match field {
            Field::Nine | Field::Zero => self.digit(true),
            Field::Point | Field::LocalePoint => self.digit(false),
            Field::Comma | Field::Group => {
                // With FM a group separator counts only within the number, which never begins here.
                if !self.template.fill && self.rest.starts_with(',') {
                    self.skip(1);
                }
            }
            Field::Currency => self.skip_other(1),
            Field::Ordinal(_) => {
                let template = self.template;
                if !(template.roman || self.sign == '-' || template.decimal) {
                    self.skip_other(2);
                }
            }
            Field::Minus => self.sign_or_skip("-"),
            Field::Plus => self.sign_or_skip("+"),
            Field::PlusMinus => self.sign_or_skip("+-"),
            Field::Roman(_) => self.roman()?,
            Field::Blank
            | Field::Scientific
            | Field::Fill
            | Field::Brackets
            | Field::Sign
            | Field::Shift
            | Field::Ignored => {}
        }
        Ok(())
    }

    fn sign_or_skip(&mut self, signs: &str) {
        match self.rest.chars().next() {
            Some(c) if signs.contains(c) => {
                self.sign = c;
                self.skip(1);
            }
            _ => self.skip_other(1),
        }
    }

    fn roman(&mut self) -> Result<()> {
        self.rest = self.rest.trim_start_matches(super::template::is_space);
        let is_numeral = |c: &char| "MDCLXVImdclxvi".contains(*c);
        let len = self.rest.chars().take_while(is_numeral).count().min(roman::MAX_LEN);
        let (numeral, rest) = self.rest.split_at_checked(len).unwrap_or(("", self.rest));
        let Some(value) = roman::to_int(numeral) else {
            bail!(INVALID_TEXT_REPRESENTATION, "invalid Roman numeral")
        };
        self.rest = rest;
        self.digits = value.to_string();
        self.roman_digits = Some(self.digits.len());
        Ok(())
    }

    /// The sign before the first digit.
    fn leading_sign(&mut self) {
        let template = self.template;
        if template.sign && template.sign_place == SignPlace::Before {
            self.sign_or_nothing("+-");
        } else if self.rest.starts_with('-') || (template.brackets && self.rest.starts_with('<')) {
            self.sign = '-';
            self.skip(1);
        } else if self.rest.starts_with('+') {
            self.sign = '+';
            self.skip(1);
        }
    }

    fn sign_or_nothing(&mut self, signs: &str) {
        if let Some(c) = self.rest.chars().next().filter(|c| signs.contains(*c)) {
            self.sign = c;
            self.skip(1);
        }
    }

    /// One position of the number: a digit, or the point. `is_digit`: the template has a digit here.
    fn digit(&mut self, is_digit: bool) {
        if self.rest.starts_with(' ') {
            self.skip(1);
        }
        if self.rest.is_empty() {
            return;
        }
        if self.sign == ' ' && is_digit && self.whole_digits + self.fraction_digits == 0 {
            self.leading_sign();
        }
        let Some(c) = self.rest.chars().next() else { return };
        let mut was_read = false;
        if c.is_ascii_digit() {
            if self.has_point && self.fraction_digits == self.template.post {
                return self.skip(1);
            }
            self.digits.push(c);
            if self.has_point {
                self.fraction_digits += 1;
            } else {
                self.whole_digits += 1;
            }
            was_read = true;
        } else if self.template.decimal && !self.has_point && c == '.' {
            self.digits.push('.');
            self.has_point = true;
            was_read = true;
        }
        if self.sign == ' ' && self.whole_digits + self.fraction_digits > 0 {
            self.trailing_sign(c, was_read);
        }
        self.skip(1);
    }

    /// A sign behind the last digit, whose position templates leave open.
    fn trailing_sign(&mut self, current: char, was_read: bool) {
        let template = self.template;
        if template.sign && was_read {
            if let Some(next) = self.rest.chars().nth(1).filter(|next| "+-".contains(*next)) {
                self.sign = next;
                self.skip(1);
            }
        } else if !was_read && !template.sign && (template.plus || template.minus) && "+-".contains(current) {
            self.sign = current;
        }
    }
}
