//! Parameters of SQL functions by name.

use crate::ParserHook;
use pglitedb_catalog::{ArgMode, Catalog, ProcInfo};
use pglitedb_query_tree::{Expr, Param, ParamKind, Position};
use pglitedb_sqlstate::Result;
use pglitedb_types::{Oid, oids};

/// Names of the input parameters of a function, as its body may use them: `name`, `function.name`, and fields of either.
/// A column of the same name wins.
pub struct ArgumentNames<'a> {
    function: &'a str,
    names: Vec<&'a str>,
    types: &'a [Oid],
    catalog: &'a dyn Catalog,
}

impl<'a> ArgumentNames<'a> {
    /// The input parameters of a function with these (actual) types.
    pub fn new<N: AsRef<str>>(
        function: &'a str,
        names: &'a [N],
        types: &'a [Oid],
        catalog: &'a dyn Catalog,
    ) -> Self {
        ArgumentNames { function, names: names.iter().map(AsRef::as_ref).collect(), types, catalog }
    }

    /// The input parameters of a stored function.
    pub fn of_proc(proc: &'a ProcInfo, types: &'a [Oid], catalog: &'a dyn Catalog) -> Self {
        let is_input = |at: usize| {
            let mode = proc.arg_modes.get(at).copied().unwrap_or(ArgMode::In);
            matches!(mode, ArgMode::In | ArgMode::InOut | ArgMode::Variadic)
        };
        let names = proc
            .arg_names
            .iter()
            .enumerate()
            .filter(|(at, _)| is_input(*at))
            .map(|(_, name)| &**name)
            .collect();
        ArgumentNames { function: &proc.name, names, types, catalog }
    }

    fn parameter(&self, name: &str, position: usize) -> Result<Option<Expr>> {
        let Some(at) = self.names.iter().position(|known| !known.is_empty() && *known == name) else {
            return Ok(None);
        };
        let Some(&type_oid) = self.types.get(at) else { return Ok(None) };
        parameter(at, type_oid, position, self.catalog).map(Some)
    }

    fn field(&self, value: Option<Expr>, field: &str) -> Result<Option<Expr>> {
        let Some(value) = value else { return Ok(None) };
        field_of(value, field, self.catalog)
    }
}

/// Parameter number `at` (from 0) as an expression.
pub(crate) fn parameter(at: usize, type_oid: Oid, position: usize, catalog: &dyn Catalog) -> Result<Expr> {
    let collation = catalog.type_info(type_oid)?.map_or(0, |info| info.collation);
    let position = Position::new(position);
    Ok(Expr::Param(Param {
        kind: ParamKind::External,
        id: at + 1,
        type_oid,
        typmod: -1,
        collation,
        position,
    }))
}

/// A field of a value of a named composite type; `None` if it has none of that name.
pub(crate) fn field_of(value: Expr, field: &str, catalog: &dyn Catalog) -> Result<Option<Expr>> {
    let mut type_oid = value.type_oid();
    if type_oid == oids::RECORD {
        return Ok(None);
    }
    // Domains over composite types have their fields.
    while let Some(info) = catalog.type_info(type_oid)?
        && info.base_type != 0
    {
        type_oid = info.base_type;
    }
    let relation = catalog.type_info(type_oid)?.map_or(0, |info| info.relid);
    if relation == 0 {
        return Ok(None);
    }
    let Some(relation) = catalog.relation(relation)? else { return Ok(None) };
    let live =
        relation.columns.iter().enumerate().find(|(_, column)| !column.dropped && &*column.name == field);
    Ok(live.map(|(at, column)| Expr::FieldSelect {
        arg: Box::new(value),
        field: i16::try_from(at + 1).unwrap_or(i16::MAX),
        type_oid: column.type_oid,
        typmod: column.typmod,
        collation: column.collation,
    }))
}

impl ParserHook for ArgumentNames<'_> {
    fn after_columns(&self, names: &[&str], found: bool, position: usize) -> Result<Option<Expr>> {
        if found {
            return Ok(None);
        }
        match names {
            [name] => self.parameter(name, position),
            [first, second] => {
                if *first == self.function
                    && let Some(found) = self.parameter(second, position)?
                {
                    return Ok(Some(found));
                }
                self.field(self.parameter(first, position)?, second)
            }
            [first, second, third] if *first == self.function => {
                self.field(self.parameter(second, position)?, third)
            }
            _ => Ok(None),
        }
    }
}
