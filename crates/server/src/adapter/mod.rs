//! The database behind the seam: [`Engine`](crate::engine::Engine) and [`Session`](crate::engine::Session) over
//! `pglitedb-database`.

mod durable;
mod output;
mod served;
mod session;
mod target;

pub use served::{ServedDatabase, open};
pub use session::ServedSession;
pub use target::{EmbeddedClient, EmbeddedTarget, open_target};
