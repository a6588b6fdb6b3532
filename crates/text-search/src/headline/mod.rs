//! `ts_headline`: the part of a text where a query matches, with the words that match marked.

mod cover;
mod fragments;
mod options;
mod words;

pub use options::HeadlineOptions;

use crate::Host;
use crate::config::Config;
use crate::execute::Plan;
use crate::lexer::Lexer;
use crate::parser::TokenType;
use cover::Covers;
use pglitedb_sqlstate::Result;
use pglitedb_types::textsearch::{MAX_POSITION, TsQuery};

/// A token of the text. One that several words of the query stand for is there once for each, repeated.
struct Word<'a> {
    text: &'a str,
    kind: TokenType,
    /// Its place among the words.
    position: u32,
    /// The word of the query.
    operand: Option<usize>,
    repeated: bool,
    /// In the result; marked; left out; replaced by a space.
    shown: bool,
    selected: bool,
    skipped: bool,
    replaced: bool,
}

impl Word<'_> {
    fn is_compound(&self) -> bool {
        use TokenType::*;
        matches!(self.kind, Url | NumHyphenWord | AsciiHyphenWord | HyphenWord)
    }

    /// Counts as a word.
    fn counts(&self) -> bool {
        !matches!(self.kind, TokenType::Space | TokenType::Tag) && !self.is_compound()
    }

    /// A word of the query.
    fn is_interesting(&self) -> bool {
        self.operand.is_some() && !self.repeated
    }

    /// Neither a word nor long enough to end a headline with.
    fn is_bad_end(&self, short: usize) -> bool {
        use TokenType::*;
        let no_word = !self.counts()
            || matches!(
                self.kind,
                Scientific | Version | Decimal | SignedInt | UnsignedInt | Protocol | Entity
            );
        (no_word || self.text.len() <= short) && !self.is_interesting()
    }
}

/// The text's words, with what of the query they are.
fn collect<'a>(
    config: &'a Config,
    text: &'a str,
    plan: Option<&Plan<'_>>,
    host: &'a dyn Host,
) -> Result<Vec<Word<'a>>> {
    let operands = plan.map(|plan| plan.operands.as_slice()).unwrap_or_default();
    let mut words: Vec<Word<'a>> = Vec::new();
    let mut position = 0_u32;
    let mut lexer = Lexer::new(config, text, host);
    while let Some(group) = lexer.next_group()? {
        if group.lexemes.is_some() {
            position = position.saturating_add(1);
        }
        for token in group.tokens {
            let Some(kind) = token.kind else { continue };
            words.push(Word {
                text: token.text,
                kind,
                position: 0,
                operand: None,
                repeated: false,
                shown: false,
                selected: false,
                skipped: false,
                replaced: false,
            });
            let mut at = position;
            for lexeme in group.lexemes.iter().flatten() {
                if lexeme.next_position {
                    at = at.saturating_add(1);
                }
                let Some(last) = words.last_mut() else { continue };
                last.position = at.min(u32::from(MAX_POSITION));
                for (number, operand) in operands.iter().enumerate() {
                    let fits = if operand.prefix {
                        lexeme.text.starts_with(operand.text)
                    } else {
                        lexeme.text == operand.text
                    };
                    if fits {
                        add_match(&mut words, number);
                    }
                }
            }
        }
    }
    Ok(words)
}

/// The last word is this word of the query; if it is another already, it is there once more.
fn add_match(words: &mut Vec<Word<'_>>, operand: usize) {
    let Some(last) = words.last_mut() else { return };
    if last.operand.is_none() {
        last.operand = Some(operand);
        return;
    }
    let copy = Word { operand: Some(operand), repeated: true, ..*last };
    words.push(copy);
}

/// Marks the words from `begin` to `end` (inclusive) as part of the result.
fn mark(words: &mut [Word<'_>], options: &HeadlineOptions, begin: usize, end: usize) {
    for word in words.iter_mut().take(end.saturating_add(1)).skip(begin) {
        word.selected |= word.operand.is_some();
        if word.is_compound() {
            word.skipped = true;
        } else if !options.highlight_all && word.kind == TokenType::Tag {
            word.replaced = true;
        }
        word.shown = !word.repeated;
    }
}

fn generate(words: &[Word<'_>], options: &HeadlineOptions) -> String {
    let mut out = String::new();
    let (mut fragments, mut inside) = (0, false);
    for word in words.iter().filter(|word| !word.repeated) {
        if !word.shown {
            inside = false;
            continue;
        }
        if !inside {
            inside = true;
            fragments += 1;
            if fragments > 1 {
                out.push_str(&options.fragment_delimiter);
            }
        }
        if word.replaced {
            out.push(' ');
        } else if !word.skipped {
            let marked = word.selected;
            if marked {
                out.push_str(&options.start);
            }
            out.push_str(word.text);
            if marked {
                out.push_str(&options.stop);
            }
        }
    }
    out
}

/// `ts_headline`
pub fn headline(
    config: &Config,
    text: &str,
    query: Option<&TsQuery>,
    options: &HeadlineOptions,
    host: &dyn Host,
) -> Result<String> {
    let plan = query.map(Plan::new);
    let mut words = collect(config, text, plan.as_ref(), host)?;
    let covers = Covers::new(&words, plan.as_ref());
    if options.max_fragments == 0 {
        if let Some((begin, end)) = words::choose(&words, &covers, plan.as_ref(), options, host)? {
            mark(&mut words, options, begin, end);
        }
    } else {
        fragments::choose(&mut words, covers, plan.as_ref(), options, host)?;
    }
    Ok(generate(&words, options))
}

/// The first words of the text, as many as there must be at least; `None` if there are none.
fn first_words(words: &[Word<'_>], options: &HeadlineOptions) -> Option<usize> {
    let (mut count, mut end) = (0, None);
    for (number, word) in words.iter().enumerate() {
        if count >= options.min_words {
            break;
        }
        count += i32::from(word.counts());
        end = Some(number);
    }
    end
}
