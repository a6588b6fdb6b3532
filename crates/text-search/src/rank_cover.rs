//! `ts_rank_cd`: how well a vector matches, by the stretches of text that hold all words.

use crate::Host;
use crate::execute::{Check, Operand, Places, Plan, Ternary};
use crate::rank::{Weights, length, lexemes_of, norm};
use pglitedb_sqlstate::Result;
use pglitedb_types::textsearch::{MAX_POSITION, TsQuery, TsVector};
use std::cell::RefCell;

/// A place of the text where words of the query are.
struct Place {
    /// With its weight.
    position: u16,
    words: Vec<usize>,
}

impl Place {
    fn at(&self) -> u32 {
        u32::from(self.position & MAX_POSITION)
    }
}

/// Places in order. Those of one lexeme that several words of the query stand for are one.
fn places(vector: &TsVector, plan: &Plan<'_>) -> Vec<Place> {
    let mut all: Vec<(u16, usize, usize)> = Vec::new();
    for (word, operand) in plan.operands.iter().enumerate() {
        for lexeme in lexemes_of(vector, operand.text, operand.prefix) {
            let number =
                vector.lexemes.partition_point(|known| known.text.as_bytes() < lexeme.text.as_bytes());
            for position in &lexeme.positions {
                if operand.weights == 0 || operand.weights & 1 << (position >> 14) != 0 {
                    all.push((*position, number, word));
                }
            }
        }
    }
    all.sort_by_key(|(position, lexeme, _)| (position & MAX_POSITION, position >> 14, *lexeme));
    let same = |a: &(u16, usize, usize), b: &(u16, usize, usize)| (a.0, a.1) == (b.0, b.1);
    let place = |group: &[(u16, usize, usize)]| Place {
        position: group.first().map_or(0, |(position, ..)| *position),
        words: group.iter().map(|(_, _, word)| *word).collect(),
    };
    all.chunk_by(same).map(place).collect()
}

/// Words seen so far, with their positions in the order seen.
struct Seen {
    words: Vec<Option<Vec<u32>>>,
    backwards: bool,
}

impl Seen {
    fn add(&mut self, place: &Place) {
        for word in &place.words {
            let Some(slot) = self.words.get_mut(*word) else { continue };
            let positions = slot.get_or_insert_default();
            if positions.last() != Some(&place.at()) {
                positions.push(place.at());
            }
        }
    }
}

struct SeenCheck(RefCell<Seen>);

impl Check for SeenCheck {
    fn check(&self, word: usize, _: &Operand<'_>, places: Option<&mut Places>) -> Ternary {
        let seen = self.0.borrow();
        let Some(positions) = seen.words.get(word).and_then(Option::as_ref) else { return Ternary::No };
        if let Some(places) = places {
            places.positions = positions.clone();
            if seen.backwards {
                places.positions.reverse();
            }
        }
        Ternary::Yes
    }
}

impl SeenCheck {
    fn new(words: usize, backwards: bool) -> SeenCheck {
        SeenCheck(RefCell::new(Seen { words: vec![None; words], backwards }))
    }
}

/// A stretch that matches: its first and last place.
struct Cover {
    begin: usize,
    end: usize,
}

/// The shortest stretch that ends first, not before `from`; also where to look for the next.
fn next_cover(
    places: &[Place],
    plan: &Plan<'_>,
    mut from: usize,
    host: &dyn Host,
) -> Result<Option<(Cover, usize)>> {
    loop {
        host.check_interrupts()?;
        let forward = SeenCheck::new(plan.operands.len(), false);
        let mut end = None;
        for (number, place) in places.iter().enumerate().skip(from) {
            forward.0.borrow_mut().add(place);
            if plan.matches(&forward) {
                end = (place.at() > 0).then_some(number);
                break;
            }
        }
        let Some(end) = end else { return Ok(None) };
        let backward = SeenCheck::new(plan.operands.len(), true);
        let mut begin = None;
        for (number, place) in places.iter().enumerate().take(end + 1).skip(from).rev() {
            backward.0.borrow_mut().add(place);
            if plan.matches(&backward) {
                begin = Some(number);
                break;
            }
        }
        match begin {
            Some(begin) => return Ok(Some((Cover { begin, end }, begin + 1))),
            None => from += 1,
        }
    }
}

/// `ts_rank_cd`
pub fn rank_cover(
    weights: &Weights,
    vector: &TsVector,
    query: Option<&TsQuery>,
    method: i32,
    host: &dyn Host,
) -> Result<f32> {
    let Some(query) = query else { return Ok(0.0) };
    let plan = Plan::new(query);
    let places = places(vector, &plan);
    if places.is_empty() {
        return Ok(0.0);
    }
    let inverse = weights.map(|weight| 1.0 / f64::from(weight));
    let (mut result, mut distances, mut last, mut count) = (0.0_f64, 0.0_f64, 0.0_f64, 0_usize);
    let mut from = 0;
    while let Some((cover, next)) = next_cover(&places, &plan, from, host)? {
        from = next;
        let inside = places.get(cover.begin..=cover.end).unwrap_or_default();
        let sum: f64 = inside
            .iter()
            .map(|place| inverse.get(usize::from(place.position >> 14)).copied().unwrap_or(1.0))
            .fold(0.0, |sum, part| sum + part);
        let size = inside.len() as f64;
        let density = size / sum;
        let (first, end) = match inside {
            [first, .., end] => (first.at(), end.at()),
            [only] => (only.at(), only.at()),
            [] => continue,
        };
        let between = i64::from(end) - i64::from(first) - (inside.len() as i64 - 1);
        // Positions have an upper limit: then there may seem to be more words than places.
        let noise = if between < 0 { (inside.len() as i64 - 1) / 2 } else { between };
        result += density / (1 + noise) as f64;
        let middle = f64::from(first + end) / 2.0;
        if count > 0 && middle > last {
            distances += 1.0 / (middle - last);
        }
        last = middle;
        count += 1;
    }
    Ok(normalized(result, vector, method, count, distances) as f32)
}

fn normalized(mut result: f64, vector: &TsVector, method: i32, count: usize, distances: f64) -> f64 {
    let words = vector.lexemes.len();
    if method & norm::LOG_LENGTH != 0 {
        result /= ((length(vector) + 1) as f64).ln();
    }
    if method & norm::LENGTH != 0 {
        result /= length(vector) as f64;
    }
    if method & norm::DISTANCE != 0 && count > 0 && distances > 0.0 {
        result /= count as f64 / distances;
    }
    if method & norm::WORDS != 0 {
        result /= words as f64;
    }
    if method & norm::LOG_WORDS != 0 {
        result /= ((words + 1) as f64).ln() / 2.0_f64.ln();
    }
    if method & norm::ITSELF != 0 {
        result /= result + 1.0;
    }
    result
}
