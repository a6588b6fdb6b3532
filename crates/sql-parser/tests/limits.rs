//! No text makes the parser panic or overflow the smallest supported stack.

use pglitedb_sql_parser::{parse, parse_expr, parse_type_name};

/// Runs on a thread with 2 MB of stack, as sessions may.
fn on_small_stack(run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
}

/// Parses, prints, compares and drops: whatever the parser lets through, the rest must survive.
fn survive(sql: &str) -> Option<&'static str> {
    match parse(sql) {
        Ok(statements) => {
            for raw in &statements {
                let _ = raw.stmt.to_string();
                assert!(raw.clone() == *raw);
            }
            None
        }
        Err(error) => Some(if error.code().as_str() == "54001" { "54001" } else { "other" }),
    }
}

#[test]
fn deep_nesting_is_an_error() {
    let repeated = |before: &str, inner: &str, after: &str, count: usize| {
        format!("{}{inner}{}", before.repeat(count), after.repeat(count))
    };
    let deep: Vec<String> = [
        ("(", "1", ")"),
        ("f(", "1", ")"),
        ("not ", "true", ""),
        ("- ", "a", ""),
        ("@ ", "a", ""),
        ("array[", "1", "]"),
        ("(select ", "1", ")"),
        ("case when ", "true", " then 1 end"),
        ("a[", "1", "]"),
        ("1 + (", "1", ")"),
        ("1, (", "1", ")"),
        ("coalesce(", "1", ")"),
        ("a in (", "1", ")"),
        ("a like (", "1", ")"),
        ("cast(", "1", " as int)"),
        ("json_array(", "1", ")"),
        ("exists (select 1 from (values (1)) a where ", "true", ")"),
    ]
    .iter()
    .map(|(before, inner, after)| format!("select {}", repeated(before, inner, after, 100_000)))
    .chain([
        repeated("select * from (", "select 1", ")", 100_000),
        format!("select * from {}", repeated("(a cross join ", "b", ")", 100_000)),
        format!("select * from {}", repeated("a join ", "b", " on true", 100_000)),
        repeated("(", "select 1", ")", 100_000),
        format!("select 1{}", " union (select 1".repeat(100_000)),
        repeated("with a as (", "select 1", ") select 1", 100_000),
        repeated("explain ", "select 1", "", 100_000),
    ])
    .collect();
    on_small_stack(move || {
        for sql in &deep {
            let answer = survive(sql);
            assert!(answer.is_some(), "{}", &sql[..40]);
        }
    });
}

#[test]
fn long_chains_are_fine_or_an_error() {
    on_small_stack(|| {
        for operator in [" + 1", " || 'x'", " = 1", "::int", " is null", " at local", " collate \"C\""] {
            for count in [10, 990, 1100, 100_000] {
                survive(&format!("select 1{}", operator.repeat(count)));
            }
        }
        for (start, more) in [
            ("select 1", " union all select 1"),
            ("select * from a", " cross join b"),
            ("select * from a", " join b on true"),
        ] {
            for count in [10, 990, 1100, 100_000] {
                survive(&format!("{start}{}", more.repeat(count)));
            }
        }
        // Chains inside parentheses inside chains: each is short, the tree is deep.
        let mut sql = "1".to_owned();
        for _ in 0..50 {
            sql = format!("({sql}){}", " + 1".repeat(900));
        }
        assert_eq!(survive(&format!("select {sql}")), Some("54001"));
        // These do not nest, so they may be long.
        assert_eq!(survive(&format!("select a{}", " and b".repeat(100_000))), None);
        assert_eq!(survive(&format!("select a{}", " or b".repeat(2_000))), None);
        assert_eq!(survive(&format!("select a{}", ", b".repeat(100_000))), None);
    });
}

/// A small generator; seeds make failures repeatable.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

#[test]
fn random_bytes_do_not_panic() {
    let alphabet: Vec<char> =
        " \n\t'\"$\\eEuUxXbB&@#%^*()[]{}<>=!~|?/-+.,;:0123456789aAzZ_éß漢\u{1F600}\u{0}\u{a0}"
            .chars()
            .collect();
    on_small_stack(move || {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for _ in 0..30_000 {
            let length = random.below(40);
            let sql: String = (0..length).map(|_| alphabet[random.below(alphabet.len())]).collect();
            let _ = parse(&sql);
            let _ = parse_expr(&sql);
            let _ = parse_type_name(&sql);
        }
    });
}

#[test]
fn random_tokens_do_not_panic_and_print_stably() {
    let mut words: Vec<String> = include_str!("../data/keywords.tsv")
        .lines()
        .skip(1)
        .filter_map(|line| line.split('\t').next().map(str::to_owned))
        .collect();
    let frequent =
        ["(", ")", ",", "a", "1", "'x'", "select", ".", "*", "=", "+", "[", "]", "from", "as", "int", ";"];
    for _ in 0..20 {
        words.extend(frequent.map(str::to_owned));
    }
    words.extend(
        ["::", ":=", "=>", "..", "<>", "||", "@", "-", "$1", "B'1'", "1.5", "\"q\"", ":"].map(str::to_owned),
    );
    // Mutations of real statements reach further than soup does.
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let seeds: Vec<Vec<String>> = files
        .iter()
        .flat_map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            text.lines()
                .filter_map(|line| line.strip_prefix("> "))
                .flat_map(|line| line.split("; "))
                .map(|line| line.replace('(', " ( ").replace(')', " ) ").replace(',', " , "))
                .map(|line| line.split(' ').map(str::to_owned).collect())
                .collect::<Vec<_>>()
        })
        .collect();
    on_small_stack(move || {
        let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(42);
        let mut random = Random(seed);
        for round in 0..40_000 {
            let mut tokens: Vec<String> = if round % 4 == 0 {
                (0..random.below(15)).map(|_| words[random.below(words.len())].clone()).collect()
            } else {
                seeds[random.below(seeds.len())].clone()
            };
            for _ in 0..random.below(4) {
                if tokens.is_empty() {
                    break;
                }
                let at = random.below(tokens.len());
                match random.below(3) {
                    0 => drop(tokens.remove(at)),
                    1 => tokens.insert(at, words[random.below(words.len())].clone()),
                    _ => tokens[at] = words[random.below(words.len())].clone(),
                }
            }
            let sql = tokens.join(" ");
            let Ok(statements) = parse(&sql) else { continue };
            for raw in statements {
                let printed = raw.stmt.to_string();
                match parse(&printed) {
                    Ok(again) => assert!(again.len() == 1 && again[0].stmt == raw.stmt, "{sql}\n{printed}"),
                    Err(error) => panic!("{sql}\n{printed}\n{error}"),
                }
            }
        }
    });
}
