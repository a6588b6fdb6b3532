//! Messages and authentication of the PostgreSQL protocol as functions over bytes.
