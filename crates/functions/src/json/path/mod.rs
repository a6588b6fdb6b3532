//! `jsonb_path_*`: evaluation of SQL/JSON paths.

mod datetime;
mod eval;
pub mod functions;
mod item;
mod methods;
mod operators;

pub use functions::register;
