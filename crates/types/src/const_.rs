//! const_.
