//! A text search configuration: which dictionaries look at which types of tokens.

use crate::dictionary::Dictionary;
use crate::parser::TokenType;
use std::sync::Arc;

/// A configuration of the default parser.
#[derive(Clone, Default)]
pub struct Config {
    dictionaries: [Vec<Arc<dyn Dictionary>>; TokenType::ALL.len() + 1],
}

impl Config {
    /// Sets the dictionaries of a type of tokens, in the order in which they are asked.
    pub fn map(&mut self, token: TokenType, dictionaries: Vec<Arc<dyn Dictionary>>) {
        if let Some(slot) = self.dictionaries.get_mut(token as usize) {
            *slot = dictionaries;
        }
    }

    /// The dictionaries of a type of tokens.
    pub fn dictionaries(&self, token: TokenType) -> &[Arc<dyn Dictionary>] {
        self.dictionaries.get(token as usize).map(Vec::as_slice).unwrap_or_default()
    }
}
