//! Roman numerals.

/// Longest numeral (3888).
pub(super) const MAX_LEN: usize = 15;

const SYMBOLS: [(&str, i32); 13] = [
    ("M", 1000),
    ("CM", 900),
    ("D", 500),
    ("CD", 400),
    ("C", 100),
    ("XC", 90),
    ("L", 50),
    ("XL", 40),
    ("X", 10),
    ("IX", 9),
    ("V", 5),
    ("IV", 4),
    ("I", 1),
];

/// The numeral of a number from 1 to 3999; otherwise number signs.
pub(super) fn from_int(value: i64) -> String {
    let Ok(mut rest @ 1..=3999) = i32::try_from(value) else { return "#".repeat(MAX_LEN) };
    let mut out = String::new();
    for (symbol, worth) in SYMBOLS {
        while rest >= worth {
            out.push_str(symbol);
            rest -= worth;
        }
    }
    out
}

/// The number of a well-formed numeral in whatever case.
pub(super) fn to_int(numeral: &str) -> Option<i32> {
    let upper = numeral.to_ascii_uppercase();
    let mut rest = upper.as_str();
    let mut value = 0;
    for (symbol, worth) in SYMBOLS {
        while let Some(tail) = rest.strip_prefix(symbol) {
            rest = tail;
            value += worth;
        }
    }
    (rest.is_empty() && from_int(i64::from(value)) == upper).then_some(value)
}
