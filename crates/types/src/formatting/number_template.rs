//! Templates of numbers.

use pglitedb_sqlstate::{Error, Result, bail, err};

/// What a pattern stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Comma,
    /// `.`
    Point,
    Zero,
    Nine,
    /// `B`: blanks for zero
    Blank,
    /// `D`
    LocalePoint,
    /// `EEEE`
    Scientific,
    /// `FM`
    Fill,
    /// `G`
    Group,
    /// `L`
    Currency,
    /// `MI`
    Minus,
    /// `PL`
    Plus,
    /// `PR`
    Brackets,
    /// `RN`, `rn` (`true`: lower case)
    Roman(bool),
    /// `SG`
    PlusMinus,
    /// `S`
    Sign,
    /// `TH`, `th` (`true`: lower case)
    Ordinal(bool),
    /// `V`
    Shift,
    /// `C`, `SP`: accepted, without effect
    Ignored,
}

/// One item of a template.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item {
    Pattern(Field),
    Text(char),
}

/// Where the sign of `S` goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum SignPlace {
    #[default]
    None,
    Before,
    After,
}

/// What a whole template says.
#[derive(Clone, Debug, Default)]
pub(super) struct Template {
    pub(super) items: Vec<Item>,
    /// Digits before the point.
    pub(super) pre: usize,
    /// Digits after the point.
    pub(super) post: usize,
    /// Digits after `V`.
    pub(super) shift: usize,
    pub(super) sign_place: SignPlace,
    /// Digits before the `S`.
    pub(super) pre_sign: usize,
    /// Index of the first `0`.
    pub(super) zero_start: usize,
    /// Number of digits up to the last `0`.
    pub(super) zero_end: usize,
    pub(super) decimal: bool,
    pub(super) zero: bool,
    pub(super) blank: bool,
    pub(super) fill: bool,
    pub(super) sign: bool,
    pub(super) brackets: bool,
    pub(super) minus: bool,
    pub(super) plus: bool,
    pub(super) roman: bool,
    pub(super) multi: bool,
    pub(super) scientific: bool,
}

/// All patterns, longer ones before their prefixes; they may also be written in lower-case letters only.
const PATTERNS: &[(&str, Field)] = &[
    (",", Field::Comma),
    (".", Field::Point),
    ("0", Field::Zero),
    ("9", Field::Nine),
    ("B", Field::Blank),
    ("C", Field::Ignored),
    ("D", Field::LocalePoint),
    ("EEEE", Field::Scientific),
    ("FM", Field::Fill),
    ("G", Field::Group),
    ("L", Field::Currency),
    ("MI", Field::Minus),
    ("PL", Field::Plus),
    ("PR", Field::Brackets),
    ("RN", Field::Roman(false)),
    ("SG", Field::PlusMinus),
    ("SP", Field::Ignored),
    ("S", Field::Sign),
    ("TH", Field::Ordinal(false)),
    ("V", Field::Shift),
    ("b", Field::Blank),
    ("c", Field::Ignored),
    ("d", Field::LocalePoint),
    ("eeee", Field::Scientific),
    ("fm", Field::Fill),
    ("g", Field::Group),
    ("l", Field::Currency),
    ("mi", Field::Minus),
    ("pl", Field::Plus),
    ("pr", Field::Brackets),
    ("rn", Field::Roman(true)),
    ("sg", Field::PlusMinus),
    ("sp", Field::Ignored),
    ("s", Field::Sign),
    ("th", Field::Ordinal(true)),
    ("v", Field::Shift),
];

fn incompatible(message: &str) -> Error {
    err!(SYNTAX_ERROR, "{message}")
}

impl Template {
    /// Parses a template and checks that its patterns go together.
    pub(super) fn parse(text: &str) -> Result<Template> {
        let mut template = Template::default();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some((name, field)) = PATTERNS.iter().find(|(name, _)| rest.starts_with(name)) {
                rest = &rest[name.len()..];
                template.items.push(Item::Pattern(*field));
                template.note(*field)?;
            } else if let Some(quoted) = rest.strip_prefix('"') {
                rest = template.quoted(quoted);
            } else {
                if rest.starts_with("\\\"") {
                    rest = &rest[1..];
                }
                let mut chars = rest.chars();
                if let Some(c) = chars.next() {
                    template.items.push(Item::Text(c));
                }
                rest = chars.as_str();
            }
        }
        template.zero_start = template.zero_start.saturating_sub(1);
        Ok(template)
    }

    /// The text up to the closing quote, in which a backslash quotes; answers what follows.
    fn quoted<'a>(&mut self, quoted: &'a str) -> &'a str {
        let mut chars = quoted.chars();
        while let Some(c) = chars.next() {
            match c {
                '"' => break,
                '\\' => self.items.push(Item::Text(chars.next().unwrap_or('\\'))),
                _ => self.items.push(Item::Text(c)),
            }
        }
        chars.as_str()
    }

    /// Takes account of a pattern.
    fn note(&mut self, field: Field) -> Result<()> {
        if self.scientific && field != Field::Scientific {
            return Err(incompatible("\"EEEE\" must be the last pattern used"));
        }
        match field {
            Field::Nine | Field::Zero => self.digit(field == Field::Zero)?,
            Field::Blank => self.blank |= self.pre == 0 && self.post == 0 && !self.zero,
            Field::Point | Field::LocalePoint => {
                if self.decimal {
                    bail!(SYNTAX_ERROR, "multiple decimal points");
                }
                if self.multi {
                    bail!(SYNTAX_ERROR, "cannot use \"V\" and decimal point together");
                }
                self.decimal = true;
            }
            Field::Fill => self.fill = true,
            Field::Sign => self.anchored_sign()?,
            Field::Minus => {
                self.forbid_anchored_sign("MI")?;
                self.minus = true;
            }
            Field::Plus => {
                self.forbid_anchored_sign("PL")?;
                self.plus = true;
            }
            Field::PlusMinus => {
                self.forbid_anchored_sign("SG")?;
                (self.minus, self.plus) = (true, true);
            }
            Field::Brackets => {
                if self.sign || self.plus || self.minus {
                    bail!(SYNTAX_ERROR, "cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
                }
                self.brackets = true;
            }
            Field::Roman(_) => {
                if self.roman {
                    bail!(SYNTAX_ERROR, "cannot use \"RN\" twice");
                }
                self.roman = true;
            }
            Field::Shift => {
                if self.decimal {
                    bail!(SYNTAX_ERROR, "cannot use \"V\" and decimal point together");
                }
                self.multi = true;
            }
            Field::Scientific => self.exponent()?,
            Field::Comma | Field::Group | Field::Currency | Field::Ordinal(_) | Field::Ignored => {}
        }
        let others = self.decimal
            || self.zero
            || self.blank
            || self.sign
            || self.brackets
            || self.minus
            || self.plus
            || self.multi
            || self.scientific;
        if self.roman && others {
            return Err(incompatible("\"RN\" is incompatible with other formats")
                .detail("\"RN\" may only be used together with \"FM\"."));
        }
        Ok(())
    }

    fn digit(&mut self, zero: bool) -> Result<()> {
        if self.brackets {
            let digit = if zero { '0' } else { '9' };
            bail!(SYNTAX_ERROR, "\"{digit}\" must be ahead of \"PR\"");
        }
        if self.multi && !zero {
            self.shift += 1;
            return Ok(());
        }
        if zero && !self.zero && !self.decimal {
            self.zero = true;
            self.zero_start = self.pre + 1;
        }
        if self.decimal {
            self.post += 1;
        } else {
            self.pre += 1;
        }
        if zero {
            self.zero_end = self.pre + self.post;
        }
        Ok(())
    }

    fn anchored_sign(&mut self) -> Result<()> {
        if self.sign {
            bail!(SYNTAX_ERROR, "cannot use \"S\" twice");
        }
        if self.plus || self.minus || self.brackets {
            bail!(SYNTAX_ERROR, "cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
        }
        self.sign = true;
        if self.decimal {
            self.sign_place = SignPlace::After;
        } else {
            self.sign_place = SignPlace::Before;
            self.pre_sign = self.pre;
        }
        Ok(())
    }

    fn forbid_anchored_sign(&self, pattern: &str) -> Result<()> {
        if self.sign {
            bail!(SYNTAX_ERROR, "cannot use \"S\" and \"{pattern}\" together");
        }
        Ok(())
    }

    fn exponent(&mut self) -> Result<()> {
        if self.scientific {
            bail!(SYNTAX_ERROR, "cannot use \"EEEE\" twice");
        }
        let others = self.blank
            || self.fill
            || self.sign
            || self.brackets
            || self.minus
            || self.plus
            || self.roman
            || self.multi;
        if others {
            return Err(incompatible("\"EEEE\" is incompatible with other formats")
                .detail("\"EEEE\" may only be used together with digit and decimal point patterns."));
        }
        self.scientific = true;
        Ok(())
    }
}
