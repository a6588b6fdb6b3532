//! `ts_rank`: how well a vector matches, by how often its words occur and how near they are.
//!
//! PostgreSQL computes in `float4` with parts in `float8`; results are the same digit for digit only if each step rounds
//! as there.

use pglitedb_sqlstate::{Result, err};
use pglitedb_types::textsearch::{Lexeme, MAX_POSITION, TsQuery, TsVector};

/// Weights of D, C, B and A.
pub type Weights = [f32; 4];

const DEFAULT: Weights = [0.1, 0.2, 0.4, 1.0];

/// Ways to divide the result, added up.
pub(crate) mod norm {
    /// By the logarithm of the length.
    pub const LOG_LENGTH: i32 = 1;
    /// By the length.
    pub const LENGTH: i32 = 2;
    /// By the mean distance of matches (`ts_rank_cd`).
    pub const DISTANCE: i32 = 4;
    /// By the number of words.
    pub const WORDS: i32 = 8;
    /// By its logarithm.
    pub const LOG_WORDS: i32 = 16;
    /// By itself and one.
    pub const ITSELF: i32 = 32;
}

/// Weights from an array: negative ones stand for the default.
pub fn weights(given: Option<&[Option<f32>]>) -> Result<Weights> {
    let Some(given) = given else { return Ok(DEFAULT) };
    let mut weights = DEFAULT;
    if given.len() < weights.len() {
        return Err(err!(ARRAY_SUBSCRIPT_ERROR, "array of weight is too short"));
    }
    if given.contains(&None) {
        return Err(err!(NULL_VALUE_NOT_ALLOWED, "array of weight must not contain nulls"));
    }
    for (weight, given) in weights.iter_mut().zip(given) {
        match given {
            Some(given) if *given >= 0.0 => *weight = *given,
            _ => {}
        }
        if *weight > 1.0 {
            return Err(err!(INVALID_PARAMETER_VALUE, "weight out of range"));
        }
    }
    Ok(weights)
}

/// Words of a query, each once, in byte order.
fn distinct_words(query: &TsQuery) -> Vec<(&str, bool)> {
    fn collect<'q>(query: &'q TsQuery, all: &mut Vec<(&'q str, bool)>) {
        match query {
            TsQuery::Word { text, prefix, .. } => all.push((text, *prefix)),
            TsQuery::Not(inner) => collect(inner, all),
            TsQuery::And(left, right) | TsQuery::Or(left, right) | TsQuery::Phrase(left, right, _) => {
                collect(right, all);
                collect(left, all);
            }
        }
    }
    let mut all = Vec::new();
    collect(query, &mut all);
    all.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
    all.dedup_by(|a, b| a.0 == b.0);
    all
}

/// The lexemes that a word of a query stands for.
pub(crate) fn lexemes_of<'v>(vector: &'v TsVector, text: &str, prefix: bool) -> &'v [Lexeme] {
    if prefix {
        return vector.with_prefix(text);
    }
    vector.find(text).map(std::slice::from_ref).unwrap_or_default()
}

/// How many words the text had.
pub(crate) fn length(vector: &TsVector) -> usize {
    vector.lexemes.iter().map(|lexeme| lexeme.positions.len().max(1)).sum()
}

/// What a lexeme without positions counts as.
const NOWHERE: [u16; 1] = [MAX_POSITION];

fn positions(lexeme: &Lexeme) -> &[u16] {
    if lexeme.positions.is_empty() { &NOWHERE } else { &lexeme.positions }
}

fn weight(weights: &Weights, position: u16) -> f32 {
    let [d, c, b, a] = *weights;
    match position >> 14 {
        3 => a,
        2 => b,
        1 => c,
        _ => d,
    }
}

fn nearness(distance: i32) -> f32 {
    if distance > 100 {
        return 1e-30;
    }
    (1.0 / (1.005 + 0.05 * (f64::from(distance as f32) / 1.5 - 2.0).exp())) as f32
}

/// One word or another: each counts by its best place, then by the others.
fn rank_any(weights: &Weights, vector: &TsVector, query: &TsQuery) -> f32 {
    let words = distinct_words(query);
    let mut result = 0.0_f32;
    for (text, prefix) in &words {
        for lexeme in lexemes_of(vector, text, *prefix) {
            let (mut sum, mut best, mut best_at) = (0.0_f32, -1.0_f32, 0_i32);
            for (at, position) in positions(lexeme).iter().enumerate() {
                let at = i32::try_from(at).unwrap_or(i32::MAX);
                let weight = weight(weights, *position);
                sum += weight / ((at + 1) * (at + 1)) as f32;
                if weight > best {
                    (best, best_at) = (weight, at);
                }
            }
            // The sum of 1/n² over all n is π²/6.
            let part = best + sum - best / ((best_at + 1) * (best_at + 1)) as f32;
            result = (f64::from(result) + f64::from(part) / 1.644_934_066_85) as f32;
        }
    }
    if words.is_empty() { result } else { result / words.len() as f32 }
}

/// All words: the nearer they are, the better.
fn rank_all(weights: &Weights, vector: &TsVector, query: &TsQuery) -> f32 {
    let words = distinct_words(query);
    if words.len() < 2 {
        return rank_any(weights, vector, query);
    }
    let mut result = -1.0_f32;
    let mut seen: Vec<Option<&Lexeme>> = Vec::with_capacity(words.len());
    for (text, prefix) in &words {
        let mut own = None;
        for lexeme in lexemes_of(vector, text, *prefix) {
            own = Some(lexeme);
            for other in seen.iter().flatten() {
                let nowhere = lexeme.positions.is_empty() || other.positions.is_empty();
                for a in positions(lexeme) {
                    for b in positions(other) {
                        let mut distance = i32::from(a & MAX_POSITION) - i32::from(b & MAX_POSITION);
                        distance = distance.abs();
                        if distance == 0 && !nowhere {
                            continue;
                        }
                        if distance == 0 {
                            distance = i32::from(MAX_POSITION) + 1;
                        }
                        let product = weight(weights, *a) * weight(weights, *b) * nearness(distance);
                        let part = f64::from(product).sqrt() as f32;
                        result = if result < 0.0 {
                            part
                        } else {
                            (1.0 - (1.0 - f64::from(result)) * (1.0 - f64::from(part))) as f32
                        };
                    }
                }
            }
        }
        seen.push(own);
    }
    result
}

/// `ts_rank`
pub fn rank(weights: &Weights, vector: &TsVector, query: Option<&TsQuery>, method: i32) -> f32 {
    let Some(query) = query.filter(|_| !vector.lexemes.is_empty()) else { return 0.0 };
    let mut result = match query {
        TsQuery::And(..) | TsQuery::Phrase(..) => rank_all(weights, vector, query),
        _ => rank_any(weights, vector, query),
    };
    if result < 0.0 {
        result = 1e-20;
    }
    let log2 = |count: usize| ((count + 1) as f64).ln() / 2.0_f64.ln();
    let divided = |value: f32, by: f64| (f64::from(value) / by) as f32;
    let words = vector.lexemes.len();
    if method & norm::LOG_LENGTH != 0 {
        result = divided(result, log2(length(vector)));
    }
    if method & norm::LENGTH != 0 {
        result /= length(vector) as f32;
    }
    if method & norm::WORDS != 0 {
        result /= words as f32;
    }
    if method & norm::LOG_WORDS != 0 {
        result = divided(result, log2(words));
    }
    if method & norm::ITSELF != 0 {
        result /= result + 1.0;
    }
    result
}
