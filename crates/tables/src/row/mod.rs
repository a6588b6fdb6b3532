//! How a row is stored.
//!
//! ```text
//! byte 0      flags: bit 0 has NULLs, bits 1-2 width of the end offsets (0: 1 byte, 1: 2 bytes, 2: 4 bytes)
//! bytes 1-2   number of columns stored, little-endian; later columns take their "missing" value
//! [bitmap]    one bit for each stored column, 1 = NULL (only with bit 0)
//! ends        for each stored column, where its value ends, counted from the first value's first byte
//! values      one after the other
//! ```
//!
//! Any column is found in constant time, whatever the types of the columns before it; a dropped column needs no
//! description to be skipped; a length that does not fit the type is found when the column is read.

mod layout;
mod view;

pub use layout::RowLayout;
pub use view::RowView;
