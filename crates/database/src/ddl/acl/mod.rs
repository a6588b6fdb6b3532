//! Access lists: `aclitem[]` as PostgreSQL prints it, and who may grant what.

mod default_privileges;
mod grant;

pub use default_privileges::{alter as alter_default_privileges, default_for_new_object};
pub use grant::grant;

use crate::context::StatementCtx;
use pglitedb_catalog::builtin::columns::*;
use pglitedb_functions::SessionEnv;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_tables::system::ObjectAddress;
use pglitedb_types::{ArrayValue, Datum, Oid, oids};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Privileges by bit, with their letters and names, in the order in which PostgreSQL prints them.
pub const PRIVILEGES: [(char, &str); 15] = [
    ('a', "insert"),
    ('r', "select"),
    ('w', "update"),
    ('d', "delete"),
    ('D', "truncate"),
    ('x', "references"),
    ('t', "trigger"),
    ('X', "execute"),
    ('U', "usage"),
    ('C', "create"),
    ('T', "temporary"),
    ('c', "connect"),
    ('s', "set"),
    ('A', "alter system"),
    ('m', "maintain"),
];

/// A set of privileges: bit `n` is [`PRIVILEGES`]`[n]`.
pub type Rights = u16;

/// The privileges of some letters.
pub fn rights(letters: &str) -> Rights {
    let bit = |letter| PRIVILEGES.iter().position(|(known, _)| *known == letter).map_or(0, |at| 1 << at);
    letters.chars().fold(0, |set, letter| set | bit(letter))
}

/// The bit of a privilege's name.
pub fn right_named(name: &str) -> Option<Rights> {
    let name = if name == "temp" { "temporary" } else { name };
    PRIVILEGES.iter().position(|(_, known)| *known == name).map(|at| 1 << at)
}

/// What privileges are granted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum AclKind {
    Table,
    Column,
    Sequence,
    Database,
    Function,
    Language,
    Schema,
    Tablespace,
    Type,
}

impl AclKind {
    /// All privileges on such objects.
    pub fn all(self) -> Rights {
        rights(match self {
            AclKind::Table => "arwdDxtm",
            AclKind::Column => "arwx",
            AclKind::Sequence => "rwU",
            AclKind::Database => "CTc",
            AclKind::Function => "X",
            AclKind::Language | AclKind::Type => "U",
            AclKind::Schema => "UC",
            AclKind::Tablespace => "C",
        })
    }

    /// What everybody may do while nothing was granted or revoked.
    fn public(self) -> Rights {
        rights(match self {
            AclKind::Database => "Tc",
            AclKind::Function => "X",
            AclKind::Language | AclKind::Type => "U",
            _ => "",
        })
    }

    /// The word in `invalid privilege type ... for`.
    pub fn word(self) -> &'static str {
        match self {
            AclKind::Table => "table",
            AclKind::Column => "column",
            AclKind::Sequence => "sequence",
            AclKind::Database => "database",
            AclKind::Function => "function",
            AclKind::Language => "language",
            AclKind::Schema => "schema",
            AclKind::Tablespace => "tablespace",
            AclKind::Type => "type",
        }
    }
}

/// One `aclitem`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclItem {
    /// To whom, 0 for everybody.
    pub grantee: Oid,
    /// By whom.
    pub grantor: Oid,
    /// What.
    pub rights: Rights,
    /// Of these, what may be granted on.
    pub options: Rights,
}

/// An access list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acl(pub Vec<AclItem>);

/// A role's name inside of an `aclitem`: quoted unless it is made of letters, digits and underscores.
fn put_name(name: &str, out: &mut String) {
    if name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric()) {
        out.push_str(name);
        return;
    }
    out.push('"');
    for c in name.chars() {
        if c == '"' {
            out.push('"');
        }
        out.push(c);
    }
    out.push('"');
}

/// Takes a role's name off the start of an `aclitem`.
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
            '=' if !quoted => return Some((name, text.get(at..)?)),
            c => name.push(c),
        }
    }
    (!quoted).then_some((name, ""))
}

impl Acl {
    /// The list that holds while none is stored.
    pub fn default_for(kind: AclKind, owner: Oid) -> Acl {
        let mut items = Vec::new();
        if kind.public() != 0 {
            items.push(AclItem { grantee: 0, grantor: owner, rights: kind.public(), options: 0 });
        }
        if kind != AclKind::Column {
            items.push(AclItem { grantee: owner, grantor: owner, rights: kind.all(), options: 0 });
        }
        Acl(items)
    }

    /// Reads a stored list; `None` if none is stored.
    pub fn read(stored: &Datum, ctx: &StatementCtx<'_>) -> Result<Option<Acl>> {
        let Datum::Array(array) = stored else { return Ok(None) };
        let mut items = Vec::with_capacity(array.values.len());
        for value in &array.values {
            let text = value.as_str().unwrap_or_default();
            items.push(parse_item(text, ctx)?);
        }
        Ok(Some(Acl(items)))
    }

    /// The list as it is stored.
    pub fn to_datum(&self, ctx: &StatementCtx<'_>) -> Result<Datum> {
        let mut values = Vec::with_capacity(self.0.len());
        for item in &self.0 {
            values.push(Datum::text(&item_text(item, ctx)?));
        }
        Ok(Datum::Array(Arc::new(ArrayValue::one_dim(oids::ACLITEM, values))))
    }

    /// Roles other than the owner that the list mentions.
    pub fn members(&self, owner: Oid) -> BTreeSet<Oid> {
        let all = self.0.iter().flat_map(|item| [item.grantee, item.grantor]);
        all.filter(|role| *role != 0 && *role != owner).collect()
    }

    /// What somebody may grant on.
    fn options_of(&self, roles: &dyn Fn(Oid) -> Result<bool>, owner: Oid, kind: AclKind) -> Result<Rights> {
        if roles(owner)? {
            return Ok(kind.all());
        }
        let mut options = 0;
        for item in &self.0 {
            if item.grantee != 0 && roles(item.grantee)? {
                options |= item.options;
            }
        }
        Ok(options)
    }

    /// The rights that some roles have together.
    pub fn rights_of(&self, roles: &dyn Fn(Oid) -> Result<bool>) -> Result<Rights> {
        let mut found = 0;
        for item in &self.0 {
            if item.grantee == 0 || roles(item.grantee)? {
                found |= item.rights;
            }
        }
        Ok(found)
    }

    /// Adds a grant.
    pub fn add(&mut self, grantee: Oid, grantor: Oid, rights: Rights, options: Rights) {
        let known = self.0.iter_mut().find(|item| item.grantee == grantee && item.grantor == grantor);
        match known {
            Some(item) => {
                item.rights |= rights;
                item.options |= options;
            }
            None => self.0.push(AclItem { grantee, grantor, rights, options }),
        }
    }

    /// Takes rights (or, with `only_options`, just the option to grant them on) back. With `cascade`, also what the
    /// grantee granted on with an option he loses; without, that is `2BP01`.
    pub fn revoke(
        &mut self,
        grantee: Oid,
        grantor: Oid,
        rights: Rights,
        only_options: bool,
        owner: Oid,
        cascade: bool,
    ) -> Result<()> {
        let Some(at) = self.0.iter().position(|item| item.grantee == grantee && item.grantor == grantor)
        else {
            return Ok(());
        };
        let before: Rights = self.options_held(grantee);
        let item = &mut self.0[at];
        if !only_options {
            item.rights &= !rights;
        }
        item.options &= !rights;
        if item.rights == 0 {
            self.0.remove(at);
        }
        let lost = before & !self.options_held(grantee);
        if lost != 0 && grantee != 0 && grantee != owner {
            self.revoke_dependent(grantee, lost, owner, cascade)?;
        }
        Ok(())
    }

    fn options_held(&self, role: Oid) -> Rights {
        self.0.iter().filter(|item| item.grantee == role).fold(0, |set, item| set | item.options)
    }

    fn revoke_dependent(&mut self, grantor: Oid, lost: Rights, owner: Oid, cascade: bool) -> Result<()> {
        while let Some(item) =
            self.0.iter().find(|item| item.grantor == grantor && item.rights & lost != 0).cloned()
        {
            if !cascade {
                return Err(err!(DEPENDENT_OBJECTS_STILL_EXIST, "dependent privileges exist")
                    .hint("Use CASCADE to revoke them too."));
            }
            self.revoke(item.grantee, grantor, lost, false, owner, cascade)?;
        }
        Ok(())
    }

    /// The list after a change of the owner: the new owner takes the old one's place.
    pub fn with_new_owner(&self, old: Oid, new: Oid) -> Acl {
        let swap = |role: Oid| if role == old { new } else { role };
        let mut list = Acl::default();
        for item in &self.0 {
            list.add(swap(item.grantee), swap(item.grantor), item.rights, item.options);
        }
        list
    }
}

fn parse_item(text: &str, ctx: &StatementCtx<'_>) -> Result<AclItem> {
    let damaged = || Error::internal(format!("damaged access list: {text}"));
    let role = |name: &str| -> Result<Oid> { Ok(ctx.env().role_by_name(name)?.ok_or_else(damaged)?.oid) };
    let (grantee, rest) = take_name(text).ok_or_else(damaged)?;
    let (letters, grantor) =
        rest.strip_prefix('=').and_then(|rest| rest.split_once('/')).ok_or_else(damaged)?;
    let (grantor, _) = take_name(grantor).ok_or_else(damaged)?;
    let grantee = if grantee.is_empty() { 0 } else { role(&grantee)? };
    let mut item = AclItem { grantee, grantor: role(&grantor)?, rights: 0, options: 0 };
    let mut last = 0;
    for letter in letters.chars() {
        if letter == '*' {
            item.options |= last;
            continue;
        }
        last = rights(letter.encode_utf8(&mut [0; 4]));
        item.rights |= last;
    }
    Ok(item)
}

fn item_text(item: &AclItem, ctx: &StatementCtx<'_>) -> Result<String> {
    let mut out = String::new();
    let name = |role: Oid| -> Result<Arc<str>> {
        Ok(ctx.env().user_name(role)?.unwrap_or_else(|| Arc::from(role.to_string())))
    };
    if item.grantee != 0 {
        put_name(&name(item.grantee)?, &mut out);
    }
    out.push('=');
    for (at, (letter, _)) in PRIVILEGES.iter().enumerate() {
        if item.rights & 1 << at != 0 {
            out.push(*letter);
            if item.options & 1 << at != 0 {
                out.push('*');
            }
        }
    }
    out.push('/');
    put_name(&name(item.grantor)?, &mut out);
    Ok(out)
}

/// Where the access list of an object of a class stands: owner column, list column.
pub fn acl_columns(class: Oid) -> Option<(usize, usize)> {
    super::object::class_of(class).ok().and_then(|class| Some((class.owner?, class.acl?)))
}

/// Kind of an object, for its default list.
pub fn kind_of(address: ObjectAddress, row: &[Datum]) -> Option<AclKind> {
    Some(match address.class {
        pg_class::RELATION if address.part != 0 => AclKind::Column,
        pg_class::RELATION => match row.get(pg_class::RELKIND) {
            Some(Datum::Char(b'S')) => AclKind::Sequence,
            _ => AclKind::Table,
        },
        pg_type::RELATION => AclKind::Type,
        pg_proc::RELATION => AclKind::Function,
        pg_namespace::RELATION => AclKind::Schema,
        pg_database::RELATION => AclKind::Database,
        pg_language::RELATION => AclKind::Language,
        pg_tablespace::RELATION => AclKind::Tablespace,
        _ => return None,
    })
}

/// Has the current user all these privileges on an object? Superusers and owners have all.
pub fn has_rights(address: ObjectAddress, wanted: Rights, ctx: &StatementCtx<'_>) -> Result<bool> {
    if ctx.env().is_superuser() {
        return Ok(true);
    }
    let row = super::object::object_row(address, ctx)?;
    let (Some(kind), Some((owner, list))) = (kind_of(address, &row), acl_columns(address.class)) else {
        return Ok(false);
    };
    let owner = row.get(owner).and_then(Datum::as_oid).unwrap_or(0);
    let acl = Acl::read(row.get(list).unwrap_or(&Datum::Null), ctx)?;
    let acl = acl.unwrap_or_else(|| Acl::default_for(kind, owner));
    let user = ctx.env().current_user();
    Ok(acl.rights_of(&|role| ctx.env().is_member(user, role))? & wanted == wanted)
}

/// `42501 permission denied for {what} {name}` unless the current user has the privileges.
pub fn require(
    address: ObjectAddress,
    letters: &str,
    what: &str,
    name: &str,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    if has_rights(address, rights(letters), ctx)? {
        return Ok(());
    }
    Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied for {what} {name}"))
}

/// Stores an access list and records the roles it mentions.
pub fn store(address: ObjectAddress, acl: &Acl, owner: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    let writer = ctx.writer()?;
    let value = acl.to_datum(ctx)?;
    if address.part != 0 {
        let attnum = i16::try_from(address.part).unwrap_or(0);
        // A column without privileges has no list at all.
        let value = if acl.0.is_empty() { Datum::Null } else { value };
        writer.update_attribute(address.object, attnum, |row| {
            row[pg_attribute::ATTACL] = value;
            Ok(())
        })?;
    } else {
        let (_, at) = acl_columns(address.class)
            .ok_or_else(|| Error::internal(format!("catalog {} has no access lists", address.class)))?;
        writer.update_oid(address.class, address.object, |row| {
            row[at] = value;
            Ok(())
        })?;
    }
    record_members(address, acl, owner, ctx)
}

/// Records in `pg_shdepend` the roles that an access list mentions.
pub fn record_members(address: ObjectAddress, acl: &Acl, owner: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    let writer = ctx.writer()?;
    let wanted = acl.members(owner);
    if address.part == 0 {
        writer.delete_role_dependencies(address, Some(b'a'))?;
    } else {
        forget_column_members(address, ctx)?;
    }
    for role in wanted {
        writer.record_role_dependency(address, role, b'a')?;
    }
    // Taking away those of the whole relation took those of its columns along.
    Ok(())
}

fn forget_column_members(address: ObjectAddress, ctx: &StatementCtx<'_>) -> Result<()> {
    use pglitedb_catalog::CatalogSource as _;
    /// `pg_shdepend_depender_index`
    const BY_DEPENDER: Oid = 1232;
    let writer = ctx.writer()?;
    let keys = [
        Datum::Oid(ctx.space().database()),
        Datum::Oid(address.class),
        Datum::Oid(address.object),
        Datum::Int4(address.part),
    ];
    for (id, row) in writer.source().lookup(pg_shdepend::RELATION, BY_DEPENDER, &keys)? {
        if matches!(row.get(pg_shdepend::DEPTYPE), Some(Datum::Char(b'a'))) {
            writer.delete(pg_shdepend::RELATION, id)?;
        }
    }
    Ok(())
}
