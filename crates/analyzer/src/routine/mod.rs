//! What user-defined functions in SQL need of the analysis.
//!
//! - `names`: parameters by name in bodies
//! - `body`: stored SQL-standard bodies, and binding the statements of a body
//! - `result`: does the last statement give what the function returns?

mod body;
mod names;
mod result;

pub use body::{
    StoredBody, analyze_pl_assignment, analyze_return, assignment_cast, bind_function_default, deparse_body,
    resolve_polymorphic,
};
pub use names::ArgumentNames;
pub use result::{FunctionResult, ResultShape, coerce_result, result_columns};
