//! The third storey: machine code and the stacks it runs on.
//!
//! [`arena`] holds a program's code, its slots and stubs; [`symtab`] says which function an address belongs to; [`arch`] has
//! the instructions that Rust cannot express; [`stack`] maps stacks. The addresses that code jumps to when it leaves for the
//! runtime are handed in when an arena is made.
//!
//! It names `types` and `heap`, and never `sched` or `std`: it knows addresses, not what the functions there do.

pub mod arch;
pub mod arena;
pub mod process;
pub mod stack;
pub mod symtab;
