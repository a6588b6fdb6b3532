//! Types of their own: bit strings, UUIDs, network addresses, transaction and object identifiers, hashing.

pub mod bits;
pub mod hash;
pub mod hash_composite;
pub mod ids;
mod information_schema;
pub mod mac;
pub mod network;
pub mod uuid;
pub mod xml;

use crate::Registry;

pub(crate) fn register(reg: &mut Registry) {
    bits::register(reg);
    hash::register(reg);
    hash_composite::register(reg);
    ids::register(reg);
    information_schema::register(reg);
    mac::register(reg);
    network::register(reg);
    uuid::register(reg);
    xml::register(reg);
}
