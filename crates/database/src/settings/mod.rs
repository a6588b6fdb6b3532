//! Settings (`SET`, `SHOW`, `pg_settings`): definitions from PostgreSQL's list, values per session, undone with the
//! transaction.
//!
//! - [`definition`]: what settings there are, their defaults here, and which are reported to clients
//! - [`value`]: checking and printing values
//! - [`store`]: the session's values, with a journal for transactions
//! - [`effective`]: the values that code looks at, in typed form
//! - [`session`]: `SET` and its kin on a session

pub mod definition;
pub mod effective;
pub mod session;
pub mod store;
pub mod value;

pub use definition::Definition;
pub use effective::Effective;
pub use session::SetOptions;
pub use store::{Settings, SettingsMark};
