//! An embeddable Go engine.
