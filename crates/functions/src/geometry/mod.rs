//! Geometric types. Comparison allows for a distance of 10⁻⁶, as PostgreSQL's does.

pub mod boxes;
pub mod circles;
pub mod distance;
pub mod inside;
pub mod lines;
pub mod paths;
pub mod points;
pub mod shapes;

use crate::Registry;

pub(crate) fn register(reg: &mut Registry) {
    points::register(reg);
    boxes::register(reg);
    lines::register(reg);
    paths::register(reg);
    circles::register(reg);
    distance::register(reg);
}
