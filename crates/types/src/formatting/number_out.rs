//! `to_char` of numbers.

use super::number_template::{Field, Item, SignPlace, Template};
use super::{ordinal, roman};
use crate::Numeric;
use pglitedb_sqlstate::{Result, bail, err};

/// `to_char(numeric, text)`
pub fn numeric_to_char(value: &Numeric, template: &str) -> Result<String> {
    let mut template = Template::parse(template)?;
    if template.roman {
        let rounded = value.round(0)?.to_int4().map_or(i64::from(i32::MAX), i64::from);
        return write(&template, &roman::from_int(rounded), false);
    }
    if template.scientific {
        let text = numeric_text(value);
        let text =
            if value.is_finite() { scientific(&text, template.post) } else { hashes_scientific(&template) };
        return Ok(text);
    }
    let shifted;
    let mut value = value;
    if template.multi {
        let factor = 10_i128.checked_pow(template.shift as u32).ok_or_else(numeric_overflow)?;
        shifted = value.mul(&Numeric::from_scaled(factor, 0))?;
        value = &shifted;
        template.pre += template.shift;
    }
    let text = numeric_text(&value.round(i32::try_from(template.post).unwrap_or(i32::MAX))?);
    write_signed(&template, &text)
}

/// `to_char(integer, text)`
pub fn int4_to_char(value: i32, template: &str) -> Result<String> {
    // PostgreSQL lets the product wrap around.
    let shift = |shift: u32| Ok(i64::from(value.wrapping_mul(10_f64.powi(shift as i32) as i32)));
    int_to_char(i64::from(value), template, shift)
}

/// `to_char(bigint, text)`
pub fn int8_to_char(value: i64, template: &str) -> Result<String> {
    let out_of_range = || err!(NUMERIC_VALUE_OUT_OF_RANGE, "bigint out of range");
    let shift = |shift: u32| {
        10_i64.checked_pow(shift).and_then(|factor| value.checked_mul(factor)).ok_or_else(out_of_range)
    };
    int_to_char(value, template, shift)
}

fn int_to_char(value: i64, template: &str, shift: impl FnOnce(u32) -> Result<i64>) -> Result<String> {
    let mut template = Template::parse(template)?;
    if template.roman {
        return write(&template, &roman::from_int(value), false);
    }
    if template.scientific {
        return Ok(scientific(&value.to_string(), template.post));
    }
    let mut value = value;
    if template.multi {
        value = shift(template.shift as u32)?;
        template.pre += template.shift;
    }
    let mut text = value.to_string();
    if template.post > 0 {
        text.push('.');
        text.extend(std::iter::repeat_n('0', template.post));
    }
    write_signed(&template, &text)
}

/// `to_char(real, text)`
pub fn float4_to_char(value: f32, template: &str) -> Result<String> {
    float_to_char(f64::from(value), template, 6, |value| f64::from(value as f32))
}

/// `to_char(double precision, text)`
pub fn float8_to_char(value: f64, template: &str) -> Result<String> {
    float_to_char(value, template, 15, |value| value)
}

fn float_to_char(
    value: f64,
    template: &str,
    max_digits: usize,
    narrow: impl Fn(f64) -> f64,
) -> Result<String> {
    let mut template = Template::parse(template)?;
    if template.roman {
        let rounded = value.round_ties_even();
        let fits = rounded >= f64::from(i32::MIN) && rounded <= f64::from(i32::MAX);
        let number = if fits { rounded as i64 } else { i64::from(i32::MAX) };
        return write(&template, &roman::from_int(number), false);
    }
    if template.scientific {
        if !value.is_finite() {
            return Ok(hashes_scientific(&template));
        }
        let text = format!("{value:.*e}", template.post);
        return Ok(pad_exponent(&text));
    }
    let mut value = value;
    if template.multi {
        value = narrow(value * 10_f64.powi(template.shift as i32));
        template.pre += template.shift;
    }
    let whole_digits = float_text(value.abs(), 0).len();
    if whole_digits >= max_digits {
        template.post = 0;
    } else {
        template.post = template.post.min(max_digits - whole_digits);
    }
    write_signed(&template, &float_text(value, template.post))
}

fn float_text(value: f64, digits: usize) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value < 0.0 { "-Infinity" } else { "Infinity" }.to_owned()
    } else {
        format!("{value:.digits$}")
    }
}

fn numeric_overflow() -> pglitedb_sqlstate::Error {
    err!(NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format")
}

fn numeric_text(value: &Numeric) -> String {
    let mut out = Vec::new();
    value.write_to(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// What stands for NaN and infinity in scientific notation.
fn hashes_scientific(template: &Template) -> String {
    let len = template.pre + template.post + 6;
    (0..len)
        .map(|at| match at {
            0 => ' ',
            _ if at == template.pre + 1 => '.',
            _ => '#',
        })
        .collect()
}

/// Rust's `1.5e3` as C's ` 1.5e+03`.
fn pad_exponent(text: &str) -> String {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    let space = if mantissa.starts_with('-') { "" } else { " " };
    format!("{space}{mantissa}e{sign}{:02}", exponent.abs())
}

/// Decimal text in scientific notation with `post` digits after the point.
fn scientific(text: &str, post: usize) -> String {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => (" ", text),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: Vec<u8> =
        whole.bytes().chain(fraction.bytes()).map(|digit| digit.saturating_sub(b'0')).collect();
    let first = digits.iter().position(|digit| *digit != 0);
    let exponent = first.map_or(0, |first| whole.len() as i64 - 1 - first as i64);
    let significant = digits.get(first.unwrap_or(digits.len())..).unwrap_or(&[]);
    let mut kept: Vec<u8> = significant.iter().copied().chain(std::iter::repeat(0)).take(post + 1).collect();
    if significant.get(post + 1).is_some_and(|next| *next >= 5) {
        let mut at = kept.len();
        loop {
            match at.checked_sub(1) {
                Some(previous) => at = previous,
                None => {
                    kept.insert(0, 1);
                    break;
                }
            }
            match kept.get_mut(at) {
                Some(digit) if *digit == 9 => *digit = 0,
                Some(digit) => {
                    *digit += 1;
                    break;
                }
                None => break,
            }
        }
    }
    let point = kept.len() - post;
    let digit = |digit: &u8| char::from(b'0' + digit);
    let mut out = String::from(sign);
    out.extend(kept.iter().take(point).map(digit));
    if post > 0 {
        out.push('.');
        out.extend(kept.iter().skip(point).map(digit));
    }
    let exponent_sign = if exponent < 0 { '-' } else { '+' };
    out.push_str(&format!("e{exponent_sign}{:02}", exponent.abs()));
    out
}

fn write_signed(template: &Template, text: &str) -> Result<String> {
    match text.strip_prefix('-') {
        Some(number) => write(template, number, true),
        None => write(template, text, false),
    }
}

/// Writes a number, given without sign, by the template.
fn write(template: &Template, number: &str, negative: bool) -> Result<String> {
    let whole = number.find('.').unwrap_or(number.len());
    let overflowed;
    let mut number = number;
    let mut pre_spaces = template.pre.saturating_sub(whole);
    if template.roman {
        pre_spaces = 0;
    } else if whole > template.pre {
        // It does not fit: number signs instead of digits.
        overflowed = format!("{}.{}", "#".repeat(template.pre), "#".repeat(template.post));
        number = &overflowed;
        pre_spaces = 0;
    }
    let mut writer = Writer::new(template, number.as_bytes(), pre_spaces, negative);
    for item in &template.items {
        match item {
            Item::Text(c) => writer.out.push(*c),
            Item::Pattern(field) => writer.pattern(*field)?,
        }
    }
    // Digits that the number does not have (a float's precision is limited) end the text.
    let len = writer.out.find('\0').unwrap_or(writer.out.len());
    writer.out.truncate(len);
    Ok(writer.out)
}

struct Writer<'a> {
    template: &'a Template,
    number: &'a [u8],
    /// Position in `number`.
    at: usize,
    /// How many digit positions of the template have passed.
    position: usize,
    /// Number of digit positions.
    count: usize,
    /// Blank positions before the number.
    pre_spaces: usize,
    negative: bool,
    sign_written: bool,
    sign_place: SignPlace,
    brackets: bool,
    /// Has the number begun?
    in_number: bool,
    /// With `FM`: the last character of the number that is shown.
    last_relevant: Option<usize>,
    out: String,
}

impl<'a> Writer<'a> {
    fn new(template: &'a Template, number: &'a [u8], pre_spaces: usize, negative: bool) -> Self {
        let mut brackets = template.brackets;
        let sign_written = if template.plus || template.minus {
            // `MI`, `PL` and `SG` write the sign themselves. `PL` alone leaves the minus to the number.
            template.minus
        } else {
            brackets &= negative || !template.fill;
            !negative && template.fill && !template.sign
        };
        let mut sign_place = template.sign_place;
        if sign_place == SignPlace::Before
            && template.pre == template.pre_sign
            && !(template.plus || template.minus)
        {
            sign_place = SignPlace::After;
        }
        let last_relevant = if template.fill && template.decimal {
            last_relevant(template, number, pre_spaces)
        } else {
            None
        };
        let digits = template.pre + template.post;
        let count = if !sign_written && pre_spaces == 0 { digits } else { digits.wrapping_sub(1) };
        Writer {
            template,
            number,
            at: 0,
            position: 0,
            count,
            pre_spaces,
            negative,
            sign_written,
            sign_place,
            brackets,
            in_number: false,
            last_relevant,
            out: String::new(),
        }
    }

    /// The next character of the number, NUL at its end.
    fn current(&self) -> u8 {
        self.number.get(self.at).copied().unwrap_or(0)
    }

    /// Is the point the last character that is shown?
    fn ends_with_point(&self) -> bool {
        self.last_relevant.is_some_and(|last| self.number.get(last) == Some(&b'.'))
    }

    fn pattern(&mut self, field: Field) -> Result<()> {
        let fill = self.template.fill;
        match field {
            Field::Nine | Field::Zero | Field::Point | Field::LocalePoint => {
                if !self.template.roman {
                    self.digit(field == Field::Zero);
                }
            }
            Field::Comma | Field::Group if self.in_number => self.out.push(','),
            Field::Comma | Field::Group | Field::Currency if fill && field != Field::Currency => {}
            Field::Comma | Field::Group | Field::Currency => self.out.push(' '),
            Field::Minus if self.negative => self.out.push('-'),
            Field::Plus if !self.negative => self.out.push('+'),
            Field::Minus | Field::Plus if fill => {}
            Field::Minus | Field::Plus => self.out.push(' '),
            Field::PlusMinus => self.out.push(if self.negative { '-' } else { '+' }),
            Field::Roman(lower) => {
                let numeral = String::from_utf8_lossy(self.number);
                let numeral = if lower { numeral.to_ascii_lowercase() } else { numeral.into_owned() };
                let width = if fill { 0 } else { roman::MAX_LEN };
                self.out.push_str(&format!("{numeral:>width$}"));
            }
            Field::Ordinal(lower) => {
                let template = self.template;
                let is_ordinary = !template.roman
                    && self.number.first() != Some(&b'#')
                    && !self.negative
                    && !template.decimal;
                if is_ordinary {
                    let number = String::from_utf8_lossy(self.number);
                    if !number.ends_with(|c: char| c.is_ascii_digit()) {
                        bail!(INVALID_TEXT_REPRESENTATION, "\"{number}\" is not a number");
                    }
                    let suffix = ordinal(&number);
                    self.out.push_str(&if lower { suffix.to_owned() } else { suffix.to_ascii_uppercase() });
                }
            }
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

    /// `0.5` by a template like `9.9` is shown without the zero.
    fn is_leading_zero(&self) -> bool {
        !self.template.zero && self.at == 0 && self.number.first() == Some(&b'0') && self.template.post != 0
    }

    fn sign_char(&self) -> char {
        if self.negative { '-' } else { '+' }
    }

    /// Writes the sign if the number begins here.
    fn leading_sign(&mut self) {
        let template = self.template;
        let begins =
            self.position >= self.pre_spaces || (template.zero && template.zero_start == self.position);
        if self.sign_written || !begins || (self.is_leading_zero() && !self.ends_with_point()) {
            return;
        }
        if template.sign {
            if self.sign_place == SignPlace::Before {
                self.out.push(self.sign_char());
                self.sign_written = true;
            }
            return;
        }
        if self.brackets {
            self.out.push(if self.negative { '<' } else { ' ' });
        } else if self.negative {
            self.out.push('-');
        } else if !template.fill {
            self.out.push(' ');
        }
        self.sign_written = true;
    }

    /// A digit, the point, a blank, or nothing; then the sign behind if the number ends here.
    fn digit(&mut self, zero: bool) {
        self.in_number = false;
        self.leading_sign();
        let template = self.template;
        if self.position < self.pre_spaces {
            if template.zero && template.zero_start <= self.position {
                self.out.push('0');
                self.in_number = true;
            } else if !template.fill {
                self.out.push(' ');
            }
        } else {
            self.number_char(zero);
            if self.current() != 0 {
                self.at += 1;
            }
        }
        let mut end =
            self.count.wrapping_add(usize::from(self.pre_spaces > 0) + usize::from(template.decimal));
        if self.last_relevant.is_some_and(|last| last == self.at) {
            end = self.position;
        }
        if self.position.wrapping_add(1) == end {
            if self.sign_written && self.brackets {
                self.out.push(if self.negative { '>' } else { ' ' });
            } else if template.sign && self.sign_place == SignPlace::After {
                self.out.push(self.sign_char());
            }
        }
        self.position += 1;
    }

    fn number_char(&mut self, zero: bool) {
        let current = self.current();
        if current == b'.' {
            if !self.ends_with_point() || self.template.fill {
                self.out.push('.');
            }
        } else if self.last_relevant.is_some_and(|last| self.at > last) && !zero {
            // FM: a digit that is not shown.
        } else if self.is_leading_zero() {
            if !self.template.fill {
                self.out.push(' ');
            } else if self.ends_with_point() {
                self.out.push('0');
            }
        } else {
            self.out.push(char::from(current));
            self.in_number = true;
        }
    }
}

/// The last character of the fraction that is no zero, or that a `0` of the template insists on.
fn last_relevant(template: &Template, number: &[u8], pre_spaces: usize) -> Option<usize> {
    let point = number.iter().position(|digit| *digit == b'.')?;
    let mut last = number.iter().rposition(|digit| *digit != b'0').unwrap_or(point).max(point);
    if template.zero_end > pre_spaces {
        last = last.max((number.len() - 1).min(template.zero_end - pre_spaces));
    }
    Some(last)
}
