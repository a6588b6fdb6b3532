//! A client that says exactly what a test wants to say.

use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Raw {
    pub stream: TcpStream,
}

pub fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    bytes.extend_from_slice(&(body.len() as u32 + 4).to_be_bytes());
    bytes.extend_from_slice(body);
    bytes
}

pub fn startup(version: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = (body.len() as u32 + 8).to_be_bytes().to_vec();
    bytes.extend_from_slice(&version.to_be_bytes());
    bytes.extend_from_slice(body);
    bytes
}

pub fn query(sql: &str) -> Vec<u8> {
    message(b'Q', format!("{sql}\0").as_bytes())
}

impl Raw {
    pub async fn open(address: SocketAddr) -> Raw {
        Raw { stream: TcpStream::connect(address).await.expect("a connection") }
    }

    /// Opens a session and skips to ReadyForQuery.
    pub async fn session(address: SocketAddr) -> Raw {
        let mut raw = Raw::open(address).await;
        raw.send(&startup(0x30000, b"user\0alice\0database\0db\0\0")).await;
        raw.until(b'Z').await;
        raw
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("the server listens");
    }

    /// The next message; `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        let tag = self.stream.read_u8().await.ok()?;
        let length = self.stream.read_u32().await.ok()?;
        let mut body = vec![0; length as usize - 4];
        self.stream.read_exact(&mut body).await.ok()?;
        Some((tag, body))
    }

    /// Messages up to the first one with that tag, as a readable list.
    pub async fn until(&mut self, last: u8) -> Vec<String> {
        let mut seen = Vec::new();
        while let Some((tag, body)) = self.next().await {
            let text: String = match tag {
                b'E' | b'N' => body
                    .split(|byte| *byte == 0)
                    .filter(|field| matches!(field.first(), Some(b'S' | b'C' | b'M' | b'P')))
                    .map(|field| String::from_utf8_lossy(&field[1..]).into_owned())
                    .collect::<Vec<_>>()
                    .join("|"),
                b'C' | b'Z' => String::from_utf8_lossy(&body).trim_end_matches('\0').to_owned(),
                b'd' => String::from_utf8_lossy(&body).into_owned(),
                _ => String::new(),
            };
            seen.push(format!("{}{}{text}", tag as char, if text.is_empty() { "" } else { " " }));
            if tag == last {
                return seen;
            }
        }
        seen.push("end".into());
        seen
    }
}
