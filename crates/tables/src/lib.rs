//! Rows and indexes over storage.
