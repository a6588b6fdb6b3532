//! Cancelling, time limits, connection limits, stopping.

use crate::fake::FakeEngine;
use crate::raw::{Raw, query, startup};
use crate::{failure, start, start_with};
use pglitedb_server::net::ServerOptions;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio_postgres::NoTls;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancel() {
    let server = start().await;
    let client = server.connect().await;
    let token = client.cancel_token();
    for sql in ["sleep 10000", "spin 10000"] {
        let canceller = token.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            canceller.cancel_query(NoTls).await.unwrap();
        });
        let text = "canceling statement due to user request";
        assert_eq!(failure(client.simple_query(sql).await), ("57014".into(), text.into()));
    }
    // One that comes too late is not for the next statement.
    token.cancel_query(NoTls).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    client.simple_query("sleep 10").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_costs_one_session() {
    let server = start().await;
    let (other, mut raw) = (server.connect().await, Raw::session(server.address).await);
    raw.send(&query("panic")).await;
    let (tag, body) = raw.next().await.expect("a farewell");
    let text = String::from_utf8_lossy(&body).into_owned();
    assert!(tag == b'E' && text.contains("XX000") && text.contains("told to"), "{text}");
    assert!(raw.next().await.is_none());
    other.simple_query("select 1").await.unwrap();
    // Also where the connection has a thread of its own.
    let mut raw = Raw::session(server.address).await;
    for _ in 0..20 {
        raw.send(&query("select 1")).await;
        raw.until(b'Z').await;
    }
    raw.send(&query("panic")).await;
    assert_eq!(raw.next().await.expect("a farewell").0, b'E');
    other.simple_query("select 1").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancel_needs_the_key() {
    let server = start().await;
    // Protocol 3.2: a key of 32 bytes.
    let mut raw = Raw::open(server.address).await;
    raw.send(&startup(0x30002, b"user\0alice\0\0")).await;
    let mut key = Vec::new();
    while let Some((tag, body)) = raw.next().await {
        match tag {
            b'K' => key = body,
            b'Z' => break,
            _ => {}
        }
    }
    assert_eq!(key.len(), 4 + 32);
    raw.send(&query("sleep 300")).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut wrong = key.clone();
    wrong[35] ^= 1;
    Raw::open(server.address).await.send(&startup(80877102, &wrong)).await;
    assert_eq!(raw.until(b'Z').await, ["C SLEEP", "Z I"]);
    raw.send(&query("sleep 5000")).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut other = Raw::open(server.address).await;
    other.send(&startup(80877102, &key)).await;
    assert!(other.next().await.is_none());
    let text = "E ERROR|57014|canceling statement due to user request";
    assert_eq!(raw.until(b'Z').await, [text, "Z I"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn time_limits() {
    let server = start().await;
    let client = server.connect().await;
    client.simple_query("set statement_timeout 50").await.unwrap();
    let text = "canceling statement due to statement timeout";
    for sql in ["sleep 5000", "spin 5000"] {
        assert_eq!(failure(client.simple_query(sql).await), ("57014".into(), text.into()));
        assert_eq!(failure(client.query(sql, &[]).await), ("57014".into(), text.into()));
    }
    client.simple_query("sleep 1").await.unwrap();
    tokio::time::sleep(Duration::from_millis(80)).await;
    client.simple_query("sleep 1").await.unwrap();

    for (setup, expected) in [
        ("set idle_session_timeout 50", "57P05|terminating connection due to idle-session timeout"),
        (
            "begin; set idle_in_transaction_session_timeout 50",
            "25P03|terminating connection due to idle-in-transaction timeout",
        ),
        ("set transaction_timeout 50; begin; select 1", "none"),
    ] {
        let mut raw = Raw::session(server.address).await;
        raw.send(&query(setup)).await;
        raw.until(b'Z').await;
        if expected == "none" {
            raw.send(&query("select 1")).await;
            raw.until(b'Z').await;
            let text = "E FATAL|25P04|terminating connection due to transaction timeout";
            assert_eq!(raw.until(b'?').await, [text, "end"]);
        } else {
            assert_eq!(raw.until(b'?').await, [format!("E FATAL|{expected}"), "end".into()]);
        }
    }
    // The other limit of the two idle ones does not count.
    let mut raw = Raw::session(server.address).await;
    raw.send(&query("begin; set idle_session_timeout 30")).await;
    raw.until(b'Z').await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    raw.send(&query("select 1")).await;
    assert_eq!(raw.until(b'Z').await, ["T", "D", "C SELECT 1", "Z T"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_clients() {
    let options = ServerOptions { max_connections: 2, ..ServerOptions::default() };
    let server = start_with(FakeEngine::default(), options).await;
    let _first = server.connect().await;
    let second = server.connect().await;
    let refused = server.config().connect(NoTls).await.map(drop);
    assert_eq!(failure(refused), ("53300".into(), "sorry, too many clients already".into()));
    drop(second);
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.connect().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_clients_are_dropped() {
    let options =
        ServerOptions { authentication_timeout: Duration::from_millis(100), ..ServerOptions::default() };
    let server = start_with(FakeEngine::default(), options).await;
    let mut raw = Raw::open(server.address).await;
    raw.send(&[0, 0]).await;
    let begun = Instant::now();
    assert!(raw.next().await.is_none());
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stop() {
    let engine = FakeEngine::default();
    let closed = engine.closed.clone();
    let options = ServerOptions { stop_grace: Duration::from_millis(500), ..ServerOptions::default() };
    let server = start_with(engine, options).await;
    let mut idle = Raw::session(server.address).await;
    let mut short = Raw::session(server.address).await;
    let mut long = Raw::session(server.address).await;
    short.send(&query("sleep 200")).await;
    long.send(&query("sleep 20000")).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let begun = Instant::now();
    server.stop.stop();
    let goodbye = "E FATAL|57P01|terminating connection due to administrator command";
    assert_eq!(idle.until(b'?').await, [goodbye, "end"]);
    assert_eq!(short.until(b'?').await, ["C SLEEP", "Z I", goodbye, "end"]);
    assert_eq!(long.until(b'?').await, [goodbye, "end"]);
    server.task.await.unwrap().unwrap();
    assert!(closed.load(Ordering::SeqCst));
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    assert!(tokio::net::TcpStream::connect(server.address).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_hurries() {
    let server = start_with(FakeEngine::default(), ServerOptions::default()).await;
    let mut long = Raw::session(server.address).await;
    long.send(&query("spin 20000")).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let begun = Instant::now();
    server.stop.stop();
    server.stop.stop();
    long.until(b'?').await;
    server.task.await.unwrap().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}
