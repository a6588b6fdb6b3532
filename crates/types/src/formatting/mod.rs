//! `to_char`, `to_date`, `to_timestamp(text, text)` and `to_number`: values by template.
//!
//! A template is parsed into items ([`template`] for dates, [`number_template`] for numbers). Names of months and days
//! are English: `TM` changes nothing, as in the C locale.

mod date_in;
mod date_out;
mod number_in;
mod number_out;
mod number_template;
mod roman;
mod standard_in;
mod template;

pub use date_in::{to_date, to_timestamp};
pub use date_out::{interval_to_char, timestamp_to_char, timestamptz_to_char};
pub use number_in::to_number;
pub use number_out::{float4_to_char, float8_to_char, int4_to_char, int8_to_char, numeric_to_char};
pub use standard_in::{ParsedDatetime, parse_datetime, template_has_zone};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_SHORT: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const DAYS_SHORT: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
/// Months in Roman numerals.
const MONTHS_ROMAN: [&str; 12] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];

/// A name by its index; nothing beyond the end.
fn name_at(names: &[&'static str], at: i32) -> &'static str {
    usize::try_from(at).ok().and_then(|at| names.get(at)).copied().unwrap_or("")
}

/// The ordinal suffix of a number's text, in lower case: `st`, `nd`, `rd`, `th`.
fn ordinal(number: &str) -> &'static str {
    let mut digits = number.bytes().rev();
    let last = digits.next();
    if digits.next() == Some(b'1') {
        return "th";
    }
    match last {
        Some(b'1') => "st",
        Some(b'2') => "nd",
        Some(b'3') => "rd",
        _ => "th",
    }
}
