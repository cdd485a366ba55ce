//! Heap, types, itabs, goroutines, panics and everything else compiled Go needs while it runs.
