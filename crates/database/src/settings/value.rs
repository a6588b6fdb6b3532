//! Checking and printing the values of settings.

use super::definition::Definition;
use pglitedb_sqlstate::{Error, Result, err};

/// Units of a family, largest first, with their size in the smallest unit of it.
const MEMORY: [(&str, f64); 5] =
    [("TB", 1_099_511_627_776.0), ("GB", 1_073_741_824.0), ("MB", 1_048_576.0), ("kB", 1024.0), ("B", 1.0)];
const TIME: [(&str, f64); 6] = [
    ("d", 86_400_000_000.0),
    ("h", 3_600_000_000.0),
    ("min", 60_000_000.0),
    ("s", 1_000_000.0),
    ("ms", 1000.0),
    ("us", 1.0),
];
const MEMORY_HINT: &str = "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\".";
const TIME_HINT: &str =
    "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\".";

/// The family of a unit, and the size of one in the family's smallest unit.
fn unit_family(unit: &str) -> Option<(&'static [(&'static str, f64)], f64)> {
    // "8kB" is a page.
    let (count, name) = unit.find(|c: char| !c.is_ascii_digit()).map(|at| unit.split_at(at))?;
    let count: f64 = if count.is_empty() { 1.0 } else { count.parse().ok()? };
    let find = |family: &'static [(&'static str, f64)]| {
        family.iter().find(|(known, _)| *known == name).map(|(_, size)| (family, size * count))
    };
    find(&MEMORY).or_else(|| find(&TIME))
}

/// 22023 for a value that cannot be used.
pub fn invalid_value(name: &str, value: &str) -> Error {
    err!(INVALID_PARAMETER_VALUE, "invalid value for parameter \"{name}\": \"{value}\"")
}

/// A truth value as settings take it: any unambiguous beginning of true, false, yes, no; on, off, 1, 0.
pub fn parse_bool(text: &str) -> Option<bool> {
    let text = text.trim().to_ascii_lowercase();
    let begins = |word: &str, least: usize| text.len() >= least && word.starts_with(text.as_str());
    if text == "1" || begins("true", 1) || begins("yes", 1) || begins("on", 2) {
        Some(true)
    } else if text == "0" || begins("false", 1) || begins("no", 1) || begins("off", 2) {
        Some(false)
    } else {
        None
    }
}

/// Checks a value and brings it into the form in which it is kept: numbers in the setting's unit, `on` and `off`, enum
/// values as listed.
pub fn canonical(definition: &Definition, value: &str) -> Result<String> {
    let info = &definition.info;
    match info.kind {
        "bool" => match parse_bool(value) {
            Some(flag) => Ok(if flag { "on" } else { "off" }.to_owned()),
            None => {
                Err(err!(INVALID_PARAMETER_VALUE, "parameter \"{}\" requires a Boolean value", info.name))
            }
        },
        "enum" => enum_value(definition, value),
        "integer" => number(definition, value).map(|number| format!("{number:.0}")),
        "real" => number(definition, value).map(|number| number.to_string()),
        _ => Ok(value.to_owned()),
    }
}

fn enum_value(definition: &Definition, value: &str) -> Result<String> {
    let choices = definition.info.choices;
    if let Some(found) = choices.iter().find(|choice| choice.eq_ignore_ascii_case(value)) {
        return Ok((*found).to_owned());
    }
    // Most enums that know on and off also take the other spellings of truth values.
    if let Some(flag) = parse_bool(value) {
        let word = if flag { "on" } else { "off" };
        if value.len() > 1 && choices.contains(&word) {
            return Ok(word.to_owned());
        }
        if value.len() == 1 && choices.contains(&word) {
            return Ok(word.to_owned());
        }
    }
    let hint = format!("Available values: {}.", choices.join(", "));
    Err(invalid_value(definition.info.name, value).hint(hint))
}

fn number(definition: &Definition, value: &str) -> Result<f64> {
    let info = &definition.info;
    let text = value.trim();
    let digits_end = number_end(text);
    let (digits, unit) = text.split_at(digits_end);
    let unit = unit.trim();
    let mut number = parse_number(digits).ok_or_else(|| invalid_value(info.name, value))?;
    if !unit.is_empty() {
        let family = info.unit.and_then(unit_family);
        let Some((family, base)) = family else {
            return Err(invalid_value(info.name, value));
        };
        let Some((_, size)) = family.iter().find(|(name, _)| *name == unit) else {
            let hint = if family.len() == MEMORY.len() { MEMORY_HINT } else { TIME_HINT };
            return Err(invalid_value(info.name, value).hint(hint));
        };
        number = number * size / base;
    }
    if info.kind == "integer" {
        number = number.round_ties_even();
        if !(f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&number) {
            return Err(invalid_value(info.name, value).hint("Value exceeds integer range."));
        }
    } else if !number.is_finite() {
        return Err(invalid_value(info.name, value));
    }
    let bound = |text: Option<&str>| text.and_then(|text| text.parse::<f64>().ok());
    let (min, max) = (bound(info.min), bound(info.max));
    if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
        let show = |number: f64| match info.unit {
            Some(unit) => format!("{} {unit}", print_number(number)),
            None => print_number(number),
        };
        return Err(err!(
            INVALID_PARAMETER_VALUE,
            "{} is outside the valid range for parameter \"{}\" ({} .. {})",
            show(number),
            info.name,
            show(min.unwrap_or(f64::MIN)),
            show(max.unwrap_or(f64::MAX))
        ));
    }
    Ok(number)
}

fn print_number(number: f64) -> String {
    if number.abs() >= 1e15 { format!("{number:e}") } else { number.to_string() }
}

/// Where the number at the beginning of a text ends.
fn number_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    if bytes.get(at) == Some(&b'0') && matches!(bytes.get(at + 1), Some(b'x' | b'X')) {
        at += 2;
        while bytes.get(at).is_some_and(u8::is_ascii_hexdigit) {
            at += 1;
        }
        return at;
    }
    while let Some(byte) = bytes.get(at) {
        let exponent = matches!(byte, b'e' | b'E')
            && match bytes.get(at + 1) {
                Some(b'+' | b'-') => bytes.get(at + 2).is_some_and(u8::is_ascii_digit),
                next => next.is_some_and(u8::is_ascii_digit),
            };
        if byte.is_ascii_digit() || *byte == b'.' {
            at += 1;
        } else if exponent {
            at += 2;
        } else {
            break;
        }
    }
    at
}

fn parse_number(text: &str) -> Option<f64> {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let octal = digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    let number = if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        i64::from_str_radix(hex, 16).ok()? as f64
    } else if octal {
        i64::from_str_radix(digits, 8).ok()? as f64
    } else {
        digits.parse::<f64>().ok()?
    };
    Some(if negative { -number } else { number })
}

/// The value as `SHOW` prints it: numbers with the largest unit that fits.
pub fn display(definition: &Definition, value: &str) -> String {
    let info = &definition.info;
    let Some(unit) = info.unit else {
        return value.to_owned();
    };
    let Ok(number) = value.parse::<f64>() else {
        return value.to_owned();
    };
    if number <= 0.0 {
        return value.to_owned();
    }
    let Some((family, base)) = unit_family(unit) else {
        return value.to_owned();
    };
    let total = number * base;
    for (name, size) in family {
        let count = total / size;
        if count >= 1.0 && count.fract() == 0.0 {
            return format!("{count:.0}{name}");
        }
    }
    format!("{value}{unit}")
}

#[cfg(test)]
mod tests {
    use super::super::definition::definition;
    use super::*;

    fn check(name: &str, value: &str) -> Result<String> {
        let definition = definition(name).expect("a setting");
        canonical(&definition, value).map(|value| display(&definition, &value))
    }

    #[test]
    fn values_are_checked_and_shown_with_units() {
        assert_eq!(check("work_mem", "4096").as_deref(), Ok("4MB"));
        assert_eq!(check("work_mem", "64kB").as_deref(), Ok("64kB"));
        assert_eq!(check("work_mem", "1 GB").as_deref(), Ok("1GB"));
        assert_eq!(check("statement_timeout", "1.5s").as_deref(), Ok("1500ms"));
        assert_eq!(check("statement_timeout", "0").as_deref(), Ok("0"));
        assert_eq!(check("statement_timeout", "2min").as_deref(), Ok("2min"));
        assert_eq!(check("enable_seqscan", "of").as_deref(), Ok("off"));
        assert_eq!(check("seq_page_cost", "1.25").as_deref(), Ok("1.25"));
        assert_eq!(check("synchronous_commit", "true").as_deref(), Ok("on"));
        assert_eq!(check("client_min_messages", "WARNING").as_deref(), Ok("warning"));
    }

    #[test]
    fn refused_values_name_the_reason() {
        let message = |name: &str, value: &str| check(name, value).expect_err("refused").message().to_owned();
        assert_eq!(
            message("enable_seqscan", "maybe"),
            "parameter \"enable_seqscan\" requires a Boolean value"
        );
        assert_eq!(
            message("work_mem", "1kB"),
            "1 kB is outside the valid range for parameter \"work_mem\" (64 kB .. 2147483647 kB)"
        );
        assert_eq!(
            message("work_mem", "1 furlong"),
            "invalid value for parameter \"work_mem\": \"1 furlong\""
        );
        assert_eq!(message("IntervalStyle", "x"), "invalid value for parameter \"IntervalStyle\": \"x\"");
    }
}
