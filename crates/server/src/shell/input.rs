//! Where lines come from.

use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{Config, Editor};
use std::io::{self, BufRead};
use std::path::PathBuf;

/// A source of lines.
pub trait Lines {
    /// The next line with its line feed, if it has one; `None` at the end. `ErrorKind::Interrupted` when the user pressed
    /// Ctrl-C.
    fn next_line(&mut self, prompt: &str) -> io::Result<Option<Vec<u8>>>;

    /// Remembers a statement for the history.
    fn remember(&mut self, _statement: &str) {}
}

/// Lines of a file or pipe.
pub struct Piped<R>(pub R);

impl<R: BufRead> Lines for Piped<R> {
    fn next_line(&mut self, _prompt: &str) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        Ok((self.0.read_until(b'\n', &mut line)? > 0).then_some(line))
    }
}

/// A person at a terminal.
pub struct Terminal {
    editor: Editor<(), DefaultHistory>,
    history: Option<PathBuf>,
}

impl Terminal {
    /// Takes the terminal, and the history of earlier sessions from the home directory.
    pub fn open() -> io::Result<Terminal> {
        let config =
            Config::builder().auto_add_history(false).max_history_size(5000).map_err(io::Error::other)?;
        let mut editor = Editor::with_config(config.build()).map_err(io::Error::other)?;
        let history = std::env::home_dir().map(|home| home.join(".pglitedb_history"));
        if let Some(history) = &history {
            // There is none yet the first time.
            let _ = editor.load_history(history);
        }
        Ok(Terminal { editor, history })
    }
}

impl Lines for Terminal {
    fn next_line(&mut self, prompt: &str) -> io::Result<Option<Vec<u8>>> {
        match self.editor.readline(prompt) {
            Ok(mut line) => {
                line.push('\n');
                Ok(Some(line.into_bytes()))
            }
            Err(ReadlineError::Eof) => Ok(None),
            Err(ReadlineError::Interrupted) => Err(io::ErrorKind::Interrupted.into()),
            Err(ReadlineError::Io(error)) => Err(error),
            Err(error) => Err(io::Error::other(error)),
        }
    }

    fn remember(&mut self, statement: &str) {
        let _ = self.editor.add_history_entry(statement);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(history) = &self.history {
            // A history that cannot be kept is no reason to bother anybody.
            let _ = self.editor.save_history(history);
        }
    }
}
