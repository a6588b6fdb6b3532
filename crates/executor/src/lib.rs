//! Plan and transaction to rows; one file per node.
