//! A database in memory, and tables made the way DDL makes them.
#![allow(dead_code, missing_docs)]

use pglitedb_catalog::{
    Catalog, CatalogCache, IndexColumn, Invalidation, NameScope, RelKind, Relation, StoredCatalog,
    builtin::columns::*, new_rows,
};
use pglitedb_sqlstate::Result;
use pglitedb_storage::{BeginOptions, CommitMode, Config, Engine, Isolation, Txn};
use pglitedb_tables::system::{CatalogWriter, TxnSource};
use pglitedb_tables::{KeyCache, PlainIndexes, TableAccess, TableSpace, WriteCtx};
use pglitedb_types::{BuiltinEnv, Datum, Oid};
use std::cell::RefCell;
use std::sync::Arc;

pub struct Db {
    pub engine: Engine,
    pub space: Arc<TableSpace>,
    pub cache: Arc<CatalogCache>,
    pub scope: NameScope,
    pub env: BuiltinEnv,
}

pub const PUBLIC: Oid = 2200;

/// A transaction with catalog changes of its own.
pub struct Ddl {
    pub txn: Txn,
    pub own: CatalogCache,
    pub stale: RefCell<Invalidation>,
}

impl Db {
    pub fn new() -> Db {
        let engine = Engine::in_memory(Config::benchmark()).expect("an engine");
        Db {
            space: TableSpace::new(engine.clone(), 5, Arc::new(KeyCache::new(0))),
            engine,
            cache: Arc::new(CatalogCache::new()),
            scope: NameScope { search_path: vec![11, PUBLIC], temp_namespace: None },
            env: BuiltinEnv::default(),
        }
    }

    pub fn begin(&self) -> Txn {
        self.engine.begin(BeginOptions::default())
    }

    pub fn begin_with(&self, isolation: Isolation) -> Txn {
        self.engine.begin(BeginOptions { isolation, ..BeginOptions::default() })
    }

    pub fn ddl(&self) -> Ddl {
        Ddl { txn: self.begin(), own: CatalogCache::new(), stale: RefCell::default() }
    }

    pub fn commit_ddl(&self, ddl: Ddl) {
        let stale = ddl.stale.into_inner();
        self.space.commit_with_ddl(&ddl.txn, CommitMode::Engine, &self.cache, &stale).expect("a commit");
    }

    /// Looks at the catalogs through the shared cache.
    pub fn look<R>(&self, txn: &Txn, f: impl FnOnce(&StoredCatalog<'_>) -> R) -> R {
        let source = TxnSource::new(&self.space, txn);
        f(&StoredCatalog::new(&source, &self.cache, &self.scope))
    }

    /// Looks at the catalogs with a transaction's own changes.
    pub fn look_own<R>(&self, ddl: &Ddl, f: impl FnOnce(&StoredCatalog<'_>) -> R) -> R {
        let source = TxnSource::new(&self.space, &ddl.txn);
        f(&StoredCatalog::new(&source, &ddl.own, &self.scope))
    }

    pub fn writer<'a>(&'a self, ddl: &'a Ddl) -> CatalogWriter<'a> {
        CatalogWriter::new(&self.space, &ddl.txn, &self.env, &ddl.own, &ddl.stale)
    }

    /// Makes a table; columns are (name, type).
    pub fn create_table(&self, ddl: &Ddl, name: &str, columns: &[(&str, Oid)]) -> Oid {
        let writer = self.writer(ddl);
        let oid = writer.new_oid().expect("an OID");
        let count = i16::try_from(columns.len()).expect("few columns");
        let row = new_rows::class_row(oid, name, PUBLIC, 10, RelKind::Table, count);
        writer.insert(pg_class::RELATION, &row).expect("pg_class");
        for (at, (name, type_oid)) in columns.iter().enumerate() {
            let info = pglitedb_catalog::builtin::type_info(*type_oid).expect("a type");
            let attnum = i16::try_from(at + 1).expect("few columns");
            let row = new_rows::attribute_row(oid, attnum, name, &info, -1, info.collation);
            writer.insert(pg_attribute::RELATION, &row).expect("pg_attribute");
        }
        oid
    }

    /// Makes an index on columns by attnum.
    pub fn create_index(
        &self,
        ddl: &Ddl,
        name: &str,
        table: Oid,
        attnums: &[i16],
        flags: new_rows::IndexFlags,
    ) -> Oid {
        let writer = self.writer(ddl);
        let relation =
            self.look_own(ddl, |catalog| catalog.relation(table)).expect("look-up").expect("a table");
        let oid = writer.new_oid().expect("an OID");
        let columns: Vec<IndexColumn> = attnums
            .iter()
            .map(|attnum| {
                let column = relation.column(*attnum).expect("a column");
                IndexColumn {
                    attnum: *attnum,
                    type_oid: column.type_oid,
                    collation: column.collation,
                    opclass: 1978,
                    opfamily: 1976,
                    descending: false,
                    nulls_first: false,
                }
            })
            .collect();
        let count = i16::try_from(columns.len()).expect("few columns");
        let mut row = new_rows::class_row(oid, name, PUBLIC, 10, RelKind::Index, count);
        row[pg_class::RELAM] = Datum::Oid(403);
        writer.insert(pg_class::RELATION, &row).expect("pg_class");
        let row = new_rows::index_row(oid, table, &columns, &[], flags, None, None);
        writer.insert(pg_index::RELATION, &row).expect("pg_index");
        writer
            .update_oid(pg_class::RELATION, table, |row| {
                row[pg_class::RELHASINDEX] = Datum::Bool(true);
                Ok(())
            })
            .expect("relhasindex");
        oid
    }

    pub fn relation(&self, txn: &Txn, name: &str) -> Option<Arc<Relation>> {
        self.look(txn, |catalog| {
            let oid = catalog.relation_oid(PUBLIC, name).expect("look-up")?;
            catalog.relation(oid).expect("look-up")
        })
    }

    pub fn open(&self, txn: &Txn, name: &str) -> Arc<TableAccess> {
        let relation = self.relation(txn, name).expect("a relation");
        self.look(txn, |catalog| self.space.open(&relation, catalog)).expect("open")
    }

    pub fn write<R>(&self, txn: &Txn, f: impl FnOnce(&mut WriteCtx<'_>) -> Result<R>) -> Result<R> {
        let mut plain = PlainIndexes;
        f(&mut WriteCtx::new(txn, &self.env, &mut plain))
    }

    /// All rows of a table, as a new statement sees them.
    pub fn all(&self, txn: &Txn, table: &Arc<TableAccess>) -> Vec<Vec<Datum>> {
        txn.next_command().expect("a command");
        let mut scan =
            table.scan(txn, &txn.snapshot(), pglitedb_storage::Direction::Forward).expect("a scan");
        let mut rows = Vec::new();
        while let Some((_, row)) = scan.next_row().expect("a row") {
            rows.push(row.to_vec(table.layout().width()).expect("a row"));
        }
        rows
    }
}
