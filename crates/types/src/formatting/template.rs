//! Templates of dates and times.

use pglitedb_sqlstate::{Result, err};
use std::cell::RefCell;
use std::rc::Rc;

/// What a pattern stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// `AM`, `pm` (without points)
    Meridian,
    /// `A.M.`, `p.m.`
    MeridianDotted,
    /// `AD`, `bc`
    Era,
    /// `A.D.`, `b.c.`
    EraDotted,
    /// `CC`
    Century,
    /// `DAY`
    DayName,
    /// `DY`
    DayShort,
    /// `DDD`
    DayOfYear,
    /// `IDDD`
    IsoDayOfYear,
    /// `DD`
    Day,
    /// `D`: Sunday is 1
    DayOfWeek,
    /// `ID`: Monday is 1
    IsoDayOfWeek,
    /// `FF1` to `FF6`
    Fraction(u32),
    /// `FX`
    FixedWidth,
    /// `HH24`
    Hour24,
    /// `HH12`, `HH`
    Hour12,
    /// `IW`
    IsoWeek,
    /// `IYYY` and shorter: number of digits
    IsoYear(u32),
    /// `J`
    Julian,
    /// `MI`
    Minute,
    /// `MM`
    Month,
    /// `MONTH`
    MonthName,
    /// `MON`
    MonthShort,
    /// `MS`
    Millisecond,
    /// `OF`
    Offset,
    /// `Q`
    Quarter,
    /// `RM`
    MonthRoman,
    /// `SSSSS`, `SSSS`
    SecondOfDay,
    /// `SS`
    Second,
    /// `TZH`
    OffsetHour,
    /// `TZM`
    OffsetMinute,
    /// `TZ`
    Zone,
    /// `US`
    Microsecond,
    /// `WW`
    Week,
    /// `W`
    WeekOfMonth,
    /// `Y,YYY`
    YearComma,
    /// `YYYY` and shorter: number of digits
    Year(u32),
}

/// What a field tells of: the date, the time of day, or the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Date,
    Time,
    Zone,
}

/// Which calendar a field belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Convention {
    /// Months and days.
    Gregorian,
    /// ISO weeks.
    IsoWeek,
}

impl Field {
    /// The calendar that the field insists on.
    pub(super) fn convention(self) -> Option<Convention> {
        match self {
            Field::IsoDayOfYear | Field::IsoDayOfWeek | Field::IsoWeek | Field::IsoYear(_) => {
                Some(Convention::IsoWeek)
            }
            Field::DayOfYear
            | Field::Day
            | Field::DayOfWeek
            | Field::Month
            | Field::MonthName
            | Field::MonthShort
            | Field::MonthRoman
            | Field::Week
            | Field::WeekOfMonth
            | Field::YearComma
            | Field::Year(_) => Some(Convention::Gregorian),
            _ => None,
        }
    }

    /// The part of a timestamp that the field belongs to.
    pub(super) fn part(self) -> Option<Part> {
        match self {
            Field::FixedWidth => None,
            Field::Meridian
            | Field::MeridianDotted
            | Field::Hour12
            | Field::Hour24
            | Field::Minute
            | Field::Second
            | Field::SecondOfDay
            | Field::Millisecond
            | Field::Microsecond
            | Field::Fraction(_) => Some(Part::Time),
            Field::Zone | Field::Offset | Field::OffsetHour | Field::OffsetMinute => Some(Part::Zone),
            _ => Some(Part::Date),
        }
    }

    /// Is the field read from digits?
    pub(super) fn is_digits(self) -> bool {
        !matches!(
            self,
            Field::Meridian
                | Field::MeridianDotted
                | Field::Era
                | Field::EraDotted
                | Field::DayName
                | Field::DayShort
                | Field::FixedWidth
                | Field::MonthName
                | Field::MonthShort
                | Field::MonthRoman
                | Field::Offset
                | Field::OffsetHour
                | Field::Zone
        )
    }
}

/// How the letters of a pattern were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Upper,
    /// First letter only.
    Title,
    Lower,
}

/// The ordinal suffix asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ordinal {
    Upper,
    Lower,
}

/// One item of a template.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Pattern(Pattern),
    /// Punctuation outside quotes.
    Separator(char),
    /// A space outside quotes.
    Space(char),
    /// Anything else, and everything in quotes.
    Text(char),
}

/// A pattern with its modifiers.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pub(super) field: Field,
    /// As the table of patterns spells it, for error messages.
    pub(super) name: &'static str,
    pub(super) case: Case,
    /// `FM`
    pub(super) fill: bool,
    /// `TM`
    pub(super) translated: bool,
    /// `TH`, `th`
    pub(super) ordinal: Option<Ordinal>,
}

/// All patterns, longer ones before their prefixes. Those with lower-case letters only are spelled so, too.
const PATTERNS: &[(&str, Field)] = &[
    ("A.D.", Field::EraDotted),
    ("A.M.", Field::MeridianDotted),
    ("AD", Field::Era),
    ("AM", Field::Meridian),
    ("B.C.", Field::EraDotted),
    ("BC", Field::Era),
    ("CC", Field::Century),
    ("DAY", Field::DayName),
    ("DDD", Field::DayOfYear),
    ("DD", Field::Day),
    ("DY", Field::DayShort),
    ("Day", Field::DayName),
    ("Dy", Field::DayShort),
    ("D", Field::DayOfWeek),
    ("FF1", Field::Fraction(1)),
    ("FF2", Field::Fraction(2)),
    ("FF3", Field::Fraction(3)),
    ("FF4", Field::Fraction(4)),
    ("FF5", Field::Fraction(5)),
    ("FF6", Field::Fraction(6)),
    ("FX", Field::FixedWidth),
    ("HH24", Field::Hour24),
    ("HH12", Field::Hour12),
    ("HH", Field::Hour12),
    ("IDDD", Field::IsoDayOfYear),
    ("ID", Field::IsoDayOfWeek),
    ("IW", Field::IsoWeek),
    ("IYYY", Field::IsoYear(4)),
    ("IYY", Field::IsoYear(3)),
    ("IY", Field::IsoYear(2)),
    ("I", Field::IsoYear(1)),
    ("J", Field::Julian),
    ("MI", Field::Minute),
    ("MM", Field::Month),
    ("MONTH", Field::MonthName),
    ("MON", Field::MonthShort),
    ("MS", Field::Millisecond),
    ("Month", Field::MonthName),
    ("Mon", Field::MonthShort),
    ("OF", Field::Offset),
    ("P.M.", Field::MeridianDotted),
    ("PM", Field::Meridian),
    ("Q", Field::Quarter),
    ("RM", Field::MonthRoman),
    ("SSSSS", Field::SecondOfDay),
    ("SSSS", Field::SecondOfDay),
    ("SS", Field::Second),
    ("TZH", Field::OffsetHour),
    ("TZM", Field::OffsetMinute),
    ("TZ", Field::Zone),
    ("US", Field::Microsecond),
    ("WW", Field::Week),
    ("W", Field::WeekOfMonth),
    ("Y,YYY", Field::YearComma),
    ("YYYY", Field::Year(4)),
    ("YYY", Field::Year(3)),
    ("YY", Field::Year(2)),
    ("Y", Field::Year(1)),
    ("a.d.", Field::EraDotted),
    ("a.m.", Field::MeridianDotted),
    ("ad", Field::Era),
    ("am", Field::Meridian),
    ("b.c.", Field::EraDotted),
    ("bc", Field::Era),
    ("cc", Field::Century),
    ("day", Field::DayName),
    ("ddd", Field::DayOfYear),
    ("dd", Field::Day),
    ("dy", Field::DayShort),
    ("d", Field::DayOfWeek),
    ("ff1", Field::Fraction(1)),
    ("ff2", Field::Fraction(2)),
    ("ff3", Field::Fraction(3)),
    ("ff4", Field::Fraction(4)),
    ("ff5", Field::Fraction(5)),
    ("ff6", Field::Fraction(6)),
    ("fx", Field::FixedWidth),
    ("hh24", Field::Hour24),
    ("hh12", Field::Hour12),
    ("hh", Field::Hour12),
    ("iddd", Field::IsoDayOfYear),
    ("id", Field::IsoDayOfWeek),
    ("iw", Field::IsoWeek),
    ("iyyy", Field::IsoYear(4)),
    ("iyy", Field::IsoYear(3)),
    ("iy", Field::IsoYear(2)),
    ("i", Field::IsoYear(1)),
    ("j", Field::Julian),
    ("mi", Field::Minute),
    ("mm", Field::Month),
    ("month", Field::MonthName),
    ("mon", Field::MonthShort),
    ("ms", Field::Millisecond),
    ("of", Field::Offset),
    ("p.m.", Field::MeridianDotted),
    ("pm", Field::Meridian),
    ("q", Field::Quarter),
    ("rm", Field::MonthRoman),
    ("sssss", Field::SecondOfDay),
    ("ssss", Field::SecondOfDay),
    ("ss", Field::Second),
    ("tzh", Field::OffsetHour),
    ("tzm", Field::OffsetMinute),
    ("tz", Field::Zone),
    ("us", Field::Microsecond),
    ("ww", Field::Week),
    ("w", Field::WeekOfMonth),
    ("y,yyy", Field::YearComma),
    ("yyyy", Field::Year(4)),
    ("yyy", Field::Year(3)),
    ("yy", Field::Year(2)),
    ("y", Field::Year(1)),
];

/// Is it a character that separates fields?
pub(super) fn is_separator(c: char) -> bool {
    c.is_ascii_punctuation()
}

/// The spaces of the C locale.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}

/// Templates that a thread keeps parsed, and the longest of them: most queries use one or two for all rows.
const KEPT: usize = 8;
const KEPT_LENGTH: usize = 200;

type Parsed = (Box<str>, Rc<[Item]>);

thread_local! {
    static RECENT: RefCell<Vec<Parsed>> = const { RefCell::new(Vec::new()) };
}

/// A template parsed, now or before.
pub(super) fn parsed(template: &str) -> Rc<[Item]> {
    RECENT.with_borrow_mut(|recent| {
        if let Some((_, items)) = recent.iter().find(|(text, _)| **text == *template) {
            return items.clone();
        }
        let items: Rc<[Item]> = parse(template).into();
        if template.len() <= KEPT_LENGTH {
            if recent.len() >= KEPT {
                recent.remove(0);
            }
            recent.push((template.into(), items.clone()));
        }
        items
    })
}

/// Parses a template. Every text is one.
fn parse(template: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let mut rest = template;
    while !rest.is_empty() {
        let (mut fill, mut translated) = (false, false);
        match rest.get(..2) {
            Some("FM" | "fm") => (fill, rest) = (true, &rest[2..]),
            Some("TM" | "tm") => (translated, rest) = (true, &rest[2..]),
            _ => {}
        }
        if let Some((name, field)) = PATTERNS.iter().find(|(name, _)| rest.starts_with(name)) {
            rest = &rest[name.len()..];
            let ordinal = match rest.get(..2) {
                Some("TH") => Some(Ordinal::Upper),
                Some("th") => Some(Ordinal::Lower),
                _ => None,
            };
            if ordinal.is_some() || rest.starts_with("SP") {
                rest = &rest[2..];
            }
            items.push(Item::Pattern(Pattern {
                field: *field,
                name,
                case: case_of(name),
                fill,
                translated,
                ordinal,
            }));
        } else if let Some(quoted) = rest.strip_prefix('"') {
            rest = parse_quoted(quoted, &mut items);
        } else {
            if rest.starts_with("\\\"") {
                // The quote is an ordinary character then.
                rest = &rest[1..];
            }
            let mut chars = rest.chars();
            let Some(c) = chars.next() else { break };
            rest = chars.as_str();
            items.push(if is_separator(c) {
                Item::Separator(c)
            } else if is_space(c) {
                Item::Space(c)
            } else {
                Item::Text(c)
            });
        }
    }
    items
}

/// A template as SQL's `CAST ... FORMAT` and SQL/JSON have them: few separators, other characters in quotes only.
pub(super) fn parse_standard(template: &str) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    let mut rest = template;
    while let Some(c) = rest.chars().next() {
        let is_pattern = PATTERNS.iter().any(|(name, _)| rest.starts_with(name));
        let prefixed = matches!(rest.get(..2), Some("FM" | "fm" | "TM" | "tm"))
            && PATTERNS.iter().any(|(name, _)| rest.get(2..).is_some_and(|rest| rest.starts_with(name)));
        if is_pattern || prefixed {
            let before = items.len();
            // No pattern with its prefix and suffix is longer.
            let head: String = rest.chars().take(20).collect();
            let patterns = parse(&head);
            items.extend(patterns.into_iter().take(1));
            let Some(Item::Pattern(pattern)) = items.get(before) else { break };
            let mut len = pattern.name.len() + if prefixed { 2 } else { 0 };
            if pattern.ordinal.is_some() || rest.get(len..).is_some_and(|rest| rest.starts_with("SP")) {
                len += 2;
            }
            rest = rest.get(len..).unwrap_or("");
        } else if let Some(quoted) = rest.strip_prefix('"') {
            rest = parse_quoted(quoted, &mut items);
        } else if "-./,':; ".contains(c) {
            items.push(if c == ' ' { Item::Space(c) } else { Item::Separator(c) });
            rest = rest.get(1..).unwrap_or("");
        } else {
            return Err(err!(INVALID_DATETIME_FORMAT, "invalid datetime format separator: \"{c}\""));
        }
    }
    Ok(items)
}

/// The text up to the closing quote, in which a backslash quotes; answers what follows.
fn parse_quoted<'a>(quoted: &'a str, items: &mut Vec<Item>) -> &'a str {
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => items.push(Item::Text(chars.next().unwrap_or('\\'))),
            _ => items.push(Item::Text(c)),
        }
    }
    chars.as_str()
}

fn case_of(name: &str) -> Case {
    let mut letters = name.bytes().filter(u8::is_ascii_alphabetic);
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if first.is_ascii_uppercase() && second.is_ascii_lowercase() => {
            Case::Title
        }
        (Some(first), _) if first.is_ascii_lowercase() => Case::Lower,
        _ => Case::Upper,
    }
}
