//! Text and bytes.

use super::Values;

const TEXTS: &[&str] = &[
    "",
    " ",
    "a",
    "A",
    "abc",
    "ABC",
    "Hello World",
    "hello world",
    "  padded  ",
    "foo,bar,,baz",
    "NULL",
    "null",
    "0",
    "42",
    "-1.5",
    "it's",
    "a\"b",
    "back\\slash",
    "tab\there",
    "line\nbreak",
    "é",
    "ÀÉÎõü",
    "straße",
    "ǅ ǆ ÿ",
    "日本語テキスト",
    "😀 emoji",
    "e\u{301}",
    "ﬁ ligature",
    "İstanbul",
    "ΑΣ σς",
    "xyzzy",
    "abcabcabc",
    "aaaa",
    "foobarbaz",
    "a.b*c",
    "100%",
    "under_score",
    "x=1&y=2",
    "<b>bold</b> & more",
    "https://example.com/a?b=c#d",
    "john.doe@example.com",
    "The quick brown fox jumps over the lazy dog",
    "2024-02-29",
    "12:34:56",
    "true",
    "{1,2,3}",
    "[1,2]",
    "{\"a\": 1}",
    "DEADBEEF",
    "0xff",
    "SGVsbG8=",
    "48656c6c6f",
    "\\x4869",
    "\u{a0}nbsp",
    "trailing ",
    "\u{feff}bom",
];

const ALPHABET: &str = "aabbccdexyzABZ0129  .,-_%\\/'\"()éßñΩя日😀\n\t";

impl Values {
    /// Text or bytes of that type.
    pub(super) fn characters(&mut self, name: &str) -> Option<String> {
        Some(match name {
            "text" | "varchar" | "cstring" => self.words(),
            "name" => self.words(),
            "bpchar" => {
                let mut text = self.words();
                if self.random.chance(30) {
                    text.push_str("   ");
                }
                text
            }
            "char" => self.edge_or(&["", "a", "A", "z", "0", " ", "\\", "~", "\\101", "\\377"], |values| {
                char::from(b' ' + values.random.below(95) as u8).to_string()
            }),
            "bytea" => self.bytes(),
            "xml" => self.random.pick(&["<a/>", "<a>b</a>", "text", "", "<a><b>1</b></a>", "<a"]).to_owned(),
            _ => return None,
        })
    }

    /// Any text.
    pub(super) fn words(&mut self) -> String {
        self.edge_or(TEXTS, |values| {
            let alphabet: Vec<char> = ALPHABET.chars().collect();
            let length = match values.random.below(10) {
                0..6 => values.random.below(8),
                6..9 => values.random.below(30),
                _ => values.random.below(200),
            };
            (0..length).map(|_| alphabet[values.random.below(alphabet.len())]).collect()
        })
    }

    fn bytes(&mut self) -> String {
        self.edge_or(
            &[
                "",
                "\\x",
                "\\x00",
                "\\xff",
                "\\x0102030405",
                "\\xdeadbeef",
                "abc",
                "\\x616263",
                "\\000\\001x",
                "\\xc3a9",
                "\\xe697a5",
            ],
            |values| {
                let length =
                    if values.random.chance(90) { values.random.below(12) } else { values.random.below(80) };
                let digits: String =
                    (0..length).map(|_| format!("{:02x}", values.random.below(256))).collect();
                format!("\\x{digits}")
            },
        )
    }
}
