//! Answers `pgbench --select-only` with canned bytes: how fast could a server be on this machine?
//!
//!     cargo run --release -p pglitedb-server --example canned_server -- bare 127.0.0.1:6001
//!     cargo run --release -p pglitedb-server --example canned_server -- loop 127.0.0.1:6002
//!     pgbench -n -S -c 10 -j 2 -T 10 -M prepared -h 127.0.0.1 -p 6001 postgres
//!
//! `bare` is the limit: a thread for each connection that reads, looks at message types and writes. `loop` puts the same
//! answers behind this crate's listener and query loop, so the difference is what they cost.

use pglitedb_server::engine::*;
use pglitedb_server::net::{ListenAddress, Server, ServerOptions};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_wire_protocol::startup::{self, StartupPacket};
use pglitedb_wire_protocol::{
    Bind, Field, Format, Limits, MessageBuffer, Parse, Target, TransactionStatus, next_frame,
};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::task::{Context, Poll};

fn main() {
    let mut args = std::env::args().skip(1);
    let (mode, address) = (args.next().unwrap_or_default(), args.next().unwrap_or_default());
    let outcome = match mode.as_str() {
        "bare" => bare(&address),
        "loop" => through_the_loop(address),
        _ => Err(err!(INVALID_PARAMETER_VALUE, "usage: canned_server bare|loop HOST:PORT").into()),
    };
    if let Err(error) = outcome {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

type AnyResult<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn field(name: &str, type_oid: u32, type_size: i16) -> Field<'_> {
    Field { name, table: 0, attribute: 0, type_oid, type_size, type_modifier: -1, format: Format::Text }
}

fn description(out: &mut MessageBuffer) -> Result<()> {
    out.row_description([field("abalance", 23, 4)].into_iter())
}

fn row(out: &mut MessageBuffer) -> Result<()> {
    let mut row = out.begin_row(1)?;
    row.bytes(b"0")?;
    row.finish()?;
    out.command_complete("SELECT 1");
    Ok(())
}

/// The queries of a simple protocol run, and the two that pgbench asks before it begins.
fn simple(sql: &str, out: &mut MessageBuffer) -> Result<()> {
    if sql.starts_with("SELECT abalance") {
        description(out)?;
        row(out)
    } else if sql.starts_with("select o.n") {
        out.row_description(
            [field("n", 20, 8), field("partstrat", 18, 1), field("count", 20, 8)].into_iter(),
        )?;
        let mut row = out.begin_row(3)?;
        row.bytes(b"1")?;
        row.null();
        row.bytes(b"0")?;
        row.finish()?;
        out.command_complete("SELECT 1");
        Ok(())
    } else {
        out.row_description([field("count", 20, 8)].into_iter())?;
        let mut row = out.begin_row(1)?;
        row.bytes(b"10")?;
        row.finish()?;
        out.command_complete("SELECT 1");
        Ok(())
    }
}

fn bare(address: &str) -> AnyResult<()> {
    for stream in TcpListener::bind(address)?.incoming() {
        let stream = stream?;
        stream.set_nodelay(true)?;
        std::thread::spawn(move || {
            let _ = bare_connection(stream);
        });
    }
    Ok(())
}

fn bare_connection(mut stream: TcpStream) -> AnyResult<()> {
    let mut input = vec![0; 16 * 1024];
    let mut out = MessageBuffer::new(1 << 16);
    let mut filled = 0;
    loop {
        filled += stream.read(&mut input[filled..])?;
        match startup::decode(&input[..filled])? {
            Some((StartupPacket::Startup(_), _)) => break,
            Some((_, size)) => {
                input.copy_within(size.., 0);
                filled -= size;
                stream.write_all(b"N")?;
            }
            None => {}
        }
    }
    out.authentication_ok();
    out.parameter_status("server_version", "18.6");
    out.parameter_status("client_encoding", "UTF8");
    out.parameter_status("standard_conforming_strings", "on");
    out.ready_for_query(TransactionStatus::Idle);
    let limits = Limits::default();
    loop {
        stream.write_all(out.as_bytes())?;
        out.clear();
        let filled = stream.read(&mut input)?;
        if filled == 0 {
            return Ok(());
        }
        let mut rest = &input[..filled];
        while let Some(frame) = next_frame(rest, &limits)? {
            match frame.tag {
                b'Q' => {
                    simple(std::str::from_utf8(frame.body)?, &mut out)?;
                    out.ready_for_query(TransactionStatus::Idle);
                }
                b'P' => out.parse_complete(),
                b'B' => out.bind_complete(),
                b'D' => description(&mut out)?,
                b'E' => row(&mut out)?,
                b'C' => out.close_complete(),
                b'S' => out.ready_for_query(TransactionStatus::Idle),
                _ => return Ok(()),
            }
            rest = &rest[frame.size..];
        }
    }
}

fn through_the_loop(address: String) -> AnyResult<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let options = ServerOptions { listen: vec![ListenAddress::Tcp(address)], ..ServerOptions::default() };
        Server::bind(Canned::default(), options).await?.run().await
    })?;
    Ok(())
}

#[derive(Default)]
struct Canned {
    next: AtomicI32,
}

struct CannedSession {
    pid: i32,
    fresh: bool,
}

struct NeverCancels;

impl Canceller for NeverCancels {
    fn cancel(&self, _reason: CancelReason) {}

    fn clear(&self) {}
}

impl Engine for Canned {
    type Session = CannedSession;

    fn role(&self, _name: &str) -> Result<Option<RoleAuth>> {
        Ok(None)
    }

    fn connect(&self, _request: ConnectRequest) -> Result<CannedSession> {
        Ok(CannedSession { pid: self.next.fetch_add(1, Ordering::SeqCst) + 1, fresh: true })
    }

    fn close(&self) -> Result<()> {
        Ok(())
    }
}

impl SessionState for CannedSession {
    fn process_id(&self) -> i32 {
        self.pid
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        Arc::new(NeverCancels)
    }

    fn transaction_status(&self) -> TransactionStatus {
        TransactionStatus::Idle
    }

    fn timeouts(&self) -> Timeouts {
        Timeouts::default()
    }

    fn take_parameter_changes(&mut self, report: &mut dyn FnMut(&str, &str)) {
        if std::mem::take(&mut self.fresh) {
            report("server_version", "18.6");
            report("client_encoding", "UTF8");
            report("standard_conforming_strings", "on");
        }
    }

    fn take_notifications(&mut self, _deliver: &mut dyn FnMut(i32, &str, &str)) {}

    fn attend(&mut self) -> Result<()> {
        Ok(())
    }

    fn poll_durable(&mut self, _cx: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn source(&self, _target: Target<'_>) -> Option<&str> {
        None
    }
}

impl Queries for CannedSession {
    fn simple_query(&mut self, sql: &str, out: &mut MessageBuffer) -> Result<Progress> {
        simple(sql, out).map(|()| Progress::Complete)
    }

    fn resume(&mut self, _out: &mut MessageBuffer) -> Result<Progress> {
        Ok(Progress::Complete)
    }

    fn parse(&mut self, _parse: &Parse<'_>, _out: &mut MessageBuffer) -> Result<()> {
        Ok(())
    }

    fn bind(&mut self, _bind: &Bind<'_>, _out: &mut MessageBuffer) -> Result<()> {
        Ok(())
    }

    fn describe(&mut self, _target: Target<'_>, out: &mut MessageBuffer) -> Result<()> {
        description(out)
    }

    fn execute(&mut self, _portal: &str, _max_rows: u32, out: &mut MessageBuffer) -> Result<Progress> {
        row(out).map(|()| Progress::Complete)
    }

    fn close(&mut self, _target: Target<'_>) -> Result<()> {
        Ok(())
    }

    fn sync(&mut self, _out: &mut MessageBuffer) -> Result<()> {
        Ok(())
    }

    fn abort(&mut self) {}
}

impl CopyIn for CannedSession {
    fn copy_data(&mut self, _data: &[u8]) -> Result<()> {
        Err(Error::unsupported("COPY is not canned"))
    }

    fn copy_done(&mut self, _out: &mut MessageBuffer) -> Result<Progress> {
        Err(Error::unsupported("COPY is not canned"))
    }

    fn copy_fail(&mut self, _reason: &str) -> Error {
        Error::unsupported("COPY is not canned")
    }
}
