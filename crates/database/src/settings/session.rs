//! `SET` and its kin on a session.

use super::definition::{Definition, REPORTED, definition, definitions};
use super::effective::{
    Effective, format_settings, is_format_setting, parse_date_style, parse_time_zone, print_date_style,
};
use super::store::{Settings, SettingsMark, Source};
use super::value;
use crate::env::Env;
use crate::transaction::block::parse_isolation;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::FormatSettings;
use std::sync::{Arc, OnceLock};

/// How a value is set.
#[derive(Clone, Copy, Debug)]
pub struct SetOptions {
    /// Until the end of the transaction.
    pub local: bool,
    /// Where it comes from.
    pub source: Source,
}

impl Default for SetOptions {
    fn default() -> Self {
        SetOptions { local: false, source: Source::Session }
    }
}

/// 42704
pub fn unrecognized(name: &str) -> Error {
    err!(UNDEFINED_OBJECT, "unrecognized configuration parameter \"{name}\"")
}

/// A custom setting's name: parts of letters, digits, `_` and `$`, joined by dots.
fn is_custom_name(name: &str) -> bool {
    name.contains('.')
        && name.split('.').all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii())
                && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii())
        })
}

impl Env {
    /// The value of a setting as it is kept (numbers without unit); `None` if there is no such setting.
    pub fn show(&self, name: &str) -> Result<Option<Arc<str>>> {
        let fixed = match name.to_ascii_lowercase().as_str() {
            "transaction_isolation" => Some(self.transaction_properties().0),
            "transaction_read_only" => Some(self.transaction_properties().1),
            "transaction_deferrable" => Some(self.transaction_properties().2),
            "is_superuser" => Some(if self.is_superuser.get() { "on" } else { "off" }),
            _ => None,
        };
        match fixed {
            Some(value) => Ok(Some(Arc::from(value))),
            None => Ok(self.settings.borrow().get(name)),
        }
    }

    fn transaction_properties(&self) -> (&'static str, &'static str, &'static str) {
        let transaction = self.transaction.borrow();
        let (isolation, read_only, deferrable) = if transaction.running {
            (transaction.isolation, transaction.read_only, transaction.deferrable)
        } else {
            self.default_transaction_properties()
        };
        let word = |flag: bool| if flag { "on" } else { "off" };
        (isolation.as_str(), word(read_only), word(deferrable))
    }

    /// Sets a setting within the transaction; `None` goes back to the default.
    pub fn set(&self, name: &str, value: Option<&str>, options: SetOptions) -> Result<()> {
        let Some(definition) = definition(name) else {
            return self.set_custom(name, value, options);
        };
        self.check_context(&definition)?;
        let name = definition.info.name;
        let (text, source) = match value {
            Some(value) => (self.check_value(&definition, value)?, options.source),
            None => {
                let reset = self.settings.borrow().reset_value(name);
                let (value, source) = reset.ok_or_else(|| unrecognized(name))?;
                (value.to_string(), source)
            }
        };
        match name {
            "transaction_isolation" => return self.set_isolation(parse_isolation(&text)),
            "transaction_read_only" => return self.set_read_only(text == "on"),
            "transaction_deferrable" => return self.set_deferrable(text == "on"),
            "role" => self.change_role(&text)?,
            "session_authorization" => self.change_session_user(&text)?,
            "seed" => self.random.seed(text.parse::<f64>().unwrap_or(0.0).to_bits()),
            _ => {}
        }
        self.settings.borrow_mut().set(name, &text, source, options.local);
        self.setting_changed(name);
        Ok(())
    }

    fn set_custom(&self, name: &str, value: Option<&str>, options: SetOptions) -> Result<()> {
        if !name.contains('.') {
            return Err(unrecognized(name));
        }
        if !is_custom_name(name) {
            return Err(err!(INVALID_NAME, "invalid configuration parameter name \"{name}\"")
                .detail("Custom parameter names must be two or more simple identifiers separated by dots."));
        }
        let mut settings = self.settings.borrow_mut();
        match value {
            Some(value) => settings.set(name, value, options.source, options.local),
            None => {
                let reset =
                    settings.reset_value(name).map(|(value, _)| value).unwrap_or_else(|| Arc::from(""));
                settings.set(name, &reset, Source::Default, options.local);
            }
        }
        Ok(())
    }

    fn check_context(&self, definition: &Definition) -> Result<()> {
        let name = definition.info.name;
        match definition.info.context {
            "user" => Ok(()),
            "superuser" | "superuser-backend" if self.is_superuser.get() => Ok(()),
            "superuser" | "superuser-backend" => {
                Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied to set parameter \"{name}\""))
            }
            "internal" => Err(err!(CANT_CHANGE_RUNTIME_PARAM, "parameter \"{name}\" cannot be changed")),
            "postmaster" => Err(err!(
                CANT_CHANGE_RUNTIME_PARAM,
                "parameter \"{name}\" cannot be changed without restarting the server"
            )),
            "backend" => Err(err!(
                CANT_CHANGE_RUNTIME_PARAM,
                "parameter \"{name}\" cannot be set after connection start"
            )),
            _ => Err(err!(CANT_CHANGE_RUNTIME_PARAM, "parameter \"{name}\" cannot be changed now")),
        }
    }

    /// Checks a value and brings it into the form in which it is kept.
    fn check_value(&self, definition: &Definition, text: &str) -> Result<String> {
        let name = definition.info.name;
        match name {
            "DateStyle" => {
                let format = self.format.get();
                let (style, order) = parse_date_style(text, format.date_style, format.date_order)?;
                Ok(print_date_style(style, order))
            }
            "TimeZone" | "log_timezone" => match parse_time_zone(text) {
                Some(zone) => Ok(zone.name().to_owned()),
                None => Err(value::invalid_value(name, text)),
            },
            // Signs and case do not count in names of encodings.
            "client_encoding" => match text.replace(|c: char| !c.is_ascii_alphanumeric(), "") {
                plain if plain.eq_ignore_ascii_case("utf8") => Ok("UTF8".to_owned()),
                plain if plain.eq_ignore_ascii_case("unicode") => Ok("UTF8".to_owned()),
                plain if plain.eq_ignore_ascii_case("sqlascii") => Ok("SQL_ASCII".to_owned()),
                _ => Err(Error::unsupported(format!("conversion between {text} and UTF8 is not supported"))),
            },
            "search_path" | "temp_tablespaces" if crate::env::split_identifiers(text).is_none() => {
                Err(value::invalid_value(name, text).detail("List syntax is invalid."))
            }
            "default_tablespace" if !matches!(text, "" | "pg_default") => {
                Err(value::invalid_value(name, text).detail(format!("Tablespace \"{text}\" does not exist.")))
            }
            "default_table_access_method" if text != "heap" => Err(value::invalid_value(name, text)
                .detail(format!("Table access method \"{text}\" does not exist."))),
            "default_text_search_config" => self.text_search_setting(text),
            _ => value::canonical(definition, text),
        }
    }

    /// The configuration with its schema, so that it means the same under every search path. Unknown ones are refused,
    /// but for the defaults of sessions, which are read before there is a transaction.
    fn text_search_setting(&self, text: &str) -> Result<String> {
        if self.txn.borrow().is_none() {
            return Ok(text.to_owned());
        }
        match crate::functions::text_search::qualified_config(self, text) {
            Ok(name) => Ok(name),
            Err(error) if error.code() == pglitedb_sqlstate::codes::UNDEFINED_OBJECT => {
                Err(value::invalid_value("default_text_search_config", text))
            }
            Err(error) => Err(error),
        }
    }

    /// SET ROLE.
    fn change_role(&self, name: &str) -> Result<()> {
        if name == "none" {
            self.current_user.set(self.session_user.get());
        } else {
            let role = self
                .role_by_name(name)?
                .ok_or_else(|| err!(INVALID_PARAMETER_VALUE, "role \"{name}\" does not exist"))?;
            let session = self.session_user.get();
            let session_super = self.role_by_oid(session)?.is_some_and(|role| role.superuser);
            if !session_super && !self.is_member(session, role.oid)? {
                return Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied to set role \"{name}\""));
            }
            self.current_user.set(role.oid);
        }
        self.user_changed()
    }

    /// SET SESSION AUTHORIZATION.
    fn change_session_user(&self, name: &str) -> Result<()> {
        let role = self
            .role_by_name(name)?
            .ok_or_else(|| err!(INVALID_PARAMETER_VALUE, "role \"{name}\" does not exist"))?;
        let authenticated = self.authenticated_user;
        if role.oid != self.session_user.get()
            && role.oid != authenticated
            && !self.role_by_oid(authenticated)?.is_some_and(|role| role.superuser)
        {
            return Err(err!(
                INSUFFICIENT_PRIVILEGE,
                "permission denied to set session authorization \"{name}\""
            ));
        }
        self.session_user.set(role.oid);
        self.current_user.set(role.oid);
        self.user_changed()
    }

    fn user_changed(&self) -> Result<()> {
        // Plans know the user that they were made for: only what else changes makes them stale.
        let superuser = self.role_by_oid(self.current_user.get())?.is_some_and(|role| role.superuser);
        if self.is_superuser.replace(superuser) != superuser {
            self.note_reported("is_superuser");
            self.plan_settings_version.set(self.plan_settings_version.get() + 1);
        }
        Ok(())
    }

    /// What the session begins with.
    pub(crate) fn set_initial(&self, name: &str, text: &str, source: Source) -> Result<()> {
        let Some(definition) = definition(name) else {
            if !is_custom_name(name) {
                return Err(unrecognized(name));
            }
            self.settings.borrow_mut().set_initial(name, text, source);
            return Ok(());
        };
        let context = definition.info.context;
        if source == Source::Client && !matches!(context, "user" | "backend") {
            let allowed = context.starts_with("superuser") && self.is_superuser.get();
            if !allowed {
                self.check_context(&definition)?;
            }
        }
        let text = self.check_value(&definition, text)?;
        self.settings.borrow_mut().set_initial(definition.info.name, &text, source);
        Ok(())
    }

    /// All typed values are made anew.
    pub(crate) fn settings_loaded(&self) {
        // Most sessions begin with the defaults, or nearly so.
        static DEFAULTS: OnceLock<(Effective, FormatSettings)> = OnceLock::new();
        let (effective, format) = DEFAULTS.get_or_init(|| {
            let settings = Settings::default();
            let mut effective = Effective::default();
            for definition in definitions() {
                effective.apply(definition.info.name, &settings);
            }
            (effective, format_settings(&settings))
        });
        let (mut effective, mut format) = (effective.clone(), format.clone());
        let settings = self.settings.borrow();
        for name in settings.names() {
            effective.apply(name, &settings);
        }
        if settings.names().any(is_format_setting) {
            format = format_settings(&settings);
        }
        drop(settings);
        *self.effective.borrow_mut() = effective;
        self.format.push(format);
        self.apply_lock_settings();
        *self.changed_settings.borrow_mut() = REPORTED.to_vec();
    }

    /// Takes over a changed value.
    fn setting_changed(&self, name: &str) {
        self.effective.borrow_mut().apply(name, &self.settings.borrow());
        if is_format_setting(name) {
            let format = format_settings(&self.settings.borrow());
            self.format.push(format);
        }
        if name.eq_ignore_ascii_case("lock_timeout") || name.eq_ignore_ascii_case("deadlock_timeout") {
            self.apply_lock_settings();
        }
        if definition(name).is_some_and(|definition| definition.affects_plans()) {
            self.plan_settings_version.set(self.plan_settings_version.get() + 1);
        }
        self.note_reported(name);
    }

    fn note_reported(&self, name: &str) {
        if let Some(name) = REPORTED.iter().find(|reported| reported.eq_ignore_ascii_case(name)) {
            let mut changed = self.changed_settings.borrow_mut();
            if !changed.contains(name) {
                changed.push(name);
            }
        }
    }

    /// The transaction was committed: `SET LOCAL` ends.
    pub(crate) fn settings_committed(&self) {
        let touched = self.settings.borrow_mut().commit();
        self.restore(&touched);
    }

    /// The transaction was rolled back to a mark.
    pub(crate) fn settings_rolled_back(&self, mark: SettingsMark) {
        let touched = self.settings.borrow_mut().rollback_to(mark);
        self.restore(&touched);
    }

    /// A routine with SET clauses ends: its settings go back to what they were at the mark, but for what plain SET has
    /// changed.
    pub(crate) fn settings_scope_ended(&self, mark: SettingsMark) {
        let touched = self.settings.borrow_mut().end_scope(mark);
        self.restore(&touched);
    }

    /// Checks a value for a setting without setting it; the setting's name and the value as they are kept.
    pub(crate) fn check_setting(&self, name: &str, value: &str) -> Result<(String, String)> {
        let Some(definition) = definition(name) else {
            if !is_custom_name(name) {
                return Err(unrecognized(name));
            }
            return Ok((name.to_owned(), value.to_owned()));
        };
        self.check_context(&definition)?;
        Ok((definition.info.name.to_owned(), self.check_value(&definition, value)?))
    }

    fn restore(&self, touched: &[Box<str>]) {
        for name in touched {
            self.setting_changed(name);
        }
        if touched.iter().any(|name| matches!(&**name, "role" | "session_authorization")) {
            self.restore_users();
        }
    }

    /// Brings the users in line with the settings, after these were undone.
    fn restore_users(&self) {
        let get = |name: &str| self.settings.borrow().get(name).unwrap_or_else(|| Arc::from(""));
        let cluster = &self.cluster;
        if let Ok(Some(session)) = cluster.role(&get("session_authorization")) {
            self.session_user.set(session.oid);
            self.current_user.set(session.oid);
            self.is_superuser.set(session.superuser);
        }
        let role = get("role");
        if &*role != "none"
            && let Ok(Some(role)) = cluster.role(&role)
        {
            self.current_user.set(role.oid);
            self.is_superuser.set(role.superuser);
        }
        self.note_reported("is_superuser");
        self.plan_settings_version.set(self.plan_settings_version.get() + 1);
    }
}
