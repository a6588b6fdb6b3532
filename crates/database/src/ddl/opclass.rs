//! CREATE OPERATOR CLASS, CREATE OPERATOR FAMILY, ALTER OPERATOR FAMILY.
//!
//! Indexes and sorts order values by their type. So an operator class for B-trees or hash indexes may be made where it does
//! what the type's own does, under other names or for another type of the same form; one that orders otherwise is refused.

use super::define::{may_execute, shown, without_position};
use super::object::{global_object, resolve, signature_types};
use super::util::{creation_place, dotted, namespace_object};
use crate::context::StatementCtx;
use pglitedb_analyzer::{lookup_function, lookup_operator, resolve_type_name};
use pglitedb_catalog::ProcInfo;
use pglitedb_catalog::builtin::columns::{
    pg_am, pg_amop, pg_amproc, pg_opclass, pg_operator, pg_opfamily, pg_proc,
};
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::{
    AlterOperatorFamilyStatement, CreateOperatorClassStatement, CreateOperatorFamilyStatement, ObjectKind,
    ObjectRef, OperatorClassItem, Persistence, QualifiedName, TypeName,
};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_tables::system::{DependencyKind, ObjectAddress};
use pglitedb_types::{Datum, Oid, TypeKind, oids};
use std::sync::Arc;

const BTREE: Oid = 403;
const HASH: Oid = 405;

macro_rules! invalid {
    ($($arg:tt)*) => { err!(INVALID_OBJECT_DEFINITION, $($arg)*) };
}

/// An operator or function of a class.
struct Member {
    /// Strategy or support number.
    number: i16,
    left: Oid,
    right: Oid,
    object: Oid,
    /// Operators: the family they order by, or 0.
    order_family: Oid,
}

/// What a list says.
#[derive(Default)]
struct Members {
    operators: Vec<Member>,
    functions: Vec<Member>,
    storage: Oid,
}

fn superuser(what: &str, ctx: &StatementCtx<'_>) -> Result<()> {
    if ctx.env().is_superuser() {
        return Ok(());
    }
    Err(err!(INSUFFICIENT_PRIVILEGE, "must be superuser to {what}"))
}

/// How many operators and functions an access method has numbers for; 0 for any number.
fn limits(method: Oid) -> (i32, i32) {
    match method {
        BTREE => (5, 6),
        HASH => (1, 3),
        783 => (0, 12),
        2742 => (0, 7),
        4000 => (0, 6),
        3580 => (0, 15),
        _ => (0, 0),
    }
}

/// CREATE OPERATOR FAMILY.
pub fn create_family(stmt: &CreateOperatorFamilyStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    superuser("create an operator family", ctx)?;
    let method = global_object(pg_am::RELATION, &stmt.method.name, ctx)?.object;
    make_family(&stmt.name, method, &stmt.method.name, ctx).map(drop)
}

fn make_family(name: &QualifiedName, method: Oid, method_name: &str, ctx: &StatementCtx<'_>) -> Result<Oid> {
    use pg_opfamily::*;
    /// `pg_opfamily_am_name_nsp_index`
    const BY_NAME: Oid = 2754;
    let place = creation_place(name, Persistence::Permanent, ctx)?;
    let keys = [Datum::Oid(method), Datum::text(&place.name), Datum::Oid(place.namespace)];
    let known = ctx.env().with_catalog(|catalog| catalog.rows_by_index(RELATION, BY_NAME, &keys))?;
    if known.iter().any(|row| row.get(OPFNAMESPACE).and_then(Datum::as_oid) == Some(place.namespace)) {
        return Err(err!(
            DUPLICATE_OBJECT,
            "operator family \"{}\" for access method \"{method_name}\" already exists",
            place.name
        ));
    }
    let writer = ctx.writer()?;
    let (oid, owner) = (writer.new_oid()?, ctx.env().current_user());
    let mut row = vec![Datum::Null; WIDTH];
    row[OID] = Datum::Oid(oid);
    row[OPFMETHOD] = Datum::Oid(method);
    row[OPFNAME] = Datum::text(&place.name);
    row[OPFNAMESPACE] = Datum::Oid(place.namespace);
    row[OPFOWNER] = Datum::Oid(owner);
    writer.insert(RELATION, &row)?;
    let object = ObjectAddress::new(RELATION, oid);
    writer.record_dependency(object, namespace_object(place.namespace), DependencyKind::Normal)?;
    writer.record_role_dependency(object, owner, b'o')?;
    Ok(oid)
}

fn family_named(name: &QualifiedName, method: &str, ctx: &StatementCtx<'_>) -> Result<Oid> {
    let object = ObjectRef::OperatorSet {
        kind: ObjectKind::OperatorFamily,
        name: name.clone(),
        method: pglitedb_sql_parser::ast::Ident::synthetic(method),
    };
    resolve(&object, ctx).map(|address| address.object)
}

/// CREATE OPERATOR CLASS.
pub fn create_class(stmt: &CreateOperatorClassStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let method_name = &*stmt.method.name;
    let method = global_object(pg_am::RELATION, method_name, ctx)?.object;
    superuser("create an operator class", ctx)?;
    let input = type_oid(&stmt.type_name, ctx)?;
    let place = creation_place(&stmt.name, Persistence::Permanent, ctx)?;
    let known = ctx.catalog().opclasses_by_name(method, &place.name)?;
    if known.iter().any(|known| known.namespace == place.namespace) {
        return Err(err!(
            DUPLICATE_OBJECT,
            "operator class \"{}\" for access method \"{method_name}\" already exists",
            place.name
        ));
    }
    if stmt.default
        && let Some(own) =
            ctx.catalog().opclasses_for_type(method, input)?.iter().find(|class| class.is_default)
    {
        return Err(err!(
            DUPLICATE_OBJECT,
            "could not make operator class \"{}\" be default for type {}",
            place.name,
            shown(input, ctx)
        )
        .detail(format!("Operator class \"{}\" already is the default.", own.name)));
    }
    let members = members(&stmt.items, method, method_name, input, ctx)?;
    if members.storage != 0 && members.storage != input && matches!(method, BTREE | HASH) {
        return Err(invalid!(
            "storage type cannot be different from data type for access method \"{method_name}\""
        ));
    }
    check_form(method, input, &members, ctx)?;
    let family = match &stmt.family {
        Some(name) => family_named(name, method_name, ctx)?,
        None => match family_named(&stmt.name, method_name, ctx) {
            Ok(family) => family,
            Err(_) => make_family(&stmt.name, method, method_name, ctx)?,
        },
    };
    use pg_opclass::*;
    let writer = ctx.writer()?;
    let (oid, owner) = (writer.new_oid()?, ctx.env().current_user());
    let mut row = vec![Datum::Null; WIDTH];
    row[OID] = Datum::Oid(oid);
    row[OPCMETHOD] = Datum::Oid(method);
    row[OPCNAME] = Datum::text(&place.name);
    row[OPCNAMESPACE] = Datum::Oid(place.namespace);
    row[OPCOWNER] = Datum::Oid(owner);
    row[OPCFAMILY] = Datum::Oid(family);
    row[OPCINTYPE] = Datum::Oid(input);
    row[OPCDEFAULT] = Datum::Bool(stmt.default);
    row[OPCKEYTYPE] = Datum::Oid(if members.storage == input { 0 } else { members.storage });
    writer.insert(RELATION, &row)?;
    let object = ObjectAddress::new(RELATION, oid);
    writer.record_dependency(object, namespace_object(place.namespace), DependencyKind::Normal)?;
    writer.record_dependency(
        object,
        ObjectAddress::new(pg_opfamily::RELATION, family),
        DependencyKind::Auto,
    )?;
    super::dependency::record_type(object, input, 0, ctx)?;
    writer.record_role_dependency(object, owner, b'o')?;
    store(family, method, &members, Some(object), ctx)
}

/// ALTER OPERATOR FAMILY ... ADD and DROP.
pub fn alter_family(stmt: &AlterOperatorFamilyStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let method_name = &*stmt.method.name;
    let method = global_object(pg_am::RELATION, method_name, ctx)?.object;
    let family = family_named(&stmt.name, method_name, ctx)?;
    superuser("alter an operator family", ctx)?;
    if stmt.drop {
        return drop_members(stmt, family, ctx);
    }
    let members = members(&stmt.items, method, method_name, 0, ctx)?;
    if members.storage != 0 {
        return Err(err!(SYNTAX_ERROR, "STORAGE cannot be specified in ALTER OPERATOR FAMILY"));
    }
    for member in &members.operators {
        if ctx.catalog().amop(family, member.left, member.right, member.number)?.is_some() {
            return Err(taken("operator", member, &stmt.name, ctx));
        }
    }
    for member in &members.functions {
        if ctx.catalog().amproc(family, member.left, member.right, member.number)?.is_some() {
            return Err(taken("function", member, &stmt.name, ctx));
        }
    }
    for member in members.operators.iter().chain(&members.functions) {
        check_form(method, member.left, &members, ctx)?;
    }
    store(family, method, &members, None, ctx)
}

fn taken(what: &str, member: &Member, name: &QualifiedName, ctx: &StatementCtx<'_>) -> Error {
    err!(
        DUPLICATE_OBJECT,
        "{what} {}({},{}) already exists in operator family \"{}\"",
        member.number,
        shown(member.left, ctx),
        shown(member.right, ctx),
        dotted(name)
    )
}

fn type_oid(name: &TypeName, ctx: &StatementCtx<'_>) -> Result<Oid> {
    resolve_type_name(name, &ctx.analyze()).map(|(oid, _)| oid).map_err(without_position)
}

/// Reads a list. `input` is the class's type, 0 in a family.
fn members(
    items: &[OperatorClassItem],
    method: Oid,
    method_name: &str,
    input: Oid,
    ctx: &StatementCtx<'_>,
) -> Result<Members> {
    let (max_operator, max_function) = limits(method);
    let number = |what: &str, number: i32, max: i32| -> Result<i16> {
        let max = if max == 0 { i32::from(i16::MAX) } else { max };
        i16::try_from(number)
            .ok()
            .filter(|_| (1..=max).contains(&number))
            .ok_or_else(|| invalid!("invalid {what} number {number}, must be between 1 and {max}"))
    };
    let mut all = Members::default();
    for item in items {
        match item {
            OperatorClassItem::Operator { number: given, name, args, order_family } => {
                let number = number("operator", *given, max_operator)?;
                let (left, right) = match args {
                    Some((left, right)) => {
                        let side =
                            |name: &Option<TypeName>| name.as_ref().map_or(Ok(0), |name| type_oid(name, ctx));
                        (side(left)?, side(right)?)
                    }
                    None if input != 0 => (input, input),
                    None => {
                        return Err(err!(
                            SYNTAX_ERROR,
                            "operator argument types must be specified in ALTER OPERATOR FAMILY"
                        ));
                    }
                };
                let found = lookup_operator(name, left, right, &ctx.analyze()).map_err(without_position)?;
                if found.left == 0 {
                    return Err(invalid!("index operators must be binary"));
                }
                let order_family = match order_family {
                    Some(_) if matches!(method, BTREE | HASH) => {
                        return Err(invalid!(
                            "access method \"{method_name}\" does not support ordering operators"
                        ));
                    }
                    Some(name) => family_named(name, "btree", ctx)?,
                    None => 0,
                };
                if order_family == 0 && found.result != oids::BOOL {
                    return Err(invalid!("index search operators must return boolean"));
                }
                let member =
                    Member { number, left: found.left, right: found.right, object: found.oid, order_family };
                add(&mut all.operators, member, "operator", ctx)?;
            }
            OperatorClassItem::Function { number: given, class_args, function } => {
                let number = number("function", *given, max_function)?;
                let types = signature_types(function, ctx)?;
                let info = lookup_function(&function.name, types.as_deref(), &ctx.analyze())
                    .map_err(without_position)?;
                may_execute(&info, ctx)?;
                let given = class_args.as_deref().unwrap_or_default();
                let given = given.iter().map(|name| type_oid(name, ctx)).collect::<Result<Vec<_>>>()?;
                let (left, right) = function_types(method, number, &info, &given, input)?;
                let member = Member { number, left, right, object: info.oid, order_family: 0 };
                add(&mut all.functions, member, "function", ctx)?;
            }
            OperatorClassItem::Storage(name) => {
                if all.storage != 0 {
                    return Err(invalid!("storage type specified more than once"));
                }
                all.storage = type_oid(name, ctx)?;
            }
            OperatorClassItem::DropOperator { .. } | OperatorClassItem::DropFunction { .. } => {
                return Err(Error::internal("a member to drop among those to add"));
            }
        }
    }
    Ok(all)
}

fn add(list: &mut Vec<Member>, member: Member, what: &str, ctx: &StatementCtx<'_>) -> Result<()> {
    let same = |other: &Member| {
        other.number == member.number && other.left == member.left && other.right == member.right
    };
    if list.iter().any(same) {
        return Err(invalid!(
            "{what} number {} for ({},{}) appears more than once",
            member.number,
            shown(member.left, ctx),
            shown(member.right, ctx)
        ));
    }
    list.push(member);
    Ok(())
}

/// The types a support function stands for; checks its signature.
fn function_types(
    method: Oid,
    number: i16,
    info: &ProcInfo,
    given: &[Oid],
    input: Oid,
) -> Result<(Oid, Oid)> {
    let count = info.arg_types.len();
    let pair = |at: usize| info.arg_types.get(at).copied().unwrap_or(0);
    let mut types = match given {
        [one] => (*one, *one),
        [left, right, ..] => (*left, *right),
        [] => (0, 0),
    };
    let wrong = |text: &str| Err(invalid!("{text}"));
    match (method, number) {
        (BTREE, 1) if count != 2 => return wrong("ordering comparison functions must have two arguments"),
        (BTREE, 1) if info.return_type != oids::INT4 => {
            return wrong("ordering comparison functions must return integer");
        }
        (BTREE, 2) if count != 1 || pair(0) != oids::INTERNAL => {
            return wrong("ordering sort support functions must accept type \"internal\"");
        }
        (BTREE, 2) if info.return_type != oids::VOID => {
            return wrong("ordering sort support functions must return void");
        }
        (BTREE, 3) if count != 5 => return wrong("ordering in_range functions must have five arguments"),
        (BTREE, 3) if info.return_type != oids::BOOL => {
            return wrong("ordering in_range functions must return boolean");
        }
        (BTREE, 4) if count != 1 => return wrong("ordering equal image functions must have one argument"),
        (BTREE, 4) if info.return_type != oids::BOOL => {
            return wrong("ordering equal image functions must return boolean");
        }
        (HASH, 1) if count != 1 => return wrong("hash function 1 must have one argument"),
        (HASH, 1) if info.return_type != oids::INT4 => return wrong("hash function 1 must return integer"),
        (HASH, 2) if count != 2 => return wrong("hash function 2 must have two arguments"),
        (HASH, 2) if info.return_type != oids::INT8 => return wrong("hash function 2 must return bigint"),
        _ => {}
    }
    if types == (0, 0) && matches!((method, number), (BTREE, 1)) {
        types = (pair(0), pair(1));
    }
    if types == (0, 0) && matches!((method, number), (BTREE, 3)) {
        types = (pair(0), pair(2));
    }
    if types == (0, 0) && method == HASH {
        types = (pair(0), pair(0));
    }
    if types == (0, 0) {
        types = (input, input);
    }
    if types.0 == 0 {
        return wrong("associated data types must be specified for index support function");
    }
    if method == BTREE && number == 4 && types.0 != types.1 {
        return wrong("ordering equal image functions must not be cross-type");
    }
    Ok(types)
}

/// The members of a class for B-trees must do what those of the type's own class do. Hashing goes without the others.
fn check_form(method: Oid, input: Oid, members: &Members, ctx: &StatementCtx<'_>) -> Result<()> {
    if method != BTREE {
        return Ok(());
    }
    let refused = |ctx: &StatementCtx<'_>| {
        Error::unsupported(format!(
            "operator classes for type {} with an order or equality of their own are not supported yet",
            shown(input, ctx)
        ))
    };
    let info = ctx.catalog().type_info(input)?.ok_or_else(|| Error::internal("type is gone"))?;
    let like = match info.kind {
        TypeKind::Base if info.io_type != 0 => info.io_type,
        _ => input,
    };
    let classes = pglitedb_catalog::builtin::opclasses_for_type(method, like).collect::<Vec<_>>();
    let Some(class) = classes.iter().find(|class| class.is_default) else { return Err(refused(ctx)) };
    let source = |oid: Oid| -> Result<Option<Arc<str>>> {
        Ok(ctx
            .catalog()
            .proc(oid)?
            .filter(|info| info.builtin || info.language == 12)
            .map(|info| info.source.clone()))
    };
    for member in &members.functions {
        let own = ctx.catalog().amproc(class.family, like, like, member.number)?;
        let cross = member.left != input || member.right != input;
        let same = match own {
            Some(own) if !cross => source(own)?.is_some() && source(own)? == source(member.object)?,
            // Other numbers than that of the comparison only make things faster.
            _ => member.number > 1 || cross && is_builtin_member(class.family, member, ctx)?,
        };
        if !same {
            return Err(refused(ctx));
        }
    }
    for member in &members.operators {
        let proc_of =
            |oid: Oid| -> Result<Oid> { Ok(ctx.catalog().operator(oid)?.map_or(0, |info| info.proc)) };
        let own = ctx.catalog().amop(class.family, like, like, member.number)?;
        let cross = member.left != input || member.right != input;
        let same = match own {
            Some(own) if !cross => {
                let own = source(proc_of(own)?)?;
                own.is_some() && own == source(proc_of(member.object)?)?
            }
            _ => cross && is_builtin_member(class.family, member, ctx)?,
        };
        if !same {
            return Err(refused(ctx));
        }
    }
    Ok(())
}

/// A member for two types that is the built-in family's own member for them.
fn is_builtin_member(family: Oid, member: &Member, ctx: &StatementCtx<'_>) -> Result<bool> {
    let operator = ctx.catalog().amop(family, member.left, member.right, member.number)?;
    let function = ctx.catalog().amproc(family, member.left, member.right, member.number)?;
    Ok(operator == Some(member.object) || function == Some(member.object))
}

/// Adds the rows. Members of a class go with it, others with the family.
fn store(
    family: Oid,
    method: Oid,
    members: &Members,
    class: Option<ObjectAddress>,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let writer = ctx.writer()?;
    let family_object = ObjectAddress::new(pg_opfamily::RELATION, family);
    let owned = |member: ObjectAddress, used: ObjectAddress| -> Result<()> {
        let (owner, kind, own) = match class {
            Some(class) => (class, DependencyKind::Internal, DependencyKind::Normal),
            None => (family_object, DependencyKind::Auto, DependencyKind::Auto),
        };
        writer.record_dependency(member, owner, kind)?;
        if used.object >= oids::FIRST_NORMAL_OID {
            writer.record_dependency(member, used, own)?;
        }
        Ok(())
    };
    for member in &members.operators {
        use pg_amop::*;
        let oid = writer.new_oid()?;
        let mut row = vec![Datum::Null; WIDTH];
        row[OID] = Datum::Oid(oid);
        row[AMOPFAMILY] = Datum::Oid(family);
        row[AMOPLEFTTYPE] = Datum::Oid(member.left);
        row[AMOPRIGHTTYPE] = Datum::Oid(member.right);
        row[AMOPSTRATEGY] = Datum::Int2(member.number);
        row[AMOPPURPOSE] = Datum::Char(if member.order_family == 0 { b's' } else { b'o' });
        row[AMOPOPR] = Datum::Oid(member.object);
        row[AMOPMETHOD] = Datum::Oid(method);
        row[AMOPSORTFAMILY] = Datum::Oid(member.order_family);
        writer.insert(RELATION, &row)?;
        owned(ObjectAddress::new(RELATION, oid), ObjectAddress::new(pg_operator::RELATION, member.object))?;
    }
    for member in &members.functions {
        use pg_amproc::*;
        let oid = writer.new_oid()?;
        let mut row = vec![Datum::Null; WIDTH];
        row[OID] = Datum::Oid(oid);
        row[AMPROCFAMILY] = Datum::Oid(family);
        row[AMPROCLEFTTYPE] = Datum::Oid(member.left);
        row[AMPROCRIGHTTYPE] = Datum::Oid(member.right);
        row[AMPROCNUM] = Datum::Int2(member.number);
        row[AMPROC] = Datum::Oid(member.object);
        writer.insert(RELATION, &row)?;
        owned(ObjectAddress::new(RELATION, oid), ObjectAddress::new(pg_proc::RELATION, member.object))?;
    }
    Ok(())
}

/// ALTER OPERATOR FAMILY ... DROP.
fn drop_members(stmt: &AlterOperatorFamilyStatement, family: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    use pglitedb_catalog::CatalogSource as _;
    /// `pg_amop_fam_strat_index`, `pg_amproc_fam_proc_index`
    const INDEXES: [Oid; 2] = [2653, 2655];
    for item in &stmt.items {
        let (what, catalog, index, number, types) = match item {
            OperatorClassItem::DropOperator { number, class_args: args } => {
                ("operator", pg_amop::RELATION, INDEXES[0], *number, args)
            }
            OperatorClassItem::DropFunction { number, class_args: args } => {
                ("function", pg_amproc::RELATION, INDEXES[1], *number, args)
            }
            _ => return Err(Error::internal("not a member to drop")),
        };
        let types = types.iter().map(|name| type_oid(name, ctx)).collect::<Result<Vec<_>>>()?;
        let (left, right) = match types.as_slice() {
            [one] => (*one, *one),
            [left, right] => (*left, *right),
            _ => return Err(err!(SYNTAX_ERROR, "one or two argument types must be specified")),
        };
        let strategy = i16::try_from(number).unwrap_or(0);
        let keys = [Datum::Oid(family), Datum::Oid(left), Datum::Oid(right), Datum::Int2(strategy)];
        let rows = ctx.writer()?.source().lookup(catalog, index, &keys)?;
        let found = rows.first().and_then(|(_, row)| row.first().and_then(Datum::as_oid));
        let Some(oid) = found else {
            return Err(err!(
                UNDEFINED_OBJECT,
                "{what} {number}({},{}) does not exist in operator family \"{}\"",
                shown(left, ctx),
                shown(right, ctx),
                dotted(&stmt.name)
            ));
        };
        super::drop::drop_objects(
            &[ObjectAddress::new(catalog, oid)],
            pglitedb_tables::system::DropBehavior::Restrict,
            ctx,
        )?;
    }
    Ok(())
}
