//! Access lists: reading and writing them, what they are by default, and what a role may do by them.

use super::env_of;
use super::rows::{Row, set};
use crate::env::Env;
use pglitedb_catalog::builtin::columns::{
    pg_attribute, pg_authid, pg_class, pg_database, pg_foreign_data_wrapper, pg_foreign_server, pg_language,
    pg_namespace, pg_parameter_acl, pg_proc, pg_tablespace, pg_type,
};
use pglitedb_functions::{FnCtx, Registry, SessionEnv, scalars};
use pglitedb_sqlstate::{Result, bail, err};
use pglitedb_types::{ArrayValue, Datum, Oid, oids};
use std::sync::Arc;

/// Letters of the privileges and their names.
const PRIVILEGES: [(char, &str); 15] = [
    ('a', "INSERT"),
    ('r', "SELECT"),
    ('w', "UPDATE"),
    ('d', "DELETE"),
    ('D', "TRUNCATE"),
    ('x', "REFERENCES"),
    ('t', "TRIGGER"),
    ('X', "EXECUTE"),
    ('U', "USAGE"),
    ('C', "CREATE"),
    ('T', "TEMPORARY"),
    ('c', "CONNECT"),
    ('s', "SET"),
    ('A', "ALTER SYSTEM"),
    ('m', "MAINTAIN"),
];

/// An entry of an access list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AclItem {
    /// 0: everybody
    pub grantee: Oid,
    pub grantor: Oid,
    /// Letters granted.
    pub privileges: String,
    /// Letters that may be granted on.
    pub grantable: String,
}

/// The two sides and the letters of an item's text; names are as written, unquoted.
fn split_item(text: &str) -> Option<(String, &str, String)> {
    let (grantee, rest) = take_name(text)?;
    let rest = rest.strip_prefix('=')?;
    let (letters, grantor) = match rest.find('/') {
        Some(at) => (&rest[..at], take_name(&rest[at + 1..])?.0),
        None => (rest, String::new()),
    };
    Some((grantee, letters, grantor))
}

/// A possibly quoted role name at the beginning, and what follows it.
fn take_name(text: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut quoted = false;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' if quoted && chars.peek().is_some_and(|(_, next)| *next == '"') => {
                chars.next();
                name.push('"');
            }
            '"' => quoted = !quoted,
            '=' | '/' if !quoted => return Some((name, &text[at..])),
            c => name.push(c),
        }
    }
    (!quoted).then_some((name, ""))
}

impl AclItem {
    /// Reads an item; roles that are gone make it apply to nobody.
    pub(crate) fn parse(env: &Env, text: &str) -> Result<Option<AclItem>> {
        let Some((grantee, letters, grantor)) = split_item(text) else { return Ok(None) };
        let role = |name: &str| -> Result<Option<Oid>> {
            if name.is_empty() {
                return Ok(Some(0));
            }
            if let Some(found) = env.role_by_name(name)? {
                return Ok(Some(found.oid));
            }
            Ok(name.parse().ok())
        };
        let (Some(grantee), Some(grantor)) = (role(&grantee)?, role(&grantor)?) else { return Ok(None) };
        let (mut privileges, mut grantable) = (String::new(), String::new());
        for letter in letters.chars() {
            if letter == '*' {
                grantable.extend(privileges.chars().last());
            } else {
                privileges.push(letter);
            }
        }
        Ok(Some(AclItem { grantee, grantor, privileges, grantable }))
    }

    /// The item as text.
    pub(crate) fn print(&self, env: &Env) -> Result<String> {
        let name = |oid: Oid| -> Result<String> {
            if oid == 0 {
                return Ok(String::new());
            }
            let Some(name) = env.user_name(oid)? else { return Ok(oid.to_string()) };
            if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                return Ok(name.to_string());
            }
            Ok(format!("\"{}\"", name.replace('"', "\"\"")))
        };
        let mut text = name(self.grantee)?;
        text.push('=');
        // The order of letters is always the same.
        for (letter, _) in PRIVILEGES {
            if self.privileges.contains(letter) {
                text.push(letter);
                if self.grantable.contains(letter) {
                    text.push('*');
                }
            }
        }
        text.push('/');
        text.push_str(&name(self.grantor)?);
        Ok(text)
    }
}

/// The items of an access list, `None` if it is NULL.
pub(crate) fn items(env: &Env, list: &Datum) -> Result<Option<Vec<AclItem>>> {
    let Datum::Array(array) = list else { return Ok(None) };
    let mut found = Vec::with_capacity(array.values.len());
    for value in &array.values {
        if let Some(text) = value.as_str()
            && let Some(item) = AclItem::parse(env, text)?
        {
            found.push(item);
        }
    }
    Ok(Some(found))
}

/// Kinds of objects that have access lists, by `acldefault`'s letters.
fn default_letters(kind: u8) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        b'c' => ("", ""),
        b'r' => ("", "arwdDxtm"),
        b's' => ("", "rwU"),
        b'd' => ("Tc", "CTc"),
        b'f' => ("X", "X"),
        b'l' | b'T' => ("U", "U"),
        b'L' => ("", "rw"),
        b'n' => ("", "UC"),
        b'p' => ("", "sA"),
        b't' => ("", "C"),
        b'F' | b'S' => ("", "U"),
        _ => return None,
    })
}

/// What an object's access list is when it has none: privileges of everybody and of the owner.
pub(crate) fn default_items(kind: u8, owner: Oid) -> Result<Vec<AclItem>> {
    let Some((world, own)) = default_letters(kind) else {
        bail!(INVALID_PARAMETER_VALUE, "unrecognized object type abbreviation: {}", char::from(kind));
    };
    let item = |grantee: Oid, letters: &str| AclItem {
        grantee,
        grantor: owner,
        privileges: letters.to_owned(),
        grantable: String::new(),
    };
    let mut items = Vec::new();
    if !world.is_empty() {
        items.push(item(0, world));
    }
    if !own.is_empty() {
        items.push(item(owner, own));
    }
    Ok(items)
}

/// Does a list give a role one of the letters (`grant`: with the right to grant it on)?
fn gives(env: &Env, list: &[AclItem], owner: Oid, role: Oid, letter: char, grant: bool) -> Result<bool> {
    // Owners always may grant.
    if grant && env.is_member(role, owner)? {
        return Ok(true);
    }
    for item in list {
        let letters = if grant { &item.grantable } else { &item.privileges };
        if letters.contains(letter)
            && (item.grantee == 0 && !grant || item.grantee != 0 && env.is_member(role, item.grantee)?)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// An object as far as privileges are concerned.
pub(crate) struct Guarded {
    pub kind: u8,
    pub owner: Oid,
    pub list: Datum,
}

/// Has a role one of the privileges on an object?
pub(crate) fn may(env: &Env, object: &Guarded, role: Oid, wanted: &[(char, bool)]) -> Result<bool> {
    if env.role_by_oid(role)?.is_some_and(|role| role.superuser) {
        return Ok(true);
    }
    let list = match items(env, &object.list)? {
        Some(list) => list,
        None => default_items(object.kind, object.owner)?,
    };
    for (letter, grant) in wanted {
        if gives(env, &list, object.owner, role, *letter, *grant)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The relation of an OID.
pub(crate) fn guarded_relation(env: &Env, oid: Oid) -> Result<Option<Guarded>> {
    let row = Row::by_oid(env, pg_class::RELATION, oid)?;
    Ok(row.map(|row| Guarded {
        kind: if row.char(pg_class::RELKIND) == b'S' { b's' } else { b'r' },
        owner: row.oid(pg_class::RELOWNER),
        list: match row.get(pg_class::RELACL) {
            // What the system ships with can be read by everybody, but for what holds secrets.
            Datum::Null if oid < oids::FIRST_NORMAL_OID && !SECRET.contains(&oid) => {
                Datum::Array(Arc::new(ArrayValue::one_dim(oids::ACLITEM, vec![Datum::text("=r/10")])))
            }
            list => list.clone(),
        },
    }))
}

/// `pg_authid`, `pg_largeobject`, `pg_statistic`, `pg_user_mapping`, `pg_subscription`, `pg_statistic_ext_data`
const SECRET: [Oid; 6] = [1260, 2613, 2619, 1418, 6100, 3429];

/// Has a role one of the privileges (letters) on a relation?
pub(crate) fn may_use_relation(env: &Env, oid: Oid, role: Oid, letters: &str) -> Result<bool> {
    let Some(object) = guarded_relation(env, oid)? else { return Ok(false) };
    let wanted: Vec<(char, bool)> = letters.chars().map(|letter| (letter, false)).collect();
    may(env, &object, role, &wanted)
}

/// An object of a kind (`acldefault`'s letter) by OID.
pub(crate) fn guarded(env: &Env, kind: u8, oid: Oid) -> Result<Option<Guarded>> {
    let (catalog, owner, list) = match kind {
        b'r' | b's' => return guarded_relation(env, oid),
        b'd' => (pg_database::RELATION, pg_database::DATDBA, pg_database::DATACL),
        b'f' => (pg_proc::RELATION, pg_proc::PROOWNER, pg_proc::PROACL),
        b'l' => (pg_language::RELATION, pg_language::LANOWNER, pg_language::LANACL),
        b'n' => (pg_namespace::RELATION, pg_namespace::NSPOWNER, pg_namespace::NSPACL),
        b't' => (pg_tablespace::RELATION, pg_tablespace::SPCOWNER, pg_tablespace::SPCACL),
        b'T' => (pg_type::RELATION, pg_type::TYPOWNER, pg_type::TYPACL),
        b'F' => (
            pg_foreign_data_wrapper::RELATION,
            pg_foreign_data_wrapper::FDWOWNER,
            pg_foreign_data_wrapper::FDWACL,
        ),
        b'S' => (pg_foreign_server::RELATION, pg_foreign_server::SRVOWNER, pg_foreign_server::SRVACL),
        _ => return Ok(None),
    };
    let row = Row::by_oid(env, catalog, oid)?;
    Ok(row.map(|row| Guarded { kind, owner: row.oid(owner), list: row.get(list).clone() }))
}

/// The access list of a column of a relation.
pub(crate) fn column_list(env: &Env, relation: Oid, attnum: i16) -> Result<Option<Datum>> {
    let id = u64::from(relation) << 16 | (i64::from(attnum).wrapping_add(0x8000) as u64 & 0xffff);
    let row = env.with_catalog(|rows| rows.row(pg_attribute::RELATION, id))?.map(Row);
    Ok(row
        .filter(|row| !row.flag(pg_attribute::ATTISDROPPED))
        .map(|row| row.get(pg_attribute::ATTACL).clone()))
}

/// The access list of a setting.
pub(crate) fn parameter_list(env: &Env, name: &str) -> Result<Guarded> {
    let rows = Row::all(env, pg_parameter_acl::RELATION)?;
    let name = name.to_ascii_lowercase();
    let row = rows.iter().find(|row| *row.text(pg_parameter_acl::PARNAME) == *name);
    let list = row.map_or(Datum::Null, |row| row.get(pg_parameter_acl::PARACL).clone());
    Ok(Guarded { kind: b'p', owner: 10, list })
}

/// Letters and grant options of a list of privilege names.
pub(crate) fn parse_privileges(text: &str, allowed: &str) -> Result<Vec<(char, bool)>> {
    let mut wanted = Vec::new();
    for word in text.split(',') {
        let word = word.trim();
        let upper = word.to_ascii_uppercase();
        let (name, grant) = match upper.strip_suffix(" WITH GRANT OPTION") {
            Some(name) => (name.trim_end(), true),
            None => (upper.as_str(), false),
        };
        let name = match name {
            "TEMP" => "TEMPORARY",
            name => name,
        };
        let found = PRIVILEGES.iter().find(|(letter, known)| *known == name && allowed.contains(*letter));
        match found {
            Some((letter, _)) => wanted.push((*letter, grant)),
            // Gone since 8.2, but still accepted for tables.
            None if name == "RULE" && allowed.contains('D') => {}
            None => bail!(INVALID_PARAMETER_VALUE, "unrecognized privilege type: \"{word}\""),
        }
    }
    Ok(wanted)
}

fn name_of(letter: char) -> &'static str {
    PRIVILEGES.iter().find(|(known, _)| *known == letter).map_or("", |(_, name)| name)
}

fn explode(env: &Env, list: &Datum) -> Result<Vec<Vec<Datum>>> {
    let mut rows = Vec::new();
    for item in items(env, list)?.unwrap_or_default() {
        for (letter, _) in PRIVILEGES {
            if item.privileges.contains(letter) {
                rows.push(vec![
                    Datum::Oid(item.grantor),
                    Datum::Oid(item.grantee),
                    Datum::text(name_of(letter)),
                    Datum::Bool(item.grantable.contains(letter)),
                ]);
            }
        }
    }
    Ok(rows)
}

fn array(env: &Env, items: &[AclItem]) -> Result<Datum> {
    let texts: Result<Vec<Datum>> =
        items.iter().map(|item| Ok(Datum::Text(item.print(env)?.into()))).collect();
    Ok(Datum::Array(Arc::new(ArrayValue::one_dim(oids::ACLITEM, texts?))))
}

fn make_item(ctx: &FnCtx<'_>, grantee: Oid, grantor: Oid, privileges: &str, grant: bool) -> Result<String> {
    let all: String = PRIVILEGES.iter().map(|(letter, _)| letter).collect();
    let letters: String = parse_privileges(privileges, &all)?.into_iter().map(|(letter, _)| letter).collect();
    let item = AclItem {
        grantee,
        grantor,
        grantable: if grant { letters.clone() } else { String::new() },
        privileges: letters,
    };
    item.print(env_of(ctx)?)
}

fn contains(ctx: &FnCtx<'_>, list: &Datum, item: &str) -> Result<bool> {
    let env = env_of(ctx)?;
    let Some(wanted) = AclItem::parse(env, item)? else { return Ok(false) };
    let list = items(env, list)?.unwrap_or_default();
    Ok(list.iter().any(|known| {
        known.grantee == wanted.grantee
            && known.grantor == wanted.grantor
            && wanted.privileges.chars().all(|letter| known.privileges.contains(letter))
            && wanted.grantable.chars().all(|letter| known.grantable.contains(letter))
    }))
}

/// OID of a role by name; `public` is 0 where that is allowed.
pub(crate) fn role_oid(env: &Env, name: &str, public: bool) -> Result<Oid> {
    if public && name == "public" {
        return Ok(0);
    }
    let found = env.role_by_name(name)?;
    found.map(|role| role.oid).ok_or_else(|| err!(UNDEFINED_OBJECT, "role \"{name}\" does not exist"))
}

fn may_act_as(env: &Env, user: Oid, role: Oid, words: &str) -> Result<bool> {
    for word in words.split(',') {
        let upper = word.trim().to_ascii_uppercase();
        let known = matches!(
            upper.as_str(),
            "USAGE"
                | "MEMBER"
                | "SET"
                | "USAGE WITH GRANT OPTION"
                | "USAGE WITH ADMIN OPTION"
                | "MEMBER WITH GRANT OPTION"
                | "MEMBER WITH ADMIN OPTION"
                | "SET WITH GRANT OPTION"
                | "SET WITH ADMIN OPTION"
        );
        if !known {
            bail!(INVALID_PARAMETER_VALUE, "unrecognized privilege type: \"{}\"", word.trim());
        }
        let superuser = env.role_by_oid(user)?.is_some_and(|role| role.superuser);
        let held = if upper.contains(" WITH ") {
            superuser || is_admin(env, user, role)?
        } else {
            superuser || env.is_member(user, role)?
        };
        if held {
            return Ok(true);
        }
    }
    Ok(false)
}

/// May a role grant membership in another?
fn is_admin(env: &Env, user: Oid, role: Oid) -> Result<bool> {
    use pglitedb_catalog::builtin::columns::pg_auth_members;
    for row in Row::all(env, pg_auth_members::RELATION)? {
        if row.oid(pg_auth_members::ROLEID) == role
            && row.flag(pg_auth_members::ADMIN_OPTION)
            && env.is_member(user, row.oid(pg_auth_members::MEMBER))?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What PostgreSQL makes a hash of: the bits of the privileges and the roles, added.
fn item_hash(env: &Env, text: &str) -> Result<u64> {
    let Some(item) = AclItem::parse(env, text)? else { return Ok(0) };
    let bits = |letters: &str| {
        let known = PRIVILEGES.iter().enumerate().filter(|(_, (letter, _))| letters.contains(*letter));
        known.fold(0_u64, |bits, (at, _)| bits | 1 << at)
    };
    let privileges = bits(&item.grantable) << 32 | bits(&item.privileges);
    Ok(privileges.wrapping_add(item.grantee.into()).wrapping_add(item.grantor.into()))
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "hash_aclitem" => [ctx] |item: &str| (item_hash(env_of(ctx)?, item)? as u32).cast_signed();
        "hash_aclitem_extended" => [ctx] |item: &str, seed: i64| {
            let sum = item_hash(env_of(ctx)?, item)?;
            match seed.cast_unsigned() {
                0 => sum.cast_signed(),
                seed => pglitedb_functions::misc::hash::hash_u32_extended(sum as u32, seed).cast_signed(),
            }
        };
        "acldefault_sql" => [ctx] |kind: u8, owner: u32| array(env_of(ctx)?, &default_items(kind, owner)?);
        "makeaclitem" => [ctx] |grantee: u32, grantor: u32, privileges: &str, grant: bool|
            make_item(ctx, grantee, grantor, privileges, grant);
        "aclcontains" => [ctx] |list: &Datum, item: &str| contains(ctx, list, item);
        "aclitem_eq" => |a: &str, b: &str| a == b;
        "pg_get_userbyid" => [ctx] |oid: u32| match Row::by_oid(env_of(ctx)?, pg_authid::RELATION, oid)? {
            Some(row) => row.text(pg_authid::ROLNAME).to_string(),
            None => format!("unknown (OID={oid})"),
        };
        "pg_has_role_name_name" => [ctx] |user: &str, role: &str, words: &str| {
            let env = env_of(ctx)?;
            may_act_as(env, role_oid(env, user, false)?, role_oid(env, role, false)?, words)
        };
        "pg_has_role_name_id" => [ctx] |user: &str, role: u32, words: &str| {
            let env = env_of(ctx)?;
            may_act_as(env, role_oid(env, user, false)?, role, words)
        };
        "pg_has_role_id_name" => [ctx] |user: u32, role: &str, words: &str| {
            let env = env_of(ctx)?;
            may_act_as(env, user, role_oid(env, role, false)?, words)
        };
        "pg_has_role_id_id" => [ctx] |user: u32, role: u32, words: &str| may_act_as(env_of(ctx)?, user, role, words);
        "pg_has_role_name" => [ctx] |role: &str, words: &str| {
            let env = env_of(ctx)?;
            may_act_as(env, SessionEnv::current_user(env), role_oid(env, role, false)?, words)
        };
        "pg_has_role_id" => [ctx] |role: u32, words: &str| {
            let env = env_of(ctx)?;
            may_act_as(env, SessionEnv::current_user(env), role, words)
        };
    );
    reg.add(
        "aclexplode",
        pglitedb_functions::Builtin::Set(|ctx, args| {
            set(explode(env_of(ctx)?, args.first().unwrap_or(&Datum::Null))?)
        }),
    );
}
