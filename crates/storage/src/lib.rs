//! B-tree file, write-ahead log, recovery, multi-version store and locks; bytes in, bytes out.
