//! Clients that send one request after another get a thread of their own; everything has to work there, too, and on the
//! way there and back.

use crate::fake::FakeEngine;
use crate::raw::{Raw, query};
use crate::{Running, failure, start, start_with};
use futures_util::SinkExt;
use pglitedb_server::net::ServerOptions;
use std::time::{Duration, Instant};
use tokio_postgres::{Client, NoTls};

/// Makes the connection brisk.
async fn warm_up(client: &Client) {
    for number in 0..50 {
        let row = client.query_one(&format!("select {number}"), &[]).await.unwrap();
        assert_eq!(row.get::<_, i32>(0), number);
    }
}

async fn brisk(server: &Running) -> Client {
    let client = server.connect().await;
    warm_up(&client).await;
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_of_every_kind() {
    let server = start().await;
    let client = brisk(&server).await;
    for _ in 0..3 {
        assert_eq!(client.query("rows 30000", &[]).await.unwrap().len(), 30_000);
        assert_eq!(failure(client.simple_query("select 1; fail; select 2").await).0, "42601");
        let sink = client.copy_in("copy in").await.unwrap();
        futures_util::pin_mut!(sink);
        sink.send(bytes::Bytes::from(vec![b'x'; 500_000])).await.unwrap();
        assert_eq!(sink.finish().await.unwrap(), 500_000);
        client.simple_query("write; sleep 1; spin 1").await.unwrap();
        // Back to the event loop, and to a thread again.
        tokio::time::sleep(Duration::from_millis(30)).await;
        warm_up(&client).await;
    }
    // Which of the requests on their way (the driver closes statements by itself) gets the error is not certain.
    assert!(client.simple_query("lose").await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelling_and_limits() {
    let server = start().await;
    let client = brisk(&server).await;
    let token = client.cancel_token();
    for sql in ["sleep 10000", "spin 10000"] {
        warm_up(&client).await;
        let canceller = token.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            canceller.cancel_query(NoTls).await.unwrap();
        });
        assert_eq!(failure(client.simple_query(sql).await).1, "canceling statement due to user request");
    }
    client.simple_query("set statement_timeout 40").await.unwrap();
    warm_up(&client).await;
    assert_eq!(
        failure(client.simple_query("sleep 9999").await).1,
        "canceling statement due to statement timeout"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notifications_and_stop() {
    let server = start().await;
    let mut listener = Raw::session(server.address).await;
    for _ in 0..50 {
        listener.send(&query("listen")).await;
        listener.until(b'Z').await;
    }
    let begun = Instant::now();
    server.connect().await.simple_query("notify hello").await.unwrap();
    assert_eq!(listener.next().await.unwrap().0, b'A');
    assert!(begun.elapsed() < Duration::from_millis(300), "{:?}", begun.elapsed());
    let client = brisk(&server).await;
    server.stop.stop();
    server.task.await.unwrap().unwrap();
    assert!(client.simple_query("select 1").await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_readers() {
    let server = start().await;
    let mut raw = Raw::session(server.address).await;
    for _ in 0..20 {
        raw.send(&query("select 1")).await;
        raw.until(b'Z').await;
    }
    raw.send(&query("rows 1000000")).await;
    // Longer than a thread waits for a client that does not read.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let seen = raw.until(b'Z').await;
    assert_eq!(seen.len(), 1_000_003);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_brisk_clients_than_threads() {
    let server =
        start_with(FakeEngine::default(), ServerOptions { hot_threads: 2, ..ServerOptions::default() }).await;
    let server = std::sync::Arc::new(server);
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let server = server.clone();
        tasks.push(tokio::spawn(async move {
            let client = server.connect().await;
            for _ in 0..10 {
                warm_up(&client).await;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}
