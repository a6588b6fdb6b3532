//! JSON, paths into it, and text search values.

use super::Values;

/// Keys of generated objects, and of look-ups in them.
pub(super) const KEYS: &[&str] = &["a", "b", "c", "0", "1", "-1", "key", "", "é", "A", "nested"];

impl Values {
    /// A document of that type.
    pub(super) fn document(&mut self, name: &str) -> Option<String> {
        Some(match name {
            "json" | "jsonb" => self.json(3),
            "jsonpath" => self
                .random
                .pick(&[
                    "$",
                    "$.a",
                    "$.a.b",
                    "$[0]",
                    "$[*]",
                    "$.*",
                    "$.a[*].b",
                    "strict $.a",
                    "lax $.b",
                    "$ ? (@ > 1)",
                    "$.a ? (@.b == 1)",
                    "$[0 to 2]",
                    "$[last]",
                    "$.**",
                    "$.a.size()",
                    "$.type()",
                    "$.a + 1",
                    "-$.a",
                    "$.a.double()",
                    "exists($.a)",
                    "$.a == 1",
                    "$.a like_regex \"^a\"",
                    "$.key starts with \"x\"",
                    "$.a.keyvalue()",
                    "$.b.string()",
                    "1",
                    "\"x\"",
                ])
                .to_owned(),
            "tsvector" => self.edge_or(
                &[
                    "",
                    "a",
                    "a b c",
                    "a:1 b:2A c:3B,4",
                    "fat:2 cat:3 rat:5A",
                    "'it''s':1 x",
                    "foo:1,2,3 bar:4C",
                    "the:1D quick",
                ],
                |values| {
                    let words = ["cat", "fat", "rat", "dog", "ate", "mat", "foo", "bar"];
                    let count = values.random.below(6);
                    let lexemes: Vec<String> = (0..count)
                        .map(|_| {
                            let word = values.random.pick(&words);
                            let weight = values.random.pick(&["", "A", "B", "C", "D"]);
                            format!("{word}:{}{weight}", 1 + values.random.below(20))
                        })
                        .collect();
                    lexemes.join(" ")
                },
            ),
            "tsquery" => self.edge_or(
                &[
                    "",
                    "a",
                    "fat & cat",
                    "fat | rat",
                    "!dog",
                    "fat <-> cat",
                    "fat <2> rat",
                    "(a | b) & !c",
                    "cat:A",
                    "ca:*",
                    "fat:AB*",
                ],
                |values| {
                    let words = ["cat", "fat", "rat", "dog", "!ate", "mat:A", "fo:*", "(bar|cat)"];
                    let (first, second) = (values.random.pick(&words), values.random.pick(&words));
                    let operator = values.random.pick(&["&", "|", "<->", "<3>"]);
                    format!("{first} {operator} {second}")
                },
            ),
            _ => return None,
        })
    }

    /// A JSON text of up to `depth` levels.
    pub(super) fn json(&mut self, depth: usize) -> String {
        let scalars = [
            "null",
            "true",
            "false",
            "0",
            "1",
            "-1",
            "1.50",
            "1e3",
            "\"\"",
            "\"a\"",
            "\"text with \\\"quotes\\\"\"",
            "\"\\u00e9\"",
            "12345678901234567890",
            "0.1",
            "\"2024-02-29\"",
            "\"b\"",
            "2",
            "-0",
            "\"\\n\"",
            "1.0",
        ];
        let fixed = [
            "{}",
            "[]",
            "{\"a\": 1}",
            "{\"a\": {\"b\": [1, 2, {\"c\": null}]}}",
            "[1, \"2\", null, true]",
            "{\"a\":1,\"a\":2}",
            "[[1,2],[3]]",
            "{\"a\": null, \"b\": 2}",
            " [ 1 , 2 ] ",
            "{\"b\":1,\"aa\":2,\"a\":3}",
            "[{\"a\":1,\"b\":\"x\"},{\"a\":2}]",
        ];
        match self.random.below(10) {
            0..3 => self.random.pick(&scalars).to_owned(),
            3..6 => self.random.pick(&fixed).to_owned(),
            6..8 if depth > 0 => {
                let count = self.random.below(4);
                let elements: Vec<String> = (0..count).map(|_| self.json(depth - 1)).collect();
                format!("[{}]", elements.join(", "))
            }
            _ if depth > 0 => {
                let count = self.random.below(4);
                let members: Vec<String> = (0..count)
                    .map(|_| format!("\"{}\": {}", self.random.pick(KEYS), self.json(depth - 1)))
                    .collect();
                format!("{{{}}}", members.join(", "))
            }
            _ => self.random.pick(&scalars).to_owned(),
        }
    }
}
