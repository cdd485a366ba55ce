//! IR to Cranelift to relocatable objects.
#![forbid(unsafe_code)]
