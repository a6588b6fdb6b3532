//! GRANT and REVOKE of privileges on objects.

use super::{Acl, AclKind, Rights, acl_columns, right_named, rights, store};
use crate::context::StatementCtx;
use crate::ddl::object::{self, global_object, object_row, relation_named, signature_types};
use crate::ddl::role::role_oid;
use pglitedb_analyzer::lookup_function;
use pglitedb_catalog::builtin::columns::*;
use pglitedb_catalog::{RelKind, Relation};
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::{
    DropBehavior, GrantStatement, GrantTarget, Ident, ObjectKind, Privilege, QualifiedName, RoleSpec,
    RoleSpecKind,
};
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_tables::system::ObjectAddress;
use pglitedb_types::{Datum, Oid, TypeKind};

/// What is granted or revoked, and to whom.
pub(super) struct Change {
    pub grant: bool,
    pub with_option: bool,
    pub cascade: bool,
    pub grantees: Vec<Oid>,
}

/// The roles of a grantee list; 0 is PUBLIC.
pub(super) fn grantees(specs: &[RoleSpec], ctx: &StatementCtx<'_>) -> Result<Vec<Oid>> {
    specs
        .iter()
        .map(|spec| if spec.kind == RoleSpecKind::Public { Ok(0) } else { role_oid(spec, ctx) })
        .collect()
}

/// Reads the common parts of a statement.
pub(super) fn change_of(stmt: &GrantStatement, ctx: &StatementCtx<'_>) -> Result<Change> {
    if let Some(grantor) = &stmt.grantor
        && role_oid(grantor, ctx)? != ctx.env().current_user()
    {
        return Err(err!(FEATURE_NOT_SUPPORTED, "grantor must be current user"));
    }
    let grantees = grantees(&stmt.grantees, ctx)?;
    if stmt.grant && stmt.grant_option && grantees.contains(&0) {
        return Err(err!(INVALID_GRANT_OPERATION, "grant options can only be granted to roles"));
    }
    Ok(Change {
        grant: stmt.grant,
        with_option: stmt.grant_option,
        cascade: stmt.behavior == DropBehavior::Cascade,
        grantees,
    })
}

/// Rights of privileges without columns, for a kind of object; `ALL` if there are none.
pub(super) fn whole_rights(privileges: &[Privilege], kind: AclKind) -> Result<Rights> {
    if privileges.is_empty() {
        return Ok(kind.all());
    }
    let mut set = 0;
    for privilege in privileges.iter().filter(|privilege| privilege.columns.is_empty()) {
        set |= one_right(privilege, kind)?;
    }
    Ok(set)
}

fn one_right(privilege: &Privilege, kind: AclKind) -> Result<Rights> {
    let Some(name) = &privilege.name else { return Ok(kind.all()) };
    let right = right_named(&name.name)
        .ok_or_else(|| err!(SYNTAX_ERROR, "unrecognized privilege type \"{}\"", name.name))?;
    // A sequence may be named where tables are.
    let allowed = kind.all() | if kind == AclKind::Table { rights("U") } else { 0 };
    if right & allowed == 0 || (kind == AclKind::Table && right == rights("U")) {
        let shown = if &*name.name == "temp" { "TEMPORARY".to_owned() } else { name.name.to_uppercase() };
        return Err(err!(INVALID_GRANT_OPERATION, "invalid privilege type {shown} for {}", kind.word()));
    }
    Ok(right)
}

/// GRANT or REVOKE.
pub fn grant(stmt: &GrantStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let change = change_of(stmt, ctx)?;
    let has_columns = stmt.privileges.iter().any(|privilege| !privilege.columns.is_empty());
    if has_columns && !matches!(stmt.target, GrantTarget::Tables(_)) {
        return Err(err!(INVALID_GRANT_OPERATION, "column privileges are only valid for relations"));
    }
    match &stmt.target {
        GrantTarget::Tables(names) => names.iter().try_for_each(|name| {
            let relation = relation_named(name, ctx)?;
            on_relation(&relation, stmt, &change, AclKind::Table, ctx)
        }),
        GrantTarget::Sequences(names) => names.iter().try_for_each(|name| {
            let relation = relation_named(name, ctx)?;
            if relation.kind != RelKind::Sequence {
                return Err(err!(WRONG_OBJECT_TYPE, "\"{}\" is not a sequence", relation.name));
            }
            on_relation(&relation, stmt, &change, AclKind::Sequence, ctx)
        }),
        GrantTarget::AllInSchema(kind, schemas) => all_in_schema(*kind, schemas, stmt, &change, ctx),
        GrantTarget::Databases(names) => {
            on_named(pg_database::RELATION, names, AclKind::Database, stmt, &change, ctx)
        }
        GrantTarget::Schemas(names) => {
            on_named(pg_namespace::RELATION, names, AclKind::Schema, stmt, &change, ctx)
        }
        GrantTarget::Languages(names) => {
            on_named(pg_language::RELATION, names, AclKind::Language, stmt, &change, ctx)
        }
        GrantTarget::Tablespaces(names) => {
            on_named(pg_tablespace::RELATION, names, AclKind::Tablespace, stmt, &change, ctx)
        }
        GrantTarget::Types(names) => {
            names.iter().try_for_each(|name| on_type(name, false, stmt, &change, ctx))
        }
        GrantTarget::Domains(names) => {
            names.iter().try_for_each(|name| on_type(name, true, stmt, &change, ctx))
        }
        GrantTarget::Routines(_, signatures) => signatures.iter().try_for_each(|signature| {
            let types = signature_types(signature, ctx)?;
            let found = lookup_function(&signature.name, types.as_deref(), &ctx.analyze())?;
            let set = whole_rights(&stmt.privileges, AclKind::Function)?;
            let address = ObjectAddress::new(pg_proc::RELATION, found.oid);
            on_object(address, AclKind::Function, set, stmt.privileges.is_empty(), &change, ctx)
        }),
        GrantTarget::LargeObjects(_) => Err(Error::unsupported("large objects are not supported yet")),
        GrantTarget::Parameters(_) => {
            Err(Error::unsupported("privileges on parameters are not supported yet"))
        }
        GrantTarget::ForeignDataWrappers(names) => missing("foreign-data wrapper", names),
        GrantTarget::ForeignServers(names) => missing("server", names),
        GrantTarget::Defaults(_) => {
            Err(Error::internal("default privileges outside of ALTER DEFAULT PRIVILEGES"))
        }
    }
}

fn missing(what: &str, names: &[Ident]) -> Result<()> {
    let name = names.first().map_or("", |name| &name.name);
    Err(err!(UNDEFINED_OBJECT, "{what} \"{name}\" does not exist"))
}

fn on_named(
    class: Oid,
    names: &[Ident],
    kind: AclKind,
    stmt: &GrantStatement,
    change: &Change,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let set = whole_rights(&stmt.privileges, kind)?;
    names.iter().try_for_each(|name| {
        let address = global_object(class, &name.name, ctx)?;
        on_object(address, kind, set, stmt.privileges.is_empty(), change, ctx)
    })
}

fn on_type(
    name: &QualifiedName,
    domain: bool,
    stmt: &GrantStatement,
    change: &Change,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let set = whole_rights(&stmt.privileges, AclKind::Type)?;
    let info = object::type_by_name(name, ctx)?;
    if info.is_true_array {
        return Err(err!(INVALID_GRANT_OPERATION, "cannot set privileges of array types")
            .hint("Set the privileges of the element type instead."));
    }
    if info.kind == TypeKind::Multirange {
        return Err(err!(INVALID_GRANT_OPERATION, "cannot set privileges of multirange types")
            .hint("Set the privileges of the range type instead."));
    }
    if domain && info.kind != TypeKind::Domain {
        return Err(err!(WRONG_OBJECT_TYPE, "\"{}\" is not a domain", info.name));
    }
    let address = ObjectAddress::new(pg_type::RELATION, info.oid);
    on_object(address, AclKind::Type, set, stmt.privileges.is_empty(), change, ctx)
}

fn all_in_schema(
    kind: ObjectKind,
    schemas: &[Ident],
    stmt: &GrantStatement,
    change: &Change,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    for schema in schemas {
        let namespace = global_object(pg_namespace::RELATION, &schema.name, ctx)?.object;
        match kind {
            ObjectKind::Table | ObjectKind::Sequence => {
                let acl_kind = if kind == ObjectKind::Table { AclKind::Table } else { AclKind::Sequence };
                for relation in super::super::object_list::relations_in(namespace, ctx)? {
                    let is_sequence = relation.kind == RelKind::Sequence;
                    let fits = matches!(
                        relation.kind,
                        RelKind::Table
                            | RelKind::View
                            | RelKind::MaterializedView
                            | RelKind::ForeignTable
                            | RelKind::PartitionedTable
                            | RelKind::Sequence
                    );
                    if fits && is_sequence == (kind == ObjectKind::Sequence) {
                        on_relation(&relation, stmt, change, acl_kind, ctx)?;
                    }
                }
            }
            _ => {
                let set = whole_rights(&stmt.privileges, AclKind::Function)?;
                for (oid, letter) in super::super::object_list::routines_in(namespace, ctx)? {
                    let fits = match kind {
                        ObjectKind::Function => letter != b'p',
                        ObjectKind::Procedure => letter == b'p',
                        _ => true,
                    };
                    if fits {
                        let address = ObjectAddress::new(pg_proc::RELATION, oid);
                        on_object(address, AclKind::Function, set, stmt.privileges.is_empty(), change, ctx)?;
                    }
                }
            }
        }
    }
    Ok(())
}

fn on_relation(
    relation: &Relation,
    stmt: &GrantStatement,
    change: &Change,
    kind: AclKind,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    match relation.kind {
        RelKind::Index | RelKind::PartitionedIndex => {
            return Err(err!(WRONG_OBJECT_TYPE, "\"{}\" is an index", relation.name));
        }
        RelKind::CompositeType => {
            return Err(err!(WRONG_OBJECT_TYPE, "\"{}\" is a composite type", relation.name));
        }
        _ => {}
    }
    let is_sequence = relation.kind == RelKind::Sequence;
    let address = ObjectAddress::new(pg_class::RELATION, relation.oid);
    let real_kind = if is_sequence { AclKind::Sequence } else { AclKind::Table };
    let mut set = 0;
    if stmt.privileges.is_empty() {
        set = real_kind.all();
    } else {
        for privilege in stmt.privileges.iter().filter(|privilege| privilege.columns.is_empty()) {
            let usage = privilege.name.as_ref().is_some_and(|name| &*name.name == "usage");
            let check = if usage && is_sequence { AclKind::Sequence } else { kind };
            set |= one_right(privilege, check)?;
        }
        if is_sequence && set & !AclKind::Sequence.all() != 0 {
            ctx.notice(
                err!(
                    INVALID_GRANT_OPERATION,
                    "sequence \"{}\" only supports USAGE, SELECT, and UPDATE privileges",
                    relation.name
                )
                .severity(Severity::Warning),
            );
            set &= AclKind::Sequence.all();
        }
    }
    let only_columns = set == 0 && !stmt.privileges.is_empty();
    if !only_columns {
        on_object(address, real_kind, set, stmt.privileges.is_empty(), change, ctx)?;
    }
    if !change.grant && !is_sequence && set != 0 {
        // Taking a privilege on the table away takes it away on its columns.
        let columns = set & AclKind::Column.all();
        for (at, column) in relation.columns.iter().enumerate().filter(|(_, column)| !column.dropped) {
            let attnum = i16::try_from(at + 1).unwrap_or(0);
            let _ = column;
            on_column(relation, attnum, columns, true, change, ctx)?;
        }
    }
    for privilege in stmt.privileges.iter().filter(|privilege| !privilege.columns.is_empty()) {
        let set = one_right(privilege, AclKind::Column)?;
        for column in &privilege.columns {
            let (attnum, _) = relation.column_by_name(&column.name).ok_or_else(|| {
                err!(
                    UNDEFINED_COLUMN,
                    "column \"{}\" of relation \"{}\" does not exist",
                    column.name,
                    relation.name
                )
            })?;
            on_column(relation, attnum, set, false, change, ctx)?;
        }
    }
    Ok(())
}

fn on_column(
    relation: &Relation,
    attnum: i16,
    set: Rights,
    silent: bool,
    change: &Change,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let id = u64::from(relation.oid) << 16 | u64::from((attnum as u16).wrapping_add(0x8000));
    let row = ctx
        .env()
        .with_catalog(|catalog| catalog.row(pg_attribute::RELATION, id))?
        .ok_or_else(|| Error::internal("column has no row"))?;
    let stored = Acl::read(row.get(pg_attribute::ATTACL).unwrap_or(&Datum::Null), ctx)?;
    if silent && stored.is_none() {
        return Ok(());
    }
    let table = object_row(ObjectAddress::new(pg_class::RELATION, relation.oid), ctx)?;
    let table_acl = Acl::read(table.get(pg_class::RELACL).unwrap_or(&Datum::Null), ctx)?;
    let old = stored.unwrap_or_default();
    // The right to grant on may come from the table's list.
    let mut both = old.clone();
    both.0.extend(table_acl.unwrap_or_default().0);
    let name =
        relation.columns.get(attnum as usize - 1).map_or_else(String::new, |column| column.name.to_string());
    let target =
        Target { kind: AclKind::Column, owner: relation.owner, name: &name, what: "column", all: silent };
    let Some(new) = changed(&old, &both, set, &target, change, ctx)? else { return Ok(()) };
    store(ObjectAddress::column(relation.oid, attnum), &new, relation.owner, ctx)
}

struct Target<'a> {
    kind: AclKind,
    owner: Oid,
    name: &'a str,
    what: &'a str,
    all: bool,
}

fn on_object(
    address: ObjectAddress,
    kind: AclKind,
    set: Rights,
    all: bool,
    change: &Change,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let class = object::class_of(address.class)?;
    let (owner_at, acl_at) =
        acl_columns(address.class).ok_or_else(|| Error::internal("objects without access lists"))?;
    let row = object_row(address, ctx)?;
    let owner = row.get(owner_at).and_then(Datum::as_oid).unwrap_or(0);
    let name = row.get(class.name).and_then(Datum::as_str).unwrap_or_default().to_owned();
    let stored = Acl::read(row.get(acl_at).unwrap_or(&Datum::Null), ctx)?;
    let old = stored.unwrap_or_else(|| Acl::default_for(kind, owner));
    let what = match address.class {
        pg_class::RELATION => match row.get(pg_class::RELKIND) {
            Some(Datum::Char(letter)) => RelKind::from_letter(*letter).map_or("table", object::kind_word),
            _ => "table",
        },
        _ => class.what,
    };
    let target = Target { kind, owner, name: &name, what, all };
    let Some(new) = changed(&old, &old, set, &target, change, ctx)? else { return Ok(()) };
    store(address, &new, owner, ctx)
}

/// The list after the change; `None` if there is nothing to store.
fn changed(
    old: &Acl,
    granting: &Acl,
    set: Rights,
    target: &Target<'_>,
    change: &Change,
    ctx: &StatementCtx<'_>,
) -> Result<Option<Acl>> {
    let (grantor, allowed) = best_grantor(granting, set, target, ctx)?;
    if allowed == 0 && set != 0 {
        let user = ctx.env().current_user();
        let own = granting.rights_of(&|role| ctx.env().is_member(user, role))?;
        if own & target.kind.all() == 0 {
            return Err(err!(
                INSUFFICIENT_PRIVILEGE,
                "permission denied for {} {}",
                target.what,
                target.name
            ));
        }
    }
    warn_restricted(set, allowed, target, change, ctx);
    let mut new = old.clone();
    apply(&mut new, set & allowed, grantor, target.owner, change)?;
    Ok(Some(new))
}

fn warn_restricted(
    set: Rights,
    allowed: Rights,
    target: &Target<'_>,
    change: &Change,
    ctx: &StatementCtx<'_>,
) {
    let name = target.name;
    let what = |verb: &str, none: bool| match (target.kind, none) {
        (AclKind::Column, true) => format!("no privileges could be {verb} for column \"{name}\""),
        (_, true) => format!(
            "no privileges {} for \"{name}\"",
            if verb == "granted" { "were granted" } else { "could be revoked" }
        ),
        _ => format!(
            "not all privileges {} for \"{name}\"",
            if verb == "granted" { "were granted" } else { "could be revoked" }
        ),
    };
    let verb = if change.grant { "granted" } else { "revoked" };
    let warning = if set & allowed == 0 && set != 0 {
        what(verb, true)
    } else if !target.all && set & allowed != set {
        what(verb, false)
    } else {
        return;
    };
    let warning = if change.grant {
        err!(WARNING_PRIVILEGE_NOT_GRANTED, "{warning}")
    } else {
        err!(WARNING_PRIVILEGE_NOT_REVOKED, "{warning}")
    };
    ctx.notice(warning.severity(Severity::Warning));
}

/// In whose name the current user grants, and what he may.
fn best_grantor(
    acl: &Acl,
    set: Rights,
    target: &Target<'_>,
    ctx: &StatementCtx<'_>,
) -> Result<(Oid, Rights)> {
    let user = ctx.env().current_user();
    if ctx.env().is_superuser() || ctx.env().is_member(user, target.owner)? {
        return Ok((target.owner, target.kind.all()));
    }
    let own = acl.options_of(&|role| Ok(role == user), target.owner, target.kind)?;
    if own & set == set {
        return Ok((user, own));
    }
    // Of the roles the user is a member of, the one with the most of what is wanted.
    let mut best = (user, own);
    for item in acl.0.iter().filter(|item| item.grantee != 0) {
        if ctx.env().is_member(user, item.grantee)?
            && (item.options & set).count_ones() > (best.1 & set).count_ones()
        {
            best = (item.grantee, item.options);
        }
    }
    Ok(best)
}

/// Makes the change in a list.
pub(super) fn apply(acl: &mut Acl, set: Rights, grantor: Oid, owner: Oid, change: &Change) -> Result<()> {
    for grantee in &change.grantees {
        if change.grant {
            if set != 0 {
                // The owner's own grant options are implied.
                let options = if change.with_option && *grantee != owner { set } else { 0 };
                acl.add(*grantee, grantor, set, options);
            }
        } else {
            acl.revoke(*grantee, grantor, set, change.with_option, owner, change.cascade)?;
        }
    }
    Ok(())
}
