//! `FROM`: relations, subqueries, functions, joins.

use super::{Parser, names};
use crate::ast::{
    Alias, Expr, FromItem, FunctionFrom, Join, JoinCondition, JoinKind, Query, RelationRef, RowsFromItem,
    TableFunctionColumn, TableSample,
};
use crate::lexer::Keyword;
use pglitedb_sqlstate::Result;

/// What stands between parentheses in `FROM`.
enum FromParen {
    Query(Query),
    Join(Box<Join>),
}

/// An alias, or a column definition list with or without one.
#[derive(Default)]
struct FunctionAlias {
    alias: Option<Alias>,
    columns: Vec<TableFunctionColumn>,
}

impl Parser<'_> {
    /// `from_clause`.
    pub(super) fn opt_from_clause(&mut self) -> Result<Vec<FromItem>> {
        if self.accept(Keyword::From) { self.from_list() } else { Ok(Vec::new()) }
    }

    /// `from_list`.
    pub(crate) fn from_list(&mut self) -> Result<Vec<FromItem>> {
        self.comma_list(Self::table_ref)
    }

    /// `table_ref`.
    pub(crate) fn table_ref(&mut self) -> Result<FromItem> {
        self.guard()?;
        self.own_chain(|p| {
            let start = p.start();
            let left = p.table_primary()?;
            p.joins(left, start)
        })
    }

    fn at_join(&self) -> bool {
        matches!(
            self.keyword(),
            Keyword::Cross
                | Keyword::Natural
                | Keyword::Join
                | Keyword::Inner
                | Keyword::Left
                | Keyword::Right
                | Keyword::Full
        )
    }

    fn joins(&mut self, mut left: FromItem, start: u32) -> Result<FromItem> {
        while self.at_join() {
            self.guard_chain()?;
            left = FromItem::Join(Box::new(self.join(left, start)?));
        }
        Ok(left)
    }

    /// One join behind `left`.
    fn join(&mut self, left: FromItem, start: u32) -> Result<Join> {
        if self.accept(Keyword::Cross) {
            self.expect(Keyword::Join)?;
            let right = self.table_primary()?;
            let condition = JoinCondition::None;
            let span = self.span_from(start);
            return Ok(Join { kind: JoinKind::Cross, left, right, condition, alias: None, span });
        }
        let natural = self.accept(Keyword::Natural);
        let kind = match self.keyword() {
            Keyword::Left => JoinKind::Left,
            Keyword::Right => JoinKind::Right,
            Keyword::Full => JoinKind::Full,
            _ => JoinKind::Inner,
        };
        if self.at_any(&[Keyword::Left, Keyword::Right, Keyword::Full]) {
            self.advance();
            self.accept(Keyword::Outer);
        } else {
            self.accept(Keyword::Inner);
        }
        self.expect(Keyword::Join)?;
        let (right, condition) = if natural {
            (self.table_primary()?, JoinCondition::Natural)
        } else {
            // `a JOIN b JOIN c ON .. ON ..`: the right side may be a join itself.
            let right = self.table_ref()?;
            (right, self.join_condition()?)
        };
        Ok(Join { kind, left, right, condition, alias: None, span: self.span_from(start) })
    }

    fn join_condition(&mut self) -> Result<JoinCondition> {
        if self.accept(Keyword::On) {
            return self.expr().map(JoinCondition::On);
        }
        self.expect(Keyword::Using)?;
        let columns = self.paren_list(Self::col_id)?;
        let alias = if self.accept(Keyword::As) { Some(self.col_id()?) } else { None };
        Ok(JoinCondition::Using { columns, alias })
    }

    /// A `table_ref` that is not a bare join.
    fn table_primary(&mut self) -> Result<FromItem> {
        self.guard()?;
        let start = self.start();
        let lateral = self.accept(Keyword::Lateral);
        if self.at_char(b'(') {
            return self.parenthesized_from(lateral, start);
        }
        match self.keyword() {
            Keyword::Xmltable if self.next_is_char(b'(') => {
                let mut table = self.xml_table(lateral, start)?;
                table.alias = self.opt_alias_clause()?;
                table.span = self.span_from(start);
                return Ok(FromItem::XmlTable(Box::new(table)));
            }
            Keyword::JsonTable if self.next_is_char(b'(') => {
                let mut table = self.json_table(lateral, start)?;
                table.alias = self.opt_alias_clause()?;
                table.span = self.span_from(start);
                return Ok(FromItem::JsonTable(Box::new(table)));
            }
            Keyword::Rows if self.next_keyword() == Keyword::From => return self.rows_from(lateral, start),
            _ => {}
        }
        if self.at_special_function() || self.at_json_aggregate() {
            let function = self.windowless_function()?;
            return self.function_from(function, lateral, start);
        }
        if lateral || (names::is_type_function_name(self.peek()) && self.next_is_char(b'(')) {
            let function = self.windowless_function()?;
            return self.function_from(function, lateral, start);
        }
        self.relation_or_function(start)
    }

    /// A relation; or, if a parenthesis follows its qualified name, a function.
    fn relation_or_function(&mut self, start: u32) -> Result<FromItem> {
        if names::is_col_id(self.peek()) && self.next_is_char(b'.') {
            let before = self.checkpoint();
            // What is wrong with a name that is none is for the relation to say.
            if let Ok(name) = self.any_name()
                && self.at_char(b'(')
            {
                let function = self.function_application(name.parts, start, false)?;
                return self.function_from(function, false, start);
            }
            self.rewind(before);
        }
        if names::is_type_function_name(self.peek()) && !names::is_col_id(self.peek()) {
            // Only a function can have this name: PostgreSQL misses the parenthesis behind it.
            self.advance();
            return Err(self.syntax_error());
        }
        let mut relation = self.relation_expr()?;
        relation.alias = self.opt_alias_clause()?;
        relation.span = self.span_from(start);
        let sample = if self.at(Keyword::Tablesample) { Some(Box::new(self.table_sample()?)) } else { None };
        Ok(FromItem::Relation { relation, sample })
    }

    fn table_sample(&mut self) -> Result<TableSample> {
        let start = self.start();
        self.expect(Keyword::Tablesample)?;
        let method = self.func_name()?;
        let args = self.paren_list(Self::expr)?;
        let mut repeatable = None;
        if self.accept(Keyword::Repeatable) {
            self.expect_char(b'(')?;
            repeatable = Some(self.expr()?);
            self.expect_char(b')')?;
        }
        Ok(TableSample { method, args, repeatable, span: self.span_from(start) })
    }

    // ---- parentheses ----

    fn parenthesized_from(&mut self, lateral: bool, start: u32) -> Result<FromItem> {
        if lateral {
            let query = self.select_with_parens()?;
            return self.subquery(query, true, start);
        }
        match self.from_paren()? {
            FromParen::Query(query) => self.subquery(query, false, start),
            FromParen::Join(mut join) => {
                join.alias = self.opt_alias_clause()?;
                Ok(FromItem::Join(join))
            }
        }
    }

    fn subquery(&mut self, query: Query, lateral: bool, start: u32) -> Result<FromItem> {
        let alias = self.opt_alias_clause()?;
        Ok(FromItem::Subquery { lateral, query: Box::new(query), alias, span: self.span_from(start) })
    }

    /// `( ... )`: a query or a join.
    fn from_paren(&mut self) -> Result<FromParen> {
        self.guard()?;
        self.expect_char(b'(')?;
        if self.at_query_start() {
            let query = self.select_no_parens()?;
            self.expect_char(b')')?;
            return Ok(FromParen::Query(query));
        }
        let start = self.start();
        let left = if self.at_char(b'(') {
            match self.from_paren()? {
                FromParen::Query(query) if self.at_char(b')') => {
                    self.advance();
                    return Ok(FromParen::Query(query));
                }
                FromParen::Query(query) if self.at_query_continuation() => {
                    let query = self.continue_query(query, start)?;
                    self.expect_char(b')')?;
                    return Ok(FromParen::Query(query));
                }
                FromParen::Query(query) => self.subquery(query, false, start)?,
                FromParen::Join(join) if self.at_char(b')') => {
                    self.advance();
                    return Ok(FromParen::Join(join));
                }
                FromParen::Join(mut join) => {
                    join.alias = self.opt_alias_clause()?;
                    FromItem::Join(join)
                }
            }
        } else {
            self.table_primary()?
        };
        match self.joins(left, start)? {
            FromItem::Join(join) if self.at_char(b')') && join.alias.is_none() => {
                self.advance();
                Ok(FromParen::Join(join))
            }
            _ => Err(self.syntax_error()),
        }
    }

    // ---- functions ----

    fn function_from(&mut self, function: Expr, lateral: bool, start: u32) -> Result<FromItem> {
        let item = RowsFromItem { function, column_definitions: Vec::new() };
        self.functions_from(vec![item], false, lateral, start)
    }

    fn functions_from(
        &mut self,
        functions: Vec<RowsFromItem>,
        rows_from: bool,
        lateral: bool,
        start: u32,
    ) -> Result<FromItem> {
        let ordinality = self.accept_pair(Keyword::With, Keyword::Ordinality);
        let alias = self.function_alias()?;
        Ok(FromItem::Function(Box::new(FunctionFrom {
            lateral,
            rows_from,
            functions,
            ordinality,
            alias: alias.alias,
            column_definitions: alias.columns,
            span: self.span_from(start),
        })))
    }

    fn rows_from(&mut self, lateral: bool, start: u32) -> Result<FromItem> {
        self.expect_all(&[Keyword::Rows, Keyword::From])?;
        let functions = self.paren_list(|p| {
            let function = p.windowless_function()?;
            let column_definitions =
                if p.accept(Keyword::As) { p.paren_list(Self::table_function_column)? } else { Vec::new() };
            Ok(RowsFromItem { function, column_definitions })
        })?;
        self.functions_from(functions, true, lateral, start)
    }

    /// `func_alias_clause`.
    fn function_alias(&mut self) -> Result<FunctionAlias> {
        let mut result = FunctionAlias::default();
        if self.accept(Keyword::As) {
            if self.at_char(b'(') {
                result.columns = self.paren_list(Self::table_function_column)?;
                return Ok(result);
            }
        } else if !names::is_col_id(self.peek()) {
            return Ok(result);
        }
        let name = self.col_id()?;
        let mut columns = Vec::new();
        if self.at_char(b'(') {
            let before = self.checkpoint();
            self.advance();
            self.col_id()?;
            let is_alias = self.at_char(b',') || self.at_char(b')');
            self.rewind(before);
            if is_alias {
                columns = self.paren_list(Self::col_id)?;
            } else {
                result.columns = self.paren_list(Self::table_function_column)?;
            }
        }
        result.alias = Some(Alias { name, columns });
        Ok(result)
    }

    /// `TableFuncElement`: `name type [COLLATE c]`; also an attribute of a composite type.
    pub(crate) fn table_function_column(&mut self) -> Result<TableFunctionColumn> {
        let start = self.start();
        let name = self.col_id()?;
        let type_name = self.type_name()?;
        let collation = if self.accept(Keyword::Collate) { Some(self.any_name()?) } else { None };
        Ok(TableFunctionColumn { name, type_name, collation, span: self.span_from(start) })
    }

    // ---- aliases ----

    /// `opt_alias_clause`.
    pub(crate) fn opt_alias_clause(&mut self) -> Result<Option<Alias>> {
        if !self.accept(Keyword::As) && !names::is_col_id(self.peek()) {
            return Ok(None);
        }
        let name = self.col_id()?;
        let columns = self.opt_paren_list(Self::col_id)?;
        Ok(Some(Alias { name, columns }))
    }

    /// `relation_expr_opt_alias`: an alias without columns; `SET` is none unless behind `AS`.
    pub(super) fn relation_with_alias(&mut self) -> Result<RelationRef> {
        let mut relation = self.relation_expr()?;
        let start = relation.span.start;
        if self.accept(Keyword::As) || (names::is_col_id(self.peek()) && !self.at(Keyword::Set)) {
            relation.alias = Some(Alias { name: self.col_id()?, columns: Vec::new() });
            relation.span = self.span_from(start);
        }
        Ok(relation)
    }

    /// `(a_expr)`.
    pub(crate) fn paren_expr(&mut self) -> Result<Expr> {
        self.expect_char(b'(')?;
        let expr = self.expr()?;
        self.expect_char(b')')?;
        Ok(expr)
    }
}
