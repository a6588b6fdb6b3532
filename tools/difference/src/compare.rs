//! Running the same calls on both servers and comparing what comes of them.

use crate::calls;
use crate::items::Item;
use crate::values::{MOODS, Values, quote};
use crate::wire::{Address, Client, Outcome};
use std::collections::HashSet;
use std::io;

/// What to compare.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Calls of each function, operator and so on, at most.
    pub calls: usize,
    /// Seed of the generated arguments.
    pub seed: u64,
    /// Only what has this in its signature.
    pub only: Option<String>,
    /// Whether messages of errors count as well.
    pub messages: bool,
}

/// Settings that calls run under: a fifth of them under the second ones.
const SETTINGS: [&[&str]; 2] = [
    &["SET TimeZone = 'America/New_York'"],
    &[
        "SET TimeZone = 'Europe/London'",
        "SET DateStyle = 'SQL, DMY'",
        "SET IntervalStyle = 'iso_8601'",
        "SET extra_float_digits = 0",
        "SET bytea_output = 'escape'",
    ],
];

/// Settings of all connections.
const COMMON: [&str; 2] = ["SET statement_timeout = '5s'", "SET client_min_messages = 'error'"];

/// Bytes and statements that are sent at once.
const BATCH_BYTES: usize = 32 << 10;
const BATCH_STATEMENTS: usize = 128;

/// First OID of objects that are not PostgreSQL's own.
const FIRST_OWN_OID: u32 = 16384;

/// A call to make.
#[derive(Clone, Debug)]
struct Call {
    item: usize,
    settings: usize,
    statement: String,
}

/// A call whose outcomes differ.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Number of the item.
    pub item: usize,
    /// The statement, with the number of the settings it ran under.
    pub statement: String,
    /// Which of the settings.
    pub settings: usize,
    /// What PostgreSQL says.
    pub theirs: String,
    /// What PGLiteDB says.
    pub ours: String,
}

/// What came of a comparison.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Calls of each item.
    pub calls: Vec<usize>,
    /// Those that differ.
    pub differences: Vec<Difference>,
    /// Calls that failed on both servers.
    pub errors: usize,
    /// Errors with the same SQLSTATE and different messages.
    pub messages: usize,
    /// Calls that PostgreSQL did not finish in time: they do not count.
    pub skipped: usize,
}

/// The two servers with a connection for each of the settings.
struct Pair {
    ours: Client,
    theirs: Client,
}

/// Creates the types that calls use, and connects.
fn connect(ours: &Address, theirs: &Address) -> io::Result<Vec<Pair>> {
    for address in [ours, theirs] {
        let mut client = Client::connect(address, &["SET client_min_messages = 'error'".to_owned()])?;
        let moods: Vec<String> = MOODS.iter().map(|mood| quote(mood)).collect();
        client.expect("DROP TYPE IF EXISTS difference_mood")?;
        client.expect("DROP TYPE IF EXISTS difference_pair")?;
        client.expect(&format!("CREATE TYPE difference_mood AS ENUM ({})", moods.join(", ")))?;
        client.expect("CREATE TYPE difference_pair AS (a int4, b text)")?;
    }
    let settings = SETTINGS.iter().map(|settings| {
        settings.iter().chain(&COMMON).map(|setting| (*setting).to_owned()).collect::<Vec<String>>()
    });
    settings
        .map(|settings| {
            Ok(Pair { ours: Client::connect(ours, &settings)?, theirs: Client::connect(theirs, &settings)? })
        })
        .collect()
}

fn seed_of(seed: u64, label: &str) -> u64 {
    label.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn generate(items: &[Item], plan: &Plan) -> Vec<Call> {
    let mut calls = Vec::new();
    for (number, item) in items.iter().enumerate() {
        if plan.only.as_ref().is_some_and(|part| !item.label.contains(part.as_str())) {
            continue;
        }
        let mut values = Values::new(seed_of(plan.seed, &item.label));
        let mut seen = HashSet::new();
        // Literals are read in many ways; functions without arguments have one call.
        let wanted = if item.kind == crate::items::Kind::Input { plan.calls * 4 } else { plan.calls };
        for _ in 0..wanted * 2 {
            if seen.len() >= wanted {
                break;
            }
            let Some(statement) = calls::generate(item, &mut values) else { break };
            if statement.contains('\0') || !seen.insert(statement.clone()) {
                continue;
            }
            calls.push(Call { item: number, settings: usize::from(seen.len() % 5 == 0), statement });
        }
    }
    calls
}

fn batches<'a>(calls: &[&'a Call]) -> Vec<Vec<&'a Call>> {
    let mut batches: Vec<Vec<&Call>> = Vec::new();
    let mut bytes = BATCH_BYTES;
    for call in calls {
        bytes += call.statement.len() + 6;
        match batches.last_mut() {
            Some(batch) if bytes <= BATCH_BYTES && batch.len() < BATCH_STATEMENTS => batch.push(call),
            _ => {
                batches.push(vec![call]);
                bytes = call.statement.len() + 6;
            }
        }
    }
    batches
}

/// All answers to a batch that was sent; what comes after a lost connection is sent again on a new one.
fn answers(client: &mut Client, statements: &[&str], sent: crate::wire::Sent) -> io::Result<Vec<Outcome>> {
    let mut outcomes = client.receive(sent);
    while outcomes.last() == Some(&Outcome::Lost) {
        client.reconnect()?;
        let rest = statements.get(outcomes.len()..).unwrap_or_default();
        let sent = client.send(rest);
        let more = client.receive(sent);
        if more.is_empty() {
            break;
        }
        outcomes.extend(more);
    }
    Ok(outcomes)
}

/// Compares all items.
pub fn run(items: &[Item], plan: &Plan, ours: &Address, theirs: &Address) -> io::Result<Comparison> {
    let mut pairs = connect(ours, theirs)?;
    let calls = generate(items, plan);
    let mut comparison = Comparison { calls: vec![0; items.len()], ..Comparison::default() };
    let mut done = 0;
    for (number, pair) in pairs.iter_mut().enumerate() {
        let own: Vec<&Call> = calls.iter().filter(|call| call.settings == number).collect();
        for batch in batches(&own) {
            let statements: Vec<&str> = batch.iter().map(|call| call.statement.as_str()).collect();
            let (to_ours, to_theirs) = (pair.ours.send(&statements), pair.theirs.send(&statements));
            let theirs = answers(&mut pair.theirs, &statements, to_theirs)?;
            let ours = answers(&mut pair.ours, &statements, to_ours)?;
            for ((call, theirs), ours) in batch.iter().zip(&theirs).zip(&ours) {
                comparison.add(call, theirs, ours, plan);
            }
            if (done + batch.len()) / 20_000 != done / 20_000 {
                eprintln!(
                    "{} of {} calls, {} differ",
                    done + batch.len(),
                    calls.len(),
                    comparison.differences.len()
                );
            }
            done += batch.len();
        }
    }
    Ok(comparison)
}

/// Whether two outcomes are the same, and whether that holds for the message of an error as well.
fn same(theirs: &Outcome, ours: &Outcome) -> (bool, bool) {
    match (theirs, ours) {
        (Outcome::Rows { types, rows }, Outcome::Rows { types: own_types, rows: own_rows }) => {
            let pairs = types.iter().zip(own_types);
            let mut same_types =
                pairs.map(|(one, other)| one == other || (*one).min(*other) >= FIRST_OWN_OID);
            let equal = rows == own_rows && types.len() == own_types.len() && same_types.all(|same| same);
            (equal, equal)
        }
        (Outcome::Error { code, message }, Outcome::Error { code: own_code, message: own_message }) => {
            (code == own_code, code == own_code && message == own_message)
        }
        _ => (false, false),
    }
}

impl Comparison {
    fn add(&mut self, call: &Call, theirs: &Outcome, ours: &Outcome, plan: &Plan) {
        if matches!(theirs, Outcome::Error { code, .. } if code == "57014") || *theirs == Outcome::Lost {
            self.skipped += 1;
            return;
        }
        self.calls[call.item] += 1;
        let (equal, same_message) = same(theirs, ours);
        self.errors += usize::from(equal && matches!(ours, Outcome::Error { .. }));
        self.messages += usize::from(equal && !same_message);
        if equal && (same_message || !plan.messages) {
            return;
        }
        let (mut theirs_shown, mut ours_shown) = (theirs.show(), ours.show());
        if theirs_shown == ours_shown
            && let (Outcome::Rows { types, .. }, Outcome::Rows { types: own, .. }) = (theirs, ours)
        {
            theirs_shown.push_str(&format!(" of types {types:?}"));
            ours_shown.push_str(&format!(" of types {own:?}"));
        }
        self.differences.push(Difference {
            item: call.item,
            statement: call.statement.clone(),
            settings: call.settings,
            theirs: theirs_shown,
            ours: ours_shown,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, of_type: u32) -> Outcome {
        Outcome::Rows { types: vec![of_type], rows: vec![vec![Some(text.to_owned())]] }
    }

    fn error(code: &str, message: &str) -> Outcome {
        Outcome::Error { code: code.to_owned(), message: message.to_owned() }
    }

    #[test]
    fn outcomes_are_compared() {
        assert_eq!(same(&rows("1", 23), &rows("1", 23)), (true, true));
        assert_eq!(same(&rows("1", 23), &rows("1", 20)), (false, false));
        assert_eq!(same(&rows("1", 20_000), &rows("1", 17_000)), (true, true));
        assert_eq!(same(&error("22012", "a"), &error("22012", "b")), (true, false));
        assert_eq!(same(&error("22012", "a"), &rows("1", 23)), (false, false));
    }

    #[test]
    fn batches_are_small() {
        let call = Call { item: 0, settings: 0, statement: "x".repeat(1000) };
        let all = vec![&call; 300];
        let batches = batches(&all);
        assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), 300);
        assert!(batches.iter().all(|batch| batch.len() * 1006 <= BATCH_BYTES));
    }
}
