//! CREATE OPERATOR, ALTER OPERATOR, and what is to be done when one is dropped.

use super::define::{Options, function, may_execute, may_use_type, shown, type_name, without_position};
use super::object::resolve;
use super::util::{CreationPlace, creation_place, namespace_object, type_object};
use crate::context::StatementCtx;
use pglitedb_analyzer::resolve_type_name;
use pglitedb_catalog::OperatorInfo;
use pglitedb_catalog::builtin::columns::pg_operator::{self, *};
use pglitedb_catalog::builtin::columns::pg_proc;
use pglitedb_catalog::new_objects::operator_row;
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::{
    AlterOperatorStatement, DefElem, DefValue, DefineStatement, Ident, ObjectRef, OperatorName, Persistence,
    QualifiedName,
};
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_tables::system::{DependencyKind, ObjectAddress};
use pglitedb_types::{Datum, Oid, oids};
use std::sync::Arc;

const ATTRIBUTES: &[&str] = &[
    "leftarg",
    "rightarg",
    "function",
    "procedure",
    "commutator",
    "negator",
    "restrict",
    "join",
    "hashes",
    "merges",
    "sort1",
    "sort2",
    "ltcmp",
    "gtcmp",
];

macro_rules! invalid {
    ($($arg:tt)*) => { err!(INVALID_FUNCTION_DEFINITION, $($arg)*) };
}

/// What an operator can be given besides its function.
#[derive(Default)]
struct Extras {
    commutator: Option<OperatorName>,
    negator: Option<OperatorName>,
    restrict: Oid,
    join: Oid,
    merges: bool,
    hashes: bool,
}

/// CREATE OPERATOR.
pub fn create(stmt: &DefineStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let symbol = stmt.operator.as_ref().ok_or_else(|| Error::internal("operator without a name"))?;
    let place = place_of(symbol, ctx)?;
    let options = Options::new(stmt.definition.as_deref().unwrap_or_default());
    for element in options.unknown(ATTRIBUTES) {
        let text = format!("operator attribute \"{}\" not recognized", element.name.name);
        ctx.notice(err!(SYNTAX_ERROR, "{text}").severity(Severity::Warning));
    }
    let (left, right) = (operand(&options, "leftarg", ctx)?, operand(&options, "rightarg", ctx)?);
    let procedure = match options.name("function")? {
        Some(name) => Some(name),
        None => options.name("procedure")?,
    };
    let Some(procedure) = procedure else { return Err(invalid!("operator function must be specified")) };
    if right == 0 {
        return Err(match left {
            0 => invalid!("operator argument types must be specified"),
            _ => invalid!("operator right argument type must be specified")
                .detail("Postfix operators are not supported."),
        });
    }
    for oid in [left, right].into_iter().filter(|oid| *oid != 0) {
        may_use_type(oid, ctx)?;
    }
    let types = if left == 0 { vec![right] } else { vec![left, right] };
    let info = function(&procedure, &types, ctx)?;
    may_execute(&info, ctx)?;
    may_use_type(info.return_type, ctx)?;
    let extras = extras(&options, ctx)?;
    check_extras(&extras, left != 0, info.return_type == oids::BOOL)?;
    check_name(&place.name)?;
    let row = |oid: Oid| {
        let owner = ctx.env().current_user();
        let mut row = operator_row(oid, &place.name, place.namespace, owner, left, right);
        row[OPRCANMERGE] = Datum::Bool(extras.merges);
        row[OPRCANHASH] = Datum::Bool(extras.hashes);
        row[OPRRESULT] = Datum::Oid(info.return_type);
        row[OPRCODE] = Datum::Oid(info.oid);
        row[OPRREST] = Datum::Oid(extras.restrict);
        row[OPRJOIN] = Datum::Oid(extras.join);
        row
    };
    let oid = insert(&place, left, right, row, ctx)?;
    let objects = [
        (pg_proc::RELATION, info.oid),
        (pg_proc::RELATION, extras.restrict),
        (pg_proc::RELATION, extras.join),
        (type_object(0).class, left),
        (type_object(0).class, right),
        (type_object(0).class, info.return_type),
    ];
    depend(oid, place.namespace, &objects, ctx)?;
    let own = found(oid, ctx)?;
    link(&own, extras.commutator.as_ref(), extras.negator.as_ref(), ctx)
}

/// Inserts the row, or fills the shell that waits for it.
fn insert(
    place: &CreationPlace,
    left: Oid,
    right: Oid,
    row: impl Fn(Oid) -> Vec<Datum>,
    ctx: &StatementCtx<'_>,
) -> Result<Oid> {
    let writer = ctx.writer()?;
    let known = ctx.catalog().operators_by_name(&place.name)?;
    let known =
        known.iter().find(|op| op.namespace == place.namespace && op.left == left && op.right == right);
    match known {
        Some(shell) if shell.proc == 0 => {
            let oid = shell.oid;
            let (commutator, negator) = (shell.commutator, shell.negator);
            writer.update_oid(pg_operator::RELATION, oid, |own| {
                *own = row(oid);
                own[OPRCOM] = Datum::Oid(commutator);
                own[OPRNEGATE] = Datum::Oid(negator);
                Ok(())
            })?;
            writer.delete_dependencies_of(address(oid))?;
            writer.delete_role_dependencies(address(oid), None)?;
            Ok(oid)
        }
        Some(_) => Err(err!(DUPLICATE_FUNCTION, "operator {} already exists", place.name)),
        None => {
            let oid = writer.new_oid()?;
            writer.insert(pg_operator::RELATION, &row(oid))?;
            Ok(oid)
        }
    }
}

fn address(oid: Oid) -> ObjectAddress {
    ObjectAddress::new(pg_operator::RELATION, oid)
}

fn depend(oid: Oid, namespace: Oid, objects: &[(Oid, Oid)], ctx: &StatementCtx<'_>) -> Result<()> {
    let writer = ctx.writer()?;
    let own = address(oid);
    writer.record_dependency(own, namespace_object(namespace), DependencyKind::Normal)?;
    for (class, object) in objects {
        if *object < oids::FIRST_NORMAL_OID {
            continue;
        }
        if *class == type_object(0).class {
            super::dependency::record_type(own, *object, 0, ctx)?;
        } else {
            writer.record_dependency(own, ObjectAddress::new(*class, *object), DependencyKind::Normal)?;
        }
    }
    writer.record_role_dependency(own, ctx.env().current_user(), b'o')
}

fn found(oid: Oid, ctx: &StatementCtx<'_>) -> Result<Arc<OperatorInfo>> {
    ctx.catalog()
        .operator(oid)?
        .ok_or_else(|| Error::internal(format!("cache lookup failed for operator {oid}")))
}

fn place_of(name: &OperatorName, ctx: &StatementCtx<'_>) -> Result<CreationPlace> {
    let mut parts = name.schema.clone();
    parts.push(Ident { name: name.symbol.clone(), span: name.span });
    creation_place(&QualifiedName { parts }, Persistence::Permanent, ctx)
}

fn operand(options: &Options<'_>, name: &str, ctx: &StatementCtx<'_>) -> Result<Oid> {
    let Some(element) = options.get(name)? else { return Ok(0) };
    if matches!(&element.value, Some(DefValue::String(text)) if text.eq_ignore_ascii_case("none")) {
        return Ok(0);
    }
    let name = type_name(element)?;
    if name.setof {
        return Err(invalid!("SETOF type not allowed for operator argument"));
    }
    resolve_type_name(&name, &ctx.analyze()).map(|(oid, _)| oid).map_err(without_position)
}

fn extras(options: &Options<'_>, ctx: &StatementCtx<'_>) -> Result<Extras> {
    let obsolete = ["sort1", "sort2", "ltcmp", "gtcmp"];
    let mut merges = options.flag("merges")?.unwrap_or(false);
    for name in obsolete {
        merges |= options.get(name)?.is_some();
    }
    Ok(Extras {
        commutator: options.operator("commutator")?,
        negator: options.operator("negator")?,
        restrict: estimator(options.name("restrict")?.as_ref(), false, ctx)?,
        join: estimator(options.name("join")?.as_ref(), true, ctx)?,
        merges,
        hashes: options.flag("hashes")?.unwrap_or(false),
    })
}

/// A selectivity estimator by name; 0 for none.
fn estimator(name: Option<&QualifiedName>, join: bool, ctx: &StatementCtx<'_>) -> Result<Oid> {
    let Some(name) = name else { return Ok(0) };
    let types: &[Oid] = if join {
        &[oids::INTERNAL, oids::OID, oids::INTERNAL, oids::INT2, oids::INTERNAL]
    } else {
        &[oids::INTERNAL, oids::OID, oids::INTERNAL, oids::INT4]
    };
    let info = match function(name, types, ctx) {
        Ok(info) => info,
        // Join estimators of the older form take one argument less.
        Err(error) if join => function(name, &types[..4], ctx).map_err(|_| error)?,
        Err(error) => return Err(error),
    };
    if info.return_type != oids::FLOAT8 {
        let kind = if join { "join" } else { "restriction" };
        return Err(err!(
            INVALID_OBJECT_DEFINITION,
            "{kind} estimator function {} must return type double precision",
            super::util::dotted(name)
        ));
    }
    may_execute(&info, ctx)?;
    Ok(info.oid)
}

fn check_extras(extras: &Extras, binary: bool, boolean: bool) -> Result<()> {
    let set = [
        (extras.commutator.is_some(), true, false, "have commutators"),
        (extras.join != 0, true, true, "have join selectivity"),
        (extras.merges, true, true, "merge join"),
        (extras.hashes, true, true, "hash"),
        (extras.negator.is_some(), false, true, "have negators"),
        (extras.restrict != 0, false, true, "have restriction selectivity"),
    ];
    for (given, needs_binary, _, what) in set {
        if given && needs_binary && !binary {
            return Err(invalid!("only binary operators can {what}"));
        }
    }
    for (given, _, needs_boolean, what) in set {
        if given && needs_boolean && !boolean {
            return Err(invalid!("only boolean operators can {what}"));
        }
    }
    Ok(())
}

/// `42602` unless a name is one that the lexer reads as an operator.
fn check_name(name: &str) -> Result<()> {
    let chars = |c: char| "~!@#^&|`?+-*/%<>=".contains(c);
    let valid = !name.is_empty()
        && name.len() < 64
        && name.chars().all(chars)
        && !name.contains("/*")
        && !name.contains("--")
        && (name.len() == 1 || !name.ends_with(['+', '-']) || name.chars().any(|c| "~!@#^&|`?%".contains(c)));
    if valid && name != "!=" {
        return Ok(());
    }
    Err(err!(INVALID_NAME, "\"{name}\" is not a valid operator name"))
}

/// The other operator of a pair; a shell is made if it is not there yet. `None` for the operator itself.
fn other(
    own: &OperatorInfo,
    name: &OperatorName,
    left: Oid,
    right: Oid,
    negator: bool,
    ctx: &StatementCtx<'_>,
) -> Result<Option<Arc<OperatorInfo>>> {
    let known = ctx.catalog().operators_by_name(&name.symbol)?;
    let spaces = match name.schema.last() {
        Some(schema) => vec![super::util::namespace_oid(&schema.name, ctx)?],
        None => ctx.catalog().search_path(),
    };
    let known = spaces.iter().find_map(|space| {
        known.iter().find(|op| op.namespace == *space && op.left == left && op.right == right)
    });
    if let Some(known) = known {
        if known.oid == own.oid {
            if negator {
                return Err(invalid!("operator cannot be its own negator"));
            }
            return Ok(None);
        }
        super::util::check_owner_of_operator(known, ctx)?;
        return Ok(Some(known.clone()));
    }
    let place = place_of(name, ctx)?;
    check_name(&place.name)?;
    let writer = ctx.writer()?;
    let oid = writer.new_oid()?;
    let owner = ctx.env().current_user();
    writer.insert(
        pg_operator::RELATION,
        &operator_row(oid, &place.name, place.namespace, owner, left, right),
    )?;
    depend(oid, place.namespace, &[(type_object(0).class, left), (type_object(0).class, right)], ctx)?;
    found(oid, ctx).map(Some)
}

/// Makes an operator and its commutator and negator point to each other.
fn link(
    own: &OperatorInfo,
    commutator: Option<&OperatorName>,
    negator: Option<&OperatorName>,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let pair = |column: usize, first: Oid, second: Oid| {
        ctx.writer()?.update_oid(pg_operator::RELATION, first, |row| {
            row[column] = Datum::Oid(second);
            Ok(())
        })
    };
    let taken = |what: &str, by: Oid, other: &OperatorInfo| -> Result<()> {
        if by == 0 || by == own.oid {
            return Ok(());
        }
        let by = ctx.catalog().operator(by)?.map_or_else(String::new, |op| op.name.to_string());
        Err(invalid!("{what} operator {} is already the {what} of operator {by}", other.name))
    };
    if let Some(name) = commutator {
        match other(own, name, own.right, own.left, false, ctx)? {
            None => pair(OPRCOM, own.oid, own.oid)?,
            Some(other) => {
                taken("commutator", other.commutator, &other)?;
                pair(OPRCOM, own.oid, other.oid)?;
                pair(OPRCOM, other.oid, own.oid)?;
            }
        }
    }
    if let Some(name) = negator
        && let Some(other) = other(own, name, own.left, own.right, true, ctx)?
    {
        taken("negator", other.negator, &other)?;
        pair(OPRNEGATE, own.oid, other.oid)?;
        pair(OPRNEGATE, other.oid, own.oid)?;
    }
    Ok(())
}

/// An option that may be taken away: `None` where it says NONE.
fn removable(element: &DefElem) -> Option<&DefElem> {
    match &element.value {
        None => None,
        Some(DefValue::String(text)) if text.eq_ignore_ascii_case("none") => None,
        Some(_) => Some(element),
    }
}

/// A commutator or negator that is still to be set; `None` if it is set to this already.
fn set_once<'n>(
    own: &OperatorInfo,
    given: Option<&'n OperatorName>,
    negator: bool,
    ctx: &StatementCtx<'_>,
) -> Result<Option<&'n OperatorName>> {
    let Some(given) = given else { return Ok(None) };
    let (known, name, left, right) = if negator {
        (own.negator, "negator", own.left, own.right)
    } else {
        (own.commutator, "commutator", own.right, own.left)
    };
    let other = other(own, given, left, right, negator, ctx)?;
    let other = other.map_or(own.oid, |other| other.oid);
    if known != 0 && known != other {
        return Err(invalid!("operator attribute \"{name}\" cannot be changed if it has already been set"));
    }
    Ok((known == 0).then_some(given))
}

/// ALTER OPERATOR ... SET (...).
pub fn alter(stmt: &AlterOperatorStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let ObjectRef::Operator { .. } = &stmt.operator else {
        return Err(Error::internal("not an operator"));
    };
    let oid = resolve(&stmt.operator, ctx)?.object;
    let own = found(oid, ctx)?;
    let options = Options::new(&stmt.options);
    const CHANGEABLE: [&str; 6] = ["restrict", "join", "commutator", "negator", "merges", "hashes"];
    if let Some(element) = options.unknown(&CHANGEABLE).next() {
        let name = &*element.name.name;
        if ["leftarg", "rightarg", "function", "procedure"].contains(&name) {
            return Err(err!(SYNTAX_ERROR, "operator attribute \"{name}\" cannot be changed"));
        }
        return Err(err!(SYNTAX_ERROR, "operator attribute \"{name}\" not recognized"));
    }
    super::util::check_owner_of_operator(&own, ctx)?;
    let named = |name: &str, join: bool| -> Result<Option<Oid>> {
        let Some(element) = options.get(name)? else { return Ok(None) };
        match removable(element) {
            None => Ok(Some(0)),
            Some(element) => estimator(Some(&super::define::qualified(element)?), join, ctx).map(Some),
        }
    };
    let (restrict, join) = (named("restrict", false)?, named("join", true)?);
    let extras = Extras {
        commutator: options.operator("commutator")?,
        negator: options.operator("negator")?,
        restrict: restrict.unwrap_or(0),
        join: join.unwrap_or(0),
        merges: options.flag("merges")?.unwrap_or(false),
        hashes: options.flag("hashes")?.unwrap_or(false),
    };
    check_extras(&extras, own.left != 0, own.result == oids::BOOL)?;
    let commutator = set_once(&own, extras.commutator.as_ref(), false, ctx)?;
    let negator = set_once(&own, extras.negator.as_ref(), true, ctx)?;
    for (name, known) in [("merges", own.can_merge), ("hashes", own.can_hash)] {
        if known && options.flag(name)? == Some(false) {
            return Err(err!(
                INVALID_FUNCTION_DEFINITION,
                "operator attribute \"{name}\" cannot be changed if it has already been set"
            ));
        }
    }
    ctx.writer()?.update_oid(pg_operator::RELATION, oid, |row| {
        if let Some(restrict) = restrict {
            row[OPRREST] = Datum::Oid(restrict);
        }
        if let Some(join) = join {
            row[OPRJOIN] = Datum::Oid(join);
        }
        row[OPRCANMERGE] = Datum::Bool(own.can_merge || extras.merges);
        row[OPRCANHASH] = Datum::Bool(own.can_hash || extras.hashes);
        Ok(())
    })?;
    link(&own, commutator, negator, ctx)?;
    let row = super::object::object_row(address(oid), ctx)?;
    let oid_at = |at: usize| row.get(at).and_then(Datum::as_oid).unwrap_or(0);
    let objects = [
        (pg_proc::RELATION, own.proc),
        (pg_proc::RELATION, oid_at(OPRREST)),
        (pg_proc::RELATION, oid_at(OPRJOIN)),
        (type_object(0).class, own.left),
        (type_object(0).class, own.right),
        (type_object(0).class, own.result),
    ];
    ctx.writer()?.delete_dependencies_of(address(oid))?;
    let owner = oid_at(OPROWNER);
    depend(oid, own.namespace, &objects, ctx)?;
    ctx.writer()?.record_role_dependency(address(oid), owner, b'o')
}

/// An operator is about to go: those that point to it forget it.
pub fn forget(oid: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    let own = found(oid, ctx)?;
    for (column, other) in [(OPRCOM, own.commutator), (OPRNEGATE, own.negator)] {
        if other == 0 || other == oid || ctx.catalog().operator(other)?.is_none() {
            continue;
        }
        ctx.writer()?.update_oid(pg_operator::RELATION, other, |row| {
            if row.get(column).and_then(Datum::as_oid) == Some(oid) {
                row[column] = Datum::Oid(0);
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// `name(left,right)` of an operator.
pub fn text(own: &OperatorInfo, ctx: &StatementCtx<'_>) -> String {
    let side = |oid: Oid| if oid == 0 { "NONE".to_owned() } else { shown(oid, ctx) };
    format!("{}({},{})", own.name, side(own.left), side(own.right))
}
