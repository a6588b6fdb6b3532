//! Every type through a driver, in both wire formats: a text is sent, its binary form comes back, is sent as a parameter,
//! and comes back again, the same.
//!
//! With `PGLITEDB_COMPARE="host=127.0.0.1 port=5432 user=postgres"` the binary forms are compared with those of that
//! PostgreSQL server as well.

mod samples;

use bytes::{BufMut, BytesMut};
use pglitedb_server::adapter;
use pglitedb_server::cli::DatabaseArgs;
use pglitedb_server::net::{ListenAddress, Server, ServerOptions};
use samples::{SAMPLES, UNREADABLE};
use std::error::Error;
use tokio_postgres::types::{Format, FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, NoTls};

type Anything = Box<dyn Error + Sync + Send>;

/// A value of any type as the bytes on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Binary(Option<Vec<u8>>);

impl<'a> FromSql<'a> for Binary {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Anything> {
        Ok(Binary(Some(raw.to_vec())))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Anything> {
        Ok(Binary(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl ToSql for Binary {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Anything> {
        match &self.0 {
            Some(bytes) => {
                out.put_slice(bytes);
                Ok(IsNull::No)
            }
            None => Ok(IsNull::Yes),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A value of any type as text.
#[derive(Debug)]
struct Text<'a>(&'a str);

impl ToSql for Text<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Anything> {
        out.put_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

const SETUP: &str = "
    CREATE SCHEMA driver;
    SET search_path = driver, pg_catalog;
    SET TimeZone = 'UTC';
    CREATE TYPE mood AS ENUM ('sad', 'ok', 'very happy');
    CREATE DOMAIN short AS varchar(5) CHECK (VALUE <> 'never');
    CREATE DOMAIN even AS int4 CHECK (VALUE % 2 = 0);
    CREATE TYPE pair AS (number int4, name text, moods mood[]);
    CREATE TYPE nested AS (one pair, other even, at tstzrange);
    CREATE TYPE floats AS RANGE (subtype = float8);
";

async fn server() -> Client {
    let database = adapter::open(&DatabaseArgs::default()).expect("a database");
    let mut options = ServerOptions::default();
    options.listen.push(ListenAddress::Tcp("127.0.0.1:0".into()));
    let server = Server::bind(database, options).await.expect("a free port");
    let port = server.tcp_addresses()[0].port();
    tokio::spawn(server.run());
    connect(&format!("host=127.0.0.1 port={port} user=postgres dbname=postgres")).await
}

async fn connect(config: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(config, NoTls).await.expect("a session");
    tokio::spawn(connection);
    client.batch_execute("DROP SCHEMA IF EXISTS driver CASCADE").await.expect("no old schema");
    client.batch_execute(SETUP).await.expect("setup");
    client
}

/// The binary form of a text.
async fn read(client: &Client, type_name: &str, text: &str) -> Result<Binary, tokio_postgres::Error> {
    let statement = client.prepare(&format!("SELECT $1::{type_name}")).await?;
    client.query_one(&statement, &[&Text(text)]).await?.try_get(0)
}

/// What is wrong with the trip of a value there and back.
async fn trip(client: &Client, type_name: &str, text: &str) -> Result<Option<String>, tokio_postgres::Error> {
    let binary = read(client, type_name, text).await?;
    let again = client.prepare(&format!("SELECT $1::{type_name}, format('%s', $1::{type_name})")).await?;
    let row = client.query_one(&again, &[&binary]).await?;
    let (back, shown): (Binary, String) = (row.try_get(0)?, row.try_get(1)?);
    if back != binary {
        return Ok(Some(format!("sent {binary:02x?}, came back as {back:02x?}")));
    }
    // The text form stands for the same value.
    let read_again = read(client, type_name, &shown).await?;
    if read_again != binary {
        return Ok(Some(format!("{binary:02x?} is shown as {shown}, which is {read_again:02x?}")));
    }
    // As an element.
    let array = client.prepare(&format!("SELECT ARRAY[$1, NULL, $1]::{type_name}[]")).await?;
    let array_back = client.prepare(&format!("SELECT $1::{type_name}[], ($1::{type_name}[])[3]")).await?;
    let both: Binary = client.query_one(&array, &[&binary]).await?.try_get(0)?;
    let row = client.query_one(&array_back, &[&both]).await?;
    let (back, third): (Binary, Binary) = (row.try_get(0)?, row.try_get(1)?);
    if back != both || third != binary {
        return Ok(Some(format!("array {both:02x?} came back as {back:02x?} with {third:02x?}")));
    }
    Ok(None)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_type_in_both_formats() {
    let ours = server().await;
    let theirs = match std::env::var("PGLITEDB_COMPARE") {
        Ok(config) => Some(connect(&config).await),
        Err(_) => None,
    };
    let mut wrong = Vec::new();
    for (type_name, texts) in SAMPLES {
        for text in *texts {
            match trip(&ours, type_name, text).await {
                Ok(None) => {}
                Ok(Some(problem)) => wrong.push(format!("{type_name} {text}: {problem}")),
                Err(error) => wrong.push(format!("{type_name} {text}: {error} {:?}", error.as_db_error())),
            }
            // The numbers of types within rows are not the same there.
            if let Some(theirs) = &theirs
                && !matches!(*type_name, "pair" | "nested")
            {
                let (here, there) = (read(&ours, type_name, text).await, read(theirs, type_name, text).await);
                match (here, there) {
                    (Ok(here), Ok(there)) if here == there => {}
                    (here, there) => wrong.push(format!("{type_name} {text}: {here:02x?} is {there:02x?}")),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Vectors are arrays of one dimension; others are refused, as is what does not fill its length.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_a_value_is_refused() {
    let client = server().await;
    let empty = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1a];
    for (type_name, bytes) in [("oidvector", &empty[..]), ("int4", &[0, 0, 0]), ("bool", &[]), ("inet", &[9])]
    {
        let statement = client.prepare(&format!("SELECT $1::{type_name}")).await.expect("a statement");
        let failed = client.query_one(&statement, &[&Binary(Some(bytes.to_vec()))]).await;
        let error = failed.expect_err(type_name);
        let code = error.as_db_error().map(|error| error.code().code().to_owned());
        assert!(matches!(code.as_deref(), Some("22P03" | "08P01")), "{type_name}: {code:?}");
    }
}

/// Every type that has a binary form is among the samples, or has no values that can be written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_type_is_forgotten() {
    let client = server().await;
    let query = "SELECT typname::text FROM pg_type
                 WHERE typsend <> 0 AND typtype IN ('b', 'r', 'm') AND typelem = 0 AND oid < 10000";
    let rows = client.query(query, &[]).await.expect("types");
    assert!(rows.len() > 70);
    for row in rows {
        let name: String = row.get(0);
        let quoted = format!("\"{name}\"");
        let is_known = SAMPLES.iter().any(|(known, _)| {
            let known = known.split('(').next().unwrap_or(known);
            known == name || known == quoted
        });
        assert_ne!(is_known, UNREADABLE.contains(&name.as_str()), "{name}");
    }
}

/// The address that the driver connected to is the one that the session tells.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_knows_its_server() {
    let client = server().await;
    let query =
        "SELECT host(inet_server_addr()), inet_server_port() <> inet_client_port(), SYSTEM_USER IS NULL";
    let row = client.query_one(query, &[]).await.expect("a row");
    assert_eq!(row.get::<_, &str>(0), "127.0.0.1");
    assert_eq!((row.get::<_, bool>(1), row.get::<_, bool>(2)), (true, true));
}
