//! Arrays, ranges, vectors, rows and the like.

use super::Values;

/// Ranges and the types of their bounds.
pub const RANGES: &[(&str, &str)] = &[
    ("int4range", "int4"),
    ("int8range", "int8"),
    ("numrange", "numeric"),
    ("daterange", "date"),
    ("tsrange", "timestamp"),
    ("tstzrange", "timestamptz"),
];

/// Labels of the enum type that the comparison creates on both servers.
pub const MOODS: &[&str] = &["sad", "ok", "happy", "so happy"];

fn quoted(text: &str) -> String {
    let plain = !text.is_empty()
        && !text.eq_ignore_ascii_case("null")
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '+' | ':' | '/'));
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}

impl Values {
    /// A value of a type that is made of others.
    pub(super) fn compound(&mut self, name: &str) -> Option<String> {
        if let Some((_, element)) = RANGES.iter().find(|(range, _)| *range == name) {
            return self.range(element);
        }
        if let Some(stem) = name.strip_suffix("multirange") {
            let range = match stem {
                "num" | "ts" | "tstz" | "date" | "int4" | "int8" => format!("{stem}range"),
                _ => return None,
            };
            let (_, element) = RANGES.iter().find(|(known, _)| *known == range)?;
            let count = self.random.below(4);
            let ranges: Option<Vec<String>> = (0..count).map(|_| self.range(element)).collect();
            return Some(format!("{{{}}}", ranges?.join(",")));
        }
        Some(match name {
            "int2vector" | "oidvector" => {
                let count = self.random.below(5);
                let members: Vec<String> = (0..count).map(|_| self.random.below(3000).to_string()).collect();
                members.join(" ")
            }
            "tid" => {
                let (block, offset) = (self.random.scaled(31).unsigned_abs(), self.random.below(300));
                format!("({block},{offset})")
            }
            "pg_snapshot" | "txid_snapshot" => self
                .random
                .pick(&["1:1:", "10:20:10,12,15", "100:150:101,102", "5:5:", "12:13:", "10:20:"])
                .to_owned(),
            "difference_mood" => self.random.pick(MOODS).to_owned(),
            "difference_pair" => {
                let (number, text) = (self.text_of("int4")?, self.text_of("text")?);
                format!("({number},{})", quoted(&text))
            }
            "regconfig" => self.random.pick(&["english", "simple", "german", "french"]).to_owned(),
            "regdictionary" => self.random.pick(&["english_stem", "simple", "german_stem"]).to_owned(),
            "regtype" => self
                .random
                .pick(&["int4", "text", "numeric(5,2)", "timestamptz", "int4[]", "0", "999999"])
                .to_owned(),
            "regclass" => self.random.pick(&["pg_class", "pg_type", "0", "999999"]).to_owned(),
            "regproc" => self.random.pick(&["now", "pi", "0"]).to_owned(),
            "regprocedure" => self.random.pick(&["abs(int4)", "lower(text)", "0"]).to_owned(),
            "regoper" => self.random.pick(&["||/", "!~~*", "0"]).to_owned(),
            "regoperator" => self.random.pick(&["+(int4,int4)", "-(NONE,int8)", "0"]).to_owned(),
            "regnamespace" => self.random.pick(&["pg_catalog", "public", "0"]).to_owned(),
            "regrole" => self.random.pick(&["postgres", "0"]).to_owned(),
            "regcollation" => self.random.pick(&["\"C\"", "\"default\"", "0"]).to_owned(),
            _ => return None,
        })
    }

    fn range(&mut self, element: &str) -> Option<String> {
        let (first, second) = (self.text_of(element)?, self.text_of(element)?);
        let (mut low, mut high) = (first, second);
        // Numbers can be put in order, so that more ranges are valid ones.
        if let (Ok(a), Ok(b)) = (low.parse::<f64>(), high.parse::<f64>()) {
            if a > b {
                std::mem::swap(&mut low, &mut high);
            }
        } else if low.len() == high.len() && low > high && !low.starts_with('-') {
            std::mem::swap(&mut low, &mut high);
        }
        if self.random.chance(4) {
            return Some("empty".to_owned());
        }
        let low = if self.random.chance(10) { String::new() } else { quoted(&low) };
        let high = if self.random.chance(10) { String::new() } else { quoted(&high) };
        let (open, close) = (self.random.pick(&["[", "("]), self.random.pick(&[")", "]"]));
        Some(format!("{open}{low},{high}{close}"))
    }

    /// An array of `element`s.
    pub(super) fn array(&mut self, element: &str) -> Option<String> {
        // A box may contain the usual delimiter.
        let delimiter = if element == "box" { ";" } else { "," };
        let row = |values: &mut Values, count: usize| -> Option<String> {
            let members: Option<Vec<String>> = (0..count)
                .map(|_| {
                    if values.random.chance(8) {
                        return Some("NULL".to_owned());
                    }
                    values.text_of(element).map(|text| if element == "box" { text } else { quoted(&text) })
                })
                .collect();
            Some(format!("{{{}}}", members?.join(delimiter)))
        };
        Some(match self.random.below(12) {
            0 => "{}".to_owned(),
            1 => {
                let (rows, columns) = (1 + self.random.below(3), 1 + self.random.below(3));
                let rows: Option<Vec<String>> = (0..rows).map(|_| row(self, columns)).collect();
                format!("{{{}}}", rows?.join(delimiter))
            }
            2 => {
                let (low, count) = (self.random.between(-3, 4), 1 + self.random.below(3));
                let members = row(self, count)?;
                format!("[{low}:{}]={members}", low + count as i64 - 1)
            }
            _ => {
                let count = 1 + self.random.below(5);
                row(self, count)?
            }
        })
    }
}
