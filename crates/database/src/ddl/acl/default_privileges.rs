//! ALTER DEFAULT PRIVILEGES, and the access lists of new objects that follow from it.

use super::grant::{apply, change_of, whole_rights};
use super::{Acl, AclKind};
use crate::context::StatementCtx;
use crate::ddl::object::global_object;
use crate::ddl::role::role_oid;
use pglitedb_catalog::builtin::columns::{pg_default_acl, pg_namespace};
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::{
    AlterDefaultPrivilegesStatement, DefaultPrivilegesOption, GrantTarget, ObjectKind,
};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_tables::system::{DependencyKind, ObjectAddress};
use pglitedb_types::{Datum, Oid};

/// `pg_default_acl_role_nsp_obj_index`
const BY_ROLE: Oid = 827;

fn letter_of(kind: AclKind) -> u8 {
    match kind {
        AclKind::Sequence => b'S',
        AclKind::Function => b'f',
        AclKind::Type => b'T',
        AclKind::Schema => b'n',
        _ => b'r',
    }
}

/// ALTER DEFAULT PRIVILEGES.
pub fn alter(stmt: &AlterDefaultPrivilegesStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let (mut schemas, mut roles) = (Vec::new(), Vec::new());
    for option in &stmt.options {
        let (filled, span) = match option {
            DefaultPrivilegesOption::Schemas(_, span) => (!schemas.is_empty(), span),
            DefaultPrivilegesOption::Roles(_, span) => (!roles.is_empty(), span),
        };
        if filled {
            return Err(err!(SYNTAX_ERROR, "conflicting or redundant options").at(span.offset()));
        }
        match option {
            DefaultPrivilegesOption::Schemas(names, _) => {
                for name in names {
                    schemas.push(global_object(pg_namespace::RELATION, &name.name, ctx)?.object);
                }
            }
            DefaultPrivilegesOption::Roles(specs, _) => {
                for spec in specs {
                    roles.push(role_oid(spec, ctx)?);
                }
            }
        }
    }
    let GrantTarget::Defaults(kind) = &stmt.action.target else {
        return Err(Error::internal("ALTER DEFAULT PRIVILEGES without a kind of object"));
    };
    let kind = match kind {
        ObjectKind::Table => AclKind::Table,
        ObjectKind::Sequence => AclKind::Sequence,
        ObjectKind::Type => AclKind::Type,
        ObjectKind::Schema if !schemas.is_empty() => {
            return Err(err!(
                INVALID_GRANT_OPERATION,
                "cannot use IN SCHEMA clause when using GRANT/REVOKE ON SCHEMAS"
            ));
        }
        ObjectKind::Schema => AclKind::Schema,
        ObjectKind::LargeObject => return Err(Error::unsupported("large objects are not supported yet")),
        _ => AclKind::Function,
    };
    if stmt.action.privileges.iter().any(|privilege| !privilege.columns.is_empty()) {
        return Err(err!(INVALID_GRANT_OPERATION, "default privileges cannot be set for columns"));
    }
    if roles.is_empty() {
        roles.push(ctx.env().current_user());
    }
    for role in &roles {
        let user = ctx.env().current_user();
        if !ctx.env().is_superuser() && !ctx.env().is_member(user, *role)? {
            return Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied to change default privileges"));
        }
    }
    if schemas.is_empty() {
        schemas.push(0);
    }
    for role in roles {
        for schema in &schemas {
            set_default(role, *schema, kind, stmt, ctx)?;
        }
    }
    Ok(())
}

fn stored(
    role: Oid,
    schema: Oid,
    kind: AclKind,
    ctx: &StatementCtx<'_>,
) -> Result<Option<(u64, Vec<Datum>)>> {
    use pglitedb_catalog::CatalogSource as _;
    let keys = [Datum::Oid(role), Datum::Oid(schema), Datum::Char(letter_of(kind))];
    Ok(ctx.writer()?.source().lookup(pg_default_acl::RELATION, BY_ROLE, &keys)?.into_iter().next())
}

fn set_default(
    role: Oid,
    schema: Oid,
    kind: AclKind,
    stmt: &AlterDefaultPrivilegesStatement,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let writer = ctx.writer()?;
    let change = change_of(&stmt.action, ctx)?;
    let set = whole_rights(&stmt.action.privileges, kind)?;
    // In a schema the list is added to the general one, so it begins empty.
    let standard = if schema == 0 { Acl::default_for(kind, role) } else { Acl::default() };
    let known = stored(role, schema, kind, ctx)?;
    let mut acl = match &known {
        Some((_, row)) => {
            Acl::read(row.get(pg_default_acl::DEFACLACL).unwrap_or(&Datum::Null), ctx)?.unwrap_or_default()
        }
        None => standard.clone(),
    };
    apply(&mut acl, set, role, role, &change)?;
    let is_standard = acl.0.len() == standard.0.len() && acl.0.iter().all(|item| standard.0.contains(item));
    let address = |oid| ObjectAddress::new(pg_default_acl::RELATION, oid);
    match known {
        Some((id, row)) if is_standard => {
            let oid = row.first().and_then(Datum::as_oid).unwrap_or(0);
            writer.delete_dependencies_of(address(oid))?;
            writer.delete_role_dependencies(address(oid), None)?;
            writer.delete(pg_default_acl::RELATION, id).map(drop)
        }
        None if is_standard => Ok(()),
        Some((id, row)) => {
            let oid = row.first().and_then(Datum::as_oid).unwrap_or(0);
            let value = acl.to_datum(ctx)?;
            writer.update(pg_default_acl::RELATION, id, |row| {
                row[pg_default_acl::DEFACLACL] = value;
                Ok(())
            })?;
            super::record_members(address(oid), &acl, role, ctx)
        }
        None => {
            let oid = writer.new_oid()?;
            let mut row = vec![Datum::Null; pg_default_acl::WIDTH];
            row[pg_default_acl::OID] = Datum::Oid(oid);
            row[pg_default_acl::DEFACLROLE] = Datum::Oid(role);
            row[pg_default_acl::DEFACLNAMESPACE] = Datum::Oid(schema);
            row[pg_default_acl::DEFACLOBJTYPE] = Datum::Char(letter_of(kind));
            row[pg_default_acl::DEFACLACL] = acl.to_datum(ctx)?;
            writer.insert(pg_default_acl::RELATION, &row)?;
            writer.record_role_dependency(address(oid), role, b'o')?;
            if schema != 0 {
                let schema = ObjectAddress::new(pg_namespace::RELATION, schema);
                writer.record_dependency(address(oid), schema, DependencyKind::Auto)?;
            }
            super::record_members(address(oid), &acl, role, ctx)
        }
    }
}

/// The access list of a new object of a role in a schema (0: in none), if default privileges say something else than
/// the standard. The caller stores it with [`super::store`] once the object's row exists.
pub fn default_for_new_object(
    kind: AclKind,
    owner: Oid,
    schema: Oid,
    ctx: &StatementCtx<'_>,
) -> Result<Option<Acl>> {
    let list = |schema: Oid| -> Result<Option<Acl>> {
        match stored(owner, schema, kind, ctx)? {
            Some((_, row)) => Acl::read(row.get(pg_default_acl::DEFACLACL).unwrap_or(&Datum::Null), ctx),
            None => Ok(None),
        }
    };
    let global = list(0)?;
    let local = if schema == 0 { None } else { list(schema)? };
    if global.is_none() && local.is_none() {
        return Ok(None);
    }
    let standard = Acl::default_for(kind, owner);
    let mut acl = global.unwrap_or_else(|| standard.clone());
    for item in local.unwrap_or_default().0 {
        acl.add(item.grantee, item.grantor, item.rights, item.options);
    }
    let same = acl.0.len() == standard.0.len() && acl.0.iter().all(|item| standard.0.contains(item));
    Ok((!same).then_some(acl))
}
