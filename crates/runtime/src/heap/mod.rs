//! The second storey: the heap of an isolate, its allocator and its collector.
//!
//! Files have the names that Go gives them. [`malloc`] has the heap itself. The roots of a collection are passed in as
//! [`mgcroots::Roots`], so nothing here knows what a goroutine is.
//!
//! It may name `types`, for the shapes of objects, but never `code`, `sched` or `std`.

pub mod boxing;
pub mod heapcheck;
pub mod malloc;
pub mod malloc_shape;
pub mod mbarrier;
pub mod mbitmap;
pub mod mcache;
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
