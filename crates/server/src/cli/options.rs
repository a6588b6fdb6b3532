//! Options that several commands share, and how values are written.

use super::Failure;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// When commits become durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sync {
    /// Before they are acknowledged.
    Full,
    /// Every so many transactions.
    Normal {
        /// How many.
        transactions: u64,
    },
    /// At checkpoints.
    Checkpoint,
    /// When the operating system likes.
    Off,
}

/// Which database to open, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatabaseArgs {
    /// Its directory; in memory without one.
    pub directory: Option<PathBuf>,
    /// When commits become durable.
    pub sync: Option<Sync>,
    /// The longest time that a commit stays unsynced.
    pub sync_interval: Option<Duration>,
    /// Bytes of log after which a checkpoint starts.
    pub checkpoint_threshold: Option<u64>,
    /// Bytes of memory for pages of the database file; a quarter of what there is if not given.
    pub page_cache_size: Option<u64>,
}

/// Help for the options of [`DatabaseArgs::option`].
pub(crate) const DATABASE_HELP: &str = "\
Database options:
  --sync MODE                  when commits are synced to disk: full (before they are acknowledged; the
                               default), normal or normal=N (every N transactions), checkpoint, off
  --sync-interval TIME         longest time that a commit stays unsynced in the other modes, such as 200ms
  --checkpoint-threshold SIZE  log size after which a checkpoint starts, such as 64MB
  --page-cache-size SIZE       memory for pages of the database file, taken as they are read; default:
                               a quarter of what the machine or its control group has
";

impl DatabaseArgs {
    /// Takes the option, if it is one about the database.
    pub(crate) fn option(&mut self, name: &str, parser: &mut lexopt::Parser) -> Result<bool, Failure> {
        match name {
            "sync" => self.sync = Some(value(parser, name, parse_sync)?),
            "sync-interval" => self.sync_interval = Some(value(parser, name, parse_time)?),
            "checkpoint-threshold" => self.checkpoint_threshold = Some(value(parser, name, parse_size)?),
            "page-cache-size" => self.page_cache_size = Some(value(parser, name, parse_size)?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// The value of option `name`, as `parse` reads it.
pub(crate) fn value<T>(
    parser: &mut lexopt::Parser,
    name: &str,
    parse: fn(&str) -> Option<T>,
) -> Result<T, Failure> {
    let text = text(parser.value()?)?;
    parse(&text).ok_or_else(|| Failure(format!("invalid value for --{name}: \"{text}\"")))
}

/// An argument as text.
pub(crate) fn text(argument: OsString) -> Result<String, Failure> {
    argument.into_string().map_err(|bad| Failure(format!("\"{}\" is not UTF-8", bad.to_string_lossy())))
}

fn parse_sync(text: &str) -> Option<Sync> {
    match text {
        "full" => Some(Sync::Full),
        "normal" => Some(Sync::Normal { transactions: 100 }),
        "checkpoint" => Some(Sync::Checkpoint),
        "off" => Some(Sync::Off),
        _ => {
            let transactions = text.strip_prefix("normal=")?.parse().ok().filter(|count| *count > 0)?;
            Some(Sync::Normal { transactions })
        }
    }
}

/// Splits a number from its unit.
fn number(text: &str) -> Option<(u64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    Some((number.parse().ok()?, unit.trim()))
}

/// Reads a size: bytes, or with a unit as in PostgreSQL's settings.
pub(crate) fn parse_size(text: &str) -> Option<u64> {
    let (number, unit) = number(text)?;
    let factor = match unit {
        "" | "B" => 1,
        "kB" | "KB" => 1 << 10,
        "MB" => 1 << 20,
        "GB" => 1 << 30,
        "TB" => 1 << 40,
        _ => return None,
    };
    number.checked_mul(factor)
}

/// Reads a time: seconds, or with a unit as in PostgreSQL's settings.
pub(crate) fn parse_time(text: &str) -> Option<Duration> {
    let (number, unit) = number(text)?;
    match unit {
        "us" => Some(Duration::from_micros(number)),
        "ms" => Some(Duration::from_millis(number)),
        "" | "s" => Some(Duration::from_secs(number)),
        "min" => Some(Duration::from_secs(number.checked_mul(60)?)),
        "h" => Some(Duration::from_secs(number.checked_mul(3600)?)),
        _ => None,
    }
}

/// `on` or `off`.
pub(crate) fn parse_switch(text: &str) -> Option<bool> {
    match text {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

/// Reads a number.
pub(crate) fn parse_count(text: &str) -> Option<usize> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        assert_eq!(parse_size("64MB"), Some(64 << 20));
        assert_eq!(parse_size("64 kB"), Some(64 << 10));
        assert_eq!(parse_size("5"), Some(5));
        for bad in ["", "MB", "5 mb", "-1", "99999999999TB"] {
            assert_eq!(parse_size(bad), None, "{bad}");
        }
        assert_eq!(parse_time("5"), Some(Duration::from_secs(5)));
        assert_eq!(parse_time("200ms"), Some(Duration::from_millis(200)));
        assert_eq!(parse_time("2min"), Some(Duration::from_secs(120)));
        assert_eq!(parse_sync("normal=7"), Some(Sync::Normal { transactions: 7 }));
        assert_eq!(parse_sync("normal=0"), None);
        assert_eq!(parse_sync("full"), Some(Sync::Full));
    }
}
