//! A database that is served.

use super::session::ServedSession;
use crate::cli::{DatabaseArgs, Sync};
use crate::engine::{ConnectRequest, Engine, Host, RoleAuth};
use pglitedb_database::{Config, ConnectOptions, Database, SessionHost};
use pglitedb_platform::memory_limit;
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_storage::{Config as StorageConfig, SyncMode};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// An open cluster, for the server and the shell.
pub struct ServedDatabase(Database);

/// Opens the cluster that the command line names.
pub fn open(args: &DatabaseArgs) -> Result<ServedDatabase> {
    open_cluster(args, StorageConfig::production()).map(ServedDatabase)
}

/// Opens a cluster with a preset, changed by the command line.
pub(super) fn open_cluster(args: &DatabaseArgs, preset: StorageConfig) -> Result<Database> {
    let config = Config { storage: storage_config(args, preset), settings: Vec::new() };
    match &args.directory {
        Some(directory) => Database::open(directory, config),
        None => Database::in_memory(config),
    }
}

fn storage_config(args: &DatabaseArgs, mut config: StorageConfig) -> StorageConfig {
    if let Some(sync) = args.sync {
        config.sync_mode = match sync {
            Sync::Full => SyncMode::Full,
            Sync::Normal { transactions } => {
                SyncMode::Normal { transactions: u32::try_from(transactions).unwrap_or(u32::MAX) }
            }
            Sync::Checkpoint => SyncMode::Checkpoint,
            Sync::Off => SyncMode::Off,
        };
    }
    if let Some(interval) = args.sync_interval {
        config.sync_interval = interval;
    }
    if let Some(threshold) = args.checkpoint_threshold {
        config.checkpoint_threshold = threshold;
    }
    let cache = args.page_cache_size.or_else(|| memory_limit().map(|bytes| (bytes / 4).max(SMALL_CACHE)));
    if let Some(size) = cache {
        config.page_cache_size = usize::try_from(size).unwrap_or(usize::MAX);
    }
    config
}

/// The page cache where memory is short.
const SMALL_CACHE: u64 = 32 << 20;

/// Microseconds from 1970-01-01 to 2000-01-01.
const EPOCH_DISTANCE: i64 = 946_684_800_000_000;

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX)) - EPOCH_DISTANCE
}

/// The server as the database sees it.
struct HostBridge(Arc<dyn Host>);

impl SessionHost for HostBridge {
    fn block(&self, wait: &mut dyn FnMut()) {
        self.0.block(wait);
    }

    fn long_running(&self) {
        self.0.long_running();
    }

    fn wake(&self) {
        self.0.wake();
    }
}

impl Engine for ServedDatabase {
    type Session = ServedSession;

    fn role(&self, name: &str) -> Result<Option<RoleAuth>> {
        Ok(self.0.role(name)?.map(|role| RoleAuth {
            password: role.password,
            expired: role.valid_until.is_some_and(|until| until < now()),
        }))
    }

    fn connect(&self, request: ConnectRequest) -> Result<ServedSession> {
        let mut settings = Vec::with_capacity(request.parameters.len());
        for (name, value) in request.parameters {
            match name.as_str() {
                "options" => command_line_settings(&value, &mut settings)?,
                "replication" if !matches!(value.as_str(), "0" | "off" | "false" | "no") => {
                    return Err(Error::unsupported("replication connections are not supported")
                        .severity(Severity::Fatal));
                }
                "replication" => {}
                _ => settings.push((name, value)),
            }
        }
        let options = ConnectOptions {
            user: request.user,
            database: request.database,
            settings,
            client: request.peer,
            server: request.server,
            system_user: request.system_user,
            host: Some(Arc::new(HostBridge(request.host))),
        };
        let session = self.0.connect(options)?;
        Ok(ServedSession::new(session, self.0.engine().clone()))
    }

    fn close(&self) -> Result<()> {
        self.0.close()
    }
}

/// The startup parameter `options`: `-c name=value`, `--name=value`; a backslash makes a space part of a word.
fn command_line_settings(text: &str, settings: &mut Vec<(String, String)>) -> Result<()> {
    let mut words = split_words(text).into_iter();
    while let Some(word) = words.next() {
        let assignment = if word == "-c" {
            words.next()
        } else if let Some(rest) = word.strip_prefix("--") {
            Some(rest.to_owned())
        } else {
            word.strip_prefix("-c").map(str::to_owned)
        };
        let pair = assignment.as_deref().and_then(|assignment| assignment.split_once('='));
        let Some((name, value)) = pair else {
            return Err(err!(SYNTAX_ERROR, "invalid command-line argument for server process: {word}")
                .severity(Severity::Fatal));
        };
        settings.push((name.replace('-', "_"), value.to_owned()));
    }
    Ok(())
}

fn split_words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut escaped) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            c if escaped => {
                word.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            c if c.is_ascii_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_split_like_a_command_line() {
        let mut settings = Vec::new();
        command_line_settings(r"-c search_path=a\ b --work-mem=1MB -cgeqo=off", &mut settings).expect("fine");
        let text: Vec<String> = settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(text, ["search_path=a b", "work_mem=1MB", "geqo=off"]);
        assert!(command_line_settings("-x", &mut settings).is_err());
    }
}
