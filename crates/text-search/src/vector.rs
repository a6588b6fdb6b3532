//! Functions of `tsvector`.

use pglitedb_sqlstate::{Result, err};
use pglitedb_types::textsearch::{Lexeme, MAX_LEXEME, MAX_POSITION, MAX_POSITIONS, TsVector};
use std::cmp::Ordering;

/// The letter of a weight.
pub fn weight_letter(position: u16) -> char {
    match position >> 14 {
        3 => 'A',
        2 => 'B',
        1 => 'C',
        _ => 'D',
    }
}

/// A weight from its letter.
pub fn parse_weight(letter: u8) -> Option<u16> {
    Some(match letter.to_ascii_uppercase() {
        b'A' => 3,
        b'B' => 2,
        b'C' => 1,
        b'D' => 0,
        _ => return None,
    })
}

/// `||`: the second vector's positions follow those of the first.
pub fn concat(a: TsVector, b: TsVector) -> Result<TsVector> {
    let last =
        a.lexemes.iter().flat_map(|lexeme| &lexeme.positions).map(|position| position & MAX_POSITION).max();
    let last = last.unwrap_or(0);
    let append = |positions: &mut Vec<u16>, more: &[u16]| {
        for position in more {
            let full = positions.len() >= MAX_POSITIONS;
            if full || positions.last().is_some_and(|last| last & MAX_POSITION == MAX_POSITION) {
                break;
            }
            let moved = (position & MAX_POSITION).saturating_add(last).min(MAX_POSITION);
            positions.push(position & !MAX_POSITION | moved);
        }
    };
    let moved = |lexeme: &Lexeme| {
        let mut positions = Vec::with_capacity(lexeme.positions.len());
        append(&mut positions, &lexeme.positions);
        Lexeme { text: lexeme.text.clone(), positions }
    };
    let mut lexemes = Vec::with_capacity(a.lexemes.len() + b.lexemes.len());
    let mut others = b.lexemes.iter().peekable();
    for mut lexeme in a.lexemes {
        while let Some(other) = others.peek() {
            match other.text.as_bytes().cmp(lexeme.text.as_bytes()) {
                Ordering::Less => lexemes.push(moved(other)),
                Ordering::Equal => append(&mut lexeme.positions, &other.positions),
                Ordering::Greater => break,
            }
            others.next();
        }
        lexemes.push(lexeme);
    }
    lexemes.extend(others.map(moved));
    let vector = TsVector { lexemes };
    vector.check_size()?;
    Ok(vector)
}

/// Without positions.
pub fn strip(mut vector: TsVector) -> TsVector {
    vector.lexemes.iter_mut().for_each(|lexeme| lexeme.positions.clear());
    vector
}

fn weigh(lexeme: &mut Lexeme, weight: u16) {
    lexeme.positions.iter_mut().for_each(|position| *position = *position & MAX_POSITION | weight << 14);
}

/// `setweight(tsvector, "char")`
pub fn set_weight(mut vector: TsVector, weight: u16) -> TsVector {
    vector.lexemes.iter_mut().for_each(|lexeme| weigh(lexeme, weight));
    vector
}

/// `setweight(tsvector, "char", text[])`
pub fn set_weight_of(mut vector: TsVector, weight: u16, words: &[&str]) -> TsVector {
    for word in words {
        let found = vector.lexemes.binary_search_by(|lexeme| lexeme.text.as_bytes().cmp(word.as_bytes()));
        if let Some(lexeme) = found.ok().and_then(|at| vector.lexemes.get_mut(at)) {
            weigh(lexeme, weight);
        }
    }
    vector
}

/// `ts_delete`
pub fn delete(mut vector: TsVector, words: &[&str]) -> TsVector {
    vector.lexemes.retain(|lexeme| !words.contains(&&*lexeme.text));
    vector
}

/// `ts_filter`: positions of the weights in a set (bit 3 is A); lexemes left without any are gone.
pub fn filter(mut vector: TsVector, weights: u8) -> TsVector {
    for lexeme in &mut vector.lexemes {
        lexeme.positions.retain(|position| weights & 1 << (position >> 14) != 0);
    }
    vector.lexemes.retain(|lexeme| !lexeme.positions.is_empty());
    vector
}

/// `array_to_tsvector`
pub fn from_array(words: Vec<Option<&str>>) -> Result<TsVector> {
    let mut lexemes = Vec::with_capacity(words.len());
    for word in words {
        let word = word.ok_or_else(|| err!(NULL_VALUE_NOT_ALLOWED, "lexeme array may not contain nulls"))?;
        if word.is_empty() {
            return Err(err!(ZERO_LENGTH_CHARACTER_STRING, "lexeme array may not contain empty strings"));
        }
        if word.len() >= MAX_LEXEME {
            return Err(err!(
                PROGRAM_LIMIT_EXCEEDED,
                "word is too long ({} bytes, max {} bytes)",
                word.len(),
                MAX_LEXEME - 1
            ));
        }
        lexemes.push(Lexeme { text: word.to_owned(), positions: Vec::new() });
    }
    let vector = TsVector::from_lexemes(lexemes);
    vector.check_size()?;
    Ok(vector)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(vector: &TsVector) -> String {
        let mut out = Vec::new();
        vector.write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn concatenation_moves_positions() {
        let parse = |text| TsVector::parse(text).unwrap();
        let joined = concat(parse("a:3A b:2a"), parse("ba:1234 a:1B")).unwrap();
        assert_eq!(show(&joined), "'a':3A,4B 'b':2A 'ba':1237");
        assert_eq!(show(&filter(parse("a:1A,2 b:3 c"), 8)), "'a':1A");
    }
}
