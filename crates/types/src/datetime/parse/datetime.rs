//! Reads dates and timestamps.

use super::super::calendar::Tm;
use super::super::timestamptz_to_tm;
use super::super::zone::TimeZone;
use super::fields::bits::{AM_PM, DATE, DAY, DST_MODIFIER, ERA, MONTH, TIME, WEEKDAY, ZONE};
use super::fields::{Fields, Meridian, ZoneSpec, parse_offset};
use super::token::{Kind, tokenize};
use super::words::{Unit, Word, find_word};
use super::{ParseError, ParseResult, leading_i32};
use crate::env::TypeEnv;
use pglitedb_sqlstate::Result;

/// What a text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::datetime) enum Parsed {
    /// Calendar and clock, and seconds east of UTC.
    At(Tm, i32),
    /// `epoch`
    Epoch,
    /// `infinity`
    Infinity,
    /// `-infinity`
    MinusInfinity,
}

/// Reads a date or timestamp.
pub(in crate::datetime) fn parse_datetime(type_name: &str, text: &str, env: &dyn TypeEnv) -> Result<Parsed> {
    decode(text, env).map_err(|error| error.report(type_name, text))
}

fn decode(text: &str, env: &dyn TypeEnv) -> ParseResult<Parsed> {
    let tokens = tokenize(text)?;
    let mut reader =
        Reader { fields: Fields::new(env.format().date_order), prefix: None, special: None, env };
    for (kind, token) in tokens.iter() {
        let fields = match kind {
            Kind::Date => reader.date(token)?,
            Kind::Time => {
                reader.take_time_prefix()?;
                let fields = reader.fields.clock(token)?;
                reader.fields.check_time()?;
                fields
            }
            Kind::Signed => {
                reader.fields.zone = ZoneSpec::Offset(parse_offset(token)?);
                ZONE
            }
            Kind::Number => reader.number(token)?,
            Kind::Word | Kind::SignedWord => reader.word(token)?,
        };
        reader.fields.mark(fields)?;
    }
    reader.finish()
}

/// A word that says what the next token is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Prefix {
    /// `j`: a Julian day.
    Julian,
    /// `t`: a time.
    Time,
    /// Something that nothing may follow.
    Other,
}

struct Reader<'a> {
    fields: Fields,
    prefix: Option<Prefix>,
    special: Option<Parsed>,
    env: &'a dyn TypeEnv,
}

impl Reader<'_> {
    fn session_zone(&self) -> &TimeZone {
        &self.env.format().time_zone
    }

    /// A `t` may precede a time, nothing else may.
    fn take_time_prefix(&mut self) -> ParseResult<()> {
        match self.prefix.take() {
            None | Some(Prefix::Time) => Ok(()),
            Some(_) => Err(ParseError::BadFormat),
        }
    }

    fn date(&mut self, token: &str) -> ParseResult<u32> {
        if self.prefix == Some(Prefix::Julian) {
            self.prefix = None;
            return self.julian_with_zone(token);
        }
        if self.prefix.is_none() && self.fields.seen & (MONTH | DAY) != MONTH | DAY {
            let seen = self.fields.seen;
            return self.fields.date(token, seen);
        }
        // There is a date already: this is a time with a zone (hhmmss-zz), or the name of a zone.
        if self.prefix.is_none() && !token.starts_with(|c: char| c.is_ascii_digit()) {
            let zone = TimeZone::named(token).ok_or_else(|| ParseError::BadZone(token.to_owned()))?;
            self.fields.zone = ZoneSpec::Named(zone);
            return Ok(ZONE);
        }
        self.take_time_prefix()?;
        if self.fields.seen & TIME != 0 {
            return Err(ParseError::BadFormat);
        }
        let (time, offset) = token.split_at(token.find('-').ok_or(ParseError::BadFormat)?);
        self.fields.zone = ZoneSpec::Offset(parse_offset(offset)?);
        let seen = self.fields.seen;
        Ok(self.fields.run_together(time, seen)? | ZONE)
    }

    /// `J2451187-08`
    fn julian_with_zone(&mut self, token: &str) -> ParseResult<u32> {
        let (_, offset) = leading_i32(token)?;
        let day = token.get(..token.len() - offset.len()).unwrap_or("");
        self.fields.julian(day)?;
        self.fields.zone = ZoneSpec::Offset(parse_offset(offset)?);
        self.fields.tm.set_time_micros(0);
        Ok(DATE | TIME | ZONE)
    }

    fn number(&mut self, token: &str) -> ParseResult<u32> {
        let seen = self.fields.seen;
        match self.prefix.take() {
            Some(Prefix::Julian) => return self.fields.julian(token),
            Some(Prefix::Time) => {
                let fields = self.fields.run_together(token, seen | DATE)?;
                return if fields == TIME { Ok(fields) } else { Err(ParseError::BadFormat) };
            }
            Some(Prefix::Other) => return Err(ParseError::BadFormat),
            None => {}
        }
        match token.find('.') {
            Some(_) if seen & DATE == 0 => self.fields.date(token, seen),
            Some(point) if point > 2 => self.fields.run_together(token, seen),
            _ if token.len() >= 6 && (seen & DATE == 0 || seen & TIME == 0) => {
                self.fields.run_together(token, seen)
            }
            _ => {
                let has_text_month = self.fields.has_text_month;
                self.fields.number(token, has_text_month, seen)
            }
        }
    }

    fn word(&mut self, token: &str) -> ParseResult<u32> {
        let session = self.session_zone().clone();
        if let Some(fields) = self.fields.abbreviation(token, &session) {
            return Ok(fields);
        }
        let Some(word) = find_word(token) else {
            // The name of a zone may consist of letters only: Japan.
            let zone = TimeZone::named(token).ok_or(ParseError::BadFormat)?;
            self.fields.zone = ZoneSpec::Named(zone);
            return Ok(ZONE);
        };
        self.known_word(word)
    }

    fn known_word(&mut self, word: Word) -> ParseResult<u32> {
        let fields = &mut self.fields;
        Ok(match word {
            Word::Now => {
                let (tm, offset) = current(self.env);
                fields.tm = tm;
                fields.zone = ZoneSpec::Offset(offset);
                DATE | TIME | ZONE
            }
            Word::Day(shift) => {
                let (tm, _) = current(self.env);
                // Julian days carry their year as it is; so does this one.
                fields.tm.set_julian_day(tm.julian_day() + shift);
                DATE
            }
            Word::AllBalls => {
                fields.tm.set_time_micros(0);
                fields.zone = ZoneSpec::Offset(0);
                TIME | ZONE
            }
            Word::Epoch => self.set_special(Parsed::Epoch),
            Word::Infinity => self.set_special(Parsed::Infinity),
            Word::MinusInfinity => self.set_special(Parsed::MinusInfinity),
            Word::Month(month) => {
                let mut new = MONTH;
                if fields.seen & MONTH != 0
                    && !fields.has_text_month
                    && fields.seen & DAY == 0
                    && (1..=31).contains(&fields.tm.mon)
                {
                    // The number taken for the month was the day.
                    fields.tm.mday = fields.tm.mon;
                    new = DAY;
                }
                fields.has_text_month = true;
                fields.tm.mon = month;
                new
            }
            Word::Weekday => WEEKDAY,
            Word::Am => {
                fields.meridian = Some(Meridian::Am);
                AM_PM
            }
            Word::Pm => {
                fields.meridian = Some(Meridian::Pm);
                AM_PM
            }
            Word::Ad | Word::Bc => {
                fields.bc = word == Word::Bc;
                ERA
            }
            Word::DaylightModifier => fields.daylight_modifier(),
            Word::IsoTime => {
                if fields.seen & DATE != DATE || self.prefix.is_some() {
                    return Err(ParseError::BadFormat);
                }
                self.prefix = Some(Prefix::Time);
                0
            }
            Word::Unit(unit) => {
                if self.prefix.is_some() {
                    return Err(ParseError::BadFormat);
                }
                self.prefix = Some(if unit == Unit::Julian { Prefix::Julian } else { Prefix::Other });
                0
            }
            Word::Ignored => 0,
        })
    }

    fn set_special(&mut self, value: Parsed) -> u32 {
        self.special = Some(value);
        DATE | TIME | ZONE
    }

    fn finish(mut self) -> ParseResult<Parsed> {
        if self.prefix.is_some() {
            return Err(ParseError::BadFormat);
        }
        if let Some(special) = self.special {
            return Ok(special);
        }
        self.fields.validate_date()?;
        self.fields.apply_meridian()?;
        if self.fields.seen & DATE != DATE {
            return Err(ParseError::BadFormat);
        }
        let modified = self.fields.seen & DST_MODIFIER != 0;
        let tm = self.fields.tm;
        let offset = match &self.fields.zone {
            ZoneSpec::Offset(offset) if self.fields.seen & ZONE != 0 => *offset,
            _ if modified => return Err(ParseError::BadFormat),
            ZoneSpec::Named(zone) => zone.at_local(&tm).offset_east,
            ZoneSpec::Abbreviation(zone, name) => zone.abbreviation_at_local(name, &tm).offset_east,
            ZoneSpec::Missing | ZoneSpec::Offset(_) => self.session_zone().at_local(&tm).offset_east,
        };
        Ok(Parsed::At(tm, offset))
    }
}

/// What calendar and clock show in the session's zone at the start of the transaction, and the offset.
pub(super) fn current(env: &dyn TypeEnv) -> (Tm, i32) {
    let (tm, kind) = timestamptz_to_tm(env.transaction_timestamp(), &env.format().time_zone);
    (tm, kind.offset_east)
}
