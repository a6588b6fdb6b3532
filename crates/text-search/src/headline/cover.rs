//! Stretches of a text that match the whole query.

use super::Word;
use crate::Host;
use crate::execute::{Check, Operand, Places, Plan, Ternary};
use pglitedb_sqlstate::Result;

/// Words of the text as something to run a query against.
struct Range<'w, 'a>(&'w [Word<'a>]);

impl Check for Range<'_, '_> {
    fn check(&self, word: usize, _: &Operand<'_>, places: Option<&mut Places>) -> Ternary {
        let mut found = self.0.iter().filter(|known| known.operand == Some(word));
        let Some(places) = places else {
            return if found.next().is_some() { Ternary::Yes } else { Ternary::No };
        };
        for word in found {
            if places.positions.last() != Some(&word.position) {
                places.positions.push(word.position);
            }
        }
        if places.positions.is_empty() { Ternary::No } else { Ternary::Yes }
    }
}

/// Finds covers from left to right.
pub(super) struct Covers {
    locations: Vec<Places>,
}

impl Covers {
    pub fn new(words: &[Word<'_>], plan: Option<&Plan<'_>>) -> Covers {
        let locations = plan.and_then(|plan| plan.locations(&Range(words))).unwrap_or_default();
        Covers { locations }
    }

    /// The shortest stretch of positions from `from` on that has all that is wanted.
    fn next_positions(&self, from: u32) -> Option<(u32, u32)> {
        let mut end = None;
        for places in &self.locations {
            let first = places.positions.iter().find(|position| **position >= from)?;
            end = end.max(Some(*first));
        }
        let end = end?;
        let mut begin = u32::MAX;
        for places in &self.locations {
            let mut starts =
                places.positions.iter().rev().map(|position| position.saturating_sub(places.width));
            begin = begin.min(starts.find(|start| *start <= end).unwrap_or(0));
        }
        Some((begin.max(from), end))
    }

    /// The next cover (numbers of its first and last word) from a position on, which moves.
    pub fn next(
        &self,
        words: &[Word<'_>],
        plan: &Plan<'_>,
        from: &mut u32,
        host: &dyn Host,
    ) -> Result<Option<(usize, usize)>> {
        loop {
            host.check_interrupts()?;
            let Some((begin, end)) = self.next_positions(*from) else { return Ok(None) };
            *from = begin + 1;
            if begin > end {
                continue;
            }
            let (mut first, mut last) = (None, None);
            for (number, word) in words.iter().enumerate().filter(|(_, word)| word.operand.is_some()) {
                if first.is_none() && word.position >= begin {
                    first = Some(number);
                }
                if word.position > end {
                    break;
                }
                last = Some(number);
            }
            if let (Some(first), Some(last)) = (first, last)
                && last >= first
                && plan.matches(&Range(words.get(first..=last).unwrap_or_default()))
            {
                return Ok(Some((first, last)));
            }
        }
    }
}
