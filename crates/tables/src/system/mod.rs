//! The system catalogs as tables: reading them for descriptors, writing them for DDL.

mod depend;
mod drop_plan;
mod shared_depend;
mod source;
mod writer;

pub use depend::{DependencyKind, Dependent, ObjectAddress};
pub use drop_plan::{DropBehavior, DropPlan, DropReason, PlannedDrop};
pub use source::TxnSource;
pub use writer::CatalogWriter;
