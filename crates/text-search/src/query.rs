//! Functions of `tsquery`. `None` is the empty query.

use pglitedb_sqlstate::{Result, err};
use pglitedb_types::textsearch::{MAX_DISTANCE, TsQuery};
use std::collections::BTreeSet;

fn joined(
    left: Option<TsQuery>,
    right: Option<TsQuery>,
    make: impl FnOnce(Box<TsQuery>, Box<TsQuery>) -> TsQuery,
) -> Result<Option<TsQuery>> {
    match (left, right) {
        (Some(left), Some(right)) => make(Box::new(left), Box::new(right)).check_depth().map(Some),
        (left, right) => Ok(left.or(right)),
    }
}

/// `&&` and `||`: an empty query changes nothing.
pub fn join(left: Option<TsQuery>, right: Option<TsQuery>, or: bool) -> Result<Option<TsQuery>> {
    joined(left, right, if or { TsQuery::Or } else { TsQuery::And })
}

/// `tsquery_phrase`
pub fn phrase(left: Option<TsQuery>, right: Option<TsQuery>, distance: i32) -> Result<Option<TsQuery>> {
    let valid = u16::try_from(distance).ok().filter(|distance| u64::from(*distance) <= MAX_DISTANCE);
    let Some(distance) = valid else {
        return Err(err!(
            INVALID_PARAMETER_VALUE,
            "distance in phrase operator must be an integer value between zero and {MAX_DISTANCE} inclusive"
        ));
    };
    joined(left, right, |left, right| TsQuery::Phrase(left, right, distance))
}

/// `!!`
pub fn negate(query: Option<TsQuery>) -> Result<Option<TsQuery>> {
    query.map(|query| TsQuery::Not(Box::new(query)).check_depth()).transpose()
}

/// `numnode`
pub fn node_count(query: Option<&TsQuery>) -> i32 {
    query.map_or(0, TsQuery::nodes)
}

/// The part of a query that an index could be asked for: negations are left out.
fn indexable(query: &TsQuery) -> Option<TsQuery> {
    let pair = |left: &TsQuery, right: &TsQuery, make: &dyn Fn(Box<TsQuery>, Box<TsQuery>) -> TsQuery| match (
        indexable(left),
        indexable(right),
    ) {
        (Some(left), Some(right)) => Some(make(Box::new(left), Box::new(right))),
        (left, right) => left.or(right),
    };
    match query {
        TsQuery::Word { .. } => Some(query.clone()),
        TsQuery::Not(_) => None,
        TsQuery::Or(left, right) => {
            Some(TsQuery::Or(Box::new(indexable(left)?), Box::new(indexable(right)?)))
        }
        TsQuery::And(left, right) => pair(left, right, &TsQuery::And),
        TsQuery::Phrase(left, right, distance) => {
            pair(left, right, &|left, right| TsQuery::Phrase(left, right, *distance))
        }
    }
}

/// `querytree`
pub fn query_tree(query: Option<&TsQuery>) -> String {
    let Some(query) = query else { return String::new() };
    let Some(part) = indexable(query) else { return "T".to_owned() };
    let mut out = Vec::new();
    part.write(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}

fn words<'q>(query: &'q TsQuery, all: &mut BTreeSet<&'q str>) {
    match query {
        TsQuery::Word { text, .. } => {
            all.insert(text);
        }
        TsQuery::Not(inner) => words(inner, all),
        TsQuery::And(left, right) | TsQuery::Or(left, right) | TsQuery::Phrase(left, right, _) => {
            words(left, all);
            words(right, all);
        }
    }
}

/// `@>`: has the first query all words of the second?
pub fn contains(query: Option<&TsQuery>, part: Option<&TsQuery>) -> bool {
    if node_count(query) < node_count(part) {
        return false;
    }
    let (mut all, mut wanted) = (BTreeSet::new(), BTreeSet::new());
    query.into_iter().for_each(|query| words(query, &mut all));
    part.into_iter().for_each(|part| words(part, &mut wanted));
    wanted.is_subset(&all)
}
