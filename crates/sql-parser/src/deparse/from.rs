//! `FROM`.

use super::Printer;
use crate::ast::{
    Alias, FromItem, FunctionFrom, Join, JoinCondition, JoinKind, RelationRef, TableFunctionColumn,
    TableSample,
};

impl Printer {
    pub(super) fn from_item(&mut self, item: &FromItem) {
        match item {
            FromItem::Relation { relation, sample } => {
                self.relation(relation);
                if let Some(sample) = sample {
                    self.table_sample(sample);
                }
            }
            FromItem::Subquery { lateral, query, alias, .. } => {
                self.text_if(*lateral, "LATERAL ");
                self.paren_query(query);
                self.alias(alias.as_ref());
            }
            FromItem::Function(function) => self.function_from(function),
            FromItem::Join(join) if join.alias.is_some() => {
                self.text("(");
                self.join(join);
                self.text(")");
                self.alias(join.alias.as_ref());
            }
            FromItem::Join(join) => self.join(join),
            FromItem::XmlTable(table) => {
                self.text_if(table.lateral, "LATERAL ");
                self.xml_table(table);
                self.alias(table.alias.as_ref());
            }
            FromItem::JsonTable(table) => {
                self.text_if(table.lateral, "LATERAL ");
                self.json_table(table);
                self.alias(table.alias.as_ref());
            }
        }
    }

    /// A relation with `ONLY` and alias.
    pub(super) fn relation(&mut self, relation: &RelationRef) {
        self.text_if(relation.only, "ONLY ");
        self.name(&relation.name);
        self.alias(relation.alias.as_ref());
    }

    pub(super) fn alias(&mut self, alias: Option<&Alias>) {
        let Some(alias) = alias else { return };
        self.text(" AS ");
        self.ident(&alias.name);
        self.opt_paren_list(&alias.columns, Self::ident);
    }

    fn table_sample(&mut self, sample: &TableSample) {
        self.text(" TABLESAMPLE ");
        self.name(&sample.method);
        self.paren_list(&sample.args, Self::expr);
        if let Some(seed) = &sample.repeatable {
            self.text(" REPEATABLE ");
            self.paren_expr(seed);
        }
    }

    fn function_from(&mut self, function: &FunctionFrom) {
        self.text_if(function.lateral, "LATERAL ");
        self.text_if(function.rows_from, "ROWS FROM (");
        self.list(&function.functions, |p, item| {
            p.windowless_function(&item.function);
            if !item.column_definitions.is_empty() {
                p.text(" AS ");
                p.paren_list(&item.column_definitions, Self::table_function_column);
            }
        });
        self.text_if(function.rows_from, ")");
        self.text_if(function.ordinality, " WITH ORDINALITY");
        if function.column_definitions.is_empty() {
            self.alias(function.alias.as_ref());
            return;
        }
        self.text(" AS ");
        if let Some(alias) = &function.alias {
            self.ident(&alias.name);
            self.text(" ");
        }
        self.paren_list(&function.column_definitions, Self::table_function_column);
    }

    /// `name type COLLATE c`.
    pub(super) fn table_function_column(&mut self, column: &TableFunctionColumn) {
        self.ident(&column.name);
        self.text(" ");
        self.type_name(&column.type_name);
        self.optional(" COLLATE ", column.collation.as_ref(), Self::name);
    }

    fn join(&mut self, join: &Join) {
        self.from_item(&join.left);
        self.text_if(join.condition == JoinCondition::Natural, " NATURAL");
        self.text(match join.kind {
            JoinKind::Cross => " CROSS JOIN ",
            JoinKind::Inner => " JOIN ",
            JoinKind::Left => " LEFT JOIN ",
            JoinKind::Right => " RIGHT JOIN ",
            JoinKind::Full => " FULL JOIN ",
        });
        match &join.right {
            FromItem::Join(right) if right.alias.is_none() => {
                self.text("(");
                self.join(right);
                self.text(")");
            }
            right => self.from_item(right),
        }
        match &join.condition {
            JoinCondition::None | JoinCondition::Natural => {}
            JoinCondition::On(condition) => {
                self.text(" ON ");
                self.expr(condition);
            }
            JoinCondition::Using { columns, alias } => {
                self.text(" USING ");
                self.paren_list(columns, Self::ident);
                self.optional(" AS ", alias.as_ref(), Self::ident);
            }
        }
    }
}
