//! Tests that need several modules at once. They are not inside those modules, because the model tests compile these
//! a second time with a checker's locks.

mod alg;
mod host;
mod itab;
