//! An open database: sessions, transaction blocks, prepared statements, portals, settings, DDL.
