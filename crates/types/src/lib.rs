//! Values, type OIDs, text and binary forms, comparison, order-preserving keys.
