//! What input and output of values ask of the session.

use super::Env;
use pglitedb_analyzer::{AnalyzeContext, resolve_type_name};
use pglitedb_catalog::{CastMethod, Catalog};
use pglitedb_functions::SessionEnv;
use pglitedb_sqlstate::{Error, Result, codes, err};
use pglitedb_types::{
    CollationRules, CompositeField, Datum, EnumValue, FormatSettings, Oid, RegKind, TypeEnv, TypeInfo, oids,
};
use pglitedb_types::{builtin_type, quote_identifier};
use std::sync::Arc;

impl TypeEnv for Env {
    #[inline]
    fn format(&self) -> &FormatSettings {
        self.format.get()
    }

    fn type_info(&self, oid: Oid) -> Result<Arc<TypeInfo>> {
        if let Some(info) = builtin_type(oid) {
            return Ok(info.clone());
        }
        Catalog::type_info(self, oid)?
            .ok_or_else(|| Error::internal(format!("cache lookup failed for type {oid}")))
    }

    fn check_like_regex(&self, pattern: &str, flags: &str) -> Result<()> {
        pglitedb_functions::json::path::check_like_regex(pattern, flags)
    }

    fn visible_type_name(&self, info: &TypeInfo) -> Result<String> {
        let name = quote_identifier(&info.name);
        for schema in self.search_path() {
            if schema == info.namespace {
                return Ok(name.into_owned());
            }
            if self.type_oid(schema, &info.name)?.is_some() {
                break;
            }
        }
        match self.namespace_name(info.namespace)? {
            Some(schema) => Ok(format!("{}.{name}", quote_identifier(&schema))),
            None => Ok(name.into_owned()),
        }
    }

    fn composite_fields(&self, type_oid: Oid) -> Result<Arc<[CompositeField]>> {
        let info = TypeEnv::type_info(self, type_oid)?;
        let relation = self.relation(info.relid)?;
        let relation =
            relation.ok_or_else(|| err!(WRONG_OBJECT_TYPE, "type {} is not composite", info.name))?;
        Ok(relation
            .columns
            .iter()
            .filter(|column| !column.dropped)
            .map(|column| CompositeField {
                name: column.name.clone(),
                type_oid: column.type_oid,
                typmod: column.typmod,
            })
            .collect())
    }

    fn enum_from_label(&self, type_oid: Oid, label: &str) -> Result<Option<EnumValue>> {
        let labels = self.enum_labels(type_oid)?;
        Ok(labels.into_iter().find(|(_, known)| &**known == label).map(|(value, _)| value))
    }

    fn check_enum_use(&self, type_oid: Oid, value: EnumValue) -> Result<()> {
        if self.new_enums.may_use(value.oid) {
            return Ok(());
        }
        let label = TypeEnv::enum_label(self, value)?;
        let name = pglitedb_types::format_type_be(type_oid, self)?;
        Err(err!(UNSAFE_NEW_ENUM_VALUE_USAGE, "unsafe use of new value \"{label}\" of enum type {name}")
            .hint("New enum values must be committed before they can be used."))
    }

    fn json_cast(&self, type_oid: Oid) -> Result<Option<Oid>> {
        let cast = Catalog::cast(self, type_oid, oids::JSON)?;
        Ok(cast.filter(|cast| cast.method == CastMethod::Function).map(|cast| cast.func))
    }

    fn call_function(&self, function: Oid, args: &[Datum], result_type: Oid) -> Result<Datum> {
        self.call_by_oid(function, args, result_type)
    }

    fn collation_rules(&self, collation: Oid) -> Result<Option<CollationRules>> {
        let found = Catalog::collation(self, collation)?;
        Ok(found.and_then(|found| match (found.provider, &*found.locale) {
            // The operating system's locales are not used but for these.
            (b'c', "C" | "POSIX") | (b'b', "C") => Some(CollationRules::Ascii),
            (b'b', "C.UTF-8") => Some(CollationRules::Simple),
            (b'b', "PG_UNICODE_FAST") => Some(CollationRules::Full),
            _ => None,
        }))
    }

    fn enum_label(&self, value: EnumValue) -> Result<Arc<str>> {
        self.label_of_enum(value.oid)?.ok_or_else(|| {
            err!(INVALID_BINARY_REPRESENTATION, "invalid internal value for enum: {}", value.oid)
        })
    }

    fn reg_input(&self, kind: RegKind, name: &str) -> Result<Oid> {
        crate::functions::reg::input(self, kind, name)
    }

    fn reg_output(&self, kind: RegKind, oid: Oid) -> Result<Option<String>> {
        crate::functions::reg::output(self, kind, oid)
    }

    fn check_domain(&self, domain: Oid, value: &Datum) -> Result<()> {
        self.check_domain_value(domain, value)
    }

    fn transaction_timestamp(&self) -> i64 {
        match self.transaction.try_borrow() {
            Ok(transaction) => transaction.started,
            Err(_) => self.statement_timestamp(),
        }
    }
}

impl Env {
    /// The label of a `pg_enum` row.
    fn label_of_enum(&self, oid: Oid) -> Result<Option<Arc<str>>> {
        use pglitedb_catalog::builtin::columns::pg_enum;
        self.with_catalog(|catalog| {
            Ok(catalog.row(pg_enum::RELATION, u64::from(oid))?.and_then(|row| {
                match row.get(pg_enum::ENUMLABEL) {
                    Some(Datum::Text(label)) => Some(label.clone()),
                    _ => None,
                }
            }))
        })
    }

    /// A type by its SQL text, as `regtype` input takes it.
    pub(crate) fn type_by_text(&self, text: &str) -> Result<Oid> {
        let name = pglitedb_sql_parser::parse_type_name(text).map_err(|error| match error.code() {
            // The position stays one in the name, as in PostgreSQL, whatever statement it is shown with.
            codes::SYNTAX_ERROR => error.context(format!("invalid type name \"{text}\"")),
            _ => without_position(error),
        })?;
        let ctx = AnalyzeContext::new(self, self, text);
        resolve_type_name(&name, &ctx).map(|(oid, _)| oid).map_err(without_position)
    }
}

/// The position is one in the name, not in the statement.
fn without_position(mut error: Error) -> Error {
    error.fields_mut().position = None;
    error
}
