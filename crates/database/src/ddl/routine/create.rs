//! CREATE FUNCTION, CREATE PROCEDURE.

use super::options::{self, Options, address};
use super::parameters::{self, Parameters};
use super::{body, language, replace, validate};
use crate::context::StatementCtx;
use crate::ddl::acl;
use crate::ddl::dependency;
use crate::ddl::util::{CreationPlace, creation_place, namespace_object, type_object};
use pglitedb_catalog::builtin::columns::{pg_language, pg_proc};
use pglitedb_catalog::{ArgMode, Volatility, new_rows};
use pglitedb_functions::SessionEnv;
use pglitedb_query_tree::Query;
use pglitedb_sql_parser::ast::{CreateFunctionStatement, Persistence};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_tables::system::{DependencyKind, ObjectAddress};
use pglitedb_types::{ArrayValue, Datum, Oid, oids};
use std::sync::Arc;

/// What was found out about a new routine.
pub(super) struct NewRoutine<'a> {
    pub place: CreationPlace,
    pub is_procedure: bool,
    pub parameters: Parameters,
    pub options: Options<'a>,
    pub language: Oid,
    pub result: Oid,
    pub returns_set: bool,
    pub source: String,
    pub binary: Option<String>,
    /// The queries of an SQL-standard body, and their stored form.
    pub queries: Vec<Query>,
    pub sql_body: Option<String>,
    pub config: Vec<String>,
}

/// CREATE [OR REPLACE] FUNCTION, PROCEDURE.
pub fn create(stmt: &CreateFunctionStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let place = creation_place(&stmt.name, Persistence::Permanent, ctx)?;
    let options = options::read(&stmt.options, stmt.procedure, ctx)?;
    let language = match options.language {
        Some(name) => options::language_named(name, ctx)?,
        None if stmt.body.is_some() => language::SQL,
        None => return Err(err!(INVALID_FUNCTION_DEFINITION, "no language specified")),
    };
    if options.leakproof == Some(true) && !ctx.env().is_superuser() {
        return Err(err!(INSUFFICIENT_PRIVILEGE, "only superuser can define a leakproof function"));
    }
    let parameters = parameters::read(stmt, language, ctx)?;
    let (result, returns_set) = parameters::result(stmt, &parameters, language, ctx)?;
    let config = options::config(Vec::new(), &options.settings, ctx)?;
    let mut routine = NewRoutine {
        place,
        is_procedure: stmt.procedure,
        parameters,
        options,
        language,
        result,
        returns_set,
        source: String::new(),
        binary: None,
        queries: Vec::new(),
        sql_body: None,
        config,
    };
    definition(stmt, &mut routine, ctx)?;
    if routine.options.rows.is_some() && !returns_set {
        return Err(err!(
            INVALID_PARAMETER_VALUE,
            "ROWS is not applicable when function does not return a set"
        ));
    }
    parameters::check_pseudo_types(&routine.parameters, result, ctx)?;
    let oid = store(&routine, stmt.or_replace, ctx)?;
    ctx.next_command()?;
    let at = routine.options.definition.map(|(_, at)| at);
    validate::validate(oid, at, ctx)
}

/// What AS and the SQL-standard body say.
fn definition(
    stmt: &CreateFunctionStatement,
    routine: &mut NewRoutine<'_>,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let language_name = || {
        let row =
            ctx.env().with_catalog(|catalog| catalog.row(pg_language::RELATION, u64::from(routine.language)));
        row.ok()
            .flatten()
            .and_then(|row| row[pg_language::LANNAME].as_str().map(str::to_owned))
            .unwrap_or_default()
    };
    match (&stmt.body, routine.options.definition) {
        (Some(_), Some(_)) => {
            return Err(err!(INVALID_FUNCTION_DEFINITION, "duplicate function body specified"));
        }
        (Some(_), None) if routine.language != language::SQL => {
            return Err(err!(
                INVALID_FUNCTION_DEFINITION,
                "inline SQL function body only valid for language SQL"
            ));
        }
        (Some(written), None) => body::bind(written, routine, ctx)?,
        (None, None) => return Err(err!(INVALID_FUNCTION_DEFINITION, "no function body specified")),
        (None, Some((parts, _))) if routine.language == language::C => {
            let file = parts.first().map_or("", |part| part);
            routine.binary = Some(file.to_owned());
            let symbol = parts.get(1).map_or(routine.place.name.as_str(), |part| part);
            routine.source = if symbol == "-" { routine.place.name.clone() } else { symbol.to_owned() };
        }
        (None, Some(([source], _))) => {
            // An empty internal definition means the function's own name.
            routine.source = source.to_string();
            if routine.language == language::INTERNAL && (source.is_empty() || &**source == "-") {
                routine.source = routine.place.name.clone();
            }
        }
        (None, Some(_)) => {
            return Err(err!(
                INVALID_FUNCTION_DEFINITION,
                "only one AS item needed for language \"{}\"",
                language_name()
            ));
        }
    }
    Ok(())
}

fn letter(mode: ArgMode) -> u8 {
    match mode {
        ArgMode::In => b'i',
        ArgMode::Out => b'o',
        ArgMode::InOut => b'b',
        ArgMode::Variadic => b'v',
        ArgMode::Table => b't',
    }
}

fn row_of(oid: Oid, routine: &NewRoutine<'_>, ctx: &StatementCtx<'_>) -> Result<Vec<Datum>> {
    use pg_proc::*;
    let options = &routine.options;
    let parameters = &routine.parameters;
    let mut row = vec![Datum::Null; WIDTH];
    row[OID] = Datum::Oid(oid);
    row[PRONAME] = Datum::text(&routine.place.name);
    row[PRONAMESPACE] = Datum::Oid(routine.place.namespace);
    row[PROOWNER] = Datum::Oid(ctx.env().current_user());
    row[PROLANG] = Datum::Oid(routine.language);
    let usual_cost = if matches!(routine.language, language::INTERNAL | language::C) { 1.0 } else { 100.0 };
    row[PROCOST] = Datum::Float4(options.cost.unwrap_or(usual_cost));
    let usual_rows = if routine.returns_set { 1000.0 } else { 0.0 };
    row[PROROWS] = Datum::Float4(options.rows.unwrap_or(usual_rows));
    row[PROVARIADIC] = Datum::Oid(parameters.variadic);
    row[PROSUPPORT] = Datum::Oid(options.support.unwrap_or(0));
    row[PROKIND] = Datum::Char(match (routine.is_procedure, options.window) {
        (true, _) => b'p',
        (false, Some(true)) => b'w',
        _ => b'f',
    });
    row[PROSECDEF] = Datum::Bool(options.security_definer.unwrap_or(false));
    row[PROLEAKPROOF] = Datum::Bool(options.leakproof.unwrap_or(false));
    row[PROISSTRICT] = Datum::Bool(options.strict.unwrap_or(false));
    row[PRORETSET] = Datum::Bool(routine.returns_set);
    row[PROVOLATILE] = Datum::Char(volatility_letter(options.volatility.unwrap_or(Volatility::Volatile)));
    row[PROPARALLEL] = Datum::Char(options.parallel.unwrap_or(b'u'));
    let count = |length: usize| {
        i16::try_from(length)
            .map_err(|_| err!(TOO_MANY_ARGUMENTS, "functions cannot have more than 100 arguments"))
    };
    if parameters.inputs.len() > 100 {
        return Err(err!(TOO_MANY_ARGUMENTS, "functions cannot have more than 100 arguments"));
    }
    row[PRONARGS] = Datum::Int2(count(parameters.inputs.len())?);
    row[PRONARGDEFAULTS] = Datum::Int2(count(parameters.defaults.len())?);
    row[PRORETTYPE] = Datum::Oid(routine.result);
    row[PROARGTYPES] = new_rows::oid_vector(&parameters.inputs);
    if !parameters.all.is_empty() {
        row[PROALLARGTYPES] = new_rows::oid_array(&parameters.all);
        let modes = parameters.modes.iter().map(|mode| Datum::Char(letter(*mode))).collect();
        row[PROARGMODES] = Datum::Array(Arc::new(ArrayValue::one_dim(oids::CHAR, modes)));
    }
    if !parameters.names.is_empty() {
        let names: Vec<&str> = parameters.names.iter().map(String::as_str).collect();
        row[PROARGNAMES] = new_rows::text_array(&names);
    }
    row[PROARGDEFAULTS] = new_rows::join_expressions(&parameters.defaults).as_deref().into();
    row[PROSRC] = Datum::text(&routine.source);
    row[PROBIN] = routine.binary.as_deref().into();
    row[PROSQLBODY] = routine.sql_body.as_deref().into();
    let config: Vec<&str> = routine.config.iter().map(String::as_str).collect();
    row[PROCONFIG] = new_rows::text_array(&config);
    Ok(row)
}

/// `pg_proc.provolatile`
pub(super) fn volatility_letter(volatility: Volatility) -> u8 {
    match volatility {
        Volatility::Immutable => b'i',
        Volatility::Stable => b's',
        Volatility::Volatile => b'v',
    }
}

/// Writes the row, new or in the place of an old one, and what it depends on.
fn store(routine: &NewRoutine<'_>, or_replace: bool, ctx: &StatementCtx<'_>) -> Result<Oid> {
    let writer = ctx.writer()?;
    let existing = replace::existing(routine, ctx)?;
    let oid = match existing {
        Some(old) => {
            replace::check(&old, routine, or_replace, ctx)?;
            let mut new = row_of(old.oid, routine, ctx)?;
            writer.update_oid(pg_proc::RELATION, old.oid, |row| {
                new[pg_proc::PROOWNER] = row[pg_proc::PROOWNER].clone();
                new[pg_proc::PROACL] = row[pg_proc::PROACL].clone();
                *row = new;
                Ok(())
            })?;
            writer.delete_dependencies_of(address(old.oid))?;
            old.oid
        }
        None => {
            let oid = writer.new_oid()?;
            writer.insert(pg_proc::RELATION, &row_of(oid, routine, ctx)?)?;
            let (object, owner) = (address(oid), ctx.env().current_user());
            writer.record_role_dependency(object, owner, b'o')?;
            let list =
                acl::default_for_new_object(acl::AclKind::Function, owner, routine.place.namespace, ctx)?;
            if let Some(list) = list {
                acl::store(object, &list, owner, ctx)?;
            }
            oid
        }
    };
    record_dependencies(oid, routine, ctx)?;
    Ok(oid)
}

fn record_dependencies(oid: Oid, routine: &NewRoutine<'_>, ctx: &StatementCtx<'_>) -> Result<()> {
    let writer = ctx.writer()?;
    let object = address(oid);
    let mut seen: Vec<ObjectAddress> = Vec::new();
    let mut needs = vec![
        namespace_object(routine.place.namespace),
        ObjectAddress::new(pg_language::RELATION, routine.language),
        type_object(routine.result),
    ];
    let parameters = &routine.parameters;
    let types = if parameters.all.is_empty() { &parameters.inputs } else { &parameters.all };
    needs.extend(types.iter().map(|oid| type_object(*oid)));
    if let Some(support) = routine.options.support {
        needs.push(address(support));
    }
    for needed in needs {
        let needed = element_of(needed, ctx)?;
        if !seen.contains(&needed) {
            seen.push(needed);
            writer.record_dependency(object, needed, DependencyKind::Normal)?;
        }
    }
    dependency::record_routine(object, &parameters.default_exprs, &routine.queries, &seen, ctx)
}

/// Array types depend on their elements: the dependency is on those, as PostgreSQL records it for types made with them.
fn element_of(object: ObjectAddress, ctx: &StatementCtx<'_>) -> Result<ObjectAddress> {
    if object.class != pglitedb_catalog::builtin::columns::pg_type::RELATION {
        return Ok(object);
    }
    if ctx.catalog().type_info(object.object)?.is_none() {
        return Err(Error::internal(format!("cache lookup failed for type {}", object.object)));
    }
    Ok(object)
}
