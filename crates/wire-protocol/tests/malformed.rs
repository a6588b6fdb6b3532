//! Whatever bytes arrive: no panic, and errors of the protocol's own kind.

use pglitedb_sqlstate::codes;
use pglitedb_wire_protocol::startup::{self, StartupPacket};
use pglitedb_wire_protocol::{FrontendMessage, Limits, MessageBuffer, next_frame, sasl};
use proptest::prelude::*;

fn decode_everything(mut input: &[u8]) {
    let limits = Limits { large: 1 << 16, small: 1 << 10 };
    while let Ok(Some(frame)) = next_frame(input, &limits) {
        match FrontendMessage::decode(&frame) {
            Ok(FrontendMessage::Bind(bind)) => {
                assert_eq!(bind.params.iter().count(), bind.params.len());
                for index in 0..bind.params.len() {
                    bind.param_formats.get(index);
                }
            }
            Ok(FrontendMessage::Parse(parse)) => {
                assert_eq!(parse.param_types.iter().len(), parse.param_types.len())
            }
            Ok(_) => {}
            Err(error) => assert!(
                [
                    codes::PROTOCOL_VIOLATION,
                    codes::CHARACTER_NOT_IN_REPERTOIRE,
                    codes::INVALID_PARAMETER_VALUE
                ]
                .contains(&error.code()),
                "{error}"
            ),
        }
        input = input.get(frame.size..).unwrap_or_default();
    }
}

proptest! {
    #[test]
    fn random_bytes(input in proptest::collection::vec(any::<u8>(), 0..300)) {
        decode_everything(&input);
        let _ = startup::decode(&input);
        let _ = sasl::decode_initial_response(&input);
        let _ = sasl::decode_password(&input);
        if let Ok(exchange) = sasl::ScramExchange::begin(&input, None, [7; 16], &[1; 18]) {
            let _ = exchange.finish(&input);
        }
    }

    #[test]
    fn random_bodies(
        tag in proptest::sample::select(b"QPBDECSHdcfpFX".to_vec()),
        body in proptest::collection::vec(prop_oneof![Just(0u8), Just(1u8), any::<u8>()], 0..60),
    ) {
        let mut input = vec![tag];
        input.extend_from_slice(&(body.len() as u32 + 4).to_be_bytes());
        input.extend_from_slice(&body);
        decode_everything(&input);
    }

    #[test]
    fn random_startup_bodies(
        code in prop_oneof![Just(0x30000u32), Just(80877102), Just(80877103), any::<u32>()],
        body in proptest::collection::vec(prop_oneof![Just(0u8), Just(b'u'), any::<u8>()], 0..60),
    ) {
        let mut input = (body.len() as u32 + 8).to_be_bytes().to_vec();
        input.extend_from_slice(&code.to_be_bytes());
        input.extend_from_slice(&body);
        let _ = startup::decode(&input);
    }

    #[test]
    fn random_scram(first in "[nyp],(a=x)?,[nrm=,a-z]{0,20}", last in "[cpr=,a-zA-Z0-9+/]{0,80}") {
        if let Ok(exchange) = sasl::ScramExchange::begin(first.as_bytes(), None, [7; 16], &[1; 18]) {
            let _ = exchange.finish(last.as_bytes());
        }
    }
}

#[test]
fn framing_errors_are_fatal_and_worded_as_in_postgresql() {
    let limits = Limits::default();
    let message = |input: &[u8]| next_frame(input, &limits).err().map(|error| error.to_string());
    assert_eq!(message(b"Q\0\0\0\x03").as_deref(), Some("FATAL: invalid message length (SQLSTATE 08P01)"));
    assert_eq!(message(b"Q\xff\0\0\x03").as_deref(), Some("FATAL: invalid message length (SQLSTATE 08P01)"));
    assert_eq!(message(b"S\0\0\xff\0").as_deref(), Some("FATAL: invalid message length (SQLSTATE 08P01)"));
    assert_eq!(message(b"?").as_deref(), Some("FATAL: invalid frontend message type 63 (SQLSTATE 08P01)"));
    assert_eq!(next_frame(b"Q\0\0\0", &limits), Ok(None));
    assert_eq!(next_frame(b"Q\0\0\0\x05", &limits), Ok(None));
}

#[test]
fn messages_with_too_much_or_too_little() {
    let decode = |input: &[u8]| {
        let frame = next_frame(input, &Limits::default()).ok().flatten()?;
        FrontendMessage::decode(&frame).err().map(|error| error.to_string())
    };
    let text = |text: &str| Some(format!("ERROR: {text} (SQLSTATE 08P01)"));
    assert_eq!(decode(b"Q\0\0\0\x06ab"), text("invalid string in message"));
    assert_eq!(decode(b"Q\0\0\0\x07a\0b"), text("invalid message format"));
    assert_eq!(decode(b"S\0\0\0\x05a"), text("invalid message format"));
    assert_eq!(decode(b"E\0\0\0\x06\0a"), text("insufficient data left in message"));
    assert_eq!(decode(b"D\0\0\0\x06X\0"), text("invalid DESCRIBE message subtype 88"));
    assert_eq!(
        decode(b"Q\0\0\0\x06\xff\0").as_deref(),
        Some("ERROR: invalid byte sequence for encoding \"UTF8\": 0xff (SQLSTATE 22021)")
    );
}

#[test]
fn startup_packets() {
    let packet = |code: u32, body: &[u8]| {
        let mut input = (body.len() as u32 + 8).to_be_bytes().to_vec();
        input.extend_from_slice(&code.to_be_bytes());
        input.extend_from_slice(body);
        startup::decode(&input).map(|packet| packet.map(|(packet, _)| packet))
    };
    assert_eq!(packet(80877103, b""), Ok(Some(StartupPacket::SslRequest)));
    assert_eq!(packet(80877104, b""), Ok(Some(StartupPacket::GssEncRequest)));
    assert_eq!(
        packet(80877102, b"\0\0\0\x07abcd"),
        Ok(Some(StartupPacket::Cancel { process_id: 7, secret: b"abcd".to_vec() }))
    );
    let Ok(Some(StartupPacket::Startup(startup))) = packet(0x30003, b"user\0u\0_pq_.x\0on\0\0") else {
        panic!("not taken")
    };
    assert_eq!((startup.version, startup.negotiate, startup.get("user")), (0x30002, true, Some("u")));
    assert_eq!(startup.unknown_options, ["_pq_.x"]);
    for (code, body, expected) in [
        (0x20000, &b"\0"[..], "0A000"),
        (0x30000, b"user\0u\0", "08P01"),
        (0x30000, b"user\0u\0\0\0", "08P01"),
    ] {
        assert_eq!(packet(code, body).map_err(|error| error.code().to_string()), Err(expected.to_owned()));
    }
    assert!(startup::decode(&[0, 0, 0, 7]).is_err());
    assert_eq!(startup::decode(&[0, 0, 0]), Ok(None));
}

#[test]
fn unfinished_rows_leave_no_trace() {
    let mut out = MessageBuffer::new(100);
    out.bind_complete();
    let before = out.as_bytes().to_vec();
    let mut row = out.begin_row(2).expect("two columns");
    row.null();
    let failed = row.value(|bytes| {
        bytes.push(1);
        Err(pglitedb_sqlstate::Error::internal("no"))
    });
    assert!(failed.is_err());
    drop(row);
    assert_eq!(out.as_bytes(), before);
}
