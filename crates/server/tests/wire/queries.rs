//! Queries of every kind.

use crate::raw::{Raw, message, query};
use crate::{failure, start};
use futures_util::{SinkExt, StreamExt, TryStreamExt, pin_mut};
use std::time::{Duration, Instant};
use tokio_postgres::{AsyncMessage, NoTls, SimpleQueryMessage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simple_queries() {
    let server = start().await;
    let client = server.connect().await;
    let rows = client.simple_query("select 5; select 6; begin").await.unwrap();
    let values: Vec<&str> = rows
        .iter()
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        })
        .collect();
    assert_eq!(values, ["5", "6"]);
    assert_eq!(failure(client.simple_query("select 1; fail; select 2").await).0, "42601");
    assert_eq!(failure(client.simple_query("select 1").await).0, "25P02");
    client.simple_query("rollback").await.unwrap();
    assert_eq!(client.simple_query("").await.unwrap().len(), 1);
    // Far more than fits into the output buffer, twice in a string.
    let rows = client.simple_query("rows 50000; rows 50000").await.unwrap();
    let rows = rows.iter().filter(|m| matches!(m, SimpleQueryMessage::Row(_))).count();
    assert_eq!(rows, 100_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn extended_queries() {
    let server = start().await;
    let mut client = server.connect().await;
    let statement = client.prepare("select $1").await.unwrap();
    for value in [Some("ä"), None] {
        let row = client.query_one(&statement, &[&value]).await.unwrap();
        assert_eq!(row.get::<_, Option<&str>>(0), value);
    }
    let rows = client.query("rows 30000", &[]).await.unwrap();
    assert_eq!(rows[29_999].get::<_, i32>(0), 29_999);
    assert_eq!(rows[29_999].get::<_, &str>(1), "row 29999");
    assert_eq!(failure(client.prepare("bad").await).0, "42601");
    assert_eq!(client.query_one("select 7", &[]).await.unwrap().get::<_, i32>(0), 7);

    let transaction = client.transaction().await.unwrap();
    let portal = transaction.bind("rows 25", &[]).await.unwrap();
    let mut counts = Vec::new();
    for _ in 0..3 {
        counts.push(transaction.query_portal(&portal, 10).await.unwrap().len());
    }
    assert_eq!(counts, [10, 10, 5]);
    transaction.rollback().await.unwrap();

    let (a, b, c) = tokio::join!(
        client.query_one("select 1", &[]),
        client.query("fail", &[]),
        client.query_one("select 3", &[])
    );
    assert_eq!((a.unwrap().get::<_, i32>(0), c.unwrap().get::<_, i32>(0)), (1, 3));
    assert_eq!(failure(b).0, "42601");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_skips_to_sync() {
    let server = start().await;
    let mut raw = Raw::session(server.address).await;
    let mut input = message(b'P', b"\0select 1\0\0\0");
    input.extend(message(b'B', b"\0\0\0\0\0\0\0\0"));
    input.extend(message(b'E', b"\0\0\0\0\0"));
    input.extend(message(b'P', b"\0  bad\0\0\0"));
    input.extend(message(b'P', b"\0bad\0\0\0"));
    input.extend(query("select 1"));
    input.extend(message(b'E', b"\0\0\0\0\0"));
    input.extend(message(b'S', b""));
    input.extend(query("fail"));
    raw.send(&input).await;
    let seen = raw.until(b'Z').await;
    let expected =
        ["1", "2", "D", "C SELECT 1", "1", "E ERROR|42601|syntax error at or near \"bad\"|1", "Z I"];
    assert_eq!(seen, expected);
    assert_eq!(raw.until(b'Z').await, ["E ERROR|42601|syntax error at or near \"fail\"|1", "Z I"]);
    // Close and Describe of what is not there; Flush without Sync.
    raw.send(&[message(b'C', b"Snothing\0"), message(b'H', b"")].concat()).await;
    assert_eq!(raw.until(b'3').await, ["3"]);
    raw.send(&[message(b'D', b"Pnothing\0"), message(b'S', b"")].concat()).await;
    assert_eq!(raw.until(b'Z').await, ["E ERROR|34000|does not exist", "Z I"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copy() {
    let server = start().await;
    let client = server.connect().await;
    let sink = client.copy_in("copy in").await.unwrap();
    pin_mut!(sink);
    for _ in 0..1000 {
        sink.send(bytes_of("0123456789")).await.unwrap();
    }
    assert_eq!(sink.finish().await.unwrap(), 10_000);
    // A large piece, an error in the middle, and a client that gives up.
    let sink = client.copy_in("copy in").await.unwrap();
    pin_mut!(sink);
    sink.send(bytes_of(&"x".repeat(1_000_000))).await.unwrap();
    assert_eq!(sink.finish().await.unwrap(), 1_000_000);
    let sink = client.copy_in("copy in").await.unwrap();
    pin_mut!(sink);
    sink.send(bytes_of("bad")).await.unwrap();
    assert_eq!(failure(sink.finish().await).0, "22P04");
    drop(client.copy_in::<_, tokio_postgres_bytes::Bytes>("copy in").await.unwrap());
    let out: Vec<_> = client.copy_out("copy out 20000").await.unwrap().try_collect().await.unwrap();
    assert_eq!(out.len(), 20_000);
    assert_eq!(out[7], "row 7\n");

    let mut raw = Raw::session(server.address).await;
    raw.send(&query("copy in; select 4")).await;
    assert_eq!(raw.until(b'G').await, ["G"]);
    let input = [message(b'd', b"ab"), message(b'H', b""), message(b'd', b"c"), message(b'c', b"")].concat();
    raw.send(&input).await;
    assert_eq!(raw.until(b'Z').await, ["C COPY 3", "T", "D", "C SELECT 1", "Z I"]);
    raw.send(&[query("copy in"), message(b'f', b"why\0"), message(b'd', b"late")].concat()).await;
    assert_eq!(raw.until(b'Z').await, ["G", "E ERROR|57014|COPY from stdin failed: why", "Z I"]);
    raw.send(&[query("copy in"), query("select 1")].concat()).await;
    let text = "G, E ERROR|08P01|unexpected message type 0x51 during COPY from stdin, Z I";
    assert_eq!(raw.until(b'Z').await.join(", "), text);
}

use tokio_postgres_bytes::bytes_of;
mod tokio_postgres_bytes {
    pub use bytes::Bytes;
    pub fn bytes_of(text: &str) -> Bytes {
        Bytes::copy_from_slice(text.as_bytes())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notices_settings_and_notifications() {
    let server = start().await;
    let (client, mut connection) = server.config().connect(NoTls).await.unwrap();
    assert_eq!(connection.parameter("server_version"), Some("18.6"));
    let (seen, mut messages) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut stream = futures_util::stream::poll_fn(move |cx| connection.poll_message(cx));
        while let Some(Ok(message)) = stream.next().await {
            let _ = seen.send(message);
        }
    });
    client.simple_query("notice hello; listen; set application_name x").await.unwrap();
    assert!(matches!(messages.recv().await, Some(AsyncMessage::Notice(n)) if n.message() == "hello"));
    // The listener is idle when this happens.
    let other = server.connect().await;
    other.simple_query("notify one").await.unwrap();
    assert!(matches!(messages.recv().await, Some(AsyncMessage::Notification(n)) if n.payload() == "one"));
    // Its own arrive before the query is over.
    client.simple_query("notify two").await.unwrap();
    assert!(matches!(messages.try_recv(), Ok(AsyncMessage::Notification(n)) if n.payload() == "two"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_wait_together() {
    let server = start().await;
    let mut clients = Vec::new();
    for _ in 0..10 {
        clients.push(server.connect().await);
    }
    let begun = Instant::now();
    futures_util::future::join_all(clients.iter().map(|client| client.simple_query("write"))).await;
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(20), "answered before it was durable: {took:?}");
    assert!(took < Duration::from_millis(100), "waited one after another: {took:?}");
    assert_eq!(failure(clients[0].simple_query("lose").await), ("58030".into(), "disk on fire".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_statements_leave_room_for_others() {
    let server = start().await;
    let mut busy = Vec::new();
    for number in 0..6 {
        let client = server.connect().await;
        let sql = if number % 2 == 0 { "spin 600" } else { "sleep 600" };
        busy.push(tokio::spawn(async move { client.simple_query(sql).await.map(drop) }));
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    let begun = Instant::now();
    let client = server.connect().await;
    client.simple_query("select 1").await.unwrap();
    assert!(begun.elapsed() < Duration::from_millis(400), "{:?}", begun.elapsed());
    for task in busy {
        task.await.unwrap().unwrap();
    }
}
