//! `pg_depend` and `pg_description`.

use crate::system::writer::CatalogWriter;
use pglitedb_catalog::CatalogSource;
use pglitedb_catalog::builtin::columns::{pg_depend, pg_description};
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, Oid, oids};

const DEPEND_BY_DEPENDER: Oid = 2673;
const DEPEND_BY_REFERENCE: Oid = 2674;
const DESCRIPTION_BY_OBJECT: Oid = 2675;

/// An object, or a part of one (a column).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectAddress {
    /// The catalog it is in (`classid`).
    pub class: Oid,
    /// Its OID.
    pub object: Oid,
    /// Column number, or 0 for the whole object.
    pub part: i32,
}

impl ObjectAddress {
    /// A whole object.
    pub fn new(class: Oid, object: Oid) -> ObjectAddress {
        ObjectAddress { class, object, part: 0 }
    }

    /// A column of a relation.
    pub fn column(relation: Oid, attnum: i16) -> ObjectAddress {
        ObjectAddress {
            class: pglitedb_catalog::builtin::columns::pg_class::RELATION,
            object: relation,
            part: i32::from(attnum),
        }
    }

    fn keys(self) -> [Datum; 3] {
        [Datum::Oid(self.class), Datum::Oid(self.object), Datum::Int4(self.part)]
    }
}

/// `pg_depend.deptype`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DependencyKind {
    /// `n`: dropping the referenced object needs CASCADE.
    Normal,
    /// `a`: dropped silently with the referenced object.
    Auto,
    /// `i`: part of the referenced object.
    Internal,
    /// `P`: partition, primary.
    PartitionPrimary,
    /// `S`: partition, secondary.
    PartitionSecondary,
    /// `e`: member of an extension.
    Extension,
    /// `x`: goes with an extension.
    AutoExtension,
}

impl DependencyKind {
    /// The letter in `pg_depend.deptype`.
    pub fn letter(self) -> u8 {
        match self {
            DependencyKind::Normal => b'n',
            DependencyKind::Auto => b'a',
            DependencyKind::Internal => b'i',
            DependencyKind::PartitionPrimary => b'P',
            DependencyKind::PartitionSecondary => b'S',
            DependencyKind::Extension => b'e',
            DependencyKind::AutoExtension => b'x',
        }
    }

    fn from_letter(letter: u8) -> DependencyKind {
        match letter {
            b'a' => DependencyKind::Auto,
            b'i' => DependencyKind::Internal,
            b'P' => DependencyKind::PartitionPrimary,
            b'S' => DependencyKind::PartitionSecondary,
            b'e' => DependencyKind::Extension,
            b'x' => DependencyKind::AutoExtension,
            _ => DependencyKind::Normal,
        }
    }
}

/// One edge: `depender` needs `referenced`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dependent {
    /// What depends.
    pub depender: ObjectAddress,
    /// What it depends on.
    pub referenced: ObjectAddress,
    /// How.
    pub kind: DependencyKind,
}

fn edge(row: &[Datum]) -> Dependent {
    let oid = |at: usize| row.get(at).and_then(Datum::as_oid).unwrap_or(0);
    let part =
        |at: usize| row.get(at).and_then(Datum::as_i64).and_then(|v| i32::try_from(v).ok()).unwrap_or(0);
    let kind = match row.get(pg_depend::DEPTYPE) {
        Some(Datum::Char(letter)) => DependencyKind::from_letter(*letter),
        _ => DependencyKind::Normal,
    };
    Dependent {
        depender: ObjectAddress {
            class: oid(pg_depend::CLASSID),
            object: oid(pg_depend::OBJID),
            part: part(pg_depend::OBJSUBID),
        },
        referenced: ObjectAddress {
            class: oid(pg_depend::REFCLASSID),
            object: oid(pg_depend::REFOBJID),
            part: part(pg_depend::REFOBJSUBID),
        },
        kind,
    }
}

impl CatalogWriter<'_> {
    /// Records that `depender` needs `referenced`. Built-in objects cannot be dropped, so nothing is recorded for
    /// them.
    pub fn record_dependency(
        &self,
        depender: ObjectAddress,
        referenced: ObjectAddress,
        kind: DependencyKind,
    ) -> Result<()> {
        if referenced.object < oids::FIRST_NORMAL_OID && referenced.object != 2200 {
            return Ok(());
        }
        let mut row = vec![Datum::Null; pg_depend::WIDTH];
        row[pg_depend::CLASSID] = Datum::Oid(depender.class);
        row[pg_depend::OBJID] = Datum::Oid(depender.object);
        row[pg_depend::OBJSUBID] = Datum::Int4(depender.part);
        row[pg_depend::REFCLASSID] = Datum::Oid(referenced.class);
        row[pg_depend::REFOBJID] = Datum::Oid(referenced.object);
        row[pg_depend::REFOBJSUBID] = Datum::Int4(referenced.part);
        row[pg_depend::DEPTYPE] = Datum::Char(kind.letter());
        self.insert(pg_depend::RELATION, &row).map(|_| ())
    }

    /// What an object (all its parts, if it is whole) depends on.
    pub fn dependencies_of(&self, object: ObjectAddress) -> Result<Vec<Dependent>> {
        self.edges(DEPEND_BY_DEPENDER, object)
    }

    /// What depends on an object (on any part, if it is whole).
    pub fn dependents_on(&self, object: ObjectAddress) -> Result<Vec<Dependent>> {
        self.edges(DEPEND_BY_REFERENCE, object)
    }

    fn edges(&self, index: Oid, object: ObjectAddress) -> Result<Vec<Dependent>> {
        let keys = object.keys();
        let keys = if object.part == 0 { &keys[..2] } else { &keys[..] };
        let rows = self.source().lookup(pg_depend::RELATION, index, keys)?;
        Ok(rows.iter().map(|(_, row)| edge(row)).collect())
    }

    /// Forgets what an object (with all its parts, if it is whole) depends on.
    pub fn delete_dependencies_of(&self, object: ObjectAddress) -> Result<()> {
        let keys = object.keys();
        let keys = if object.part == 0 { &keys[..2] } else { &keys[..] };
        self.delete_by_index(pg_depend::RELATION, DEPEND_BY_DEPENDER, keys).map(|_| ())
    }

    /// Forgets the dependencies of an object on one class of objects; returns how many there were.
    pub fn delete_dependencies_on_class(&self, object: ObjectAddress, class: Oid) -> Result<usize> {
        let rows = self.source().lookup(pg_depend::RELATION, DEPEND_BY_DEPENDER, &object.keys()[..2])?;
        let mut count = 0;
        for (id, row) in rows {
            if edge(&row).referenced.class == class {
                self.delete(pg_depend::RELATION, id)?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// Points the dependency of an object at another object of the same class (ALTER ... SET SCHEMA). Returns whether
    /// there was one.
    pub fn change_dependency(
        &self,
        object: ObjectAddress,
        from: ObjectAddress,
        to: ObjectAddress,
    ) -> Result<bool> {
        let rows = self.source().lookup(pg_depend::RELATION, DEPEND_BY_DEPENDER, &object.keys()[..2])?;
        for (id, row) in rows {
            if edge(&row).referenced == from {
                return self.update(pg_depend::RELATION, id, |row| {
                    row[pg_depend::REFOBJID] = Datum::Oid(to.object);
                    Ok(())
                });
            }
        }
        Ok(false)
    }

    /// Sets, changes or (with `None`) removes the comment of an object.
    pub fn set_description(&self, object: ObjectAddress, text: Option<&str>) -> Result<()> {
        use pg_description::*;
        let keys = [Datum::Oid(object.object), Datum::Oid(object.class), Datum::Int4(object.part)];
        let found = self.source().lookup(RELATION, DESCRIPTION_BY_OBJECT, &keys)?;
        match (found.first(), text) {
            (Some((id, _)), Some(text)) => {
                self.update(RELATION, *id, |row| {
                    row[DESCRIPTION] = Datum::text(text);
                    Ok(())
                })?;
            }
            (Some((id, _)), None) => {
                self.delete(RELATION, *id)?;
            }
            (None, Some(text)) => {
                let mut row = vec![Datum::Null; WIDTH];
                row[OBJOID] = Datum::Oid(object.object);
                row[CLASSOID] = Datum::Oid(object.class);
                row[OBJSUBID] = Datum::Int4(object.part);
                row[DESCRIPTION] = Datum::text(text);
                self.insert(RELATION, &row)?;
            }
            (None, None) => {}
        }
        Ok(())
    }

    /// Removes the comments of a dropped object and its parts.
    pub fn delete_descriptions(&self, object: ObjectAddress) -> Result<()> {
        let keys = [Datum::Oid(object.object), Datum::Oid(object.class), Datum::Int4(object.part)];
        let keys = if object.part == 0 { &keys[..2] } else { &keys[..] };
        self.delete_by_index(pg_description::RELATION, DESCRIPTION_BY_OBJECT, keys).map(|_| ())
    }
}
