//! Functions built by hand, compiled.

mod body;
mod every_op;
mod pictures;
