//! PGLiteDB: a PostgreSQL-compatible embedded database.
