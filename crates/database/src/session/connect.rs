//! Opening a session.

use super::registry::{Activity, SessionInfo};
use super::{ListenState, Session};
use crate::database::{Database, no_such_database};
use crate::env::{Env, SessionHost, now};
use crate::settings::store::Source;
use parking_lot::Mutex;
use pglitedb_sqlstate::{Result, Severity, err};
use pglitedb_storage::{CancelToken, Lsn};
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::sync::Arc;

/// Who wants a session, and how.
#[derive(Clone)]
pub struct ConnectOptions {
    /// Role name.
    pub user: String,
    /// Database name.
    pub database: String,
    /// Settings to begin with, in order.
    pub settings: Vec<(String, String)>,
    /// Address of the client.
    pub client: Option<SocketAddr>,
    /// Address of the server.
    pub server: Option<SocketAddr>,
    /// `SYSTEM_USER`: how the client proved who it is, and as whom.
    pub system_user: Option<String>,
    /// What runs the session.
    pub host: Option<Arc<dyn SessionHost>>,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        ConnectOptions {
            user: "postgres".to_owned(),
            database: "postgres".to_owned(),
            settings: Vec::new(),
            client: None,
            server: None,
            system_user: None,
            host: None,
        }
    }
}

impl Session {
    /// Opens a session: 28000 for unknown roles and those that may not log in, 3D000 for unknown databases, 22023 and
    /// others for settings.
    pub(crate) fn connect(cluster: &Database, options: ConnectOptions) -> Result<Session> {
        let cluster = cluster.0.clone();
        let role = cluster.role(&options.user)?.ok_or_else(|| {
            err!(INVALID_AUTHORIZATION_SPECIFICATION, "role \"{}\" does not exist", options.user)
                .severity(Severity::Fatal)
        })?;
        if !role.can_login {
            return Err(err!(
                INVALID_AUTHORIZATION_SPECIFICATION,
                "role \"{}\" is not permitted to log in",
                options.user
            )
            .severity(Severity::Fatal));
        }
        let info = cluster
            .database_by_name(&options.database)?
            .ok_or_else(|| no_such_database(&options.database))?;
        if !info.allows_connections {
            return Err(err!(
                OBJECT_NOT_IN_PREREQUISITE_STATE,
                "database \"{}\" is not currently accepting connections",
                options.database
            )
            .severity(Severity::Fatal));
        }
        let database = cluster.database(info.oid);
        let pid = cluster.sessions.next_pid();
        let cancel = CancelToken::new();
        let owner = cluster.engine.register(pid, cancel.clone());
        let interrupts = crate::env::Interrupts::new(options.host.clone());
        let env = Env {
            database,
            database_name: Arc::from(options.database.as_str()),
            pid,
            owner,
            cancel: cancel.clone(),
            interrupts,
            authenticated_user: role.oid,
            session_user: Cell::new(role.oid),
            current_user: Cell::new(role.oid),
            is_superuser: Cell::new(role.superuser),
            settings: RefCell::default(),
            effective: RefCell::default(),
            format: Default::default(),
            plan_settings_version: Cell::new(0),
            changed_settings: RefCell::default(),
            scope: Default::default(),
            txn: RefCell::default(),
            transaction: RefCell::default(),
            running_at: Cell::default(),
            own_cache: RefCell::default(),
            own_cache_number: Cell::new(0),
            new_enums: Default::default(),
            invalidation: RefCell::default(),
            notices: RefCell::default(),
            statement_started: Cell::new(now()),
            wait_for: Cell::new(Lsn(0)),
            discloses: Cell::new(false),
            random: Default::default(),
            statements: RefCell::default(),
            texts: RefCell::default(),
            portals: RefCell::default(),
            sequences: RefCell::default(),
            listen: ListenState::new(options.host.clone()),
            temp_namespace: Cell::new(0),
            domains: Default::default(),
            routines: Default::default(),
            casts: Default::default(),
            calls: Default::default(),
            may_end_transaction: Default::default(),
            portal_number: Default::default(),
            text_search: Default::default(),
            no_columns: Arc::new([]),
            activity: Arc::new(Mutex::new(Activity { state: "idle", ..Activity::default() })),
            cluster: cluster.clone(),
        };
        let mut session = Session::new(env);
        session.initial_settings(&options, &role)?;
        cluster.sessions.add(SessionInfo {
            pid,
            database: info.oid,
            database_name: session.env.database_name.clone(),
            user: role.oid,
            user_name: role.name.clone(),
            client: options.client,
            server: options.server,
            system_user: options.system_user.as_deref().map(Arc::from),
            started: now(),
            activity: session.env.activity.clone(),
            cancel,
            mailbox: session.env.listen.mailbox.clone(),
        });
        Ok(session)
    }

    fn initial_settings(&mut self, options: &ConnectOptions, role: &crate::database::RoleInfo) -> Result<()> {
        let env = &self.env;
        env.settings.borrow_mut().set_initial("session_authorization", &role.name, Source::Default);
        let superuser = if role.superuser { "on" } else { "off" };
        env.settings.borrow_mut().set_initial("is_superuser", superuser, Source::Default);
        for (name, value) in &env.cluster.config.settings {
            env.set_initial(name, value, Source::File)?;
        }
        for (source, name, value) in env.cluster.stored_settings(env.database.oid, role.oid)? {
            // A value that is not allowed any more does not keep anybody out.
            if let Err(error) = env.set_initial(&name, &value, source) {
                env.push_notice(error.severity(Severity::Warning));
            }
        }
        for (name, value) in &options.settings {
            env.set_initial(name, value, Source::Client).map_err(|error| error.severity(Severity::Fatal))?;
        }
        env.settings_loaded();
        Ok(())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.env.rollback_transaction();
        self.env.cluster.sessions.remove(self.env.pid);
    }
}
