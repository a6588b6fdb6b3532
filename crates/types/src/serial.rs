//! `Datum` as serde sees it: the self-describing storage form, in hexadecimal where the format is text.

use crate::Datum;
use crate::codec::{decode_tagged, encode_tagged};
use crate::scalar::bytea::{parse_hex, write_hex};
use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

impl Serialize for Datum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::new();
        encode_tagged(self, &mut bytes);
        if !serializer.is_human_readable() {
            return serializer.serialize_bytes(&bytes);
        }
        let mut hex = Vec::with_capacity(bytes.len() * 2);
        write_hex(&bytes, &mut hex);
        serializer.serialize_str(&String::from_utf8_lossy(&hex))
    }
}

struct DatumVisitor;

impl Visitor<'_> for DatumVisitor {
    type Value = Datum;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a stored value")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Datum, E> {
        let bytes = parse_hex(text).map_err(E::custom)?;
        self.visit_bytes(&bytes)
    }

    fn visit_bytes<E: serde::de::Error>(self, mut bytes: &[u8]) -> Result<Datum, E> {
        let value = decode_tagged(&mut bytes).map_err(E::custom)?;
        if bytes.is_empty() { Ok(value) } else { Err(E::custom("stored value is damaged")) }
    }
}

impl<'de> Deserialize<'de> for Datum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Datum, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(DatumVisitor)
        } else {
            deserializer.deserialize_bytes(DatumVisitor)
        }
        .map_err(D::Error::custom)
    }
}
