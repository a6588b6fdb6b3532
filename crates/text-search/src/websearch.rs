//! The text of `websearch_to_tsquery`, which has no syntax errors.

/// A part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WebToken<'a> {
    /// A word or a phrase in quotes; `None` where one is missing at the end.
    Operand(Option<&'a str>),
    /// `-`
    Not,
    /// Between two words.
    And,
    /// `or`
    Or,
}

/// Cuts the text.
pub(crate) struct WebTokens<'a> {
    text: &'a str,
    at: usize,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    FirstOperand,
    Operand,
    Operator,
    Done,
}

fn is_operator(c: char) -> bool {
    matches!(c, '!' | '&' | '|' | '(' | ')' | '<')
}

impl<'a> WebTokens<'a> {
    pub fn new(text: &'a str) -> WebTokens<'a> {
        WebTokens { text, at: 0, state: State::FirstOperand }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// A phrase behind its opening quote.
    fn phrase(&mut self) -> &'a str {
        let rest = self.rest();
        let len = rest.find('"').unwrap_or(rest.len());
        self.at += (len + 1).min(rest.len());
        rest.get(..len).unwrap_or_default()
    }

    /// A word: up to a space, an operator or a quote; up to a colon that is not its beginning.
    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let ends = |(at, c): &(usize, char)| {
            *at > 0 && (c.is_whitespace() || is_operator(*c) || *c == '"' || *c == ':')
        };
        let len = rest.char_indices().find(ends).map_or(rest.len(), |(at, _)| at);
        self.at += len;
        rest.get(..len).unwrap_or_default()
    }

    /// At the word `or`, with something to look for behind?
    fn at_or(&self) -> bool {
        let rest = self.rest();
        let Some(after) = rest.get(..2).filter(|word| word.eq_ignore_ascii_case("or")).and(rest.get(2..))
        else {
            return false;
        };
        let Some(next) = after.chars().next() else { return false };
        if next == '-' || next == '_' || next.is_alphanumeric() {
            return false;
        }
        after.chars().skip(1).any(|c| !c.is_whitespace())
    }
}

impl<'a> Iterator for WebTokens<'a> {
    type Item = WebToken<'a>;

    fn next(&mut self) -> Option<WebToken<'a>> {
        loop {
            let next = self.rest().chars().next();
            match (self.state, next) {
                (State::Done, _) | (State::FirstOperand | State::Operator, None) => return None,
                (State::Operand, None) => {
                    self.state = State::Done;
                    return Some(WebToken::Operand(None));
                }
                (State::FirstOperand | State::Operand, Some(c)) => match c {
                    '-' => {
                        self.at += 1;
                        self.state = State::Operand;
                        return Some(WebToken::Not);
                    }
                    '"' => {
                        self.at += 1;
                        self.state = State::Operator;
                        return Some(WebToken::Operand(Some(self.phrase())));
                    }
                    c if is_operator(c) => {
                        self.at += 1;
                        self.state = State::Operand;
                    }
                    c if c.is_whitespace() => self.at += c.len_utf8(),
                    _ => {
                        self.state = State::Operator;
                        return Some(WebToken::Operand(Some(self.word())));
                    }
                },
                (State::Operator, Some(c)) => {
                    if c == '"' {
                        self.state = State::Operand;
                        return Some(WebToken::And);
                    }
                    if self.at_or() {
                        self.at += 2;
                        self.state = State::Operand;
                        return Some(WebToken::Or);
                    }
                    if c.is_whitespace() || is_operator(c) {
                        self.at += c.len_utf8();
                    } else {
                        self.state = State::Operand;
                        return Some(WebToken::And);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let tokens: Vec<_> = WebTokens::new("cat or -\"fat rat\"").collect();
        let operand = |text| WebToken::Operand(Some(text));
        assert_eq!(tokens, [operand("cat"), WebToken::Or, WebToken::Not, operand("fat rat")]);
        assert_eq!(WebTokens::new("a OR").collect::<Vec<_>>(), [operand("a"), WebToken::And, operand("OR")]);
        assert_eq!(WebTokens::new("a |").collect::<Vec<_>>(), [operand("a")]);
    }
}
