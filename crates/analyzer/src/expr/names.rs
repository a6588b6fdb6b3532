//! The name an output column gets when none is given (PostgreSQL: FigureColname).

use pglitedb_sql_parser::ast::{
    Expr, ExprKind as Ast, Indirection, JsonExpr, JsonFunctionKind, QueryBody, SpecialFunction,
    SqlValueFunction, TrimSide, XmlExpr,
};

/// The name, `?column?` if nothing suggests one.
pub(crate) fn column_name(expr: &Expr) -> &str {
    figure(expr).map_or("?column?", |(name, _)| name)
}

/// A name for an index expression, `None` if nothing suggests one.
pub(crate) fn index_column_name(expr: &Expr) -> Option<&str> {
    figure(expr).map(|(name, _)| name)
}

/// The name and whether it is strong (a cast's type name is weak).
fn figure(expr: &Expr) -> Option<(&str, bool)> {
    let strong = |name| Some((name, true));
    match &expr.kind {
        Ast::Column(column) => {
            if column.star {
                return None;
            }
            column.parts.last().map(|part| (part.as_str(), true))
        }
        Ast::Indirection { base, indirection } => {
            let field = indirection.iter().rev().find_map(|step| match step {
                Indirection::Field(name) => Some(name.as_str()),
                _ => None,
            });
            match field {
                Some(name) => strong(name),
                None => figure(base),
            }
        }
        Ast::Function(call) => strong(call.name.last()),
        Ast::NullIf(..) => strong("nullif"),
        Ast::Cast { arg, type_name, .. } => match figure(arg) {
            Some((name, true)) => strong(name),
            other => type_name.name.parts.last().map(|part| (part.as_str(), false)).or(other),
        },
        Ast::Literal(pglitedb_sql_parser::ast::Literal::Boolean(_)) => Some(("bool", false)),
        Ast::Collate { arg, .. } => figure(arg),
        Ast::Grouping(_) => strong("grouping"),
        Ast::MergeAction => strong("merge_action"),
        Ast::Exists(_) => strong("exists"),
        Ast::ArrayQuery(_) => strong("array"),
        Ast::Subquery(query) => sublink_name(&query.body),
        Ast::Case(case) => match case.default.as_ref().and_then(figure) {
            Some((name, true)) => strong(name),
            _ => Some(("case", false)),
        },
        Ast::Array(_) => strong("array"),
        Ast::Row { .. } => strong("row"),
        Ast::Coalesce(_) => strong("coalesce"),
        Ast::Greatest(_) => strong("greatest"),
        Ast::Least(_) => strong("least"),
        Ast::SqlValue { function, .. } => strong(match function {
            SqlValueFunction::CurrentDate => "current_date",
            SqlValueFunction::CurrentTime => "current_time",
            SqlValueFunction::CurrentTimestamp => "current_timestamp",
            SqlValueFunction::LocalTime => "localtime",
            SqlValueFunction::LocalTimestamp => "localtimestamp",
            SqlValueFunction::CurrentRole => "current_role",
            SqlValueFunction::CurrentUser => "current_user",
            SqlValueFunction::User => "user",
            SqlValueFunction::SessionUser => "session_user",
            SqlValueFunction::CurrentCatalog => "current_catalog",
            SqlValueFunction::CurrentSchema => "current_schema",
        }),
        Ast::AtTimeZone { .. } | Ast::AtLocal { .. } => strong("timezone"),
        Ast::Overlaps { .. } => strong("overlaps"),
        Ast::IsNormalized { .. } => strong("is_normalized"),
        Ast::Special(special) => strong(special_name(special)?),
        Ast::Xml(xml) => strong(match &**xml {
            XmlExpr::Concat(_) => "xmlconcat",
            XmlExpr::Element { .. } => "xmlelement",
            XmlExpr::Exists { .. } => "xmlexists",
            XmlExpr::Forest(_) => "xmlforest",
            XmlExpr::Parse { .. } => "xmlparse",
            XmlExpr::Pi { .. } => "xmlpi",
            XmlExpr::Root { .. } => "xmlroot",
            XmlExpr::Serialize { .. } => "xmlserialize",
        }),
        Ast::Json(json) => strong(match &**json {
            JsonExpr::Object { .. } => "json_object",
            JsonExpr::Array { .. } | JsonExpr::ArrayQuery { .. } => "json_array",
            JsonExpr::ObjectAgg { .. } => "json_objectagg",
            JsonExpr::ArrayAgg { .. } => "json_arrayagg",
            JsonExpr::Parse { .. } => "json",
            JsonExpr::Scalar(_) => "json_scalar",
            JsonExpr::Serialize { .. } => "json_serialize",
            JsonExpr::Function(function) => match function.kind {
                JsonFunctionKind::Query => "json_query",
                JsonFunctionKind::Exists => "json_exists",
                JsonFunctionKind::Value => "json_value",
            },
            JsonExpr::IsJson { .. } => return None,
        }),
        _ => None,
    }
}

fn special_name(special: &SpecialFunction) -> Option<&str> {
    Some(match special {
        SpecialFunction::Extract { .. } => "extract",
        SpecialFunction::Overlay(_) => "overlay",
        SpecialFunction::Position { .. } => "position",
        SpecialFunction::Substring { .. } | SpecialFunction::SubstringSimilar { .. } => "substring",
        SpecialFunction::Trim { side: TrimSide::Both, .. } => "btrim",
        SpecialFunction::Trim { side: TrimSide::Leading, .. } => "ltrim",
        SpecialFunction::Trim { side: TrimSide::Trailing, .. } => "rtrim",
        SpecialFunction::Normalize { .. } => "normalize",
        SpecialFunction::CollationFor(_) => "pg_collation_for",
        SpecialFunction::Treat { type_name, .. } => type_name.name.last(),
        SpecialFunction::IsDocument { .. } => return None,
        SpecialFunction::SystemUser => "system_user",
    })
}

/// The only column's name of a scalar subquery.
fn sublink_name(body: &QueryBody) -> Option<(&str, bool)> {
    match body {
        QueryBody::Select(select) => {
            let first = select.items.first()?;
            match &first.alias {
                Some(alias) => Some((alias.as_str(), true)),
                None => figure(&first.expr).or(Some(("?column?", true))),
            }
        }
        QueryBody::Values(_) => Some(("column1", true)),
        QueryBody::SetOperation { left, .. } => sublink_name(&left.body),
    }
}
