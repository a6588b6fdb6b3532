//! CREATE COLLATION, ALTER COLLATION.

use super::define::Options;
use super::util::{creation_place, dotted, namespace_object};
use crate::context::StatementCtx;
use pglitedb_analyzer::lookup_collation;
use pglitedb_catalog::builtin::columns::pg_collation::{self, *};
use pglitedb_catalog::new_objects::collation_row;
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::{AlterCollationStatement, DefineStatement, Persistence};
use pglitedb_sqlstate::{Result, Severity, err};
use pglitedb_tables::system::{DependencyKind, ObjectAddress};
use pglitedb_types::{Datum, Oid};

const ATTRIBUTES: &[&str] =
    &["from", "locale", "lc_collate", "lc_ctype", "provider", "deterministic", "rules", "version"];
/// Number of UTF8 among PostgreSQL's encodings.
const UTF8: i32 = 6;

/// What a new collation is.
struct Locale {
    provider: u8,
    deterministic: bool,
    encoding: i32,
    collate: Option<String>,
    ctype: Option<String>,
    locale: Option<String>,
    version: Option<String>,
}

/// CREATE COLLATION.
pub fn create(stmt: &DefineStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let place = creation_place(&stmt.name, Persistence::Permanent, ctx)?;
    let definition = stmt.definition.as_deref().unwrap_or_default();
    let options = Options::new(definition);
    if let Some(element) = options.unknown(ATTRIBUTES).next() {
        return Err(err!(SYNTAX_ERROR, "collation attribute \"{}\" not recognized", element.name.name)
            .at(element.span.offset()));
    }
    for name in ATTRIBUTES {
        options.get(name)?;
    }
    let detail = |text: &str| err!(SYNTAX_ERROR, "conflicting or redundant options").detail(text);
    let parts = options.get("lc_collate")?.is_some() || options.get("lc_ctype")?.is_some();
    if options.get("locale")?.is_some() && parts {
        return Err(detail("LOCALE cannot be specified together with LC_COLLATE or LC_CTYPE."));
    }
    let from = match &stmt.from {
        Some(name) => Some(name.clone()),
        None => options.name("from")?,
    };
    if from.is_some() && definition.len() > usize::from(stmt.from.is_none()) {
        return Err(detail("FROM cannot be specified together with any other options."));
    }
    let locale = match from {
        Some(name) => {
            let oid = lookup_collation(&name, &ctx.analyze()).map_err(super::define::without_position)?;
            copied(oid, &dotted(&name), ctx)?
        }
        None => described(&options)?,
    };
    store(&place.name, place.namespace, &locale, stmt.if_not_exists, ctx)
}

/// That of an existing collation.
fn copied(oid: Oid, name: &str, ctx: &StatementCtx<'_>) -> Result<Locale> {
    let row = super::object::object_row(ObjectAddress::new(pg_collation::RELATION, oid), ctx)?;
    let text = |at: usize| row.get(at).and_then(Datum::as_str).map(str::to_owned);
    let provider = match row.get(COLLPROVIDER) {
        Some(Datum::Char(provider)) => *provider,
        _ => b'c',
    };
    if provider == b'd' {
        return Err(err!(INVALID_OBJECT_DEFINITION, "collation \"{name}\" cannot be copied"));
    }
    Ok(Locale {
        provider,
        deterministic: !matches!(row.get(COLLISDETERMINISTIC), Some(Datum::Bool(false))),
        encoding: row
            .get(COLLENCODING)
            .and_then(Datum::as_i64)
            .and_then(|n| i32::try_from(n).ok())
            .unwrap_or(-1),
        collate: text(COLLCOLLATE),
        ctype: text(COLLCTYPE),
        locale: text(COLLLOCALE),
        version: text(COLLVERSION),
    })
}

fn described(options: &Options<'_>) -> Result<Locale> {
    let provider = match options.text("provider")?.map(|name| name.to_ascii_lowercase()).as_deref() {
        None | Some("libc") => b'c',
        Some("builtin") => b'b',
        Some("icu") => b'i',
        Some(other) => {
            return Err(err!(INVALID_OBJECT_DEFINITION, "unrecognized collation provider: {other}"));
        }
    };
    let locale = options.text("locale")?;
    let collate = options.text("lc_collate")?.or_else(|| locale.clone());
    let ctype = options.text("lc_ctype")?.or_else(|| locale.clone());
    let deterministic = options.flag("deterministic")?.unwrap_or(true);
    let missing = |name: &str| err!(INVALID_OBJECT_DEFINITION, "parameter \"{name}\" must be specified");
    if provider == b'i' {
        return Err(err!(FEATURE_NOT_SUPPORTED, "ICU is not supported in this build"));
    }
    let mut made = match provider {
        b'b' => builtin(&locale.ok_or_else(|| missing("locale"))?)?,
        _ => {
            let collate = collate.ok_or_else(|| missing("lc_collate"))?;
            let ctype = ctype.ok_or_else(|| missing("lc_ctype"))?;
            libc(collate, ctype)?
        }
    };
    if !deterministic {
        return Err(err!(
            FEATURE_NOT_SUPPORTED,
            "nondeterministic collations not supported with this provider"
        ));
    }
    if options.get("rules")?.is_some() {
        return Err(err!(
            INVALID_OBJECT_DEFINITION,
            "ICU rules cannot be specified unless locale provider is ICU"
        ));
    }
    if let Some(version) = options.text("version")? {
        made.version = Some(version);
    }
    Ok(made)
}

fn builtin(name: &str) -> Result<Locale> {
    let (locale, encoding) = match name {
        "C" => ("C", -1),
        "C.UTF-8" | "C.UTF8" => ("C.UTF-8", UTF8),
        "PG_UNICODE_FAST" => ("PG_UNICODE_FAST", UTF8),
        _ => {
            return Err(err!(WRONG_OBJECT_TYPE, "invalid locale name \"{name}\" for builtin provider"));
        }
    };
    Ok(Locale {
        provider: b'b',
        deterministic: true,
        encoding,
        collate: None,
        ctype: None,
        locale: Some(locale.to_owned()),
        version: Some("1".to_owned()),
    })
}

/// The locales of the operating system are not used: there are those that compare bytes.
fn libc(collate: String, ctype: String) -> Result<Locale> {
    for name in [&collate, &ctype] {
        if !matches!(name.as_str(), "C" | "POSIX") {
            return Err(err!(
                INVALID_PARAMETER_VALUE,
                "could not create locale \"{name}\": No such file or directory"
            )
            .detail(format!(
                "The operating system could not find any locale data for the locale name \"{name}\"."
            )));
        }
    }
    Ok(Locale {
        provider: b'c',
        deterministic: true,
        encoding: UTF8,
        collate: Some(collate),
        ctype: Some(ctype),
        locale: None,
        version: None,
    })
}

fn store(
    name: &str,
    namespace: Oid,
    locale: &Locale,
    if_not_exists: bool,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let known = ctx.catalog().collations_by_name(name)?;
    if known.iter().any(|known| known.namespace == namespace) {
        let text = match locale.encoding {
            -1 => format!("collation \"{name}\" already exists"),
            _ => format!("collation \"{name}\" for encoding \"UTF8\" already exists"),
        };
        if if_not_exists {
            let notice = err!(DUPLICATE_OBJECT, "{text}, skipping");
            ctx.notice(notice.severity(Severity::Notice));
            return Ok(());
        }
        return Err(err!(DUPLICATE_OBJECT, "{text}"));
    }
    let writer = ctx.writer()?;
    let owner = ctx.env().current_user();
    let oid = writer.new_oid()?;
    let mut row = collation_row(oid, name, namespace, owner, locale.provider);
    let text = |text: &Option<String>| text.as_deref().map_or(Datum::Null, Datum::text);
    row[COLLISDETERMINISTIC] = Datum::Bool(locale.deterministic);
    row[COLLENCODING] = Datum::Int4(locale.encoding);
    row[COLLCOLLATE] = text(&locale.collate);
    row[COLLCTYPE] = text(&locale.ctype);
    row[COLLLOCALE] = text(&locale.locale);
    row[COLLVERSION] = text(&locale.version);
    writer.insert(pg_collation::RELATION, &row)?;
    let object = ObjectAddress::new(pg_collation::RELATION, oid);
    writer.record_dependency(object, namespace_object(namespace), DependencyKind::Normal)?;
    writer.record_role_dependency(object, owner, b'o')
}

/// ALTER COLLATION ... REFRESH VERSION: the versions of built-in locales do not change while the program runs.
pub fn alter(stmt: &AlterCollationStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let oid = lookup_collation(&stmt.name, &ctx.analyze()).map_err(super::define::without_position)?;
    let object = ObjectAddress::new(pg_collation::RELATION, oid);
    super::object::check_object_owner(object, ctx)?;
    let row = super::object::object_row(object, ctx)?;
    let old = row.get(COLLVERSION).and_then(Datum::as_str);
    let actual = matches!(row.get(COLLPROVIDER), Some(Datum::Char(b'b'))).then_some("1");
    if old.is_some() && old != actual {
        let (from, to) = (old.unwrap_or_default(), actual.unwrap_or_default());
        if actual.is_none() {
            return Err(err!(INVALID_OBJECT_DEFINITION, "invalid collation version change"));
        }
        ctx.writer()?.update_oid(pg_collation::RELATION, oid, |row| {
            row[COLLVERSION] = Datum::text(to);
            Ok(())
        })?;
        let text = format!("changing version from {from} to {to}");
        ctx.notice(err!(SUCCESSFUL_COMPLETION, "{text}").severity(Severity::Notice));
        return Ok(());
    }
    ctx.notice(err!(SUCCESSFUL_COMPLETION, "version has not changed").severity(Severity::Notice));
    Ok(())
}
