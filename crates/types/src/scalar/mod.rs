//! Scalar types with little to them, one file each.

pub mod aclitem;
pub mod bit;
pub mod boolean;
pub mod bytea;
pub mod character;
pub mod geometry;
pub mod mac;
pub mod money;
pub mod network;
pub mod system;
pub mod uuid;
