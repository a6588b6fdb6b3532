//! Arbitrary-precision decimal numbers (`numeric`).

use std::sync::Arc;

/// A `numeric` value: digits in base 10,000, weight, sign and display scale; NaN and the infinities.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Numeric(Arc<[i16]>);
