//! `tsvector @@ tsquery`

use crate::execute::{Check, Operand, Places, Plan, Ternary};
use pglitedb_sqlstate::Result;
use pglitedb_types::textsearch::{MAX_POSITION, StoredLexeme, TsQuery, stored_lexemes};

/// A vector as it is stored: nothing is copied out of it.
struct Vector<'v>(Vec<StoredLexeme<'v>>);

impl<'v> Vector<'v> {
    fn find(&self, text: &[u8]) -> Option<StoredLexeme<'v>> {
        let at = self.0.binary_search_by(|known| known.text.cmp(text)).ok()?;
        self.0.get(at).copied()
    }

    fn with_prefix(&self, prefix: &[u8]) -> impl Iterator<Item = StoredLexeme<'v>> {
        let from = self.0.partition_point(|known| known.text < prefix);
        let rest = self.0.get(from..).unwrap_or_default();
        rest.iter().copied().take_while(move |known| known.text.starts_with(prefix))
    }
}

fn has_weight(operand: &Operand<'_>, position: u16) -> bool {
    operand.weights & 1 << (position >> 14) != 0
}

/// One lexeme that fits the word.
fn check_lexeme(lexeme: StoredLexeme<'_>, operand: &Operand<'_>, places: Option<&mut Places>) -> Ternary {
    let fits = |position: &u16| operand.weights == 0 || has_weight(operand, *position);
    match places {
        // Without positions nothing is known of weights: they are not looked at.
        None if lexeme.is_anywhere() || lexeme.positions().any(|position| fits(&position)) => Ternary::Yes,
        None => Ternary::No,
        Some(_) if lexeme.is_anywhere() => Ternary::Maybe,
        Some(places) => {
            let positions = lexeme.positions().filter(fits);
            let before = places.positions.len();
            places.positions.extend(positions.map(|position| u32::from(position & MAX_POSITION)));
            if places.positions.len() > before { Ternary::Yes } else { Ternary::No }
        }
    }
}

impl Check for Vector<'_> {
    fn check(&self, _: usize, operand: &Operand<'_>, mut places: Option<&mut Places>) -> Ternary {
        if !operand.prefix {
            return match self.find(operand.text.as_bytes()) {
                Some(lexeme) => check_lexeme(lexeme, operand, places),
                None => Ternary::No,
            };
        }
        let mut answer = Ternary::No;
        for lexeme in self.with_prefix(operand.text.as_bytes()) {
            match (check_lexeme(lexeme, operand, places.as_deref_mut()), &mut places) {
                (Ternary::Maybe, Some(places)) => {
                    places.positions.clear();
                    return Ternary::Maybe;
                }
                (Ternary::Yes, None) => return Ternary::Yes,
                (Ternary::Yes, Some(_)) => answer = Ternary::Yes,
                _ => {}
            }
        }
        if let Some(places) = places {
            places.positions.sort_unstable();
            places.positions.dedup();
        }
        answer
    }
}

/// Does a vector, in its storage form, match a query? The empty query matches nothing.
pub fn matches(vector: &[u8], query: Option<&TsQuery>) -> Result<bool> {
    let Some(query) = query else { return Ok(false) };
    Ok(Plan::new(query).matches(&Vector(stored_lexemes(vector)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pglitedb_types::textsearch::TsVector;

    fn matches_text(vector: &str, query: &str) -> bool {
        let query = TsQuery::parse(query).unwrap();
        let pglitedb_types::Datum::Encoded(vector) = TsVector::parse(vector).unwrap().to_datum() else {
            panic!("not a stored vector");
        };
        matches(&vector, query.as_ref()).unwrap()
    }

    #[test]
    fn phrases_and_negation() {
        assert!(matches_text("a:1 b:2", "a <-> b"));
        assert!(!matches_text("a:1 b:3", "a <-> b"));
        assert!(matches_text("a:1 b:3", "a <2> b"));
        assert!(!matches_text("a b", "a <-> b"));
        assert!(matches_text("x:1 y:2,4 q:3", "!x <-> y"));
        assert!(!matches_text("x:1 y:2,4 q:3", "!(x <-> y)"));
        assert!(matches_text("", "!foo"));
        assert!(matches_text("x:1 y:2 q:3", "(x | !!z) <-> y <-> q"));
    }

    #[test]
    fn weights_and_prefixes() {
        assert!(matches_text("wa:1D wb:2A", "w:*D <-> w:*A"));
        assert!(!matches_text("wa:1A wb:2D", "w:*D <-> w:*A"));
        assert!(matches_text("wa", "w:*A"));
        assert!(!matches_text("wa:1A", "wa:D"));
        assert!(!matches_text("supernova", "super"));
    }
}
