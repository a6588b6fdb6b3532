//! From tokens to lexemes: asks a configuration's dictionaries one after the other, and lets those that look for
//! phrases see the words that follow.

use crate::Host;
use crate::config::Config;
use crate::dictionary::{Dictionary, Lexeme, Step};
use crate::parser::{Parser, TokenType};
use pglitedb_sqlstate::{Result, Severity, err};
use std::collections::VecDeque;
use std::sync::Arc;

/// Longest word that is indexed, in bytes, and one.
pub(crate) const MAX_WORD: usize = (1 << 11) - 1;
/// Interrupts are looked for after so many tokens.
const CHECK_EVERY: u32 = 256;

/// A token, or the end of the text.
#[derive(Clone, Copy)]
pub(crate) struct Token<'a> {
    pub kind: Option<TokenType>,
    pub text: &'a str,
}

/// What came out: the tokens used up, and what they stand for (`None`: no dictionary knows them).
pub(crate) struct Lexized<'a> {
    pub tokens: Vec<Token<'a>>,
    pub lexemes: Option<Vec<Lexeme>>,
}

/// A dictionary that wants to see more words.
struct Pending {
    dictionary: Arc<dyn Dictionary>,
    /// The token that it sees next.
    next: usize,
    step: Step,
    /// What it found so far, and how many tokens that stands for.
    found: Option<(Vec<Lexeme>, usize)>,
}

/// Feeds a text through a configuration.
pub(crate) struct Lexer<'a> {
    config: &'a Config,
    host: &'a dyn Host,
    parser: Parser<'a>,
    queue: VecDeque<Token<'a>>,
    /// The dictionary that is asked first about the token at the head.
    first: usize,
    pending: Option<Pending>,
    /// Tokens that are done.
    done: Vec<Token<'a>>,
    ended: bool,
    count: u32,
}

impl<'a> Lexer<'a> {
    pub fn new(config: &'a Config, text: &'a str, host: &'a dyn Host) -> Lexer<'a> {
        Lexer {
            config,
            host,
            parser: Parser::new(text),
            queue: VecDeque::new(),
            first: 0,
            pending: None,
            done: Vec::new(),
            ended: false,
            count: 0,
        }
    }

    /// The next group of tokens and its lexemes; `None` at the end.
    pub fn next_group(&mut self) -> Result<Option<Lexized<'a>>> {
        loop {
            let lexemes = if self.queue.is_empty() { None } else { self.lexize()? };
            let tokens = std::mem::take(&mut self.done);
            if lexemes.is_some() || !tokens.is_empty() {
                return Ok(Some(Lexized { tokens, lexemes }));
            }
            if self.ended {
                return Ok(None);
            }
            self.read_token()?;
        }
    }

    fn read_token(&mut self) -> Result<()> {
        self.count = self.count.wrapping_add(1);
        if self.count.is_multiple_of(CHECK_EVERY) {
            self.host.check_interrupts()?;
        }
        match self.parser.next_token()? {
            Some((_, text)) if text.len() >= MAX_WORD => {
                let notice = err!(PROGRAM_LIMIT_EXCEEDED, "word is too long to be indexed")
                    .detail(format!("Words longer than {MAX_WORD} characters are ignored."));
                self.host.notice(notice.severity(Severity::Notice));
            }
            Some((kind, text)) => self.queue.push_back(Token { kind: Some(kind), text }),
            None => {
                self.ended = true;
                self.queue.push_back(Token { kind: None, text: "" });
            }
        }
        Ok(())
    }

    /// Takes tokens off the head.
    fn finish(&mut self, count: usize) {
        for _ in 0..count {
            self.done.extend(self.queue.pop_front().filter(|token| token.kind.is_some()));
        }
        self.first = 0;
    }

    /// Works on the queue until there is a result or another token is needed.
    fn lexize(&mut self) -> Result<Option<Vec<Lexeme>>> {
        loop {
            if let Some(pending) = self.pending.take() {
                match self.continue_phrase(pending)? {
                    Phrase::Found(lexemes) => return Ok(Some(lexemes)),
                    Phrase::NeedsToken => return Ok(None),
                    Phrase::Failed => {}
                }
            }
            match self.single()? {
                Single::Found(lexemes) => return Ok(Some(lexemes)),
                Single::Empty => return Ok(None),
                Single::Phrase => {}
            }
        }
    }

    /// Asks about the token at the head alone.
    fn single(&mut self) -> Result<Single> {
        while let Some(token) = self.queue.front().copied() {
            let config = self.config;
            let dictionaries = token.kind.map(|kind| config.dictionaries(kind)).unwrap_or_default();
            let mut word = std::borrow::Cow::Borrowed(token.text);
            for (number, dictionary) in dictionaries.iter().enumerate().skip(self.first) {
                let mut step = Step::default();
                let lexemes = dictionary.lexize(&word, &mut step)?;
                if step.wants_next {
                    self.first = number + 1;
                    self.pending = Some(Pending {
                        dictionary: dictionary.clone(),
                        next: 1,
                        step,
                        found: lexemes.map(|lexemes| (lexemes, 1)),
                    });
                    return Ok(Single::Phrase);
                }
                match lexemes {
                    None => {}
                    Some(lexemes) if lexemes.first().is_some_and(|lexeme| lexeme.filter) => {
                        let text = lexemes.into_iter().next().map(|lexeme| lexeme.text);
                        word = std::borrow::Cow::Owned(text.unwrap_or_default());
                    }
                    Some(lexemes) => {
                        self.finish(1);
                        return Ok(Single::Found(lexemes));
                    }
                }
            }
            self.finish(1);
        }
        Ok(Single::Empty)
    }

    /// Shows a dictionary the words that follow.
    fn continue_phrase(&mut self, mut pending: Pending) -> Result<Phrase> {
        while let Some(token) = self.queue.get(pending.next).copied() {
            if let Some(kind) = token.kind {
                let dictionaries = self.config.dictionaries(kind);
                if dictionaries.is_empty() {
                    pending.next += 1;
                    continue;
                }
                // Not its kind of token: what was kept for it is looked at again.
                if !dictionaries.iter().any(|known| Arc::ptr_eq(known, &pending.dictionary)) {
                    return Ok(Phrase::Failed);
                }
            }
            pending.step.is_end = token.kind.is_none();
            let lexemes = pending.dictionary.lexize(token.text, &mut pending.step)?;
            if pending.step.wants_next {
                pending.next += 1;
                if let Some(lexemes) = lexemes {
                    pending.found = Some((lexemes, pending.next));
                }
                continue;
            }
            let found = lexemes.map(|lexemes| (lexemes, pending.next + 1)).or(pending.found);
            return Ok(match found {
                Some((lexemes, used)) => {
                    self.finish(used);
                    Phrase::Found(lexemes)
                }
                None => Phrase::Failed,
            });
        }
        self.pending = Some(pending);
        Ok(Phrase::NeedsToken)
    }
}

enum Single {
    Found(Vec<Lexeme>),
    /// A dictionary wants to see more.
    Phrase,
    /// Nothing is left.
    Empty,
}

enum Phrase {
    Found(Vec<Lexeme>),
    NeedsToken,
    Failed,
}
