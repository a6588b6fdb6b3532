//! Dates, times and templates against recorded results, and against random text.

use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::datetime as dt;
use pglitedb_types::env::{DateOrder, DateStyle, IntervalStyle};
use pglitedb_types::formatting as by_template;
use pglitedb_types::{BuiltinEnv, FormatSettings, Numeric, TimeZone};
use proptest::prelude::*;

/// 2026-11-21 08:45 UTC
const NOW: i64 = 848_565_900_000_000;

fn env(style: &str, order: &str, interval_style: &str, zone: &str) -> BuiltinEnv {
    let settings = FormatSettings {
        date_style: match style {
            "ISO" => DateStyle::Iso,
            "SQL" => DateStyle::Sql,
            "Postgres" => DateStyle::Postgres,
            _ => DateStyle::German,
        },
        date_order: match order {
            "MDY" => DateOrder::Mdy,
            "DMY" => DateOrder::Dmy,
            _ => DateOrder::Ymd,
        },
        interval_style: match interval_style {
            "postgres" => IntervalStyle::Postgres,
            "postgres_verbose" => IntervalStyle::PostgresVerbose,
            "sql_standard" => IntervalStyle::SqlStandard,
            _ => IntervalStyle::Iso8601,
        },
        time_zone: TimeZone::named(zone).expect("a known zone"),
        ..FormatSettings::default()
    };
    BuiltinEnv { settings, transaction_timestamp: NOW }
}

/// Reads a value and prints it again.
fn round_trip(type_name: &str, text: &str, env: &BuiltinEnv) -> Result<String> {
    let settings = &env.settings;
    let mut out = Vec::new();
    match type_name {
        "date" => dt::date_out(dt::date_in(text, env)?, settings, &mut out),
        "time" => dt::time_out(dt::time_in(text, -1, env)?, &mut out),
        "timetz" => dt::timetz_out(dt::timetz_in(text, -1, env)?, &mut out),
        "timestamp" => dt::timestamp_out(dt::timestamp_in(text, -1, env)?, settings, &mut out),
        "timestamptz" => dt::timestamptz_out(dt::timestamptz_in(text, -1, env)?, settings, &mut out),
        _ => dt::interval_out(dt::interval_in(text, -1, env)?, settings, &mut out),
    }
    Ok(String::from_utf8(out).expect("text"))
}

fn by_template(function: &str, value: &str, template: &str, env: &BuiltinEnv) -> Result<Option<String>> {
    let zone = &env.settings.time_zone;
    let print = |put: &dyn Fn(&mut Vec<u8>)| {
        let mut out = Vec::new();
        put(&mut out);
        Ok(Some(String::from_utf8(out).expect("text")))
    };
    match function {
        "tc_ts" => by_template::timestamp_to_char(dt::timestamp_in(value, -1, env)?, template),
        "tc_tstz" => by_template::timestamptz_to_char(dt::timestamptz_in(value, -1, env)?, template, zone),
        "tc_int" => by_template::interval_to_char(dt::interval_in(value, -1, env)?, template),
        "tc_num" => by_template::numeric_to_char(&Numeric::parse(value)?, template).map(Some),
        "tc_i4" => by_template::int4_to_char(value.parse().expect("int4"), template).map(Some),
        "tc_i8" => by_template::int8_to_char(value.parse().expect("int8"), template).map(Some),
        "tc_f4" => by_template::float4_to_char(value.parse().expect("float4"), template).map(Some),
        "tc_f8" => by_template::float8_to_char(value.parse().expect("float8"), template).map(Some),
        "to_date" => {
            let date = by_template::to_date(value, template, zone)?;
            print(&|out| dt::date_out(date, &env.settings, out))
        }
        "to_ts" => {
            let timestamp = by_template::to_timestamp(value, template, zone)?;
            print(&|out| dt::timestamptz_out(timestamp, &env.settings, out))
        }
        _ => match by_template::to_number(value, template)? {
            Some(number) => print(&|out| number.write_to(out)),
            None => Ok(None),
        },
    }
}

fn describe(error: &Error) -> String {
    let fields = error.fields();
    let part = |name: &str, text: &Option<String>| {
        text.as_ref().map_or(String::new(), |text| format!(" {name} {text}"))
    };
    let (detail, hint) = (part("DETAIL", &fields.detail), part("HINT", &fields.hint));
    format!("ERR {} {}{detail}{hint}", error.code(), error.message())
}

#[test]
fn recorded_values() {
    for line in include_str!("data/datetime.tsv").lines().skip(1) {
        let [type_name, style, order, interval_style, zone, text, expected] =
            line.split('\t').collect::<Vec<_>>()[..]
        else {
            panic!("malformed: {line}")
        };
        let env = env(style, order, interval_style, zone);
        let result = round_trip(type_name, text, &env).unwrap_or_else(|error| describe(&error));
        assert_eq!(result, expected, "{line}");
    }
}

#[test]
fn recorded_templates() {
    let env = env("ISO", "MDY", "postgres", "America/New_York");
    for line in include_str!("data/formatting.tsv").lines().skip(1) {
        let [function, value, template, expected] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("malformed: {line}")
        };
        let result = match by_template(function, value, template, &env) {
            Ok(result) => result.unwrap_or_else(|| "NULL".to_owned()),
            Err(error) => describe(&error),
        };
        assert_eq!(result.replace('\n', "~"), expected, "{line}");
    }
}

#[test]
fn special_words() {
    let env = env("ISO", "MDY", "postgres", "America/New_York");
    let read = |text| round_trip("timestamptz", text, &env).expect("valid");
    assert_eq!(read("now"), "2026-11-21 03:45:00-05");
    assert_eq!(read("today"), "2026-11-21 00:00:00-05");
    assert_eq!(read("tomorrow 12:00"), "2026-11-22 12:00:00-05");
    assert_eq!(read("yesterday allballs"), "2026-11-19 19:00:00-05");
}

/// Pieces that dates, intervals and templates are made of, so that random text gets far.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "-",
            "/",
            ".",
            ":",
            " ",
            "+",
            "T",
            "BC",
            "AM",
            "EST",
            "America/New_York",
            "J",
            "2000",
            "24",
            "60",
            "0",
            "infinity",
            "ago",
            "day",
            "mon",
            "year",
            "P",
            "1.5",
            "Jan",
            "é",
            "99999999999",
            "YYYY",
            "MM",
            "DD",
            "HH24",
            "FM",
            "TH",
            "TZ",
            "RN",
            "EEEE",
            "9",
            "0",
            "D",
            "S",
            "PR",
            "V",
            "\"",
            "\\",
            "IYYY",
            "IW",
            "DDD",
            "FX",
            "SSSS",
            "Y,YYY",
            "CC",
            "J",
            "OF",
            "9223372036854775807",
            "-2147483648",
        ])
        .prop_map(str::to_owned),
        "[ -~]",
        "\\PC",
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn random_text_never_panics(text in pieces(), template in pieces(), order in 0..3) {
        let order = ["MDY", "DMY", "YMD"][order as usize];
        let env = env("ISO", order, "sql_standard", "America/New_York");
        for type_name in ["date", "time", "timetz", "timestamp", "timestamptz", "interval"] {
            let _ = round_trip(type_name, &text, &env);
        }
        for function in ["to_date", "to_ts", "to_num"] {
            let _ = by_template(function, &text, &template, &env);
        }
        let _ = by_template("tc_num", "-1234.5678", &template, &env);
        let _ = by_template("tc_f8", "1e300", &template, &env);
        let _ = by_template("tc_i4", "-2147483648", &template, &env);
        let _ = TimeZone::named(&text);
    }

    #[test]
    fn random_values_never_panic(a in any::<i64>(), b in any::<i64>(), c in any::<i32>(), d in any::<i32>(), template in pieces()) {
        let env = env("Postgres", "DMY", "iso_8601", "Europe/Berlin");
        let zone = &env.settings.time_zone;
        let span = pglitedb_types::Interval { months: c, days: d, micros: b };
        let timestamp = dt::calendar::MIN_TIMESTAMP + a.rem_euclid(dt::calendar::END_TIMESTAMP);
        for result in [
            dt::timestamp_add_interval(timestamp, span),
            dt::timestamptz_add_interval(timestamp, span, zone),
            dt::date_bin(span, timestamp, timestamp.wrapping_neg()),
        ]
        .into_iter()
        .flatten()
        {
            prop_assert!(!dt::is_finite_timestamp(result) || dt::calendar::is_valid_timestamp(result));
        }
        let _ = dt::timestamp_diff(a, b);
        let _ = dt::timestamptz_age(timestamp, timestamp.wrapping_neg().max(dt::calendar::MIN_TIMESTAMP), zone);
        let _ = dt::interval_mul(span, a as f64);
        let _ = dt::interval_div(span, b as f64 / 1e9);
        let _ = dt::justify_interval(span);
        let _ = dt::interval_neg(span);
        for unit in ["week", "century", "epoch", "julian", "isoyear", "millennium", "quarter"] {
            let _ = dt::timestamptz_trunc(unit, timestamp, zone);
            let _ = dt::extract_timestamptz(unit, timestamp, zone);
            let _ = dt::extract_interval(unit, span);
            let _ = dt::interval_trunc(unit, span);
        }
        let _ = by_template::timestamptz_to_char(timestamp, &template, zone);
        let _ = by_template::interval_to_char(span, &template);
        let mut out = Vec::new();
        dt::timestamptz_out(timestamp, &env.settings, &mut out);
        let text = String::from_utf8(out).expect("text");
        prop_assert_eq!(dt::timestamptz_in(&text, -1, &env), Ok(timestamp));
        let mut out = Vec::new();
        dt::interval_out(span, &FormatSettings::default(), &mut out);
        let text = String::from_utf8(out).expect("text");
        let plain = BuiltinEnv::default();
        if let Ok(again) = dt::interval_in(&text, -1, &plain) {
            prop_assert_eq!(again, span);
        }
    }
}
