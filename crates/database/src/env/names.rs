//! The search path: names of the setting to OIDs of schemas.

use super::Env;
use pglitedb_catalog::{Catalog, NameScope};
use pglitedb_sqlstate::Result;
use pglitedb_types::Oid;
use std::cell::RefCell;
use std::sync::Arc;

/// `pg_catalog`
const PG_CATALOG: Oid = 11;

/// The resolved search path and what it was resolved from.
#[derive(Default)]
pub(crate) struct ScopeCache {
    cached: RefCell<Option<(ScopeKey, Arc<NameScope>)>>,
}

#[derive(PartialEq, Eq)]
struct ScopeKey {
    catalog: (u64, u64),
    user: Oid,
    temp: Oid,
    /// Of the settings, of which `search_path` counts.
    settings: u64,
}

/// Splits a list of identifiers; `None` if it is malformed. Unquoted ones are folded to lower case.
pub(crate) fn split_identifiers(text: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = text.trim();
    if rest.is_empty() {
        return Some(names);
    }
    loop {
        let mut name = String::new();
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut end = None;
            let mut chars = quoted.char_indices().peekable();
            while let Some((at, c)) = chars.next() {
                match c {
                    '"' if chars.peek().is_some_and(|(_, next)| *next == '"') => {
                        chars.next();
                        name.push('"');
                    }
                    '"' => {
                        end = Some(at + 1);
                        break;
                    }
                    c => name.push(c),
                }
            }
            rest = quoted.get(end?..)?.trim_start();
        } else {
            let end = rest.find([',', '"']).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            let word = word.trim_end();
            if word.is_empty() || word.contains(char::is_whitespace) {
                return None;
            }
            name = word.to_lowercase();
            rest = after;
        }
        names.push(name);
        if rest.is_empty() {
            return Some(names);
        }
        rest = rest.strip_prefix(',')?.trim_start();
        if rest.is_empty() {
            return None;
        }
    }
}

impl Env {
    /// The schemas that names are looked up in.
    pub(crate) fn name_scope(&self) -> Result<Arc<NameScope>> {
        let key = ScopeKey {
            catalog: self.catalog_version(),
            user: self.current_user.get(),
            temp: self.temp_namespace.get(),
            settings: self.settings.borrow().version(),
        };
        if let Some((known, scope)) = &*self.scope.cached.borrow()
            && *known == key
        {
            return Ok(scope.clone());
        }
        let path = self.settings.borrow().get("search_path").unwrap_or_else(|| Arc::from(""));
        let scope = Arc::new(self.resolve_scope(&path)?);
        *self.scope.cached.borrow_mut() = Some((key, scope.clone()));
        Ok(scope)
    }

    fn resolve_scope(&self, path: &str) -> Result<NameScope> {
        let temp = Some(self.temp_namespace.get()).filter(|oid| *oid != 0);
        let bare = NameScope { search_path: vec![PG_CATALOG], temp_namespace: temp };
        self.with_scope(&bare, |catalog| {
            let mut found: Vec<Oid> = Vec::new();
            for name in split_identifiers(path).unwrap_or_default() {
                let oid = match name.as_str() {
                    "$user" => match self.user_name(self.current_user.get())? {
                        Some(user) => catalog.namespace_by_name(&user)?,
                        None => None,
                    },
                    "pg_temp" => temp,
                    name => catalog.namespace_by_name(name)?,
                };
                if let Some(oid) = oid
                    && !found.contains(&oid)
                {
                    found.push(oid);
                }
            }
            if !found.contains(&PG_CATALOG) {
                found.insert(0, PG_CATALOG);
            }
            if let Some(temp) = temp
                && !found.contains(&temp)
            {
                found.insert(0, temp);
            }
            Ok(NameScope { search_path: found, temp_namespace: temp })
        })
    }

    /// Schemas of the search path that are really listed in it (`current_schemas(false)`), without the implicit ones.
    pub fn listed_search_path(&self) -> Result<Vec<Oid>> {
        let path = self.settings.borrow().get("search_path").unwrap_or_else(|| Arc::from(""));
        let scope = self.name_scope()?;
        let listed_catalog =
            split_identifiers(&path).unwrap_or_default().iter().any(|name| name == "pg_catalog");
        let temp = scope.temp_namespace;
        let listed_temp = split_identifiers(&path).unwrap_or_default().iter().any(|name| name == "pg_temp");
        Ok(scope
            .search_path
            .iter()
            .copied()
            .filter(|oid| (*oid != PG_CATALOG || listed_catalog) && (Some(*oid) != temp || listed_temp))
            .collect())
    }

    /// Schema in which objects without an explicit one are made: the first of the search path (`current_schema`).
    pub fn creation_namespace(&self) -> Result<Option<Oid>> {
        Ok(self.listed_search_path()?.first().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::split_identifiers;

    #[test]
    fn identifiers_are_split_like_postgres_does() {
        let split = |text: &str| split_identifiers(text).map(|names| names.join("|"));
        assert_eq!(split("\"$user\", public").as_deref(), Some("$user|public"));
        assert_eq!(split("A, \"B\"\"c\"").as_deref(), Some("a|B\"c"));
        assert_eq!(split("").as_deref(), Some(""));
        assert_eq!(split("a,").as_deref(), None);
        assert_eq!(split("\"a").as_deref(), None);
    }
}
