//! Heap, types, itabs, goroutines, panics and everything else compiled Go needs while it runs.

pub mod heapcheck;
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
pub mod slice;
pub mod weak;
