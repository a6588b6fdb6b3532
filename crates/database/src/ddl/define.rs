//! What the `CREATE ... (name = value, ...)` commands share: reading the list, finding the functions that it names.

use super::util::dotted;
use crate::context::StatementCtx;
use pglitedb_analyzer::{lookup_function, resolve_type_name, try_resolve_type_name};
use pglitedb_catalog::ProcInfo;
use pglitedb_catalog::builtin::columns::{pg_proc, pg_type};
use pglitedb_sql_parser::ast::{DefElem, DefValue, NumericOnly, OperatorName, QualifiedName, TypeName};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_tables::system::ObjectAddress;
use pglitedb_types::Oid;
use std::sync::Arc;

/// The elements of a list by name; each may be given once.
pub struct Options<'a> {
    elements: &'a [DefElem],
}

impl<'a> Options<'a> {
    /// Of a list as it was written.
    pub fn new(elements: &'a [DefElem]) -> Options<'a> {
        Options { elements }
    }

    /// The element of a name; `42601` if there are two.
    pub fn get(&self, name: &str) -> Result<Option<&'a DefElem>> {
        let mut found = self.elements.iter().filter(|element| &*element.name.name == name);
        let first = found.next();
        match found.next() {
            Some(second) => Err(conflicting(second)),
            None => Ok(first),
        }
    }

    /// The names that are not among those known, in order.
    pub fn unknown<'n>(&'n self, known: &'n [&str]) -> impl Iterator<Item = &'a DefElem> + 'n {
        self.elements.iter().filter(move |element| !known.contains(&&*element.name.name))
    }

    /// A type.
    pub fn type_oid(&self, name: &str, ctx: &StatementCtx<'_>) -> Result<Option<Oid>> {
        let Some(element) = self.get(name)? else { return Ok(None) };
        let name = type_name(element)?;
        resolve_type_name(&name, &ctx.analyze()).map(|(oid, _)| Some(oid)).map_err(without_position)
    }

    /// A name, possibly with a schema.
    pub fn name(&self, name: &str) -> Result<Option<QualifiedName>> {
        self.get(name)?.map(qualified).transpose()
    }

    /// A text.
    pub fn text(&self, name: &str) -> Result<Option<String>> {
        self.get(name)?.map(string).transpose()
    }

    /// A flag; an element without a value sets it.
    pub fn flag(&self, name: &str) -> Result<Option<bool>> {
        self.get(name)?.map(boolean).transpose()
    }

    /// A number.
    pub fn integer(&self, name: &str) -> Result<Option<i64>> {
        self.get(name)?
            .map(|element| match &element.value {
                Some(DefValue::Number(NumericOnly::Integer(value))) => Ok(i64::from(*value)),
                Some(DefValue::Number(NumericOnly::Numeric(text))) => {
                    text.parse().map_err(|_| not_a(element, "requires a numeric value"))
                }
                _ => Err(not_a(element, "requires an integer value")),
            })
            .transpose()
    }

    /// An operator.
    pub fn operator(&self, name: &str) -> Result<Option<OperatorName>> {
        self.get(name)?
            .map(|element| match &element.value {
                Some(DefValue::Operator(operator)) => Ok(operator.clone()),
                Some(DefValue::String(text)) => {
                    Ok(OperatorName { schema: Vec::new(), symbol: text.clone(), span: element.span })
                }
                _ => Err(not_a(element, "requires an operator name")),
            })
            .transpose()
    }
}

/// `42601 conflicting or redundant options`
pub fn conflicting(element: &DefElem) -> Error {
    err!(SYNTAX_ERROR, "conflicting or redundant options").at(element.span.offset())
}

fn not_a(element: &DefElem, what: &str) -> Error {
    err!(SYNTAX_ERROR, "{} {what}", element.name.name)
}

/// An error without its position: utility commands report none for what stands in their lists.
pub fn without_position(mut error: Error) -> Error {
    error.fields_mut().position = None;
    error
}

/// The value as the name of a type.
pub fn type_name(element: &DefElem) -> Result<TypeName> {
    match &element.value {
        Some(DefValue::Type(name)) => Ok(name.clone()),
        Some(DefValue::String(text)) => pglitedb_sql_parser::parse_type_name(text),
        Some(DefValue::Name(name)) => Ok(TypeName {
            name: name.clone(),
            setof: false,
            percent_type: false,
            typmods: Vec::new(),
            array_bounds: Vec::new(),
            span: element.span,
        }),
        None => Err(not_a(element, "requires a parameter")),
        _ => Err(err!(SYNTAX_ERROR, "argument of {} must be a type name", element.name.name)),
    }
}

/// The value as a name.
pub fn qualified(element: &DefElem) -> Result<QualifiedName> {
    match &element.value {
        Some(DefValue::Type(name)) => Ok(name.name.clone()),
        Some(DefValue::Name(name)) => Ok(name.clone()),
        Some(DefValue::String(text)) => Ok(QualifiedName {
            parts: vec![pglitedb_sql_parser::ast::Ident { name: text.clone(), span: element.span }],
        }),
        None => Err(not_a(element, "requires a parameter")),
        _ => Err(err!(SYNTAX_ERROR, "argument of {} must be a name", element.name.name)),
    }
}

/// The value as text.
pub fn string(element: &DefElem) -> Result<String> {
    match &element.value {
        None => Err(not_a(element, "requires a parameter")),
        Some(DefValue::Operator(operator)) => Ok(operator.symbol.to_string()),
        Some(value) => super::options::value_text(value),
    }
}

/// The value as a flag.
pub fn boolean(element: &DefElem) -> Result<bool> {
    let bad = || not_a(element, "requires a Boolean value");
    match &element.value {
        None => Ok(true),
        Some(DefValue::Boolean(value)) => Ok(*value),
        Some(DefValue::Number(NumericOnly::Integer(0))) => Ok(false),
        Some(DefValue::Number(NumericOnly::Integer(1))) => Ok(true),
        Some(DefValue::Number(_)) => Err(bad()),
        Some(_) => match string(element)?.to_ascii_lowercase().as_str() {
            "true" | "on" => Ok(true),
            "false" | "off" => Ok(false),
            _ => Err(bad()),
        },
    }
}

/// A function by name and (exact) argument types; `42883` if there is none.
pub fn function(name: &QualifiedName, types: &[Oid], ctx: &StatementCtx<'_>) -> Result<Arc<ProcInfo>> {
    lookup_function(name, Some(types), &ctx.analyze()).map_err(|_| {
        let shown = signature_text(&dotted(name), types, ctx);
        err!(UNDEFINED_FUNCTION, "function {shown} does not exist")
    })
}

/// `name(types)` in words.
pub fn signature_text(name: &str, types: &[Oid], ctx: &StatementCtx<'_>) -> String {
    let types: Vec<String> = types
        .iter()
        .map(|oid| match oid {
            0 => "NONE".to_owned(),
            oid => shown(*oid, ctx),
        })
        .collect();
    format!("{name}({})", types.join(", "))
}

/// A type as messages show it.
pub fn shown(oid: Oid, ctx: &StatementCtx<'_>) -> String {
    pglitedb_analyzer::format_type(oid, -1, &ctx.analyze()).unwrap_or_else(|_| oid.to_string())
}

/// The current user may call a function: `42501` otherwise.
pub fn may_execute(info: &ProcInfo, ctx: &StatementCtx<'_>) -> Result<()> {
    let address = ObjectAddress::new(pg_proc::RELATION, info.oid);
    super::acl::require(address, "X", "function", &info.name, ctx)
}

/// The current user may use a type: `42501` otherwise.
pub fn may_use_type(oid: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    let mut oid = oid;
    if let Some(info) = ctx.catalog().type_info(oid)?
        && info.is_true_array
    {
        oid = info.element;
    }
    let address = ObjectAddress::new(pg_type::RELATION, oid);
    super::acl::require(address, "U", "type", &shown(oid, ctx), ctx)
}

/// A type that a name finds, shells included.
pub fn try_type(name: &TypeName, ctx: &StatementCtx<'_>) -> Result<Option<Oid>> {
    Ok(try_resolve_type_name(name, &ctx.analyze()).map_err(without_position)?.map(|(oid, _)| oid))
}
