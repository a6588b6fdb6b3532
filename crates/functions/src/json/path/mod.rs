//! `jsonb_path_*`: evaluation of SQL/JSON paths.

mod datetime;
mod eval;
pub mod functions;
pub mod item;
mod layout;
mod methods;
mod operators;

pub use eval::Vars;
pub use functions::register;
pub use operators::check_like_regex;
