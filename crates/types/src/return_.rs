//! return_.
