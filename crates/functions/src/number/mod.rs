//! Numbers: integers, floating point, `numeric`, and what converts between them.

pub mod float;
pub mod float_math;
pub mod integer;
pub mod money;
pub mod numeric;
pub mod random;

use crate::Registry;

pub(crate) fn register(reg: &mut Registry) {
    integer::register(reg);
    float::register(reg);
    float_math::register(reg);
    money::register(reg);
    numeric::register(reg);
    random::register(reg);
}
