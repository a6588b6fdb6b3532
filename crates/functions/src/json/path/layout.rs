//! Where the parts of a `jsonb` value lie in PostgreSQL's binary form: the ids that `.keyvalue()` gives are offsets in it.

use pglitedb_types::{JsonbValue, Numeric};

/// Bytes of a container's header, and of each entry after it.
const WORD: usize = 4;

/// Offset of a container inside of the root value; `None` if it is no part of it (by identity).
pub fn offset(root: &JsonbValue, wanted: &JsonbValue) -> Option<usize> {
    let mut search = Search { wanted, found: None };
    search.container(root, 0);
    search.found
}

struct Search<'a> {
    wanted: &'a JsonbValue,
    found: Option<usize>,
}

fn aligned(at: usize) -> usize {
    at.next_multiple_of(WORD)
}

impl Search<'_> {
    /// Answers where the container that begins at `start` ends.
    fn container(&mut self, value: &JsonbValue, start: usize) -> usize {
        if std::ptr::eq(value, self.wanted) {
            self.found = Some(start);
        }
        match value {
            JsonbValue::Array(items) => {
                let mut at = start + WORD + WORD * items.len();
                for item in items {
                    at = self.value(item, at);
                }
                at
            }
            JsonbValue::Object(members) => {
                let mut at = start + WORD + 2 * WORD * members.len();
                at += members.iter().map(|(key, _)| key.len()).sum::<usize>();
                for (_, item) in members {
                    at = self.value(item, at);
                }
                at
            }
            // A scalar is the only item of an array.
            scalar => self.value(scalar, start + 2 * WORD),
        }
    }

    fn value(&mut self, value: &JsonbValue, at: usize) -> usize {
        if self.found.is_some() {
            return at;
        }
        match value {
            JsonbValue::Null | JsonbValue::Bool(_) => at,
            JsonbValue::String(text) => at + text.len(),
            JsonbValue::Number(number) => aligned(at) + numeric_size(number),
            container => self.container(container, aligned(at)),
        }
    }
}

/// Bytes of a `numeric` with its length word.
fn numeric_size(number: &Numeric) -> usize {
    let text = number.to_string();
    let text = text.trim_start_matches('-');
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut digits = "0".repeat((4 - whole.len() % 4) % 4) + whole;
    let whole_groups = digits.len() / 4;
    digits.push_str(fraction);
    digits.push_str(&"0".repeat((4 - fraction.len() % 4) % 4));
    let groups: Vec<&str> = (0..digits.len() / 4).filter_map(|at| digits.get(at * 4..at * 4 + 4)).collect();
    let is_zero = |group: &&&str| **group == "0000";
    let leading = groups.iter().take_while(is_zero).count();
    if leading == groups.len() {
        return WORD + 2;
    }
    let trailing = groups.iter().rev().take_while(is_zero).count();
    let weight = whole_groups as i64 - leading as i64 - 1;
    let short = fraction.len() <= 63 && (-64..=63).contains(&weight);
    WORD + if short { 2 } else { 4 } + 2 * (groups.len() - leading - trailing)
}
