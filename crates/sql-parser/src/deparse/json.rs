//! SQL/JSON.

use super::Printer;
use crate::ast::{
    JsonAggTail, JsonArgument, JsonBehavior, JsonBehaviorKind, JsonEncoding, JsonExpr, JsonFormat,
    JsonFunction, JsonFunctionKind, JsonItemKind, JsonKeyValue, JsonOutput, JsonQuotes, JsonTable,
    JsonTableColumn, JsonTablePath, JsonTableValueColumn, JsonValue, JsonWrapper,
};

impl Printer {
    pub(super) fn json_expr(&mut self, json: &JsonExpr) {
        match json {
            JsonExpr::Object { pairs, absent_on_null, unique, returning } => {
                self.text("JSON_OBJECT(");
                self.list(pairs, Self::json_pair);
                self.json_null_clause(*absent_on_null);
                self.text_if(*unique, " WITH UNIQUE KEYS");
                self.json_returning(returning.as_ref());
                self.text(")");
            }
            JsonExpr::Array { items, absent_on_null, returning } => {
                self.text("JSON_ARRAY(");
                self.list(items, Self::json_value);
                self.json_null_clause(*absent_on_null);
                self.json_returning(returning.as_ref());
                self.text(")");
            }
            JsonExpr::ArrayQuery { query, format, returning } => {
                self.text("JSON_ARRAY(");
                self.query(query);
                self.json_format(format.as_ref());
                self.json_returning(returning.as_ref());
                self.text(")");
            }
            JsonExpr::ObjectAgg { pair, absent_on_null, unique, tail } => {
                self.text("JSON_OBJECTAGG(");
                self.json_pair(pair);
                self.json_null_clause(*absent_on_null);
                self.text_if(*unique, " WITH UNIQUE KEYS");
                self.json_tail(tail);
            }
            JsonExpr::ArrayAgg { arg, order_by, absent_on_null, tail } => {
                self.text("JSON_ARRAYAGG(");
                self.json_value(arg);
                if !order_by.is_empty() {
                    self.text(" ");
                    self.order_by(order_by);
                }
                self.json_null_clause(*absent_on_null);
                self.json_tail(tail);
            }
            JsonExpr::Parse { arg, unique } => {
                self.text("JSON(");
                self.json_value(arg);
                self.text_if(*unique, " WITH UNIQUE KEYS");
                self.text(")");
            }
            JsonExpr::Scalar(arg) => {
                self.text("JSON_SCALAR");
                self.paren_expr(arg);
            }
            JsonExpr::Serialize { arg, returning } => {
                self.text("JSON_SERIALIZE(");
                self.json_value(arg);
                self.json_returning(returning.as_ref());
                self.text(")");
            }
            JsonExpr::Function(function) => self.json_function(function),
            JsonExpr::IsJson { arg, kind, unique, negated } => {
                self.is_test(arg, *negated);
                self.text(match kind {
                    JsonItemKind::Any => "JSON",
                    JsonItemKind::Object => "JSON OBJECT",
                    JsonItemKind::Array => "JSON ARRAY",
                    JsonItemKind::Scalar => "JSON SCALAR",
                });
                self.text_if(*unique, " WITH UNIQUE KEYS");
            }
        }
    }

    fn json_tail(&mut self, tail: &JsonAggTail) {
        self.json_returning(tail.returning.as_ref());
        self.text(")");
        self.filter_and_over(tail.filter.as_ref(), tail.over.as_ref());
    }

    fn json_pair(&mut self, pair: &JsonKeyValue) {
        self.expr(&pair.key);
        self.text(" : ");
        self.json_value(&pair.value);
    }

    fn json_value(&mut self, value: &JsonValue) {
        self.expr(&value.expr);
        self.json_format(value.format.as_ref());
    }

    fn json_format(&mut self, format: Option<&JsonFormat>) {
        let Some(format) = format else { return };
        self.text(" FORMAT JSON");
        self.text(match format.encoding {
            None => "",
            Some(JsonEncoding::Utf8) => " ENCODING utf8",
            Some(JsonEncoding::Utf16) => " ENCODING utf16",
            Some(JsonEncoding::Utf32) => " ENCODING utf32",
        });
    }

    fn json_returning(&mut self, output: Option<&JsonOutput>) {
        let Some(output) = output else { return };
        self.text(" RETURNING ");
        self.type_name(&output.type_name);
        self.json_format(output.format.as_ref());
    }

    fn json_null_clause(&mut self, absent_on_null: Option<bool>) {
        self.text(match absent_on_null {
            None => "",
            Some(true) => " ABSENT ON NULL",
            Some(false) => " NULL ON NULL",
        });
    }

    fn json_function(&mut self, function: &JsonFunction) {
        self.text(match function.kind {
            JsonFunctionKind::Query => "JSON_QUERY(",
            JsonFunctionKind::Exists => "JSON_EXISTS(",
            JsonFunctionKind::Value => "JSON_VALUE(",
        });
        self.json_value(&function.context);
        self.text(", ");
        self.expr(&function.path);
        self.json_passing(&function.passing);
        self.json_returning(function.returning.as_ref());
        self.json_wrapper(function.wrapper);
        self.json_quotes(function.quotes);
        self.json_behavior(function.on_empty.as_ref(), "EMPTY");
        self.json_behavior(function.on_error.as_ref(), "ERROR");
        self.text(")");
    }

    fn json_passing(&mut self, passing: &[JsonArgument]) {
        if passing.is_empty() {
            return;
        }
        self.text(" PASSING ");
        self.list(passing, |p, argument| {
            p.json_value(&argument.value);
            p.text(" AS ");
            p.ident(&argument.name);
        });
    }

    fn json_wrapper(&mut self, wrapper: JsonWrapper) {
        self.text(match wrapper {
            JsonWrapper::Unspecified => "",
            JsonWrapper::Without => " WITHOUT WRAPPER",
            JsonWrapper::Unconditional => " WITH UNCONDITIONAL WRAPPER",
            JsonWrapper::Conditional => " WITH CONDITIONAL WRAPPER",
        });
    }

    fn json_quotes(&mut self, quotes: JsonQuotes) {
        self.text(match quotes {
            JsonQuotes::Unspecified => "",
            JsonQuotes::Keep => " KEEP QUOTES",
            JsonQuotes::Omit => " OMIT QUOTES",
        });
    }

    fn json_behavior(&mut self, behavior: Option<&JsonBehavior>, event: &str) {
        let Some(behavior) = behavior else { return };
        self.text(" ");
        match &behavior.kind {
            JsonBehaviorKind::Null => self.text("NULL"),
            JsonBehaviorKind::Error => self.text("ERROR"),
            JsonBehaviorKind::True => self.text("TRUE"),
            JsonBehaviorKind::False => self.text("FALSE"),
            JsonBehaviorKind::Unknown => self.text("UNKNOWN"),
            JsonBehaviorKind::EmptyArray => self.text("EMPTY ARRAY"),
            JsonBehaviorKind::EmptyObject => self.text("EMPTY OBJECT"),
            JsonBehaviorKind::Default(value) => {
                self.text("DEFAULT ");
                self.expr(value);
            }
        }
        self.text(" ON ");
        self.text(event);
    }

    /// `JSON_TABLE` without `LATERAL` and alias.
    pub(super) fn json_table(&mut self, table: &JsonTable) {
        self.text("JSON_TABLE(");
        self.json_value(&table.context);
        self.text(", ");
        self.json_path(&table.path);
        self.json_passing(&table.passing);
        self.text(" COLUMNS ");
        self.paren_list(&table.columns, Self::json_table_column);
        self.json_behavior(table.on_error.as_ref(), "ERROR");
        self.text(")");
    }

    fn json_path(&mut self, path: &JsonTablePath) {
        self.string(&path.path);
        self.optional(" AS ", path.name.as_ref(), Self::ident);
    }

    fn json_table_column(&mut self, column: &JsonTableColumn) {
        match column {
            JsonTableColumn::Ordinality { name, .. } => {
                self.ident(name);
                self.text(" FOR ORDINALITY");
            }
            JsonTableColumn::Regular(column) => self.json_value_column(column),
            JsonTableColumn::Exists { name, type_name, path, on_error, .. } => {
                self.ident(name);
                self.text(" ");
                self.type_name(type_name);
                self.text(" EXISTS");
                self.optional(" PATH ", path.as_ref(), Self::json_path);
                self.json_behavior(on_error.as_ref(), "ERROR");
            }
            JsonTableColumn::Nested { path, columns, .. } => {
                self.text("NESTED PATH ");
                self.json_path(path);
                self.text(" COLUMNS ");
                self.paren_list(columns, Self::json_table_column);
            }
        }
    }

    fn json_value_column(&mut self, column: &JsonTableValueColumn) {
        self.ident(&column.name);
        self.text(" ");
        self.type_name(&column.type_name);
        self.json_format(column.format.as_ref());
        self.optional(" PATH ", column.path.as_ref(), Self::json_path);
        self.json_wrapper(column.wrapper);
        self.json_quotes(column.quotes);
        self.json_behavior(column.on_empty.as_ref(), "EMPTY");
        self.json_behavior(column.on_error.as_ref(), "ERROR");
    }
}
