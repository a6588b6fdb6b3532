//! A headline of one piece.

use super::cover::Covers;
use super::{HeadlineOptions, Word, first_words};
use crate::Host;
use crate::execute::Plan;
use pglitedb_sqlstate::Result;

/// A possible headline.
struct Candidate {
    begin: usize,
    end: usize,
    /// It has all of the cover.
    whole: bool,
    /// How many words of the query.
    interesting: i32,
    good_end: bool,
}

/// Counts while words are added and taken away.
#[derive(Default)]
struct Count {
    words: i32,
    interesting: i32,
}

impl Count {
    fn add(&mut self, word: &Word<'_>) {
        self.words += i32::from(word.counts());
        self.interesting += i32::from(word.is_interesting());
    }
}

/// The headline around a cover.
fn around(words: &[Word<'_>], first: usize, last: usize, options: &HeadlineOptions) -> Candidate {
    let mut count = Count::default();
    let (mut begin, mut end) = (first, first);
    let mut next = first;
    while let Some(word) = words.get(next).filter(|_| next <= last && count.words < options.max_words) {
        count.add(word);
        end = next;
        next += 1;
    }
    if count.words < options.max_words {
        lengthen(words, (first, last), next.saturating_sub(1), &mut begin, &mut end, &mut count, options);
    } else {
        shorten(words, last.min(next), &mut end, &mut count, options);
    }
    Candidate {
        begin,
        end,
        whole: begin <= first && end >= last,
        interesting: count.interesting,
        good_end: words.get(end).is_some_and(|word| !word.is_bad_end(options.short_word)),
    }
}

/// Goes on to a good end, and if the text ends before there are enough words, also back.
fn lengthen(
    words: &[Word<'_>],
    (first, last): (usize, usize),
    from: usize,
    begin: &mut usize,
    end: &mut usize,
    count: &mut Count,
    options: &HeadlineOptions,
) {
    for (number, word) in words.iter().enumerate().skip(from) {
        if count.words >= options.max_words {
            break;
        }
        if number > last {
            count.add(word);
        }
        *end = number;
        if !word.is_bad_end(options.short_word) && count.words >= options.min_words {
            break;
        }
    }
    if count.words >= options.min_words {
        return;
    }
    *begin = 0;
    for (number, word) in words.iter().enumerate().take(first).rev() {
        count.add(word);
        let full = count.words >= options.max_words;
        if full || !word.is_bad_end(options.short_word) && count.words >= options.min_words {
            *begin = number;
            break;
        }
    }
}

/// Goes back to a good end, as long as there are enough words.
fn shorten(words: &[Word<'_>], from: usize, end: &mut usize, count: &mut Count, options: &HeadlineOptions) {
    let mut number = from;
    while count.words > options.min_words {
        let Some(word) = words.get(number).filter(|word| word.is_bad_end(options.short_word)) else { return };
        count.words -= i32::from(word.counts());
        count.interesting -= i32::from(word.is_interesting());
        let Some(before) = number.checked_sub(1) else { return };
        *end = before;
        number = before;
    }
}

/// The words of the headline, first and last; `None` if the text has none.
pub(super) fn choose(
    words: &[Word<'_>],
    covers: &Covers,
    plan: Option<&Plan<'_>>,
    options: &HeadlineOptions,
    host: &dyn Host,
) -> Result<Option<(usize, usize)>> {
    if options.highlight_all {
        return Ok(words.len().checked_sub(1).map(|last| (0, last)));
    }
    let mut best: Option<Candidate> = None;
    let mut from = 0;
    if let Some(plan) = plan {
        while let Some((first, last)) = covers.next(words, plan, &mut from, host)? {
            let candidate = around(words, first, last, options);
            let better = best.as_ref().is_none_or(|best| {
                let (new, old) = ((candidate.whole, candidate.interesting), (best.whole, best.interesting));
                new > old || new == old && candidate.good_end && !best.good_end
            });
            if better {
                best = Some(candidate);
            }
        }
    }
    Ok(match best {
        Some(best) => Some((best.begin, best.end)),
        None => first_words(words, options).map(|end| (0, end)),
    })
}
