//! IF, CASE, loops.

use super::sql::Until;
use super::{Parser, scalar_type};
use crate::ast::{NameKind, Sql, SqlKind, Statement, StatementKind, Target, Variable};
use pglitedb_sql_parser::lexer::TokenKind;
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::oids;
use std::sync::Arc;

impl Parser<'_> {
    pub(super) fn if_statement(&mut self) -> Result<StatementKind> {
        let mut arms = Vec::new();
        let mut otherwise = Vec::new();
        loop {
            let condition = self.expression_to_word("then")?;
            let body = self.deeper(|parser| parser.statements(&["elsif", "elseif", "else", "end"]))?;
            arms.push((condition, body));
            if self.tokens.accept("elsif") || self.tokens.accept("elseif") {
                continue;
            }
            if self.tokens.accept("else") {
                otherwise = self.deeper(|parser| parser.statements(&["end"]))?;
            }
            break;
        }
        self.end_of("if")?;
        Ok(StatementKind::If { arms, otherwise })
    }

    /// `END word;`
    fn end_of(&mut self, word: &str) -> Result<()> {
        self.tokens.expect("end")?;
        self.tokens.expect(word)?;
        self.tokens.expect_char(b';')
    }

    pub(super) fn case_statement(&mut self) -> Result<StatementKind> {
        let test = if self.tokens.at_word("when") {
            None
        } else {
            let start = self.tokens.start();
            self.skip_to(&[Until::Word("when")], "WHEN")?;
            let sql = self.sql_from(start, SqlKind::Expression)?;
            // Its type is that of the value, once there is one.
            let number = self.add_variable(Variable::Scalar(crate::ast::Scalar {
                name: Arc::from(format!("__Case__Variable_{}__", self.variables.len())),
                of_type: scalar_type(oids::INT4),
                constant: false,
                not_null: false,
                default: None,
                cursor: None,
            }));
            Some((sql, number))
        };
        let mut arms = Vec::new();
        let outer = self.scope;
        if let Some((_, number)) = &test {
            let name = Arc::from(self.variables[*number].name());
            self.push_name(name, NameKind::Scalar(*number));
        }
        while self.tokens.at_word("when") {
            let line = self.tokens.here();
            self.tokens.advance();
            let start = self.tokens.start();
            self.skip_to(&[Until::Word("then")], "THEN")?;
            let condition = match &test {
                None => self.sql_from(start, SqlKind::Expression)?,
                Some((_, number)) => {
                    let list =
                        self.tokens.text().get(start..self.tokens.end_of_last().max(start)).unwrap_or("");
                    let name = self.variables[*number].name();
                    let text = format!("\"{name}\" IN ({list})");
                    self.sql_text(text, start, SqlKind::Expression)?
                }
            };
            self.tokens.advance();
            let body = self.deeper(|parser| parser.statements(&["when", "else", "end"]))?;
            arms.push((condition, body, line));
        }
        if arms.is_empty() {
            return Err(self.tokens.error());
        }
        let otherwise = if self.tokens.accept("else") {
            Some(self.deeper(|parser| parser.statements(&["end"]))?)
        } else {
            None
        };
        self.scope = outer;
        self.end_of("case")?;
        Ok(StatementKind::Case { test, arms, otherwise })
    }

    /// `... END LOOP [label];` behind LOOP.
    fn loop_body(&mut self, label: Option<&Arc<str>>) -> Result<Vec<Statement>> {
        let body = self.deeper(|parser| parser.statements(&["end"]))?;
        self.tokens.expect("end")?;
        self.tokens.expect("loop")?;
        self.end_label(label.map(|label| &**label), "block")?;
        self.tokens.expect_char(b';')?;
        Ok(body)
    }

    /// LOOP, WHILE, FOR, FOREACH.
    pub(super) fn loop_statement(&mut self, label: Option<Arc<str>>) -> Result<StatementKind> {
        let outer = self.scope;
        self.push_name(label.clone().unwrap_or_else(|| Arc::from("")), NameKind::Loop);
        let word = self.tokens.name()?;
        let kind = match word.as_str() {
            "loop" => {
                let body = self.loop_body(label.as_ref())?;
                StatementKind::Loop { label, body }
            }
            "while" => {
                let condition = self.expression_to_word("loop")?;
                let body = self.loop_body(label.as_ref())?;
                StatementKind::While { label, condition, body }
            }
            "foreach" => self.foreach(label)?,
            _ => self.for_loop(label)?,
        };
        self.scope = outer;
        Ok(kind)
    }

    fn foreach(&mut self, label: Option<Arc<str>>) -> Result<StatementKind> {
        let target = self.loop_target()?.ok_or_else(|| {
            self.tokens.error_with("loop variable of FOREACH must be a known variable or list of variables")
        })?;
        let mut slice = 0;
        if self.tokens.accept("slice") {
            let token = self.tokens.advance();
            slice = self.tokens.slice(token).parse().map_err(|_| self.tokens.error())?;
        }
        self.tokens.expect("in")?;
        self.tokens.expect("array")?;
        let array = self.expression_to_word("loop")?;
        let body = self.loop_body(label.as_ref())?;
        Ok(StatementKind::ForEach { label, target, slice, array, body })
    }

    /// Known variables in front of IN; `None` if the name is none.
    fn loop_target(&mut self) -> Result<Option<Target>> {
        let mark = self.tokens.mark();
        let at = self.tokens.start();
        let first = self.dotted()?;
        let parts: Vec<&str> = first.iter().map(String::as_str).collect();
        let known = self.variable_of(&parts)?;
        if self.tokens.at_char(b',') {
            let Some(known) = known else {
                return Err(err!(SYNTAX_ERROR, "\"{}\" is not a known variable", first.join(".")).at(at));
            };
            return self.row_of(known, &first.join(".")).map(Some);
        }
        match known {
            Some(number) => Ok(Some(Target(number))),
            None => {
                self.tokens.reset(mark);
                Ok(None)
            }
        }
    }

    fn for_loop(&mut self, label: Option<Arc<str>>) -> Result<StatementKind> {
        let at = self.tokens.start();
        let line_name = self.tokens.peek();
        let target = self.loop_target()?;
        let name = self.tokens.name_of(line_name);
        if target.is_none() {
            self.tokens.name()?;
        }
        self.tokens.expect("in")?;
        if self.tokens.accept("execute") {
            let target = target.ok_or_else(|| no_target(at, "execute"))?;
            let ends = [Until::Word("loop"), Until::Word("using")];
            let (query, end) = self.expression_until(&ends, "LOOP")?;
            let params =
                if end == 1 { self.expressions_until(&[Until::Word("loop")])?.0 } else { Vec::new() };
            let body = self.loop_body(label.as_ref())?;
            return Ok(StatementKind::ForDynamic { label, target, query, params, body });
        }
        if let Some(cursor) = self.bound_cursor_here() {
            return self.for_cursor(label, cursor, &name, target);
        }
        let mark = self.tokens.mark();
        let reverse = self.tokens.accept("reverse");
        let start = self.tokens.start();
        let end = self.skip_to(&[Until::DotDot, Until::Word("loop")], "LOOP")?;
        if end == 0 {
            return self.for_integer(label, &name, reverse, start);
        }
        // A query.
        self.tokens.reset(mark);
        let at_query = self.tokens.start();
        self.skip_to(&[Until::Word("loop")], "LOOP")?;
        let target = target.ok_or_else(|| no_target(at, "query"))?;
        if reverse {
            return Err(err!(SYNTAX_ERROR, "cannot specify REVERSE in query FOR loop").at(at_query));
        }
        let query = self.sql_from(at_query, SqlKind::Statement)?;
        self.tokens.advance();
        let body = self.loop_body(label.as_ref())?;
        Ok(StatementKind::ForQuery { label, target, query, body })
    }

    fn for_integer(
        &mut self,
        label: Option<Arc<str>>,
        name: &str,
        reverse: bool,
        start: usize,
    ) -> Result<StatementKind> {
        let lower = self.sql_from(start, SqlKind::Expression)?;
        self.tokens.advance();
        let ends = [Until::Word("loop"), Until::Word("by")];
        let (upper, end) = self.expression_until(&ends, "LOOP")?;
        let step = if end == 1 { Some(self.expression_to_word("loop")?) } else { None };
        let variable = self.add(name, scalar_type(oids::INT4), true);
        let body = self.loop_body(label.as_ref())?;
        Ok(StatementKind::ForInteger { label, variable, lower, upper, step, reverse, body })
    }

    /// The bound cursor variable that stands here, followed by `(` or LOOP.
    fn bound_cursor_here(&mut self) -> Option<usize> {
        let token = self.tokens.peek();
        if !self.tokens.is_name(token) {
            return None;
        }
        let name = self.tokens.name_of(token);
        let (NameKind::Scalar(number), 1) = self.look_up(&[&name])? else { return None };
        let Variable::Scalar(scalar) = &self.variables[number] else { return None };
        let next = self.tokens.peek_at(1);
        let follows = next.kind == TokenKind::Char(b'(') || self.tokens.is(next, "loop");
        (scalar.of_type.oid == oids::REFCURSOR && follows).then_some(number)
    }

    fn for_cursor(
        &mut self,
        label: Option<Arc<str>>,
        cursor: usize,
        name: &str,
        target: Option<Target>,
    ) -> Result<StatementKind> {
        let at = self.tokens.start();
        let _ = target;
        let Variable::Scalar(scalar) = &self.variables[cursor] else { return Err(self.tokens.error()) };
        if scalar.cursor.is_none() {
            return Err(err!(SYNTAX_ERROR, "cursor FOR loop must use a bound cursor variable").at(at));
        }
        self.tokens.advance();
        let arguments = self.cursor_arguments(cursor)?;
        self.tokens.expect("loop")?;
        let record = crate::ast::TypeRef { oid: oids::RECORD, typmod: -1, collation: 0, composite: true };
        let variable = self.add(name, record, true);
        let body = self.loop_body(label.as_ref())?;
        Ok(StatementKind::ForCursor { label, target: Target(variable), cursor, arguments, body })
    }

    /// EXIT and CONTINUE.
    pub(super) fn exit_statement(&mut self, exit: bool) -> Result<StatementKind> {
        let at = self.tokens.start();
        let mut label = None;
        if !self.tokens.at_word("when") && !self.tokens.at_char(b';') {
            label = Some(Arc::<str>::from(self.tokens.name()?));
        }
        let condition: Option<Sql> = if self.tokens.accept("when") {
            Some(self.expression_to_semicolon()?)
        } else {
            self.tokens.expect_char(b';')?;
            None
        };
        self.check_exit(exit, label.as_deref(), at)?;
        Ok(StatementKind::Exit { exit, label, condition })
    }

    /// There must be something to leave.
    fn check_exit(&self, exit: bool, label: Option<&str>, at: usize) -> Result<()> {
        let mut next = self.scope;
        let mut in_loop = false;
        while let Some(index) = next {
            let name = &self.names[index];
            in_loop |= name.kind == NameKind::Loop;
            match (label, name.kind) {
                (Some(label), NameKind::Loop) if *name.name == *label => return Ok(()),
                (Some(label), NameKind::Block) if *name.name == *label => {
                    if exit {
                        return Ok(());
                    }
                    return Err(
                        err!(SYNTAX_ERROR, "block label \"{label}\" cannot be used in CONTINUE").at(at)
                    );
                }
                _ => {}
            }
            next = name.before;
        }
        match label {
            Some(label) => Err(err!(
                SYNTAX_ERROR,
                "there is no label \"{label}\" attached to any block or loop enclosing this statement"
            )
            .at(at)),
            None if in_loop => Ok(()),
            None if exit => {
                Err(err!(SYNTAX_ERROR, "EXIT cannot be used outside a loop, unless it has a label").at(at))
            }
            None => Err(err!(SYNTAX_ERROR, "CONTINUE cannot be used outside a loop").at(at)),
        }
    }
}

fn no_target(at: usize, what: &str) -> pglitedb_sqlstate::Error {
    let _ = what;
    err!(
        DATATYPE_MISMATCH,
        "loop variable of loop over rows must be a record variable or list of scalar variables"
    )
    .at(at)
}
