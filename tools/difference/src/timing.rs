//! How long calls take in queries over many rows, on both servers in turn.

use crate::wire::{Address, Client};
use std::fmt::Write;
use std::io;
use std::time::Instant;

/// What is measured: area, what the table calls it, what is selected from `generate_series(1, N) x`.
const CASES: &[(&str, &str, &str)] = &[
    ("nothing", "`sum(x)`", "sum(x)"),
    ("numeric", "`x::numeric * 1.37`", "sum(x::numeric * 1.37)"),
    ("numeric", "`x::numeric + 0.001`", "sum(x::numeric + 0.001)"),
    ("numeric", "`x::numeric / 7.3`", "sum(x::numeric / 7.3)"),
    ("numeric", "`round(x / 3.0, 2)`", "sum(round(x / 3.0, 2))"),
    ("numeric", "`mod(x::numeric, 17.5)`", "sum(mod(x::numeric, 17.5))"),
    ("numeric", "`sqrt(x::numeric)`", "sum(sqrt(x::numeric))"),
    ("numeric", "`ln(x::numeric)`", "sum(ln(x::numeric))"),
    ("numeric", "`power(1.0001, x % 100)`", "sum(power(1.0001, x % 100))"),
    ("numeric", "`(x || '.25')::numeric`", "sum((x || '.25')::numeric)"),
    ("numeric", "`(x * 1.5)::text`", "count((x * 1.5)::text)"),
    ("numeric", "`avg`", "avg(x::numeric)"),
    ("numeric", "`stddev`", "stddev(x::numeric)"),
    ("date/time", "`'2024-01-…'::date`", "count(('2024-01-' || x % 28 + 1)::date)"),
    ("date/time", "`'2024-01-01 12:34:…'::timestamp`", "count(('2024-01-01 12:34:' || x % 60)::timestamp)"),
    (
        "date/time",
        "`'… America/New_York'::timestamptz`",
        "count(('2024-07-' || x % 28 + 1 || ' 12:34 America/New_York')::timestamptz)",
    ),
    ("date/time", "`'… days 04:05:06'::interval`", "count((x || ' days 04:05:06')::interval)"),
    (
        "date/time",
        "`to_timestamp(…, 'YYYY-MM-DD HH24:MI')`",
        "count(to_timestamp('2024-01-' || x % 28 + 1 || ' 12:34', 'YYYY-MM-DD HH24:MI'))",
    ),
    (
        "date/time",
        "`to_char(…, 'YYYY-MM-DD HH24:MI:SS')`",
        "count(to_char(timestamp '2024-01-01' + x * interval '1 minute', 'YYYY-MM-DD HH24:MI:SS'))",
    ),
    ("date/time", "`timestamp + interval`", "count(timestamp '2024-01-01' + x * interval '1 minute')"),
    (
        "date/time",
        "`timestamptz + interval`",
        "count(timestamptz '2024-01-01' + x * interval '1 day 1 minute')",
    ),
    (
        "date/time",
        "`extract(epoch from …)`",
        "sum(extract(epoch from timestamp '2024-01-01' + x * interval '1 minute'))",
    ),
    (
        "date/time",
        "`date_trunc('month', …)`",
        "count(date_trunc('month', timestamp '2024-01-01' + x * interval '1 hour'))",
    ),
    (
        "date/time",
        "`… at time zone`",
        "count((timestamp '2024-01-01' + x * interval '1 hour') at time zone 'Europe/Berlin')",
    ),
    ("jsonb", "`->>`", "sum((jsonb '{\"a\": 1, \"b\": 2, \"c\": 3}' ->> chr(97 + x % 3))::int)"),
    (
        "jsonb",
        "`-> -> ->>`",
        "sum((jsonb '{\"a\": {\"b\": [1, 2, 3]}, \"z\": \"text\"}' -> 'a' -> 'b' ->> x % 3)::int)",
    ),
    (
        "jsonb",
        "`#>>`",
        "sum((jsonb '{\"a\": {\"b\": [1, 2, 3]}, \"z\": \"text\"}' #>> array['a', 'b', (x % 3)::text])::int)",
    ),
    ("jsonb", "`@>`", "count(*) filter (where jsonb_build_object('a', x % 10, 'b', x) @> '{\"a\": 3}')"),
    ("jsonb", "parsing", "count(('{\"a\": ' || x || ', \"b\": [1, 2, \"three\"]}')::jsonb)"),
    (
        "jsonb",
        "parsing and `->>`",
        "sum((('{\"a\": ' || x || ', \"b\": [1, 2, \"three\"]}')::jsonb ->> 'a')::int)",
    ),
    ("jsonb", "`jsonb_build_object`", "count(jsonb_build_object('a', x, 'b', 'text'))"),
    ("jsonb", "`jsonb_set`", "count(jsonb_set('{\"a\": 1, \"b\": {\"c\": 2}}', '{b,c}', to_jsonb(x)))"),
    ("jsonb", "`jsonb::text`", "count(jsonb_build_object('a', x)::text)"),
    ("text", "`upper`", "count(upper('Hello World ' || x))"),
    ("text", "`substr`", "count(substr('Hello World ' || x, 7, 5))"),
    ("text", "`replace`", "count(replace('Hello World ' || x, 'World', 'there'))"),
    ("text", "`split_part`", "sum(split_part('a,b,' || x || ',d', ',', 3)::int)"),
    ("text", "`strpos`", "sum(strpos('Hello World ' || x, 'World'))"),
    ("text", "`lpad`", "count(lpad(x::text, 20, '*'))"),
    ("text", "`md5`", "count(md5(x::text))"),
    ("text", "`concat`, `format`", "count(format('%s-%s', x, 'abc')), count(concat(x, 'abc', 1.5))"),
    ("text", "`length` of non-ASCII", "sum(length('Grüße aus Köln ' || x))"),
    ("text", "`LIKE`", "count(*) filter (where ('Hello World ' || x) like '%or%7_')"),
    ("text", "`string_to_array`", "sum(cardinality(string_to_array('a,b,c,' || x, ',')))"),
    ("text", "`string_agg`", "length(string_agg(x::text, ','))"),
    ("regex", "`~`", "count(*) filter (where ('Hello World ' || x) ~ 'W[a-z]+d [0-9]*7')"),
    ("regex", "`~*`", "count(*) filter (where ('Hello World ' || x) ~* '^hello.*5$')"),
    ("regex", "`regexp_replace`", "count(regexp_replace('Hello World ' || x, '[aeiou]', '#', 'g'))"),
    (
        "regex",
        "`regexp_replace` with groups",
        "count(regexp_replace('key' || x || '=value', '(\\w+)=(\\w+)', '\\2=\\1'))",
    ),
    ("regex", "`regexp_match`", "count((regexp_match('id: ' || x || ' end', 'id: (\\d+)'))[1])"),
    ("regex", "`substring(… from …)`", "sum(substring('order 12' || x from '\\d+')::bigint)"),
    (
        "regex",
        "`regexp_split_to_array`",
        "sum(cardinality(regexp_split_to_array('a, b,c ,' || x, '\\s*,\\s*')))",
    ),
];

/// Settings that keep PostgreSQL from using a second processor, or compiling what it runs once.
const SETTINGS: [&str; 4] = [
    "SET TimeZone = 'UTC'",
    "SET client_min_messages = 'error'",
    "SET max_parallel_workers_per_gather = 0",
    "SET jit = off",
];

/// What to measure.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Rows of each query.
    pub rows: u64,
    /// How often each query runs on each server.
    pub rounds: usize,
    /// Only cases with this in their area or name.
    pub only: Option<String>,
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(0.0)
}

/// Measures and returns a Markdown table; progress goes to standard error.
pub fn run(plan: &Plan, ours: &Address, theirs: &Address) -> io::Result<String> {
    let settings = SETTINGS.map(str::to_owned);
    let mut clients = [Client::connect(theirs, &settings)?, Client::connect(ours, &settings)?];
    let mut text = String::from("| area | what | PostgreSQL | PGLiteDB | ratio |\n|---|---|---|---|---|\n");
    for (area, name, selected) in CASES {
        if plan
            .only
            .as_ref()
            .is_some_and(|part| !area.contains(part.as_str()) && !name.contains(part.as_str()))
        {
            continue;
        }
        let query = format!("SELECT {selected} FROM generate_series(1, {}) x", plan.rows);
        let mut times = [Vec::new(), Vec::new()];
        let mut results = [Vec::new(), Vec::new()];
        for _ in 0..plan.rounds {
            for (number, client) in clients.iter_mut().enumerate() {
                let begun = Instant::now();
                results[number] = client.expect(&query)?;
                times[number].push(begun.elapsed().as_secs_f64() * 1e9 / plan.rows as f64);
            }
        }
        let [theirs, ours] = times.map(median);
        let line =
            format!("| {area} | {name} | {theirs:.0} ns | {ours:.0} ns | {:.2} |", ours / theirs.max(1e-9));
        eprintln!("{line}{}", if results[0] == results[1] { "" } else { "  RESULTS DIFFER" });
        let _ = writeln!(text, "{line}");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn medians() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(Vec::new()), 0.0);
    }
}
