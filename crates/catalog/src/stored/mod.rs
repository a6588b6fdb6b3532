//! The catalogs of a database: built-in rows merged with stored ones, through caches.

mod cache;
mod catalog;
mod invalidation;
mod lookups;
mod relations;
mod source;
pub(crate) mod statistics;

pub use cache::{CatalogCache, PublishGuard};
pub use catalog::{NameScope, StoredCatalog};
pub use invalidation::Invalidation;
pub use source::{CatalogSource, MaybeRow};
pub use statistics::statistics_row;
