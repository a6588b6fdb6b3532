//! Checking values of domains.

use super::Env;
use pglitedb_catalog::builtin::columns::pg_constraint;
use pglitedb_catalog::Catalog;
use pglitedb_executor::{CompileCtx, Compiled, EvalRow, Runtime, compile};
use pglitedb_query_tree::{Expr, serial};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Datum, Oid, TypeEnv, TypeKind, quote_identifier};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::sync::Arc;

/// Index over `pg_constraint.contypid` (and name).
const CONSTRAINT_BY_TYPE: Oid = 2666;

/// A domain's constraints, compiled.
struct DomainChecks {
    name: Arc<str>,
    schema: Arc<str>,
    base_type: Oid,
    not_null: bool,
    checks: Vec<(Arc<str>, Compiled)>,
}

thread_local! {
    /// Compiled constraints by database, catalog version and domain. Dropped as a whole when the catalogs change.
    static CHECKS: RefCell<((Oid, u64, u64), FxHashMap<Oid, Arc<DomainChecks>>)> = RefCell::default();
}

impl Env {
    pub(super) fn check_domain_value(&self, domain: Oid, value: &Datum) -> Result<()> {
        let checks = self.domain_checks(domain)?;
        if builtin_kind(self, checks.base_type)? {
            self.check_domain_value(checks.base_type, value)?;
        }
        if checks.not_null && value.is_null() {
            return Err(err!(
                NOT_NULL_VIOLATION,
                "domain {} does not allow null values",
                quote_identifier(&checks.name)
            )
            .data_type(&*checks.schema, &*checks.name));
        }
        if checks.checks.is_empty() {
            return Ok(());
        }
        let txn = self.txn()?;
        let snapshot = txn.snapshot();
        let rt = Runtime::new(self, self, self.registry(), self.space(), &txn, &snapshot, &[], self);
        for (name, check) in &checks.checks {
            let row = EvalRow { case_value: Some(value), ..EvalRow::default() };
            if check.eval(&rt, &row)?.as_bool() == Some(false) {
                return Err(err!(
                    CHECK_VIOLATION,
                    "value for domain {} violates check constraint \"{name}\"",
                    quote_identifier(&checks.name)
                )
                .data_type(&*checks.schema, &*checks.name)
                .constraint(&**name));
            }
        }
        Ok(())
    }

    fn domain_checks(&self, domain: Oid) -> Result<Arc<DomainChecks>> {
        let (cache, version) = self.catalog_version();
        let key = (self.database.oid, cache, version);
        let known = CHECKS.with(|checks| {
            let checks = checks.borrow();
            if checks.0 == key { checks.1.get(&domain).cloned() } else { None }
        });
        if let Some(known) = known {
            return Ok(known);
        }
        let loaded = Arc::new(self.load_domain(domain)?);
        CHECKS.with(|checks| {
            let mut checks = checks.borrow_mut();
            if checks.0 != key {
                *checks = (key, FxHashMap::default());
            }
            checks.1.insert(domain, loaded.clone());
        });
        Ok(loaded)
    }

    fn load_domain(&self, domain: Oid) -> Result<DomainChecks> {
        let info = TypeEnv::type_info(self, domain)?;
        let rows = self.with_catalog(|catalog| {
            catalog.rows_by_index(pg_constraint::RELATION, CONSTRAINT_BY_TYPE, &[Datum::Oid(domain)])
        })?;
        let mut checks = Vec::new();
        for row in rows {
            let is_check = matches!(row.get(pg_constraint::CONTYPE), Some(Datum::Char(b'c')));
            let (Some(Datum::Text(name)), Some(Datum::Text(text))) =
                (row.get(pg_constraint::CONNAME), row.get(pg_constraint::CONBIN))
            else {
                continue;
            };
            if is_check {
                let expr: Expr = serial::from_text(text)?;
                let mut ctx = CompileCtx::new(self, self, self.registry());
                checks.push((name.clone(), compile(&expr, &mut ctx)?));
            }
        }
        checks.sort_by(|(a, _), (b, _)| a.cmp(b));
        let schema = self.namespace_name(info.namespace)?.ok_or_else(|| Error::internal("schema is gone"))?;
        Ok(DomainChecks {
            name: info.name.clone(),
            schema,
            base_type: info.base_type,
            not_null: info.not_null,
            checks,
        })
    }
}

fn builtin_kind(env: &Env, type_oid: Oid) -> Result<bool> {
    Ok(TypeEnv::type_info(env, type_oid)?.kind == TypeKind::Domain)
}
