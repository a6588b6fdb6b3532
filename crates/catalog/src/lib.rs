//! Descriptions of tables, types and functions: built-in rows merged with stored ones.
