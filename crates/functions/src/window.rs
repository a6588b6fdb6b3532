//! Window functions: names only, as the executor's WindowAgg node implements them.

use crate::{Builtin, Registry};

const NAMES: [&str; 15] = [
    "window_row_number",
    "window_rank",
    "window_dense_rank",
    "window_percent_rank",
    "window_cume_dist",
    "window_ntile",
    "window_lag",
    "window_lag_with_offset",
    "window_lag_with_offset_and_default",
    "window_lead",
    "window_lead_with_offset",
    "window_lead_with_offset_and_default",
    "window_first_value",
    "window_last_value",
    "window_nth_value",
];

pub(crate) fn register(reg: &mut Registry) {
    for name in NAMES {
        reg.add(name, Builtin::Window);
    }
}
