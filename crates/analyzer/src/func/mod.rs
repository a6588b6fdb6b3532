//! Functions and operators: candidates, choice, calls.

mod agg;
mod call;
mod candidates;
mod errors;
pub(crate) mod exact;
mod operator;
pub(crate) mod polymorphic;
mod resolve;
mod select;
mod window;

pub(crate) use agg::ArgLevels;
pub(crate) use call::CallParts;
pub(crate) use candidates::ArgShape;
pub(crate) use errors::Placed;
pub(crate) use resolve::Resolved;
