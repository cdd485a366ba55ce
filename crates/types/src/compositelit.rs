//! compositelit.
