//! Checking values of domains.

use super::Env;
use pglitedb_catalog::Catalog;
use pglitedb_catalog::builtin::columns::pg_constraint;
use pglitedb_executor::expr::CompileCtx;
use pglitedb_executor::{Compiled, EvalRow, Runtime, compile};
use pglitedb_query_tree::{Expr, serial};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Datum, Oid, TypeEnv, TypeKind, quote_identifier};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::sync::Arc;

/// Index over `pg_constraint.contypid` (and name).
const CONSTRAINT_BY_TYPE: Oid = 2666;

/// A domain's constraints, compiled.
pub(crate) struct DomainChecks {
    name: Arc<str>,
    schema: Arc<str>,
    base_type: Oid,
    not_null: bool,
    checks: Vec<(Arc<str>, Compiled)>,
}

/// Compiled constraints by domain, for one version of the catalogs. Dropped as a whole when they change.
#[derive(Default)]
pub(crate) struct DomainCache(RefCell<((u64, u64), FxHashMap<Oid, Arc<DomainChecks>>)>);

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
            if check.eval(&row, &rt)?.as_bool() == Some(false) {
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
        let key = self.catalog_version();
        {
            let known = self.domains.0.borrow();
            if known.0 == key
                && let Some(checks) = known.1.get(&domain)
            {
                return Ok(checks.clone());
            }
        }
        let loaded = Arc::new(self.load_domain(domain)?);
        let mut known = self.domains.0.borrow_mut();
        if known.0 != key {
            *known = (key, FxHashMap::default());
        }
        known.1.insert(domain, loaded.clone());
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
                let expr: Expr = serial::expr_from_text(text)?;
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
