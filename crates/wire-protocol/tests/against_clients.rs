//! What is written here is read by the codec that the Rust drivers use, and the other way round.

use bytes::BytesMut;
use fallible_iterator::FallibleIterator;
use pglitedb_passwords::ScramVerifier;
use pglitedb_sqlstate::{Severity, err};
use pglitedb_wire_protocol::sasl::{self, Outcome, ScramExchange};
use pglitedb_wire_protocol::{
    CopyFormat, Field, Format, FrontendMessage, Limits, MessageBuffer, Target, TransactionStatus,
    char_position, next_frame,
};
use postgres_protocol::IsNull;
use postgres_protocol::authentication::sasl::{ChannelBinding, ScramSha256};
use postgres_protocol::message::{backend::Message, frontend};

#[test]
fn clients_messages() {
    let mut input = BytesMut::new();
    frontend::query("select 1", &mut input).unwrap();
    frontend::parse("s", "select $1", [23, 0], &mut input).unwrap();
    frontend::bind(
        "p",
        "s",
        [1],
        [Some(5i32), None],
        |value, out| {
            Ok(value.map_or(IsNull::Yes, |value| {
                out.extend_from_slice(&value.to_be_bytes());
                IsNull::No
            }))
        },
        [0, 1],
        &mut input,
    )
    .map_err(|_| "bind")
    .unwrap();
    frontend::describe(b'S', "s", &mut input).unwrap();
    frontend::execute("p", 10, &mut input).unwrap();
    frontend::close(b'P', "p", &mut input).unwrap();
    frontend::sync(&mut input);
    frontend::flush(&mut input);
    frontend::CopyData::new(&b"x\n"[..]).unwrap().write(&mut input);
    frontend::copy_done(&mut input);
    frontend::copy_fail("why", &mut input).unwrap();
    frontend::terminate(&mut input);

    let mut rest = &input[..];
    let mut seen = Vec::new();
    while let Some(frame) = next_frame(rest, &Limits::default()).unwrap() {
        seen.push(match FrontendMessage::decode(&frame).unwrap() {
            FrontendMessage::Query(sql) => format!("query {sql}"),
            FrontendMessage::Parse(p) => {
                format!("parse {} {} {:?}", p.statement, p.sql, p.param_types.iter().collect::<Vec<_>>())
            }
            FrontendMessage::Bind(b) => {
                assert_eq!(
                    (b.param_formats.get(0), b.param_formats.get(1)),
                    (Format::Binary, Format::Binary)
                );
                assert_eq!(
                    (b.result_formats.get(0), b.result_formats.get(1)),
                    (Format::Text, Format::Binary)
                );
                assert!(
                    b.result_formats.check_columns(3).is_err() && b.result_formats.check_columns(2).is_ok()
                );
                format!("bind {} {} {:?}", b.portal, b.statement, b.params.iter().collect::<Vec<_>>())
            }
            FrontendMessage::Describe(Target::Statement(name)) => format!("describe {name}"),
            FrontendMessage::Execute { portal, max_rows } => format!("execute {portal} {max_rows}"),
            FrontendMessage::Close(Target::Portal(name)) => format!("close {name}"),
            FrontendMessage::CopyData(data) => format!("data {data:?}"),
            FrontendMessage::CopyFail(why) => format!("fail {why}"),
            other => format!("{other:?}"),
        });
        rest = &rest[frame.size..];
    }
    let expected = [
        "query select 1",
        "parse s select $1 [23, 0]",
        "bind p s [Some([0, 0, 0, 5]), None]",
        "describe s",
        "execute p 10",
        "close p",
        "Sync",
        "Flush",
        "data [120, 10]",
        "CopyDone",
        "fail why",
        "Terminate",
    ];
    assert_eq!(seen, expected);
}

#[test]
fn servers_messages() {
    let mut out = MessageBuffer::new(1 << 16);
    out.parameter_status("server_version", "18.6");
    out.backend_key_data(7, &[1, 2, 3, 4]);
    out.ready_for_query(TransactionStatus::Failed);
    let field = Field {
        name: "a",
        table: 5,
        attribute: 1,
        type_oid: 23,
        type_size: 4,
        type_modifier: -1,
        format: Format::Binary,
    };
    out.row_description([field].into_iter()).unwrap();
    let mut row = out.begin_row(3).unwrap();
    row.bytes(b"xy").unwrap();
    row.null();
    row.value(|bytes| {
        bytes.extend_from_slice(&7i32.to_be_bytes());
        Ok(())
    })
    .unwrap();
    row.finish().unwrap();
    out.command_complete("SELECT 1");
    out.parameter_description([23, 25].into_iter()).unwrap();
    out.copy_in_response(CopyFormat { format: Format::Text, columns: 2 });
    out.copy_data(b"1\t2\n");
    out.copy_done();
    out.notification(7, "channel", "payload");
    let error = err!(UNDEFINED_COLUMN, "column \"é\" does not exist").at(9).table("s", "t").hint("h");
    out.report(&error, Some("select é, b"));
    out.report(&error.severity(Severity::Notice), None);
    for bare in [MessageBuffer::parse_complete, MessageBuffer::no_data, MessageBuffer::portal_suspended] {
        bare(&mut out);
    }

    let mut input = BytesMut::from(out.as_bytes());
    let mut seen = Vec::new();
    while let Some(message) = Message::parse(&mut input).unwrap() {
        seen.push(describe(message));
    }
    let expected = [
        "server_version = 18.6",
        "key 7 [1, 2, 3, 4]",
        "ready E",
        "fields a 5 1 23 4 -1 1",
        "row [Some([120, 121]), None, Some([0, 0, 0, 7])]",
        "complete SELECT 1",
        "params [23, 25]",
        "copy in 0 [0, 0]",
        "data [49, 9, 50, 10]",
        "copy done",
        "notification 7 channel payload",
        "error S=ERROR V=ERROR C=42703 M=column \"é\" does not exist H=h P=9 s=s t=t",
        "notice S=NOTICE V=NOTICE C=42703 M=column \"é\" does not exist H=h s=s t=t",
        "parse complete",
        "no data",
        "suspended",
    ];
    assert_eq!(seen, expected);
}

fn describe(message: Message) -> String {
    match message {
        Message::ParameterStatus(b) => format!("{} = {}", b.name().unwrap(), b.value().unwrap()),
        Message::BackendKeyData(b) => format!("key {} {:?}", b.process_id(), b.secret_key().to_be_bytes()),
        Message::ReadyForQuery(b) => format!("ready {}", b.status() as char),
        Message::RowDescription(b) => {
            let fields: Vec<String> = b
                .fields()
                .map(|f| {
                    let numbers = [f.table_oid() as i64, f.column_id() as i64, f.type_oid() as i64];
                    let [table, column, oid] = numbers;
                    let (size, modifier) = (f.type_size(), f.type_modifier());
                    Ok(format!("{} {table} {column} {oid} {size} {modifier} {}", f.name(), f.format()))
                })
                .collect()
                .unwrap();
            format!("fields {}", fields.join(", "))
        }
        Message::DataRow(b) => {
            let values: Vec<Option<&[u8]>> =
                b.ranges().map(|range| Ok(range.map(|range| &b.buffer()[range]))).collect().unwrap();
            format!("row {values:?}")
        }
        Message::CommandComplete(b) => format!("complete {}", b.tag().unwrap()),
        Message::ParameterDescription(b) => {
            format!("params {:?}", b.parameters().collect::<Vec<_>>().unwrap())
        }
        Message::CopyInResponse(b) => {
            format!("copy in {} {:?}", b.format(), b.column_formats().collect::<Vec<_>>().unwrap())
        }
        Message::CopyData(b) => format!("data {:?}", b.data()),
        Message::CopyDone => "copy done".into(),
        Message::NotificationResponse(b) => {
            format!("notification {} {} {}", b.process_id(), b.channel().unwrap(), b.message().unwrap())
        }
        Message::ErrorResponse(b) => format!("error {}", fields(b.fields())),
        Message::NoticeResponse(b) => format!("notice {}", fields(b.fields())),
        Message::ParseComplete => "parse complete".into(),
        Message::NoData => "no data".into(),
        Message::PortalSuspended => "suspended".into(),
        _ => "something else".into(),
    }
}

fn fields(fields: postgres_protocol::message::backend::ErrorFields<'_>) -> String {
    let fields: Vec<String> = fields
        .map(|f| Ok(format!("{}={}", f.type_() as char, String::from_utf8_lossy(f.value_bytes()))))
        .collect()
        .unwrap();
    fields.join(" ")
}

fn authenticate(stored: Option<&str>, password: &str) -> Result<(), String> {
    let verifier = stored.map(|password| ScramVerifier::new(password, b"salty salty salt", 4096));
    let mut client = ScramSha256::new(password.as_bytes(), ChannelBinding::unsupported());
    let mut packet = BytesMut::new();
    frontend::sasl_initial_response(sasl::SCRAM_SHA_256, client.message(), &mut packet).unwrap();
    let (mechanism, first) = sasl::decode_initial_response(&packet[5..]).unwrap();
    assert_eq!(mechanism, sasl::SCRAM_SHA_256);
    let server =
        ScramExchange::begin(first.unwrap(), verifier, [1; 16], &[9; 18]).map_err(|e| e.to_string())?;
    client.update(server.server_first()).unwrap();
    match server.finish(client.message()).map_err(|e| e.to_string())? {
        Outcome::Accepted(last) => client.finish(&last).map_err(|e| e.to_string()),
        Outcome::Refused => Err("refused".into()),
    }
}

#[test]
fn scram_with_the_drivers_client() {
    assert_eq!(authenticate(Some("secret"), "secret"), Ok(()));
    assert_eq!(authenticate(Some("\u{2168}"), "IX"), Ok(()), "SASLprep makes these equal");
    assert_eq!(authenticate(Some("secret"), "Secret"), Err("refused".into()));
    assert_eq!(authenticate(None, "secret"), Err("refused".into()));
}

#[test]
fn positions_count_characters() {
    assert_eq!(char_position("aé→x", 0), 1);
    assert_eq!(char_position("aé→x", 1), 2);
    assert_eq!(char_position("aé→x", 3), 3);
    assert_eq!(char_position("aé→x", 6), 4);
    assert_eq!(char_position("aé→x", 100), 5);
}
