//! Ranges and multiranges.

pub mod bounds;
pub mod multi;
pub mod single;

use crate::Registry;

pub(crate) fn register(reg: &mut Registry) {
    single::register(reg);
    multi::register(reg);
}
