//! A catalog of a few tables on top of the built-in one, and a session that knows nothing else.

use pglitedb_analyzer::AnalyzeContext;
use pglitedb_catalog::*;
use pglitedb_functions::SessionEnv;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::env::{CompositeField, FormatSettings, RegKind, TypeEnv};
use pglitedb_types::{BuiltinEnv, Datum, EnumValue, Oid, TypeInfo, TypeKind};
use std::any::Any;
use std::sync::Arc;

const PUBLIC: Oid = 2200;

/// The built-in objects and some tables in `public`.
pub struct TestCatalog {
    base: pglitedb_catalog::StoredCatalog<'static>,
    relations: Vec<Arc<Relation>>,
    types: Vec<Arc<TypeInfo>>,
}

impl TestCatalog {
    /// `tables`: lines of `name: column type [pk|notnull], ...`.
    pub fn new(tables: &str) -> Self {
        let mut catalog = TestCatalog {
            base: pglitedb_catalog::builtin_catalog(),
            relations: Vec::new(),
            types: Vec::new(),
        };
        for line in tables.lines().map(str::trim).filter(|line| !line.is_empty()) {
            catalog.add_table(line);
        }
        catalog
    }

    fn add_table(&mut self, line: &str) {
        let (name, columns) = line.split_once(':').expect("name: columns");
        let oid = 20000 + 100 * self.relations.len() as Oid;
        let env = TestEnv::default();
        let mut list = Vec::new();
        let mut key = Vec::new();
        for (index, column) in columns.split(';').enumerate() {
            let mut words = column.trim().splitn(2, ' ');
            let column_name = words.next().expect("column").to_string();
            let mut type_text = words.next().expect("type").trim();
            if let Some(rest) = type_text.strip_suffix(" pk") {
                type_text = rest;
                key.push((index + 1) as i16);
            }
            let ctx = AnalyzeContext::new(&*self, &env, type_text);
            let parsed = pglitedb_sql_parser::parse_type_name(type_text).expect("type name");
            let (type_oid, typmod) = pglitedb_analyzer::resolve_type_name(&parsed, &ctx).expect("type");
            let info = self.type_info(type_oid).expect("type").expect("type");
            list.push(Column {
                name: column_name.as_str().into(),
                type_oid,
                typmod,
                collation: info.collation,
                not_null: false,
                dropped: false,
                identity: 0,
                identity_sequence: 0,
                generated: 0,
                default: None,
                missing: None,
                is_local: true,
                inherit_count: 0,
                storage: b'p',
                statistics_target: -1,
            });
        }
        let mut indexes = Vec::new();
        if !key.is_empty() {
            indexes.push(Arc::new(IndexInfo {
                oid: oid + 2,
                name: format!("{name}_pkey").into(),
                table: oid,
                access_method: 403,
                file_node: oid + 2,
                is_unique: true,
                nulls_not_distinct: false,
                is_primary: true,
                is_exclusion: false,
                is_immediate: true,
                is_valid: true,
                columns: key
                    .iter()
                    .map(|attnum| IndexColumn {
                        attnum: *attnum,
                        type_oid: list[*attnum as usize - 1].type_oid,
                        collation: 0,
                        opclass: 0,
                        opfamily: 0,
                        descending: false,
                        nulls_first: false,
                    })
                    .collect(),
                include: Vec::new(),
                expressions: Vec::new(),
                predicate: None,
                constraint: Some(ConstraintRef {
                    oid: oid + 3,
                    name: format!("{name}_pkey").into(),
                    deferrable: false,
                    initially_deferred: false,
                }),
                reltuples: -1.0,
            }));
        }
        self.types.push(Arc::new(row_type(oid + 1, name, oid)));
        self.relations.push(Arc::new(relation(oid, name, RelKind::Table, list, indexes, None)));
    }

    /// Adds a view with a stored query.
    #[allow(dead_code)]
    pub fn add_view(&mut self, name: &str, columns: Vec<Column>, query: String) -> Oid {
        let oid = 20000 + 100 * self.relations.len() as Oid;
        self.types.push(Arc::new(row_type(oid + 1, name, oid)));
        let view = relation(oid, name, RelKind::View, columns, Vec::new(), Some(query.into()));
        self.relations.push(Arc::new(view));
        oid
    }
}

fn row_type(oid: Oid, name: &str, relid: Oid) -> TypeInfo {
    TypeInfo {
        category: b'C',
        relid,
        align: b'd',
        storage: b'x',
        ..TypeInfo::new(oid, name, PUBLIC, 10, TypeKind::Composite)
    }
}

fn relation(
    oid: Oid,
    name: &str,
    kind: RelKind,
    columns: Vec<Column>,
    indexes: Vec<Arc<IndexInfo>>,
    view_query: Option<Arc<str>>,
) -> Relation {
    let base = pglitedb_catalog::builtin_catalog().relation(1259).expect("pg_class").expect("pg_class");
    let mut relation = (*base).clone();
    relation.oid = oid;
    relation.name = name.into();
    relation.namespace = PUBLIC;
    relation.namespace_name = "public".into();
    relation.kind = kind;
    relation.row_type = oid + 1;
    relation.is_catalog = false;
    relation.columns = columns;
    relation.indexes = indexes;
    relation.view_query = view_query;
    relation
}

impl Catalog for TestCatalog {
    fn search_path(&self) -> Vec<Oid> {
        vec![11, PUBLIC]
    }
    fn namespace_by_name(&self, name: &str) -> Result<Option<Oid>> {
        self.base.namespace_by_name(name)
    }
    fn namespace_name(&self, oid: Oid) -> Result<Option<Arc<str>>> {
        self.base.namespace_name(oid)
    }
    fn relation(&self, oid: Oid) -> Result<Option<Arc<Relation>>> {
        match self.relations.iter().find(|relation| relation.oid == oid) {
            Some(found) => Ok(Some(found.clone())),
            None => self.base.relation(oid),
        }
    }
    fn relation_oid(&self, namespace: Oid, name: &str) -> Result<Option<Oid>> {
        let own = self.relations.iter().find(|r| r.namespace == namespace && *r.name == *name);
        match own {
            Some(found) => Ok(Some(found.oid)),
            None => self.base.relation_oid(namespace, name),
        }
    }
    fn index(&self, oid: Oid) -> Result<Option<Arc<IndexInfo>>> {
        self.base.index(oid)
    }
    fn type_info(&self, oid: Oid) -> Result<Option<Arc<TypeInfo>>> {
        match self.types.iter().find(|info| info.oid == oid) {
            Some(found) => Ok(Some(found.clone())),
            None => self.base.type_info(oid),
        }
    }
    fn type_oid(&self, namespace: Oid, name: &str) -> Result<Option<Oid>> {
        match self.types.iter().find(|info| info.namespace == namespace && *info.name == *name) {
            Some(found) => Ok(Some(found.oid)),
            None => self.base.type_oid(namespace, name),
        }
    }
    fn multirange_of(&self, range_type: Oid) -> Result<Option<Oid>> {
        self.base.multirange_of(range_type)
    }
    fn range_opclass(&self, range_type: Oid) -> Result<Option<Oid>> {
        self.base.range_opclass(range_type)
    }
    fn enum_labels(&self, type_oid: Oid) -> Result<Vec<(EnumValue, Arc<str>)>> {
        self.base.enum_labels(type_oid)
    }
    fn proc(&self, oid: Oid) -> Result<Option<Arc<ProcInfo>>> {
        self.base.proc(oid)
    }
    fn procs_by_name(&self, name: &str) -> Result<Vec<Arc<ProcInfo>>> {
        self.base.procs_by_name(name)
    }
    fn operator(&self, oid: Oid) -> Result<Option<Arc<OperatorInfo>>> {
        self.base.operator(oid)
    }
    fn operators_by_name(&self, name: &str) -> Result<Vec<Arc<OperatorInfo>>> {
        self.base.operators_by_name(name)
    }
    fn cast(&self, source: Oid, target: Oid) -> Result<Option<Arc<CastInfo>>> {
        self.base.cast(source, target)
    }
    fn aggregate(&self, oid: Oid) -> Result<Option<Arc<AggregateInfo>>> {
        self.base.aggregate(oid)
    }
    fn opclass(&self, oid: Oid) -> Result<Option<Arc<OpclassInfo>>> {
        self.base.opclass(oid)
    }
    fn opclasses_for_type(&self, method: Oid, input_type: Oid) -> Result<Vec<Arc<OpclassInfo>>> {
        self.base.opclasses_for_type(method, input_type)
    }
    fn opclasses_by_name(&self, method: Oid, name: &str) -> Result<Vec<Arc<OpclassInfo>>> {
        self.base.opclasses_by_name(method, name)
    }
    fn amops_of_operator(&self, operator: Oid) -> Result<Vec<AmopInfo>> {
        self.base.amops_of_operator(operator)
    }
    fn amop(&self, family: Oid, left: Oid, right: Oid, strategy: i16) -> Result<Option<Oid>> {
        self.base.amop(family, left, right, strategy)
    }
    fn amproc(&self, family: Oid, left: Oid, right: Oid, number: i16) -> Result<Option<Oid>> {
        self.base.amproc(family, left, right, number)
    }
    fn collation(&self, oid: Oid) -> Result<Option<Arc<CollationInfo>>> {
        self.base.collation(oid)
    }
    fn collations_by_name(&self, name: &str) -> Result<Vec<Arc<CollationInfo>>> {
        self.base.collations_by_name(name)
    }
    fn column_stats(&self, _: Oid, _: i16) -> Result<Option<Arc<ColumnStats>>> {
        Ok(None)
    }
    fn row_estimate(&self, _: Oid) -> Option<f64> {
        None
    }
}

/// A session without catalogs of its own.
#[derive(Default)]
pub struct TestEnv(BuiltinEnv);

impl TypeEnv for TestEnv {
    fn format(&self) -> &FormatSettings {
        self.0.format()
    }
    fn type_info(&self, oid: Oid) -> Result<Arc<TypeInfo>> {
        self.0.type_info(oid)
    }
    fn composite_fields(&self, type_oid: Oid) -> Result<Arc<[CompositeField]>> {
        self.0.composite_fields(type_oid)
    }
    fn enum_from_label(&self, type_oid: Oid, label: &str) -> Result<Option<EnumValue>> {
        self.0.enum_from_label(type_oid, label)
    }
    fn enum_label(&self, value: EnumValue) -> Result<Arc<str>> {
        self.0.enum_label(value)
    }
    fn reg_input(&self, kind: RegKind, name: &str) -> Result<Oid> {
        self.0.reg_input(kind, name)
    }
    fn reg_output(&self, kind: RegKind, oid: Oid) -> Result<Option<String>> {
        self.0.reg_output(kind, oid)
    }
    fn check_domain(&self, domain: Oid, value: &Datum) -> Result<()> {
        self.0.check_domain(domain, value)
    }
    fn transaction_timestamp(&self) -> i64 {
        0
    }
}

impl SessionEnv for TestEnv {
    fn as_type_env(&self) -> &dyn TypeEnv {
        self
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn check_interrupts(&self) -> Result<()> {
        Ok(())
    }
    fn notice(&self, _: Error) {}
    fn statement_timestamp(&self) -> i64 {
        0
    }
    fn clock_timestamp(&self) -> i64 {
        0
    }
    fn random_u64(&self) -> u64 {
        0
    }
    fn set_seed(&self, _: f64) {}
    fn strong_random(&self, _: &mut [u8]) -> Result<()> {
        Ok(())
    }
    fn setting(&self, _: &str) -> Result<Option<String>> {
        Ok(None)
    }
    fn set_setting(&self, _: &str, value: &str, _: bool) -> Result<String> {
        Ok(value.into())
    }
    fn current_user(&self) -> Oid {
        10
    }
    fn session_user(&self) -> Oid {
        10
    }
    fn current_database(&self) -> Arc<str> {
        "test".into()
    }
    fn enum_values(&self, _: Oid) -> Result<Vec<EnumValue>> {
        Ok(Vec::new())
    }
}

/// The tables of the tests.
#[allow(dead_code)]
pub const TABLES: &str = "
    t1: a int4 pk; b text; c numeric
    t2: a int8; b varchar(10); d timestamptz
    emp: id int4 pk; name text; dept int4; salary numeric(10,2); tags text[]; j jsonb
    pgbench_accounts: aid int4 pk; bid int4; abalance int4; filler char(84)
";
