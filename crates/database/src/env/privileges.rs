//! Who may do what: coarse for now. Superusers may do everything, owners everything with their own objects, others what
//! the access list of the relation says.

use super::Env;
use pglitedb_catalog::builtin::columns::{pg_auth_members, pg_class};
use pglitedb_catalog::{Catalog, RelKind};
use pglitedb_query_tree::privilege;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// Index over `pg_auth_members.member`.
const MEMBERS_BY_MEMBER: Oid = 2695;

impl Env {
    /// Name of a role.
    pub fn user_name(&self, oid: Oid) -> Result<Option<Arc<str>>> {
        let bare = pglitedb_catalog::NameScope::default();
        self.with_scope(&bare, |catalog| {
            use pglitedb_catalog::builtin::columns::pg_authid;
            Ok(catalog
                .row(pg_authid::RELATION, u64::from(oid))?
                .map(|row| crate::database::role_of_row(&row).name))
        })
    }

    /// Is a role a member of another, directly or not (or the same)?
    pub fn is_member(&self, member: Oid, role: Oid) -> Result<bool> {
        let (mut seen, mut queue) = (vec![member], vec![member]);
        while let Some(at) = queue.pop() {
            if at == role {
                return Ok(true);
            }
            let rows = self.with_catalog(|catalog| {
                catalog.rows_by_index(pg_auth_members::RELATION, MEMBERS_BY_MEMBER, &[Datum::Oid(at)])
            })?;
            for row in rows {
                if let Some(Datum::Oid(parent)) = row.get(pg_auth_members::ROLEID)
                    && !seen.contains(parent)
                {
                    seen.push(*parent);
                    queue.push(*parent);
                }
            }
        }
        Ok(false)
    }

    /// Is the current user a superuser?
    pub fn is_superuser(&self) -> bool {
        self.is_superuser.get()
    }

    /// Checks privileges of a statement's relations: relation, user (0: the current one), bits.
    pub(crate) fn check_privileges(&self, wanted: &[(Oid, Oid, u32)]) -> Result<()> {
        if self.is_superuser.get() {
            return Ok(());
        }
        for (relation, user, bits) in wanted {
            let user = if *user == 0 { self.current_user.get() } else { *user };
            if *bits != 0 && !self.has_table_privileges(*relation, user, *bits)? {
                return Err(self.relation_denied(*relation)?);
            }
        }
        Ok(())
    }

    /// Has a user all these privileges on a relation?
    pub fn has_table_privileges(&self, relation: Oid, user: Oid, bits: u32) -> Result<bool> {
        if self.role_by_oid(user)?.is_some_and(|role| role.superuser) {
            return Ok(true);
        }
        let Some(row) = self.with_catalog(|catalog| catalog.row(pg_class::RELATION, u64::from(relation)))?
        else {
            return Ok(true);
        };
        let owner = row.get(pg_class::RELOWNER).and_then(Datum::as_oid).unwrap_or(0);
        if self.is_member(user, owner)? {
            return Ok(true);
        }
        let Some(Datum::Array(acl)) = row.get(pg_class::RELACL) else {
            // What the system ships with can be read by everybody.
            return Ok(relation < pglitedb_types::oids::FIRST_NORMAL_OID && bits == privilege::SELECT);
        };
        let mut held = 0;
        for item in &acl.values {
            let Some(text) = item.as_str() else { continue };
            let Some((grantee, rest)) = text.split_once('=') else { continue };
            let applies = if grantee.is_empty() {
                true
            } else {
                match self.role_by_name(grantee.trim_matches('"'))? {
                    Some(role) => self.is_member(user, role.oid)?,
                    None => false,
                }
            };
            if applies {
                held |= privilege_bits(rest.split('/').next().unwrap_or(""));
            }
        }
        Ok(held & bits == bits)
    }

    /// 42501 for a relation.
    pub fn relation_denied(&self, relation: Oid) -> Result<Error> {
        let found = self.relation(relation)?;
        let (kind, name) = match &found {
            Some(info) => (kind_name(info.kind), info.name.clone()),
            None => ("relation", Arc::from(relation.to_string())),
        };
        Ok(err!(INSUFFICIENT_PRIVILEGE, "permission denied for {kind} {name}"))
    }
}

fn kind_name(kind: RelKind) -> &'static str {
    match kind {
        RelKind::View => "view",
        RelKind::MaterializedView => "materialized view",
        RelKind::Sequence => "sequence",
        RelKind::ForeignTable => "foreign table",
        RelKind::Index | RelKind::PartitionedIndex => "index",
        _ => "table",
    }
}

fn privilege_bits(letters: &str) -> u32 {
    letters.chars().fold(0, |bits, letter| {
        bits | match letter {
            'r' => privilege::SELECT,
            'a' => privilege::INSERT,
            'w' => privilege::UPDATE,
            'd' => privilege::DELETE,
            _ => 0,
        }
    })
}
