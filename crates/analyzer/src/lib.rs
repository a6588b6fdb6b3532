//! Raw tree and catalog to bound query.
