//! A client that sends many statements at once and reads what came of each.
//!
//! Every statement is a simple query of its own, so that an error in one does not touch the others; a batch is written
//! in one go and is small enough for the socket's buffers, so that writing never waits for the server to be read from.

use std::io::{self, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What came of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its rows: types of the columns, and values as text.
    Rows {
        /// Types of the columns.
        types: Vec<u32>,
        /// Values, row by row.
        rows: Vec<Vec<Option<String>>>,
    },
    /// An error.
    Error {
        /// Its SQLSTATE.
        code: String,
        /// What it says.
        message: String,
    },
    /// The server closed the connection.
    Lost,
}

impl Outcome {
    /// The outcome in one line.
    pub fn show(&self) -> String {
        match self {
            Outcome::Lost => "connection lost".to_owned(),
            Outcome::Error { code, message } => format!("ERROR {code}: {message}"),
            Outcome::Rows { rows, .. } => {
                let row = |row: &Vec<Option<String>>| {
                    let fields: Vec<&str> = row.iter().map(|v| v.as_deref().unwrap_or("(null)")).collect();
                    fields.join(" | ")
                };
                let shown: Vec<String> = rows.iter().map(row).collect();
                format!("[{}]", shown.join(" ; ")).replace('\n', "\\n")
            }
        }
    }
}

/// Where a server listens and what to connect to.
#[derive(Clone, Debug)]
pub struct Address {
    /// `HOST:PORT`
    pub server: String,
    /// Role.
    pub user: String,
    /// Database.
    pub database: String,
}

/// A connection.
pub struct Client {
    address: Address,
    /// Statements that every new connection runs.
    settings: Vec<String>,
    reader: BufReader<TcpStream>,
}

/// A batch that was sent: how many answers are still to come.
#[must_use]
pub struct Sent(usize);

impl Client {
    /// Connects (the server must trust the client) and runs `settings`.
    pub fn connect(address: &Address, settings: &[String]) -> io::Result<Client> {
        let stream = TcpStream::connect(&address.server)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        let reader = BufReader::with_capacity(1 << 16, stream);
        let mut client = Client { address: address.clone(), settings: settings.to_vec(), reader };
        client.start()?;
        for setting in settings {
            client.expect(setting)?;
        }
        Ok(client)
    }

    /// Connects again after the connection was lost.
    pub fn reconnect(&mut self) -> io::Result<()> {
        let (address, settings) = (self.address.clone(), self.settings.clone());
        let mut last = None;
        for _ in 0..50 {
            match Client::connect(&address, &settings) {
                Ok(client) => {
                    *self = client;
                    return Ok(());
                }
                Err(error) => last = Some(error),
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Err(last.unwrap_or_else(|| io::Error::other("cannot connect")))
    }

    fn start(&mut self) -> io::Result<()> {
        let mut body = 0x0003_0000u32.to_be_bytes().to_vec();
        for text in
            ["user", &self.address.user, "database", &self.address.database, "client_encoding", "UTF8"]
        {
            body.extend_from_slice(text.as_bytes());
            body.push(0);
        }
        body.push(0);
        let mut message = (body.len() as u32 + 4).to_be_bytes().to_vec();
        message.append(&mut body);
        self.reader.get_mut().write_all(&message)?;
        loop {
            let (kind, body) = self.message()?;
            match kind {
                b'R' if body.get(..4) != Some(&[0; 4]) => {
                    return Err(io::Error::other("the server asks for a password; let it trust this client"));
                }
                b'E' => return Err(io::Error::other(error_of(&body).show())),
                b'Z' => return Ok(()),
                _ => {}
            }
        }
    }

    fn message(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let mut head = [0; 5];
        self.reader.read_exact(&mut head)?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let mut body = vec![0; length.saturating_sub(4)];
        self.reader.read_exact(&mut body)?;
        Ok((head[0], body))
    }

    /// Sends statements; `receive` takes the answers.
    pub fn send<S: AsRef<str>>(&mut self, statements: &[S]) -> Sent {
        let mut buffer = Vec::new();
        for statement in statements {
            let text = statement.as_ref();
            buffer.push(b'Q');
            buffer.extend_from_slice(&(text.len() as u32 + 5).to_be_bytes());
            buffer.extend_from_slice(text.as_bytes());
            buffer.push(0);
        }
        // A broken connection shows when the answers are read.
        let _ = self.reader.get_mut().write_all(&buffer);
        Sent(statements.len())
    }

    /// The answers to a batch. If the connection is lost the list ends with `Outcome::Lost`.
    pub fn receive(&mut self, sent: Sent) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(sent.0);
        while outcomes.len() < sent.0 {
            match self.answer() {
                Ok(outcome) => outcomes.push(outcome),
                Err(_) => {
                    outcomes.push(Outcome::Lost);
                    break;
                }
            }
        }
        outcomes
    }

    fn answer(&mut self) -> io::Result<Outcome> {
        let (mut types, mut rows, mut error) = (Vec::new(), Vec::new(), None);
        loop {
            let (kind, body) = self.message()?;
            match kind {
                b'T' => types = types_of(&body),
                b'D' => rows.push(row_of(&body)),
                b'E' => error = Some(error_of(&body)),
                b'Z' => return Ok(error.unwrap_or(Outcome::Rows { types, rows })),
                _ => {}
            }
        }
    }

    /// Runs one statement.
    pub fn run(&mut self, statement: &str) -> Outcome {
        let sent = self.send(&[statement]);
        self.receive(sent).pop().unwrap_or(Outcome::Lost)
    }

    /// Runs one statement that must succeed, and returns its rows.
    pub fn expect(&mut self, statement: &str) -> io::Result<Vec<Vec<Option<String>>>> {
        match self.run(statement) {
            Outcome::Rows { rows, .. } => Ok(rows),
            other => Err(io::Error::other(format!("{}: {statement}: {}", self.address.server, other.show()))),
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn error_of(body: &[u8]) -> Outcome {
    let (mut code, mut message) = (String::new(), String::new());
    for field in body.split(|byte| *byte == 0) {
        match field.split_first() {
            Some((b'C', rest)) => code = text(rest),
            Some((b'M', rest)) => message = text(rest),
            _ => {}
        }
    }
    Outcome::Error { code, message }
}

fn types_of(body: &[u8]) -> Vec<u32> {
    let mut types = Vec::new();
    let mut rest = body.get(2..).unwrap_or_default();
    while let Some(end) = rest.iter().position(|byte| *byte == 0) {
        let Some(fixed) = rest.get(end + 1..end + 19) else { break };
        types.push(u32::from_be_bytes([fixed[6], fixed[7], fixed[8], fixed[9]]));
        rest = rest.get(end + 19..).unwrap_or_default();
    }
    types
}

fn row_of(body: &[u8]) -> Vec<Option<String>> {
    let mut row = Vec::new();
    let mut rest = body.get(2..).unwrap_or_default();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = i32::from_be_bytes(*length);
        match usize::try_from(length) {
            Ok(length) => {
                let length = length.min(after.len());
                row.push(Some(text(&after[..length])));
                rest = &after[length..];
            }
            Err(_) => {
                row.push(None);
                rest = after;
            }
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_taken_apart() {
        let body = [&[0, 2][..], &[0, 0, 0, 1, b'x'], &[0xff; 4]].concat();
        assert_eq!(row_of(&body), vec![Some("x".to_owned()), None]);
        let mut body = vec![0, 1];
        body.extend_from_slice(b"name\0");
        body.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 23, 0, 4, 0, 0, 0, 0, 0, 0]);
        assert_eq!(types_of(&body), vec![23]);
        let error = error_of(b"SERROR\0C22012\0Mdivision by zero\0\0");
        assert_eq!(error.show(), "ERROR 22012: division by zero");
    }
}
