//! OPEN, FETCH, MOVE, CLOSE.

use super::Parser;
use super::sql::Until;
use crate::ast::{Direction, NameKind, OpenHow, Sql, SqlKind, StatementKind, Target, Variable};
use pglitedb_sql_parser::ast::FetchDirection;
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::oids;

impl Parser<'_> {
    /// The refcursor variable that stands here.
    fn cursor_variable(&mut self) -> Result<usize> {
        let at = self.tokens.start();
        let parts = self.dotted()?;
        let names: Vec<&str> = parts.iter().map(String::as_str).collect();
        let found = self.look_up(&names).filter(|(_, used)| *used == names.len());
        let Some((NameKind::Scalar(number), _)) = found else {
            return Err(match found {
                Some(_) => err!(DATATYPE_MISMATCH, "cursor variable must be a simple variable").at(at),
                None => err!(SYNTAX_ERROR, "\"{}\" is not a known variable", parts.join(".")).at(at),
            });
        };
        match &self.variables[number] {
            Variable::Scalar(scalar) if scalar.of_type.oid == oids::REFCURSOR => Ok(number),
            other => Err(err!(
                DATATYPE_MISMATCH,
                "variable \"{}\" must be of type cursor or refcursor",
                other.name()
            )
            .at(at)),
        }
    }

    /// `(arguments)` of a bound cursor, as a row expression in the order of its parameters.
    pub(super) fn cursor_arguments(&mut self, cursor: usize) -> Result<Option<Sql>> {
        let at = self.tokens.start();
        let Variable::Scalar(scalar) = &self.variables[cursor] else { return Ok(None) };
        let name = scalar.name.clone();
        let parameters = scalar.cursor.as_ref().and_then(|cursor| cursor.parameters);
        let Some(parameters) = parameters else {
            if self.tokens.at_char(b'(') {
                return Err(err!(SYNTAX_ERROR, "cursor \"{name}\" has no arguments").at(at));
            }
            return Ok(None);
        };
        if !self.tokens.at_char(b'(') {
            return Err(err!(SYNTAX_ERROR, "cursor \"{name}\" has arguments").at(at));
        }
        self.tokens.advance();
        let Variable::Row { members } = &self.variables[parameters] else { return Ok(None) };
        let members: Vec<String> = members.iter().map(|(name, _)| name.to_string()).collect();
        let mut values: Vec<Option<String>> = vec![None; members.len()];
        let (mut position, mut any_named) = (0, false);
        loop {
            let mut slot = position;
            let token = self.tokens.peek();
            let sign = self.tokens.peek_at(1).kind;
            use pglitedb_sql_parser::lexer::TokenKind;
            if self.tokens.is_name(token) && matches!(sign, TokenKind::ColonEquals | TokenKind::EqualsGreater)
            {
                let argument = self.tokens.name()?;
                slot = members.iter().position(|member| *member == argument).ok_or_else(|| {
                    err!(SYNTAX_ERROR, "cursor \"{name}\" has no argument named \"{argument}\"")
                        .at(token.start as usize)
                })?;
                self.tokens.advance();
                any_named = true;
            }
            if slot >= values.len() {
                return Err(err!(SYNTAX_ERROR, "too many arguments for cursor \"{name}\"").at(at));
            }
            if values[slot].is_some() {
                return Err(err!(
                    SYNTAX_ERROR,
                    "value for parameter \"{}\" of cursor \"{name}\" specified more than once",
                    members[slot]
                )
                .at(token.start as usize));
            }
            let start = self.tokens.start();
            let end = self.skip_to(&[Until::Char(b','), Until::Char(b')')], ")")?;
            let text = self.tokens.text().get(start..self.tokens.end_of_last().max(start)).unwrap_or("");
            values[slot] = Some(text.to_owned());
            self.tokens.advance();
            position += 1;
            if end == 1 {
                break;
            }
        }
        let list: Option<Vec<String>> = values.into_iter().collect();
        let Some(list) = list else {
            return Err(err!(SYNTAX_ERROR, "not enough arguments for cursor \"{name}\"").at(at));
        };
        let list: Vec<String> = match any_named {
            true => list.iter().zip(&members).map(|(value, name)| format!("{value} AS {name}")).collect(),
            false => list,
        };
        self.sql_text(list.join(", "), at, SqlKind::Expression).map(Some)
    }

    pub(super) fn open_statement(&mut self) -> Result<StatementKind> {
        let cursor = self.cursor_variable()?;
        let bound = matches!(&self.variables[cursor], Variable::Scalar(scalar) if scalar.cursor.is_some());
        if bound {
            let arguments = self.cursor_arguments(cursor)?;
            self.tokens.expect_char(b';')?;
            return Ok(StatementKind::Open { cursor, how: OpenHow::Bound(arguments), scroll: None });
        }
        let scroll = self.scroll_word();
        if !self.tokens.accept("for") {
            return Err(self.tokens.error_with("syntax error, expected \"FOR\""));
        }
        if self.tokens.accept("execute") {
            let ends = [Until::Char(b';'), Until::Word("using")];
            let (query, end) = self.expression_until(&ends, ";")?;
            let params = if end == 1 { self.expressions_until(&[Until::Char(b';')])?.0 } else { Vec::new() };
            return Ok(StatementKind::Open { cursor, how: OpenHow::Dynamic(query, params), scroll });
        }
        let start = self.tokens.start();
        self.skip_to(&[Until::Char(b';')], ";")?;
        let query = self.sql_from(start, SqlKind::Statement)?;
        self.tokens.advance();
        Ok(StatementKind::Open { cursor, how: OpenHow::Query(query), scroll })
    }

    pub(super) fn fetch_statement(&mut self, is_move: bool) -> Result<StatementKind> {
        let direction = self.direction()?;
        let cursor = self.cursor_variable()?;
        if is_move {
            self.tokens.expect_char(b';')?;
            return Ok(StatementKind::Fetch { cursor, direction, into: None });
        }
        let many = matches!(
            direction,
            Direction::Forward(_)
                | Direction::Backward(_)
                | Direction::Fixed(FetchDirection::Forward(None) | FetchDirection::Backward(None))
        );
        if many {
            return Err(err!(FEATURE_NOT_SUPPORTED, "FETCH statement cannot return multiple rows"));
        }
        self.tokens.expect("into")?;
        let into = self.into_target()?;
        self.tokens.expect_char(b';')?;
        Ok(StatementKind::Fetch { cursor, direction, into: Some(into) })
    }

    /// The direction in front of the cursor, with its FROM or IN.
    fn direction(&mut self) -> Result<Direction> {
        use FetchDirection as F;
        let next = self.tokens.peek_at(1);
        // A plain cursor name.
        if self.tokens.is(next, "into") || next.kind == pglitedb_sql_parser::lexer::TokenKind::Char(b';') {
            return Ok(Direction::Fixed(F::Forward(Some(1))));
        }
        let word = self.tokens.slice(self.tokens.peek()).to_ascii_lowercase();
        let direction = match word.as_str() {
            "next" => self.fixed(F::Forward(Some(1))),
            "prior" => self.fixed(F::Backward(Some(1))),
            "first" => self.fixed(F::Absolute(1)),
            "last" => self.fixed(F::Absolute(-1)),
            "all" => self.fixed(F::Forward(None)),
            "absolute" | "relative" => {
                self.tokens.advance();
                let (sql, _) = self.count()?;
                return Ok(if word == "absolute" {
                    Direction::Absolute(sql)
                } else {
                    Direction::Relative(sql)
                });
            }
            "forward" | "backward" => {
                self.tokens.advance();
                let forward = word == "forward";
                if self.tokens.at_word("from") || self.tokens.at_word("in") {
                    Direction::Fixed(if forward { F::Forward(Some(1)) } else { F::Backward(Some(1)) })
                } else if self.tokens.accept("all") {
                    Direction::Fixed(if forward { F::Forward(None) } else { F::Backward(None) })
                } else if self.tokens.is_name(self.tokens.peek()) {
                    // Directly the cursor.
                    return Ok(Direction::Fixed(if forward {
                        F::Forward(Some(1))
                    } else {
                        F::Backward(Some(1))
                    }));
                } else {
                    let (sql, _) = self.count()?;
                    return Ok(if forward { Direction::Forward(sql) } else { Direction::Backward(sql) });
                }
            }
            "from" | "in" => Direction::Fixed(F::Forward(Some(1))),
            _ => {
                let (sql, _) = self.count()?;
                return Ok(Direction::Forward(sql));
            }
        };
        if !self.tokens.accept("from") {
            self.tokens.accept("in");
        }
        Ok(direction)
    }

    fn fixed(&mut self, direction: FetchDirection) -> Direction {
        self.tokens.advance();
        Direction::Fixed(direction)
    }

    fn count(&mut self) -> Result<(Sql, usize)> {
        self.expression_until(&[Until::Word("from"), Until::Word("in")], "FROM or IN")
    }

    pub(super) fn close_statement(&mut self) -> Result<StatementKind> {
        let cursor = self.cursor_variable()?;
        self.tokens.expect_char(b';')?;
        Ok(StatementKind::Close { cursor })
    }

    /// The variables behind INTO.
    pub(super) fn into_target(&mut self) -> Result<Target> {
        let at = self.tokens.start();
        let parts = self.dotted()?;
        let names: Vec<&str> = parts.iter().map(String::as_str).collect();
        let number = self
            .variable_of(&names)?
            .ok_or_else(|| err!(SYNTAX_ERROR, "\"{}\" is not a known variable", parts.join(".")).at(at))?;
        self.check_assignable(number, at)?;
        if matches!(self.variables[number], Variable::Record(_)) {
            if self.tokens.at_char(b',') {
                return Err(
                    err!(SYNTAX_ERROR, "record variable cannot be part of multiple-item INTO list").at(at)
                );
            }
            return Ok(Target(number));
        }
        self.row_of(number, &parts.join("."))
    }

    /// A row of the scalar given and those behind commas.
    pub(super) fn row_of(&mut self, first: usize, name: &str) -> Result<Target> {
        let mut members = vec![(std::sync::Arc::from(name), first)];
        while self.tokens.accept_char(b',') {
            let at = self.tokens.start();
            let parts = self.dotted()?;
            let names: Vec<&str> = parts.iter().map(String::as_str).collect();
            let shown = parts.join(".");
            let number = self
                .variable_of(&names)?
                .ok_or_else(|| err!(SYNTAX_ERROR, "\"{shown}\" is not a known variable").at(at))?;
            if matches!(self.variables[number], Variable::Record(_)) {
                return Err(err!(SYNTAX_ERROR, "\"{shown}\" is not a scalar variable").at(at));
            }
            self.check_assignable(number, at)?;
            members.push((std::sync::Arc::from(shown), number));
        }
        Ok(Target(self.add_variable(Variable::Row { members })))
    }
}
