//! literals.
