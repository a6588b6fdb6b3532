//! Reads times of day.

use super::super::calendar::Tm;
use super::super::zone::TimeZone;
use super::datetime::current;
use super::fields::bits::{AM_PM, DATE, DST_MODIFIER, ERA, TIME, ZONE};
use super::fields::{Fields, Meridian, ZoneSpec, parse_offset};
use super::token::{Kind, Tokens, tokenize};
use super::words::{Unit, Word, find_word};
use super::{ParseError, ParseResult};
use crate::env::TypeEnv;
use pglitedb_sqlstate::Result;

/// Reads a time of day: the clock, and seconds east of UTC.
pub(in crate::datetime) fn parse_time(type_name: &str, text: &str, env: &dyn TypeEnv) -> Result<(Tm, i32)> {
    decode(text, env).map_err(|error| error.report(type_name, text))
}

fn decode(text: &str, env: &dyn TypeEnv) -> ParseResult<(Tm, i32)> {
    let tokens = tokenize(text)?;
    let mut reader = Reader {
        fields: Fields::new(env.format().date_order),
        prefix: None,
        last_kind: tokens.len().checked_sub(1).map(|last| tokens.get(last).0),
        tokens: &tokens,
        env,
    };
    for (at, (kind, token)) in tokens.iter().enumerate() {
        let fields = match kind {
            Kind::Date => reader.date(at, token)?,
            Kind::Time => {
                reader.take_time_prefix()?;
                reader.fields.clock(token)?
            }
            Kind::Signed => {
                reader.fields.zone = ZoneSpec::Offset(parse_offset(token)?);
                reader.note_zone(at);
                ZONE
            }
            Kind::Number => reader.number(at, token)?,
            Kind::Word | Kind::SignedWord => reader.word(at, token)?,
        };
        reader.fields.mark(fields)?;
    }
    reader.finish()
}

struct Reader<'a> {
    fields: Fields,
    /// The unit (or `None` for a `t`) that says what the next token is.
    prefix: Option<Option<Unit>>,
    /// What the last token turned out to be.
    last_kind: Option<Kind>,
    tokens: &'a Tokens,
    env: &'a dyn TypeEnv,
}

impl Reader<'_> {
    fn take_time_prefix(&mut self) -> ParseResult<()> {
        match self.prefix.take() {
            None | Some(None) => Ok(()),
            Some(Some(_)) => Err(ParseError::BadFormat),
        }
    }

    fn note_zone(&mut self, at: usize) {
        if at + 1 == self.tokens.len() {
            self.last_kind = Some(Kind::Signed);
        }
    }

    /// Can the first of several tokens be a date?
    fn may_be_date(&self, at: usize) -> bool {
        at == 0 && self.tokens.len() >= 2 && self.last_kind == Some(Kind::Date)
    }

    fn date(&mut self, at: usize, token: &str) -> ParseResult<u32> {
        let seen = self.fields.seen;
        if self.may_be_date(at) || (at == 0 && self.tokens.len() >= 2 && self.tokens.get(1).0 == Kind::Time) {
            return self.fields.date(token, seen);
        }
        if !token.starts_with(|c: char| c.is_ascii_digit()) {
            let zone = TimeZone::named(token).ok_or_else(|| ParseError::BadZone(token.to_owned()))?;
            self.fields.zone = ZoneSpec::Named(zone);
            return Ok(ZONE);
        }
        if seen & TIME != 0 {
            return Err(ParseError::BadFormat);
        }
        let (time, offset) = token.split_at(token.find('-').ok_or(ParseError::BadFormat)?);
        self.fields.zone = ZoneSpec::Offset(parse_offset(offset)?);
        Ok(self.fields.run_together(time, seen | DATE)? | ZONE)
    }

    fn number(&mut self, at: usize, token: &str) -> ParseResult<u32> {
        let seen = self.fields.seen;
        match self.prefix.take() {
            Some(Some(Unit::Julian)) => return self.fields.julian(token),
            Some(None) => {
                let fields = self.fields.run_together(token, seen | DATE)?;
                return if fields == TIME { Ok(fields) } else { Err(ParseError::BadFormat) };
            }
            Some(Some(_)) => return Err(ParseError::BadFormat),
            None => {}
        }
        match token.find('.') {
            Some(_) if self.may_be_date(at) => self.fields.date(token, seen),
            Some(point) if point > 2 => self.fields.run_together(token, seen | DATE),
            Some(_) => Err(ParseError::BadFormat),
            None if token.len() > 4 => self.fields.run_together(token, seen | DATE),
            None => self.fields.number(token, false, seen | DATE),
        }
    }

    fn word(&mut self, at: usize, token: &str) -> ParseResult<u32> {
        let session = self.env.format().time_zone.clone();
        if let Some(fields) = self.fields.abbreviation(token, &session) {
            self.note_zone(at);
            return Ok(fields);
        }
        let Some(word) = find_word(token) else {
            let zone = TimeZone::named(token).ok_or(ParseError::BadFormat)?;
            self.fields.zone = ZoneSpec::Named(zone);
            self.note_zone(at);
            return Ok(ZONE);
        };
        let fields = &mut self.fields;
        Ok(match word {
            Word::Now => {
                let (tm, _) = current(self.env);
                fields.tm.set_time_micros(tm.time_micros());
                TIME
            }
            Word::AllBalls => {
                fields.tm.set_time_micros(0);
                fields.zone = ZoneSpec::Offset(0);
                TIME | ZONE
            }
            Word::DaylightModifier => {
                self.note_zone(at);
                self.fields.daylight_modifier()
            }
            Word::Am | Word::Pm => {
                fields.meridian = Some(if word == Word::Am { Meridian::Am } else { Meridian::Pm });
                AM_PM
            }
            Word::Ad | Word::Bc => {
                fields.bc = word == Word::Bc;
                ERA
            }
            Word::IsoTime | Word::Unit(_) => {
                if self.prefix.is_some() {
                    return Err(ParseError::BadFormat);
                }
                self.prefix = Some(if let Word::Unit(unit) = word { Some(unit) } else { None });
                0
            }
            Word::Ignored => 0,
            _ => return Err(ParseError::BadFormat),
        })
    }

    fn finish(mut self) -> ParseResult<(Tm, i32)> {
        if self.prefix.is_some() {
            return Err(ParseError::BadFormat);
        }
        self.fields.validate_date()?;
        self.fields.apply_meridian()?;
        self.fields.check_time()?;
        if self.fields.seen & TIME == 0 {
            return Err(ParseError::BadFormat);
        }
        let has_date = self.fields.seen & DATE == DATE;
        let modified = self.fields.seen & DST_MODIFIER != 0;
        // Without a date in the text, today decides between summer and winter.
        let tm = if has_date {
            self.fields.tm
        } else {
            let (mut today, _) = current(self.env);
            today.set_time_micros(self.fields.tm.time_micros());
            today
        };
        let offset = match &self.fields.zone {
            ZoneSpec::Offset(offset) if self.fields.seen & ZONE != 0 => *offset,
            _ if modified => return Err(ParseError::BadFormat),
            ZoneSpec::Named(zone) => match zone.only_offset() {
                Some(offset) => offset,
                None if has_date => zone.at_local(&tm).offset_east,
                None => return Err(ParseError::BadFormat),
            },
            ZoneSpec::Abbreviation(zone, name) => zone.abbreviation_at_local(name, &tm).offset_east,
            ZoneSpec::Missing | ZoneSpec::Offset(_) => self.env.format().time_zone.at_local(&tm).offset_east,
        };
        Ok((self.fields.tm, offset))
    }
}
