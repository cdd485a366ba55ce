//! Heap, types, itabs, goroutines, panics and everything else compiled Go needs while it runs.

pub mod alg;
pub mod errors;
pub mod heapcheck;
pub mod iface;
pub mod itab;
pub mod malloc;
pub mod malloc_shape;
pub mod mbarrier;
pub mod mbitmap;
pub mod mcleanup;
pub mod mfinal;
pub mod mgc;
pub mod mgcmark;
pub mod mgcpace;
pub mod mgcroots;
pub mod mgcsweep;
pub mod mheap;
pub mod msize;
pub mod mspan;
pub mod mspecial;
pub mod mstats;
pub mod persistent;
mod ptr_table;
pub mod slice;
mod sync;
pub mod types;
pub mod weak;

#[cfg(test)]
mod tests;
