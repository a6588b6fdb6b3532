//! What DDL asks of the session beyond its catalogs: the temporary schema, ownership, roles.

use crate::context::StatementCtx;
use crate::env::Env;
use pglitedb_catalog::builtin::columns::pg_namespace;
use pglitedb_catalog::{Catalog, Relation, new_rows};
use pglitedb_functions::SessionEnv;

use pglitedb_sql_parser::ast::{RoleSpec, RoleSpecKind};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::Oid;

impl Env {
    /// May the current user act as the owner of an object: is it the owner, a member of it, or a superuser?
    pub fn may_act_as(&self, owner: Oid) -> Result<bool> {
        Ok(self.is_superuser() || self.is_member(self.current_user(), owner)?)
    }

    /// Owner of a schema.
    pub fn namespace_owner(&self, namespace: Oid) -> Result<Oid> {
        let row = self.with_catalog(|catalog| catalog.row(pg_namespace::RELATION, u64::from(namespace)))?;
        Ok(row.and_then(|row| row[pg_namespace::NSPOWNER].as_oid()).unwrap_or(10))
    }

    /// The role a clause names. `42704` if there is none.
    pub fn role_of_spec(&self, role: &RoleSpec) -> Result<Oid> {
        match &role.kind {
            RoleSpecKind::CurrentRole | RoleSpecKind::CurrentUser => Ok(self.current_user()),
            RoleSpecKind::SessionUser => Ok(self.session_user()),
            RoleSpecKind::Public => {
                Err(err!(UNDEFINED_OBJECT, "role \"public\" does not exist").at(role.span.offset()))
            }
            RoleSpecKind::Name(name) => self.role_by_name(name)?.map(|role| role.oid).ok_or_else(|| {
                err!(UNDEFINED_OBJECT, "role \"{name}\" does not exist").at(role.span.offset())
            }),
        }
    }

    /// Name of a role.
    pub fn role_name(&self, oid: Oid) -> Result<String> {
        Ok(self.user_name(oid)?.map_or_else(|| oid.to_string(), |name| name.to_string()))
    }

    /// May the current user make foreign keys that point to a table it does not own?
    pub fn has_references_privilege(&self, relation: &Relation) -> Result<bool> {
        // REFERENCES is granted by ACL only; without it ownership decides.
        self.may_act_as(relation.owner)
    }

    /// `42501` unless the current user may truncate the table.
    pub fn check_truncate_privilege(&self, relation: &Relation) -> Result<()> {
        if self.may_act_as(relation.owner)? {
            return Ok(());
        }
        Err(self.relation_denied(relation.oid)?)
    }

    /// Is this the session's temporary schema?
    pub fn is_temp_namespace(&self, namespace: Oid) -> bool {
        namespace != 0 && self.temp_namespace.get() == namespace
    }

    /// The session's temporary schema, created on first use (and again if its creation was rolled back).
    pub fn temp_namespace(&self, ctx: &StatementCtx<'_>) -> Result<Oid> {
        let known = self.temp_namespace.get();
        if known != 0 && self.namespace_name(known)?.is_some() {
            return Ok(known);
        }
        let name = format!("pg_temp_{}", self.pid());
        let oid = match self.namespace_by_name(&name)? {
            Some(oid) => {
                // Left over by a session of the same number that did not end properly.
                super::drop::drop_contents(oid, ctx)?;
                oid
            }
            None => {
                let writer = ctx.writer()?;
                let oid = writer.new_oid()?;
                writer.insert(pg_namespace::RELATION, &new_rows::namespace_row(oid, &name, 10))?;
                oid
            }
        };
        self.temp_namespace.set(oid);
        Ok(oid)
    }
}
