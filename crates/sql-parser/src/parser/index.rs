//! Elements of indexes, which `ON CONFLICT` has too.

use super::{Parser, names};
use crate::ast::{IndexKey, TableIndexElem};
use crate::lexer::Keyword;
use pglitedb_sqlstate::Result;

impl Parser<'_> {
    /// What an index or partition key element is made of: a column, a function, or `(expression)`.
    pub(crate) fn index_key(&mut self) -> Result<IndexKey> {
        if self.at_char(b'(') {
            return Ok(IndexKey::Expr(self.paren_expr()?));
        }
        let call_follows = self.next_is_char(b'(') && names::is_type_function_name(self.peek());
        let qualified = self.next_is_char(b'.');
        if call_follows || qualified || self.at_special_function() || self.at_json_aggregate() {
            return Ok(IndexKey::Expr(self.windowless_function()?));
        }
        if names::is_type_function_name(self.peek()) && !names::is_col_id(self.peek()) {
            // Only a function can have this name: PostgreSQL misses the parenthesis behind it.
            self.advance();
            return Err(self.syntax_error());
        }
        let column = self.col_id()?;
        self.refuse_subscripts()?;
        Ok(IndexKey::Column(column))
    }

    /// `index_elem`.
    pub(crate) fn index_element(&mut self) -> Result<TableIndexElem> {
        let start = self.start();
        let key = self.index_key()?;
        let collation = if self.accept(Keyword::Collate) { Some(self.any_name()?) } else { None };
        let (mut operator_class, mut operator_class_options) = (None, Vec::new());
        let nulls_order =
            self.at(Keyword::Nulls) && matches!(self.next_keyword(), Keyword::First | Keyword::Last);
        if names::is_col_id(self.peek()) && !nulls_order {
            operator_class = Some(self.any_name()?);
            if self.at_char(b'(') {
                operator_class_options = self.reloptions()?;
            }
        }
        let direction = self.opt_asc_desc();
        let nulls = self.opt_nulls_order()?;
        let span = self.span_from(start);
        Ok(TableIndexElem { key, collation, operator_class, operator_class_options, direction, nulls, span })
    }
}
