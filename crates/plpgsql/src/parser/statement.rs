//! Statements.

use super::sql::Until;
use super::{Kind, Parser};
use crate::ast::{Diagnostic, NameKind, Returned, SqlKind, StatementKind, Variable};
use pglitedb_sql_parser::lexer::TokenKind;
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::oids;
use std::sync::Arc;

impl Parser<'_> {
    /// One statement with its semicolon.
    pub(super) fn statement(&mut self) -> Result<StatementKind> {
        if let Some(label) = self.label()? {
            let word = self.tokens.slice(self.tokens.peek()).to_ascii_lowercase();
            return match word.as_str() {
                "declare" | "begin" => self.block_statement(Some(label)),
                "loop" | "while" | "for" | "foreach" => self.loop_statement(Some(label)),
                _ => Err(self.tokens.error()),
            };
        }
        let token = self.tokens.peek();
        if (token.kind == TokenKind::Param || (self.tokens.is_name(token) && self.is_assignment()))
            && let Some(assignment) = self.assignment()?
        {
            return Ok(assignment);
        }
        if token.kind != TokenKind::Word {
            return self.sql_statement();
        }
        let word = self.tokens.slice(token).to_ascii_lowercase();
        match word.as_str() {
            "declare" | "begin" => return self.block_statement(None),
            "loop" | "while" | "for" | "foreach" => return self.loop_statement(None),
            _ => {}
        }
        let before = self.tokens.mark();
        self.tokens.advance();
        match word.as_str() {
            "if" => self.if_statement(),
            "case" => self.case_statement(),
            "exit" => self.exit_statement(true),
            "continue" => self.exit_statement(false),
            "return" => self.return_statement(token.start as usize),
            "raise" => self.raise_statement(),
            "assert" => self.assert_statement(),
            "perform" => self.perform_statement(),
            "execute" => self.dynamic_statement(),
            "get" => self.get_diagnostics(),
            "open" => self.open_statement(),
            "fetch" => self.fetch_statement(false),
            "move" => self.fetch_statement(true),
            "close" => self.close_statement(),
            "commit" => {
                let chain = self.chain()?;
                Ok(StatementKind::Commit { chain })
            }
            "rollback" => {
                let chain = self.chain()?;
                Ok(StatementKind::Rollback { chain })
            }
            "null" => {
                self.tokens.expect_char(b';')?;
                Ok(StatementKind::Null)
            }
            "call" | "do" => {
                self.tokens.reset(before);
                let start = self.tokens.start();
                self.skip_to(&[Until::Char(b';')], ";")?;
                let statement = self.sql_from(start, SqlKind::Statement)?;
                self.tokens.advance();
                self.may_commit = true;
                Ok(StatementKind::Call { statement, is_call: word == "call" })
            }
            _ => {
                self.tokens.reset(before);
                self.sql_statement()
            }
        }
    }

    /// `[AND [NO] CHAIN];`
    fn chain(&mut self) -> Result<bool> {
        self.may_commit = true;
        let mut chain = false;
        if self.tokens.accept("and") {
            chain = !self.tokens.accept("no");
            self.tokens.expect("chain")?;
        }
        self.tokens.expect_char(b';')?;
        Ok(chain)
    }

    /// The variable (or field) of a name; `None` if it is none.
    pub(super) fn variable_of(&mut self, parts: &[&str]) -> Result<Option<usize>> {
        let Some((kind, used)) = self.look_up(parts) else { return Ok(None) };
        match kind {
            NameKind::Scalar(number) if used == parts.len() => Ok(Some(number)),
            NameKind::Record(number) if used == parts.len() => Ok(Some(number)),
            NameKind::Record(number) if used + 1 == parts.len() => Ok(Some(self.field(number, parts[used])?)),
            _ => Ok(None),
        }
    }

    /// The variable of a record's field.
    fn field(&mut self, record: usize, name: &str) -> Result<usize> {
        let known = self.variables.iter().position(|variable| {
            matches!(variable, Variable::Field { record: of, name: known } if *of == record && **known == *name)
        });
        if let Some(known) = known {
            return Ok(known);
        }
        Ok(self.add_variable(Variable::Field { record, name: Arc::from(name) }))
    }

    /// Constants are not assigned to.
    pub(super) fn check_assignable(&self, variable: usize, at: usize) -> Result<()> {
        let constant = match &self.variables[variable] {
            Variable::Scalar(scalar) => scalar.constant,
            Variable::Record(record) => record.constant,
            Variable::Field { record, .. } => return self.check_assignable(*record, at),
            Variable::Row { .. } => false,
        };
        if constant {
            let name = self.variables[variable].name();
            return Err(err!(ERROR_IN_ASSIGNMENT, "variable \"{name}\" is declared CONSTANT").at(at));
        }
        Ok(())
    }

    /// `variable := expression;`, `None` if what stands here is no variable.
    fn assignment(&mut self) -> Result<Option<StatementKind>> {
        let mark = self.tokens.mark();
        let start = self.tokens.start();
        let token = self.tokens.peek();
        let mut parts = vec![if token.kind == TokenKind::Param {
            self.tokens.slice(token).to_owned()
        } else {
            self.tokens.name_of(token)
        }];
        self.tokens.advance();
        while self.tokens.at_char(b'.') && self.tokens.is_name(self.tokens.peek_at(1)) {
            self.tokens.advance();
            parts.push(self.tokens.name()?);
        }
        let names: Vec<&str> = parts.iter().map(String::as_str).collect();
        let Some((NameKind::Scalar(root) | NameKind::Record(root), used)) = self.look_up(&names) else {
            let assigns = self.tokens.peek().kind == TokenKind::ColonEquals || self.tokens.at_char(b'=');
            if assigns && token.kind != TokenKind::Param {
                return Err(err!(SYNTAX_ERROR, "\"{}\" is not a known variable", parts.join(".")).at(start));
            }
            self.tokens.reset(mark);
            return Ok(None);
        };
        let is_sign = |parser: &Self| {
            parser.tokens.peek().kind == TokenKind::ColonEquals || parser.tokens.at_char(b'=')
        };
        let variable = self.variable_of(&names)?;
        if let Some(variable) = variable
            && is_sign(self)
        {
            self.check_assignable(variable, start)?;
            self.tokens.advance();
            let value = self.expression_to_semicolon()?;
            return Ok(Some(StatementKind::Assign { variable, value }));
        }
        // Subscripts, or fields further in: what stands in front of the sign is part of the SQL.
        let _ = used;
        self.check_assignable(root, start)?;
        let mut target = root;
        for length in (1..=names.len()).rev() {
            if let Some(found) = self.variable_of(&names[..length])? {
                target = found;
                break;
            }
        }
        self.skip_to(&[Until::Char(b';')], ";")?;
        let mut value = self.sql_from(start, SqlKind::Assignment)?;
        self.tokens.advance();
        value.target = Some(target);
        Ok(Some(StatementKind::AssignPart { variable: target, value }))
    }

    fn return_statement(&mut self, at: usize) -> Result<StatementKind> {
        let signature = self.signature;
        if self.tokens.accept("next") {
            if !signature.returns_set {
                return Err(err!(DATATYPE_MISMATCH, "cannot use RETURN NEXT in a non-SETOF function").at(at));
            }
            if self.out.is_some() {
                if !self.tokens.accept_char(b';') {
                    return Err(err!(
                        DATATYPE_MISMATCH,
                        "RETURN NEXT cannot have a parameter in function with OUT parameters"
                    )
                    .at(self.tokens.start()));
                }
                return Ok(StatementKind::ReturnNext(Returned::Nothing));
            }
            return self.returned().map(StatementKind::ReturnNext);
        }
        if self.tokens.accept("query") {
            if !signature.returns_set {
                return Err(err!(DATATYPE_MISMATCH, "cannot use RETURN QUERY in a non-SETOF function").at(at));
            }
            return self.return_query();
        }
        let semicolon = self.tokens.at_char(b';');
        let refuse = |message: &str, at: usize| Err(err!(DATATYPE_MISMATCH, "{message}").at(at));
        let here = self.tokens.start();
        let nothing = || Ok(StatementKind::Return(Returned::Nothing));
        if signature.returns_set
            || (self.out.is_some()
                || signature.result == oids::VOID
                || signature.kind == Kind::Procedure
                || signature.kind == Kind::Inline)
        {
            if semicolon {
                self.tokens.advance();
                return nothing();
            }
            if signature.returns_set {
                return Err(err!(
                    DATATYPE_MISMATCH,
                    "RETURN cannot have a parameter in function returning set"
                )
                .hint("Use RETURN NEXT or RETURN QUERY.")
                .at(here));
            }
            if signature.kind == Kind::Procedure || signature.kind == Kind::Inline {
                return refuse("RETURN cannot have a parameter in a procedure", here);
            }
            if self.out.is_some() {
                return refuse("RETURN cannot have a parameter in function with OUT parameters", here);
            }
            return refuse("RETURN cannot have a parameter in function returning void", here);
        }
        if semicolon {
            return Err(self.tokens.error_with("missing expression"));
        }
        self.returned().map(StatementKind::Return)
    }

    /// A variable or an expression, with the semicolon.
    fn returned(&mut self) -> Result<Returned> {
        let next = self.tokens.peek_at(1);
        let token = self.tokens.peek();
        if self.tokens.is_name(token) && next.kind == TokenKind::Char(b';') {
            let name = self.tokens.name_of(token);
            if let Some((NameKind::Scalar(number) | NameKind::Record(number), 1)) = self.look_up(&[&name]) {
                self.tokens.advance();
                self.tokens.advance();
                return Ok(Returned::Variable(number));
            }
        }
        self.expression_to_semicolon().map(Returned::Value)
    }

    fn return_query(&mut self) -> Result<StatementKind> {
        if self.tokens.accept("execute") {
            let (query, end) = self.expression_until(&[Until::Char(b';'), Until::Word("using")], ";")?;
            let params = if end == 1 { self.expressions_until(&[Until::Char(b';')])?.0 } else { Vec::new() };
            return Ok(StatementKind::ReturnDynamic { query, params });
        }
        let start = self.tokens.start();
        self.skip_to(&[Until::Char(b';')], ";")?;
        let query = self.sql_from(start, SqlKind::Statement)?;
        self.tokens.advance();
        Ok(StatementKind::ReturnQuery(query))
    }

    fn assert_statement(&mut self) -> Result<StatementKind> {
        let (condition, end) = self.expression_until(&[Until::Char(b','), Until::Char(b';')], ";")?;
        let message = if end == 0 { Some(self.expression_to_semicolon()?) } else { None };
        Ok(StatementKind::Assert { condition, message })
    }

    /// PERFORM is SELECT whose rows go nowhere.
    fn perform_statement(&mut self) -> Result<StatementKind> {
        let start = self.tokens.start();
        let before = self.tokens.mark();
        self.skip_to(&[Until::Char(b';')], ";")?;
        if self.tokens.mark() == before {
            return Err(self.tokens.error());
        }
        let text = self.tokens.text().get(start..self.tokens.end_of_last()).unwrap_or("");
        let text = format!("SELECT {text}");
        let sql = self.sql_text(text, start.saturating_sub("SELECT ".len()), SqlKind::Statement)?;
        self.tokens.advance();
        Ok(StatementKind::Perform(sql))
    }

    /// EXECUTE.
    fn dynamic_statement(&mut self) -> Result<StatementKind> {
        let ends = [Until::Char(b';'), Until::Word("into"), Until::Word("using")];
        let (query, mut end) = self.expression_until(&ends, "INTO, USING or ;")?;
        let (mut into, mut strict, mut params) = (None, false, Vec::new());
        loop {
            match end {
                0 => break,
                1 => {
                    if into.is_some() {
                        return Err(self.tokens.error());
                    }
                    strict = self.tokens.accept("strict");
                    into = Some(self.into_target()?);
                    end = if self.tokens.accept("using") {
                        2
                    } else {
                        self.tokens.expect_char(b';')?;
                        0
                    };
                }
                _ => {
                    if !params.is_empty() {
                        return Err(self.tokens.error());
                    }
                    let (list, which) = self.expressions_until(&[Until::Char(b';'), Until::Word("into")])?;
                    params = list;
                    end = which;
                }
            }
        }
        Ok(StatementKind::Dynamic { query, into, strict, params })
    }

    fn get_diagnostics(&mut self) -> Result<StatementKind> {
        let stacked = self.tokens.accept("stacked");
        if !stacked {
            self.tokens.accept("current");
        }
        self.tokens.expect("diagnostics")?;
        let mut items = Vec::new();
        loop {
            let at = self.tokens.start();
            let parts = self.dotted()?;
            let names: Vec<&str> = parts.iter().map(String::as_str).collect();
            let variable = self.variable_of(&names)?.ok_or_else(|| {
                err!(SYNTAX_ERROR, "\"{}\" is not a known variable", parts.join(".")).at(at)
            })?;
            if matches!(self.variables[variable], Variable::Record(_)) {
                return Err(err!(SYNTAX_ERROR, "\"{}\" is not a scalar variable", parts.join(".")).at(at));
            }
            self.check_assignable(variable, at)?;
            if self.tokens.peek().kind != TokenKind::ColonEquals && !self.tokens.at_char(b'=') {
                return Err(self.tokens.error());
            }
            self.tokens.advance();
            let item_at = self.tokens.start();
            let token = self.tokens.peek();
            let word = self.tokens.name()?;
            let (item, of_stacked) = diagnostic(&word).ok_or_else(|| {
                err!(
                    SYNTAX_ERROR,
                    "unrecognized GET DIAGNOSTICS item at or near \"{}\"",
                    self.tokens.slice(token)
                )
                .at(item_at)
            })?;
            if of_stacked != stacked {
                let shown = word.to_ascii_uppercase();
                let which = if stacked { "STACKED" } else { "CURRENT" };
                return Err(err!(
                    SYNTAX_ERROR,
                    "diagnostics item {shown} is not allowed in GET {which} DIAGNOSTICS"
                )
                .at(at));
            }
            items.push((item, variable));
            if !self.tokens.accept_char(b',') {
                break;
            }
        }
        self.tokens.expect_char(b';')?;
        Ok(StatementKind::GetDiagnostics { stacked, items })
    }

    /// Any other SQL, with INTO taken out.
    fn sql_statement(&mut self) -> Result<StatementKind> {
        let start = self.tokens.start();
        let first = self.tokens.peek();
        if !self.tokens.is_name(first) && !matches!(first.kind, TokenKind::Char(b'(')) {
            return Err(self.tokens.error());
        }
        let (mut into, mut strict, mut cut) = (None, false, None);
        let mut depth = 0_usize;
        let mut previous = first;
        let insert = self.tokens.is(first, "insert") || self.tokens.is(first, "merge");
        let import = self.tokens.is(first, "import");
        // The bodies of routines have semicolons of their own.
        let creates = self.tokens.is(first, "create");
        let mut atomic = 0_usize;
        loop {
            let token = self.tokens.peek();
            match token.kind {
                TokenKind::End => {
                    return Err(self.tokens.error_with("unexpected end of function definition"));
                }
                TokenKind::Char(b'(' | b'[') => depth += 1,
                TokenKind::Char(b')' | b']') => depth = depth.saturating_sub(1),
                TokenKind::Char(b';') if depth == 0 && atomic == 0 => break,
                TokenKind::Word if creates && (atomic > 0 || self.tokens.next_is_word("atomic")) => {
                    if self.tokens.is(token, "begin") || self.tokens.is(token, "case") {
                        atomic += 1;
                    } else if self.tokens.is(token, "end") {
                        atomic = atomic.saturating_sub(1);
                    }
                }
                _ => {}
            }
            let is_into = self.tokens.is(token, "into")
                && depth == 0
                && !creates
                && !import
                && !(insert && (self.tokens.is(previous, "insert") || self.tokens.is(previous, "merge")));
            if is_into {
                if into.is_some() {
                    return Err(err!(SYNTAX_ERROR, "INTO specified more than once").at(token.start as usize));
                }
                let from = token.start as usize;
                self.tokens.advance();
                strict = self.tokens.accept("strict");
                into = Some(self.into_target()?);
                cut = Some((from, self.tokens.end_of_last()));
                previous = token;
                continue;
            }
            previous = token;
            self.tokens.advance();
        }
        let end = self.tokens.end_of_last().max(start);
        let mut text = self.tokens.text().get(start..end).unwrap_or("").to_owned();
        if let Some((from, to)) = cut {
            // Blanks in its place keep positions as they are.
            let blank: String = text[from - start..to - start].chars().map(|_| ' ').collect();
            text.replace_range(from - start..to - start, &blank);
        }
        let text = text.trim_end().to_owned();
        let statement = self.sql_text(text, start, SqlKind::Statement)?;
        self.tokens.advance();
        Ok(StatementKind::Execute { statement, into, strict })
    }
}

fn diagnostic(word: &str) -> Option<(Diagnostic, bool)> {
    Some(match word {
        "row_count" => (Diagnostic::RowCount, false),
        "pg_routine_oid" => (Diagnostic::RoutineOid, false),
        "pg_context" => (Diagnostic::Context, false),
        "returned_sqlstate" => (Diagnostic::ReturnedSqlState, true),
        "column_name" => (Diagnostic::ColumnName, true),
        "constraint_name" => (Diagnostic::ConstraintName, true),
        "pg_datatype_name" => (Diagnostic::DataTypeName, true),
        "message_text" => (Diagnostic::MessageText, true),
        "table_name" => (Diagnostic::TableName, true),
        "schema_name" => (Diagnostic::SchemaName, true),
        "pg_exception_detail" => (Diagnostic::ExceptionDetail, true),
        "pg_exception_hint" => (Diagnostic::ExceptionHint, true),
        "pg_exception_context" => (Diagnostic::ExceptionContext, true),
        _ => return None,
    })
}
