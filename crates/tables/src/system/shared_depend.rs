//! `pg_shdepend`: who owns what, and what privileges mention whom.

use crate::system::depend::ObjectAddress;
use crate::system::writer::CatalogWriter;
use pglitedb_catalog::CatalogSource;
use pglitedb_catalog::builtin::columns::{pg_authid, pg_shdepend::*};
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, Oid, oids};

const BY_DEPENDER: Oid = 1232;
const BY_REFERENCE: Oid = 1233;

impl CatalogWriter<'_> {
    /// Replaces the role that owns an object (`kind` `o`), or adds one that privileges mention (`a`), policies name
    /// (`r`). The bootstrap superuser cannot be dropped, so nothing is recorded for it.
    pub fn record_role_dependency(&self, object: ObjectAddress, role: Oid, kind: u8) -> Result<()> {
        if kind == b'o' {
            self.delete_role_dependencies(object, Some(b'o'))?;
        }
        if role < oids::FIRST_NORMAL_OID {
            return Ok(());
        }
        let mut row = vec![Datum::Null; WIDTH];
        row[DBID] = Datum::Oid(self.space().database());
        row[CLASSID] = Datum::Oid(object.class);
        row[OBJID] = Datum::Oid(object.object);
        row[OBJSUBID] = Datum::Int4(object.part);
        row[REFCLASSID] = Datum::Oid(pg_authid::RELATION);
        row[REFOBJID] = Datum::Oid(role);
        row[DEPTYPE] = Datum::Char(kind);
        self.insert(RELATION, &row).map(|_| ())
    }

    /// Forgets the roles of an object, of one kind or all.
    pub fn delete_role_dependencies(&self, object: ObjectAddress, kind: Option<u8>) -> Result<()> {
        let keys = [Datum::Oid(self.space().database()), Datum::Oid(object.class), Datum::Oid(object.object)];
        for (id, row) in self.source().lookup(RELATION, BY_DEPENDER, &keys)? {
            let same_kind =
                kind.is_none_or(|kind| matches!(row.get(DEPTYPE), Some(Datum::Char(own)) if *own == kind));
            if same_kind {
                self.delete(RELATION, id)?;
            }
        }
        Ok(())
    }

    /// Objects that need a role: database, object, kind.
    pub fn dependents_on_role(&self, role: Oid) -> Result<Vec<(Oid, ObjectAddress, u8)>> {
        let keys = [Datum::Oid(pg_authid::RELATION), Datum::Oid(role)];
        let rows = self.source().lookup(RELATION, BY_REFERENCE, &keys)?;
        let oid = |row: &[Datum], at: usize| row.get(at).and_then(Datum::as_oid).unwrap_or(0);
        Ok(rows
            .iter()
            .map(|(_, row)| {
                let part =
                    row.get(OBJSUBID).and_then(Datum::as_i64).and_then(|part| i32::try_from(part).ok());
                let object = ObjectAddress {
                    class: oid(row, CLASSID),
                    object: oid(row, OBJID),
                    part: part.unwrap_or(0),
                };
                let kind = if let Some(Datum::Char(kind)) = row.get(DEPTYPE) { *kind } else { b'o' };
                (oid(row, DBID), object, kind)
            })
            .collect())
    }
}
