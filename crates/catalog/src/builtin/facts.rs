//! Keywords, settings, encodings, defaults of arguments.

use pglitedb_types::Oid;

/// A keyword of SQL.
#[derive(Clone, Copy, Debug)]
pub struct KeywordInfo {
    /// The word, lower case.
    pub word: &'static str,
    /// `U` unreserved, `C` column name, `T` type or function name, `R` reserved.
    pub category: u8,
    /// Can it be a column label without AS?
    pub bare_label: bool,
}

/// A setting as `pg_settings` describes it.
#[derive(Clone, Copy, Debug)]
pub struct SettingInfo {
    /// Name, in PostgreSQL's spelling.
    pub name: &'static str,
    /// Value in a fresh cluster.
    pub value: &'static str,
    /// Unit, such as `kB`.
    pub unit: Option<&'static str>,
    /// Category.
    pub category: &'static str,
    /// `user`, `superuser`, `sighup`, `postmaster`, `internal`, `backend`, `superuser-backend`
    pub context: &'static str,
    /// `bool`, `enum`, `integer`, `real`, `string`
    pub kind: &'static str,
    /// Least value.
    pub min: Option<&'static str>,
    /// Greatest value.
    pub max: Option<&'static str>,
    /// Values of an enum.
    pub choices: &'static [&'static str],
    /// Value at start.
    pub boot: Option<&'static str>,
}

include!(concat!(env!("OUT_DIR"), "/facts.rs"));

/// All keywords, sorted.
pub fn keywords() -> &'static [KeywordInfo] {
    KEYWORDS
}

/// A keyword by its lower-case word.
pub fn keyword(word: &str) -> Option<&'static KeywordInfo> {
    KEYWORDS.binary_search_by(|keyword| keyword.word.cmp(word)).ok().and_then(|at| KEYWORDS.get(at))
}

/// All settings, sorted by lower-case name.
pub fn settings() -> &'static [SettingInfo] {
    SETTINGS
}

/// A setting by name; case does not matter.
pub fn setting(name: &str) -> Option<&'static SettingInfo> {
    let lower = |byte: u8| byte.to_ascii_lowercase();
    let at = SETTINGS
        .binary_search_by(|setting| setting.name.bytes().map(lower).cmp(name.bytes().map(lower)))
        .ok()?;
    SETTINGS.get(at)
}

/// SQL texts of the default arguments of a built-in function, first defaulted argument first.
pub fn argument_defaults(function: Oid) -> Vec<&'static str> {
    let Ok(at) = ARG_DEFAULTS.binary_search_by_key(&function, |(oid, _)| *oid) else { return Vec::new() };
    let text = ARG_DEFAULTS.get(at).map_or("", |(_, text)| text);
    let (mut parts, mut start, mut quoted) = (Vec::new(), 0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            b',' if !quoted => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}
