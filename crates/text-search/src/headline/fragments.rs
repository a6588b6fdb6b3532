//! A headline of several pieces.

use super::cover::Covers;
use super::{HeadlineOptions, Word, first_words, mark};
use crate::Host;
use crate::execute::Plan;
use pglitedb_sqlstate::Result;

/// Part of a cover that is not longer than a piece may be.
struct Piece {
    begin: usize,
    end: usize,
    words: i32,
    interesting: i32,
    chosen: bool,
    excluded: bool,
}

/// The first piece between two words: it begins and ends with a word of the query.
fn piece(words: &[Word<'_>], begin: usize, end: usize, max_words: i32) -> Piece {
    let is_interesting = |number: &usize| words.get(*number).is_some_and(Word::is_interesting);
    let begin = (begin..=end).find(is_interesting).unwrap_or(end);
    let (mut count, mut interesting) = (0, 0);
    let mut next = begin;
    while let Some(word) = words.get(next).filter(|_| next <= end && count < max_words) {
        count += i32::from(word.counts());
        interesting += i32::from(word.is_interesting());
        next += 1;
    }
    let mut last = end;
    if end > next {
        last = next;
        for number in (begin..=next).rev() {
            last = number;
            let Some(word) = words.get(number) else { continue };
            if word.is_interesting() {
                break;
            }
            count -= i32::from(word.counts());
        }
    }
    Piece { begin, end: last, words: count, interesting, chosen: false, excluded: false }
}

/// All pieces of all covers.
fn pieces(
    words: &[Word<'_>],
    covers: &Covers,
    plan: &Plan<'_>,
    options: &HeadlineOptions,
    host: &dyn Host,
) -> Result<Vec<Piece>> {
    let mut all = Vec::new();
    let mut from = 0;
    while let Some((first, last)) = covers.next(words, plan, &mut from, host)? {
        let mut begin = first;
        while begin <= last {
            let piece = piece(words, begin, last, options.max_words);
            begin = piece.end + 1;
            all.push(piece);
        }
    }
    Ok(all)
}

/// Makes a piece longer at both ends, up to what was marked already.
fn stretch(words: &[Word<'_>], piece: &mut Piece, options: &HeadlineOptions) {
    if piece.words >= options.max_words {
        return;
    }
    let counts = |number: usize| words.get(number).is_some_and(Word::counts);
    let bad_end = |number: usize| words.get(number).is_some_and(|word| word.is_bad_end(options.short_word));
    let most = (options.max_words - piece.words) / 2;
    let (mut added, mut marker) = (0, piece.begin);
    for (number, word) in words.iter().enumerate().take(piece.begin).rev() {
        if added >= most || word.shown {
            break;
        }
        added += i32::from(word.counts());
        marker = number;
    }
    piece.words += added;
    while marker < piece.begin && bad_end(marker) {
        piece.words -= i32::from(counts(marker));
        marker += 1;
    }
    piece.begin = marker;
    let mut marker = piece.end;
    for (number, word) in words.iter().enumerate().skip(piece.end + 1) {
        if piece.words >= options.max_words || word.shown {
            break;
        }
        piece.words += i32::from(word.counts());
        marker = number;
    }
    while marker > piece.end && bad_end(marker) {
        piece.words -= i32::from(counts(marker));
        marker -= 1;
    }
    piece.end = marker;
}

/// The piece with most words of the query, of those the shortest, of those the first.
fn best(pieces: &[Piece]) -> Option<usize> {
    let mut found: Option<(usize, &Piece)> = None;
    let (mut interesting, mut words) = (0, i32::MAX);
    for (number, piece) in pieces.iter().enumerate().filter(|(_, piece)| !piece.chosen && !piece.excluded) {
        if interesting < piece.interesting || interesting == piece.interesting && words > piece.words {
            (interesting, words) = (piece.interesting, piece.words);
            found = Some((number, piece));
        }
    }
    found.map(|(number, _)| number)
}

/// Chooses pieces and marks them.
pub(super) fn choose(
    words: &mut [Word<'_>],
    covers: Covers,
    plan: Option<&Plan<'_>>,
    options: &HeadlineOptions,
    host: &dyn Host,
) -> Result<()> {
    let mut all = match plan {
        Some(plan) => pieces(words, &covers, plan, options, host)?,
        None => Vec::new(),
    };
    let mut any = false;
    for _ in 0..options.max_fragments {
        let Some(number) = best(&all) else { break };
        let Some(piece) = all.get_mut(number) else { break };
        piece.chosen = true;
        stretch(words, piece, options);
        let (begin, end) = (piece.begin, piece.end);
        mark(words, options, begin, end);
        any = true;
        for (other, piece) in all.iter_mut().enumerate() {
            if other != number && piece.begin <= end && piece.end >= begin {
                piece.excluded = true;
            }
        }
    }
    if !any {
        mark(words, options, 0, first_words(words, options).unwrap_or(0));
    }
    Ok(())
}
