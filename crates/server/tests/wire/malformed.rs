//! Clients that do not follow the protocol: they are told, and the server stays up.

use crate::raw::{Raw, message, query, startup};
use crate::start;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn startup_errors() {
    let server = start().await;
    for (packet, expected) in [
        (startup(0x20000, b"\0"), "0A000|unsupported frontend protocol 2.0: server supports 3.0 to 3.2"),
        (startup(0x30000, b"\0"), "28000|no PostgreSQL user name specified in startup packet"),
        (
            startup(0x30000, b"user\0x\0replication\0database\0\0"),
            "0A000|replication connections are not supported",
        ),
        (
            startup(0x30000, b"user\0x\0replication\0maybe\0\0"),
            "22023|invalid value for parameter \"replication\": \"maybe\"",
        ),
        (startup(0x30000, b"user\0x\0database\0nowhere\0\0"), "3D000|database \"nowhere\" does not exist"),
        (
            startup(0x30000, b"user\0x"),
            "08P01|invalid startup packet layout: expected terminator as last byte",
        ),
        (vec![0x7f, 0, 0, 0, 0, 3, 0, 0], "08P01|invalid length of startup packet"),
    ] {
        let mut raw = Raw::open(server.address).await;
        raw.send(&packet).await;
        let seen = raw.until(b'E').await;
        assert_eq!(seen.last().map(String::as_str), Some(format!("E FATAL|{expected}").as_str()));
        assert!(raw.next().await.is_none());
    }
    // TLS and GSSAPI are declined, then the session goes on; a newer version and unknown options are negotiated.
    let mut raw = Raw::open(server.address).await;
    raw.send(&startup(80877104, b"")).await;
    assert_eq!(raw.stream.read_u8().await.unwrap(), b'N');
    raw.send(&startup(80877103, b"")).await;
    assert_eq!(raw.stream.read_u8().await.unwrap(), b'N');
    raw.send(&startup(0x30007, b"user\0x\0_pq_.new\x001\0\0")).await;
    let (tag, body) = raw.next().await.unwrap();
    assert_eq!((tag, &body[..]), (b'v', &b"\0\x03\0\x02\0\0\0\x01_pq_.new\0"[..]));
    assert_eq!(raw.until(b'Z').await.last().map(String::as_str), Some("Z I"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_messages() {
    let server = start().await;
    let mut raw = Raw::session(server.address).await;
    for (bytes, expected) in [
        (message(b'Q', b"no end"), "08P01|invalid string in message"),
        (message(b'Q', b"a\0b\0"), "08P01|invalid message format"),
        (message(b'Q', b"\xff\0"), "22021|invalid byte sequence for encoding \"UTF8\": 0xff"),
        (message(b'F', b"\0\0\0\0"), "0A000|function calls by OID (message F) are not supported"),
        (
            [message(b'B', b"\0\0\0\x01\0\x07"), message(b'S', b"")].concat(),
            "22023|unsupported format code: 7",
        ),
        ([message(b'P', b"x"), message(b'S', b"")].concat(), "08P01|invalid string in message"),
    ] {
        raw.send(&bytes).await;
        assert_eq!(raw.until(b'Z').await, [format!("E ERROR|{expected}"), "Z I".into()]);
    }
    raw.send(&query("begin")).await;
    raw.until(b'Z').await;
    raw.send(&message(b'Q', b"no end")).await;
    assert_eq!(raw.until(b'Z').await.last().map(String::as_str), Some("Z E"));
    for (bytes, expected) in [
        (b"Q\0\0\0\x03".to_vec(), "invalid message length"),
        (b"Q\xff\xff\xff\xff".to_vec(), "invalid message length"),
        (b"?\0\0\0\x04".to_vec(), "invalid frontend message type 63"),
        (message(b'p', b""), "invalid frontend message type 112"),
    ] {
        let mut raw = Raw::session(server.address).await;
        raw.send(&bytes).await;
        assert_eq!(raw.until(b'?').await, [format!("E FATAL|08P01|{expected}"), "end".into()]);
    }
}

/// A small generator, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_bytes() {
    let server = start().await;
    let mut random = Random(42);
    for round in 0..300 {
        let mut raw = match round % 2 {
            0 => Raw::open(server.address).await,
            _ => Raw::session(server.address).await,
        };
        let mut bytes = Vec::new();
        for _ in 0..random.next(20) {
            let body: Vec<u8> =
                (0..random.next(40)).map(|_| random.next(256) as u8 & random.next(256) as u8).collect();
            match random.next(4) {
                0 => bytes.extend(body),
                _ => bytes.extend(message(b"QPBDECSHdcfFX"[random.next(13) as usize], &body)),
            }
        }
        // The server may have had enough in the middle of it.
        let _ = raw.stream.write_all(&bytes).await;
        let _ = raw.stream.shutdown().await;
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(10), raw.stream.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "round {round} hangs");
    }
    server.connect().await.simple_query("select 1").await.unwrap();
}
