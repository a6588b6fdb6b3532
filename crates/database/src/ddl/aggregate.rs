//! CREATE AGGREGATE.

use super::define::{Options, shown, signature_text, string, without_position};
use super::util::{creation_place, dotted, namespace_object, type_object};
use crate::context::StatementCtx;
use pglitedb_analyzer::{
    SupportFunction, binary_coercible, is_polymorphic, lookup_operator, lookup_support_function,
    polymorphic_problem, resolve_type_name,
};
use pglitedb_catalog::builtin::columns::{pg_aggregate, pg_operator, pg_proc};
use pglitedb_catalog::new_objects::{INTERNAL_LANGUAGE, NewProc, aggregate_row, proc_row};
use pglitedb_catalog::{ProcInfo, ProcKind};
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::{
    DefineStatement, FunctionParameter, ParameterMode, Persistence, QualifiedName, RoutineSignature,
};
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_tables::system::{DependencyKind, ObjectAddress};
use pglitedb_types::{Datum, Oid, TypeKind, oids};

const ATTRIBUTES: &[&str] = &[
    "sfunc",
    "sfunc1",
    "finalfunc",
    "combinefunc",
    "serialfunc",
    "deserialfunc",
    "msfunc",
    "minvfunc",
    "mfinalfunc",
    "finalfunc_extra",
    "mfinalfunc_extra",
    "finalfunc_modify",
    "mfinalfunc_modify",
    "sortop",
    "basetype",
    "hypothetical",
    "stype",
    "stype1",
    "sspace",
    "mstype",
    "msspace",
    "initcond",
    "initcond1",
    "minitcond",
    "parallel",
];

macro_rules! invalid {
    ($($arg:tt)*) => { err!(INVALID_FUNCTION_DEFINITION, $($arg)*) };
}

/// The arguments an aggregate is declared with.
#[derive(Default)]
struct Args {
    types: Vec<Oid>,
    modes: Vec<u8>,
    names: Vec<String>,
    /// Element type of the VARIADIC argument, or 0.
    variadic: Oid,
    /// `n`, `o` or `h`
    kind: u8,
    direct: usize,
}

impl Args {
    /// What the transition function is called with, behind the state.
    fn aggregated(&self) -> &[Oid] {
        let from = if self.kind == b'n' { 0 } else { self.direct };
        // A variadic argument that serves direct and aggregated ones stands once.
        let from = from.min(self.types.len().saturating_sub(usize::from(self.variadic != 0)));
        &self.types[from..]
    }
}

/// One way to compute an aggregate: plain or moving.
struct Way {
    state_type: Oid,
    transition: SupportFunction,
    inverse: Option<SupportFunction>,
    finish: Option<SupportFunction>,
    result_type: Oid,
    initial: Option<String>,
    extra: bool,
    modify: u8,
    space: i32,
}

/// CREATE AGGREGATE.
pub fn create(stmt: &DefineStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let definition = stmt.definition.as_deref().unwrap_or_default();
    let options = Options::new(definition);
    for element in options.unknown(ATTRIBUTES) {
        let text = format!("aggregate attribute \"{}\" not recognized", element.name.name);
        ctx.notice(err!(SYNTAX_ERROR, "{text}").severity(Severity::Warning));
    }
    let place = creation_place(&stmt.name, Persistence::Permanent, ctx)?;
    let hypothetical = options.flag("hypothetical")?.unwrap_or(false);
    let args = match &stmt.signature {
        Some(signature) => {
            if options.get("basetype")?.is_some() {
                return Err(invalid!("basetype is redundant with aggregate input type specification"));
            }
            new_style(signature, hypothetical, ctx)?
        }
        None => old_style(&options, ctx)?,
    };
    let plain = plain_way(&options, &args, ctx)?;
    let moving = moving_way(&options, &args, &plain, ctx)?;
    let helpers = helpers(&options, &plain, ctx)?;
    let sort_operator = match options.operator("sortop")? {
        None => 0,
        Some(name) => {
            let [arg] = args.types.as_slice() else {
                return Err(invalid!("sort operator can only be specified for single-argument aggregates"));
            };
            lookup_operator(&name, *arg, *arg, &ctx.analyze()).map_err(without_position)?.oid
        }
    };
    let parallel = match options.text("parallel")?.as_deref() {
        None | Some("unsafe") => b'u',
        Some("safe") => b's',
        Some("restricted") => b'r',
        Some(_) => {
            return Err(err!(SYNTAX_ERROR, "parameter \"parallel\" must be SAFE, RESTRICTED, or UNSAFE"));
        }
    };
    let oid = store_proc(stmt, place.namespace, &args, &plain, parallel, ctx)?;
    store_aggregate(oid, &args, &plain, moving.as_ref(), &helpers, sort_operator, ctx)
}

fn old_style(options: &Options<'_>, ctx: &StatementCtx<'_>) -> Result<Args> {
    let Some(element) = options.get("basetype")? else {
        return Err(invalid!("aggregate input type must be specified"));
    };
    let text = string(element).unwrap_or_default();
    let none = text.eq_ignore_ascii_case("any") || text == "pg_catalog.any";
    let types = match none {
        true => Vec::new(),
        false => {
            let name = super::define::type_name(element)?;
            vec![resolve_type_name(&name, &ctx.analyze()).map_err(without_position)?.0]
        }
    };
    Ok(Args { types, kind: b'n', ..Args::default() })
}

fn new_style(signature: &RoutineSignature, hypothetical: bool, ctx: &StatementCtx<'_>) -> Result<Args> {
    let direct = signature.args.as_deref().unwrap_or_default();
    let mut args = Args { kind: b'n', direct: direct.len(), ..Args::default() };
    for parameter in direct {
        argument(parameter, &mut args, ctx)?;
    }
    let Some(ordered) = signature.order_by.as_deref() else {
        args.direct = 0;
        if hypothetical {
            return Err(invalid!("only ordered-set aggregates can be hypothetical"));
        }
        return Ok(args);
    };
    args.kind = if hypothetical { b'h' } else { b'o' };
    let (first_variadic, single) = (args.variadic, args.variadic != 0);
    if single {
        // The direct arguments' VARIADIC serves the ordered ones too, which must be declared the same.
        let [only] = ordered else {
            return Err(invalid!(
                "an ordered-set aggregate with a VARIADIC direct argument must have one VARIADIC aggregated argument of the same data type"
            ));
        };
        let mut other = Args::default();
        argument(only, &mut other, ctx)?;
        if other.variadic != first_variadic || other.types.last() != args.types.last() {
            return Err(invalid!(
                "an ordered-set aggregate with a VARIADIC direct argument must have one VARIADIC aggregated argument of the same data type"
            ));
        }
        return Ok(args);
    }
    for parameter in ordered {
        argument(parameter, &mut args, ctx)?;
    }
    if args.variadic != 0 && args.variadic != oids::ANY {
        return Err(Error::unsupported("a variadic ordered-set aggregate must use VARIADIC type ANY"));
    }
    if hypothetical {
        let (direct, ordered) = args.types.split_at(args.direct);
        if direct.len() < ordered.len() || direct[direct.len() - ordered.len()..] != *ordered {
            return Err(invalid!(
                "a hypothetical-set aggregate must have direct arguments matching its aggregated arguments"
            ));
        }
    }
    Ok(args)
}

fn argument(parameter: &FunctionParameter, args: &mut Args, ctx: &StatementCtx<'_>) -> Result<()> {
    let name = &parameter.type_name;
    let (oid, _) = resolve_type_name(name, &ctx.analyze()).map_err(without_position)?;
    if name.setof {
        return Err(invalid!("aggregates cannot accept set arguments").at(parameter.span.offset()));
    }
    if args.variadic != 0 {
        return Err(
            invalid!("VARIADIC parameter must be the last input parameter").at(parameter.span.offset())
        );
    }
    match parameter.mode {
        ParameterMode::Out | ParameterMode::InOut | ParameterMode::Table => {
            return Err(invalid!("aggregates cannot have output arguments").at(parameter.span.offset()));
        }
        ParameterMode::Variadic => {
            args.variadic = match oid {
                oids::ANY => oids::ANY,
                oids::ANYARRAY => oids::ANYELEMENT,
                oids::ANYCOMPATIBLEARRAY => oids::ANYCOMPATIBLE,
                other => match ctx.catalog().type_info(other)? {
                    Some(info) if info.is_true_array => info.element,
                    _ => {
                        return Err(
                            invalid!("VARIADIC parameter must be an array").at(parameter.span.offset())
                        );
                    }
                },
            };
            args.modes.push(b'v');
        }
        _ => args.modes.push(b'i'),
    }
    if parameter.default.is_some() {
        return Err(Error::unsupported("default values of an aggregate's arguments are not supported yet"));
    }
    args.names.push(parameter.name.as_ref().map_or_else(String::new, |name| name.name.to_string()));
    args.types.push(oid);
    Ok(())
}

/// The type of a state.
fn state_type(options: &Options<'_>, names: [&str; 2], ctx: &StatementCtx<'_>) -> Result<Option<Oid>> {
    let found = match options.type_oid(names[0], ctx)? {
        Some(oid) => Some(oid),
        None => options.type_oid(names[1], ctx)?,
    };
    let Some(oid) = found else { return Ok(None) };
    if let Some(info) = ctx.catalog().type_info(oid)?
        && info.kind == TypeKind::Pseudo
        && !is_polymorphic(oid)
        && !(oid == oids::INTERNAL && ctx.env().is_superuser())
    {
        return Err(invalid!("aggregate transition data type cannot be {}", shown(oid, ctx)));
    }
    Ok(Some(oid))
}

fn either(options: &Options<'_>, names: [&str; 2]) -> Result<Option<QualifiedName>> {
    Ok(match options.name(names[0])? {
        Some(name) => Some(name),
        None => options.name(names[1])?,
    })
}

fn modify(options: &Options<'_>, name: &str, args: &Args) -> Result<u8> {
    Ok(match options.text(name)?.as_deref() {
        None if args.kind == b'n' => b'r',
        None => b'w',
        Some("read_only") => b'r',
        Some("shareable") => b's',
        Some("read_write") => b'w',
        Some(_) => {
            return Err(err!(
                SYNTAX_ERROR,
                "parameter \"{name}\" must be READ_ONLY, SHAREABLE, or READ_WRITE"
            ));
        }
    })
}

fn plain_way(options: &Options<'_>, args: &Args, ctx: &StatementCtx<'_>) -> Result<Way> {
    let stype = state_type(options, ["stype", "stype1"], ctx)?;
    let Some(stype) = stype else { return Err(invalid!("aggregate stype must be specified")) };
    let Some(sfunc) = either(options, ["sfunc", "sfunc1"])? else {
        return Err(invalid!("aggregate sfunc must be specified"));
    };
    if let Some(detail) = polymorphic_problem(stype, &args.types) {
        return Err(invalid!("cannot determine transition data type").detail(detail));
    }
    let initial = match options.get("initcond")? {
        Some(element) => Some(string(element)?),
        None => options.text("initcond1")?,
    };
    let mut way = transition(&sfunc, stype, initial, args, ctx)?;
    way.modify = modify(options, "finalfunc_modify", args)?;
    way.extra = options.flag("finalfunc_extra")?.unwrap_or(false);
    way.space = i32::try_from(options.integer("sspace")?.unwrap_or(0)).unwrap_or(0);
    finish(&mut way, options.name("finalfunc")?, args, ctx)?;
    Ok(way)
}

fn moving_way(
    options: &Options<'_>,
    args: &Args,
    plain: &Way,
    ctx: &StatementCtx<'_>,
) -> Result<Option<Way>> {
    let Some(mstype) = state_type(options, ["mstype", "mstype"], ctx)? else {
        for name in ["msfunc", "minvfunc", "mfinalfunc", "msspace", "minitcond"] {
            if options.get(name)?.is_some() {
                return Err(invalid!("aggregate {name} must not be specified without mstype"));
            }
        }
        return Ok(None);
    };
    let need = |name: &str| {
        options
            .name(name)?
            .ok_or_else(|| invalid!("aggregate {name} must be specified when mstype is specified"))
    };
    let (forward, inverse) = (need("msfunc")?, need("minvfunc")?);
    let mut way = transition(&forward, mstype, options.text("minitcond")?, args, ctx)?;
    let mut types = vec![mstype];
    types.extend(args.aggregated());
    let found = lookup_support_function(&inverse, &types, args.variadic, &ctx.analyze())?;
    if found.result_type != mstype {
        return Err(err!(
            DATATYPE_MISMATCH,
            "return type of inverse transition function {} is not {}",
            dotted(&inverse),
            shown(mstype, ctx)
        ));
    }
    if found.proc.strict != way.transition.proc.strict {
        return Err(invalid!(
            "strictness of aggregate's forward and inverse transition functions must match"
        ));
    }
    way.inverse = Some(found);
    way.modify = modify(options, "mfinalfunc_modify", args)?;
    way.extra = options.flag("mfinalfunc_extra")?.unwrap_or(false);
    way.space = i32::try_from(options.integer("msspace")?.unwrap_or(0)).unwrap_or(0);
    finish(&mut way, options.name("mfinalfunc")?, args, ctx)?;
    if way.result_type != plain.result_type {
        return Err(invalid!(
            "moving-aggregate implementation returns type {}, but plain implementation returns type {}",
            shown(way.result_type, ctx),
            shown(plain.result_type, ctx)
        ));
    }
    Ok(Some(way))
}

fn transition(
    name: &QualifiedName,
    stype: Oid,
    initial: Option<String>,
    args: &Args,
    ctx: &StatementCtx<'_>,
) -> Result<Way> {
    let mut types = vec![stype];
    types.extend(args.aggregated());
    let found = lookup_support_function(name, &types, args.variadic, &ctx.analyze())?;
    if found.result_type != stype {
        return Err(err!(
            DATATYPE_MISMATCH,
            "return type of transition function {} is not {}",
            dotted(name),
            shown(stype, ctx)
        ));
    }
    super::define::may_execute(&found.proc, ctx)?;
    if let Some(text) = &initial
        && !ctx.catalog().type_info(stype)?.is_some_and(|info| info.kind == TypeKind::Pseudo)
    {
        pglitedb_types::input(text, stype, -1, ctx.env().as_type_env())?;
    }
    if initial.is_none() && found.proc.strict {
        let fits = match args.aggregated() {
            [first, ..] => binary_coercible(*first, stype, &ctx.analyze())?,
            [] => false,
        };
        if !fits {
            return Err(invalid!(
                "must not omit initial value when transition function is strict and transition type is not compatible with input type"
            ));
        }
    }
    Ok(Way {
        state_type: stype,
        transition: found,
        inverse: None,
        finish: None,
        result_type: stype,
        initial,
        extra: false,
        modify: b'r',
        space: 0,
    })
}

fn finish(way: &mut Way, name: Option<QualifiedName>, args: &Args, ctx: &StatementCtx<'_>) -> Result<()> {
    if let Some(name) = name {
        let mut types = vec![way.state_type];
        if way.extra {
            types.extend(&args.types);
        } else if args.kind != b'n' {
            types.extend(&args.types[..args.direct]);
        }
        let variadic = if way.extra { args.variadic } else { 0 };
        let found = lookup_support_function(&name, &types, variadic, &ctx.analyze())?;
        if way.extra && types.len() > 1 && found.proc.strict {
            return Err(invalid!("final function with extra arguments must not be declared STRICT"));
        }
        super::define::may_execute(&found.proc, ctx)?;
        way.result_type = found.result_type;
        way.finish = Some(found);
    }
    if let Some(detail) = polymorphic_problem(way.result_type, &args.types) {
        return Err(err!(DATATYPE_MISMATCH, "cannot determine result data type").detail(detail));
    }
    if way.result_type == oids::INTERNAL && !args.types.contains(&oids::INTERNAL) {
        return Err(invalid!("unsafe use of pseudo-type \"internal\"")
            .detail("A function returning \"internal\" must have at least one \"internal\" argument."));
    }
    Ok(())
}

/// Functions that parallel and partial aggregation would use: combine, serialize, deserialize.
fn helpers(
    options: &Options<'_>,
    plain: &Way,
    ctx: &StatementCtx<'_>,
) -> Result<[Option<SupportFunction>; 3]> {
    let stype = plain.state_type;
    let checked = |name: QualifiedName, types: &[Oid], result: Oid, what: &str| {
        let found = lookup_support_function(&name, types, 0, &ctx.analyze())?;
        if found.result_type != result {
            return Err(err!(
                DATATYPE_MISMATCH,
                "return type of {what} function {} is not {}",
                dotted(&name),
                shown(result, ctx)
            ));
        }
        Ok(found)
    };
    let combine = options.name("combinefunc")?.map(|name| checked(name, &[stype, stype], stype, "combine"));
    let combine = combine.transpose()?;
    if stype == oids::INTERNAL && combine.as_ref().is_some_and(|found| found.proc.strict) {
        return Err(invalid!(
            "combine function with transition type {} must not be declared STRICT",
            shown(stype, ctx)
        ));
    }
    let (serialize, deserialize) = (options.name("serialfunc")?, options.name("deserialfunc")?);
    if serialize.is_some() || deserialize.is_some() {
        if stype != oids::INTERNAL {
            return Err(invalid!(
                "serialization functions may be specified only when the aggregate transition data type is {}",
                shown(oids::INTERNAL, ctx)
            ));
        }
        if serialize.is_some() != deserialize.is_some() {
            return Err(invalid!(
                "must specify both or neither of serialization and deserialization functions"
            ));
        }
    }
    let serialize =
        serialize.map(|name| checked(name, &[oids::INTERNAL], oids::BYTEA, "serialization")).transpose()?;
    let deserialize = deserialize
        .map(|name| checked(name, &[oids::BYTEA, oids::INTERNAL], oids::INTERNAL, "deserialization"))
        .transpose()?;
    Ok([combine, serialize, deserialize])
}

/// A routine of that name and arguments is there: it may be replaced if it is an aggregate of the same kind.
fn replaceable(
    old: &ProcInfo,
    stmt: &DefineStatement,
    args: &Args,
    plain: &Way,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    if !stmt.or_replace {
        return Err(err!(
            DUPLICATE_FUNCTION,
            "function \"{}\" already exists with same argument types",
            old.name
        ));
    }
    super::util::check_owner(old.owner, "function", &old.name, ctx)?;
    let kind = match old.kind {
        ProcKind::Aggregate => None,
        ProcKind::Function => Some("ordinary function"),
        ProcKind::Procedure => Some("procedure"),
        ProcKind::Window => Some("window function"),
    };
    if let Some(kind) = kind {
        let article = if kind == "ordinary function" { "an" } else { "a" };
        return Err(err!(WRONG_OBJECT_TYPE, "cannot change routine kind")
            .detail(format!("\"{}\" is {article} {kind}.", old.name)));
    }
    let signature = signature_text(&old.name, &old.arg_types, ctx);
    if old.return_type != plain.result_type {
        return Err(invalid!("cannot change return type of existing function")
            .hint(format!("Use DROP AGGREGATE {signature} first.")));
    }
    let info = ctx.catalog().aggregate(old.oid)?;
    let info = info.ok_or_else(|| Error::internal("cache lookup failed for aggregate"))?;
    if info.kind != args.kind {
        let what = match info.kind {
            b'n' => "an ordinary aggregate",
            b'o' => "an ordered-set aggregate",
            _ => "a hypothetical-set aggregate",
        };
        return Err(err!(WRONG_OBJECT_TYPE, "cannot change routine kind")
            .detail(format!("\"{}\" is {what}.", old.name)));
    }
    if usize::from(info.direct_args) != args.direct {
        return Err(invalid!("cannot change number of direct arguments of an aggregate function"));
    }
    Ok(())
}

fn store_proc(
    stmt: &DefineStatement,
    namespace: Oid,
    args: &Args,
    plain: &Way,
    parallel: u8,
    ctx: &StatementCtx<'_>,
) -> Result<Oid> {
    let writer = ctx.writer()?;
    let name = stmt.name.last();
    let all = ctx.catalog().procs_by_name(name)?;
    let old = all.iter().find(|known| known.namespace == namespace && known.arg_types == args.types);
    if let Some(old) = old {
        replaceable(old, stmt, args, plain, ctx)?;
    }
    let owner = old.map_or_else(|| ctx.env().current_user(), |old| old.owner);
    let oid = match old {
        Some(old) => old.oid,
        None => writer.new_oid()?,
    };
    let names: Vec<&str> = args.names.iter().map(String::as_str).collect();
    let row = proc_row(&NewProc {
        oid,
        name,
        namespace,
        owner,
        language: INTERNAL_LANGUAGE,
        kind: b'a',
        strict: false,
        volatility: b'i',
        parallel,
        variadic: args.variadic,
        return_type: plain.result_type,
        arg_types: &args.types,
        all_arg_types: if args.variadic == 0 { &[] } else { &args.types },
        arg_modes: &args.modes,
        arg_names: if names.iter().all(|name| name.is_empty()) { &[] } else { &names },
        source: "aggregate_dummy",
    });
    let object = ObjectAddress::new(pg_proc::RELATION, oid);
    if old.is_some() {
        writer.update_oid(pg_proc::RELATION, oid, |own| {
            let acl = own[pg_proc::PROACL].clone();
            *own = row;
            own[pg_proc::PROACL] = acl;
            Ok(())
        })?;
        writer.delete_dependencies_of(object)?;
        writer.delete(pg_aggregate::RELATION, u64::from(oid))?;
    } else {
        writer.insert(pg_proc::RELATION, &row)?;
        writer.record_role_dependency(object, owner, b'o')?;
        let default =
            super::acl::default_for_new_object(super::acl::AclKind::Function, owner, namespace, ctx)?;
        if let Some(list) = default {
            super::acl::store(object, &list, owner, ctx)?;
        }
    }
    writer.record_dependency(object, namespace_object(namespace), DependencyKind::Normal)?;
    for oid in args.types.iter().chain([&plain.result_type, &plain.state_type]) {
        let element =
            ctx.catalog().type_info(*oid)?.filter(|info| info.is_true_array).map(|info| info.element);
        let oid = element.unwrap_or(*oid);
        if oid >= oids::FIRST_NORMAL_OID {
            writer.record_dependency(object, type_object(oid), DependencyKind::Normal)?;
        }
    }
    Ok(oid)
}

fn store_aggregate(
    oid: Oid,
    args: &Args,
    plain: &Way,
    moving: Option<&Way>,
    [combine, serialize, deserialize]: &[Option<SupportFunction>; 3],
    sort_operator: Oid,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    use pg_aggregate::*;
    let writer = ctx.writer()?;
    let mut row = aggregate_row(oid, args.kind, i16::try_from(args.direct).unwrap_or(i16::MAX));
    let text = |text: &Option<String>| text.as_deref().map_or(Datum::Null, Datum::text);
    let mut functions = vec![(AGGTRANSFN, Some(&plain.transition)), (AGGFINALFN, plain.finish.as_ref())];
    functions.extend([
        (AGGCOMBINEFN, combine.as_ref()),
        (AGGSERIALFN, serialize.as_ref()),
        (AGGDESERIALFN, deserialize.as_ref()),
    ]);
    row[AGGTRANSTYPE] = Datum::Oid(plain.state_type);
    row[AGGINITVAL] = text(&plain.initial);
    row[AGGFINALEXTRA] = Datum::Bool(plain.extra);
    row[AGGFINALMODIFY] = Datum::Char(plain.modify);
    row[AGGTRANSSPACE] = Datum::Int4(plain.space);
    row[AGGSORTOP] = Datum::Oid(sort_operator);
    if let Some(moving) = moving {
        functions.extend([
            (AGGMTRANSFN, Some(&moving.transition)),
            (AGGMINVTRANSFN, moving.inverse.as_ref()),
            (AGGMFINALFN, moving.finish.as_ref()),
        ]);
        row[AGGMTRANSTYPE] = Datum::Oid(moving.state_type);
        row[AGGMINITVAL] = text(&moving.initial);
        row[AGGMFINALEXTRA] = Datum::Bool(moving.extra);
        row[AGGMFINALMODIFY] = Datum::Char(moving.modify);
        row[AGGMTRANSSPACE] = Datum::Int4(moving.space);
    }
    let object = ObjectAddress::new(pg_proc::RELATION, oid);
    let depend = |class: Oid, oid: Oid| {
        if oid < oids::FIRST_NORMAL_OID {
            return Ok(());
        }
        writer.record_dependency(object, ObjectAddress::new(class, oid), DependencyKind::Normal)
    };
    for (column, function) in functions {
        if let Some(function) = function {
            row[column] = Datum::Oid(function.proc.oid);
            depend(pg_proc::RELATION, function.proc.oid)?;
        }
    }
    depend(pg_operator::RELATION, sort_operator)?;
    writer.insert(pg_aggregate::RELATION, &row).map(drop)
}
