//! The third storey: machine code and the stacks it runs on.
//!
//! [`arena`] holds a program's code, its slots and stubs; [`symtab`] says which function an address belongs to;
//! [`arch`] has the instructions that Rust cannot express; [`stack`] maps stacks. The addresses at which code enters
//! the runtime are passed in when an arena is made.
//!
//! It may name `types` and `heap`, but never `sched` or `std`: it knows addresses of functions there, not what they do.

pub mod arch;
pub mod arena;
pub mod process;
pub mod stack;
pub mod symtab;
