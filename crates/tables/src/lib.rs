//! Rows and indexes over storage.
//!
//! [`TableSpace`] is one database's tables; [`TableSpace::open`] gives the [`TableAccess`] of a relation, which
//! reads ([`TableScan`], [`IndexScan`], [`TableAccess::fetch`]) and writes rows and keeps the indexes. See `README.md`
//! for the formats and the locking protocol.

mod access;
mod births;
mod catalog_index;
mod error;
mod index_access;
mod index_build;
mod index_scan;
mod key;
mod key_cache;
mod locking;
mod row;
mod rowref;
mod scan;
mod sequence;
mod space;
pub mod system;
mod unique;
mod write;

pub use access::{RowId, TableAccess};
pub use error::{concurrent_delete, concurrent_update, corrupt, storage_error};
pub use index_access::{IndexAccess, IndexExprs, PlainIndexes};
pub use index_build::BuiltIndex;
pub use index_scan::IndexScan;
pub use key::{IndexBounds, KeyColumn, encode_key, key_range};
pub use key_cache::KeyCache;
pub use locking::{RowLock, RowLockMode};
pub use row::{RowLayout, RowView};
pub use rowref::RowRef;
pub use scan::TableScan;
pub use sequence::{SequenceAccess, SequenceParams};
pub use space::TableSpace;
pub use unique::DeferredUnique;
pub use write::WriteCtx;
