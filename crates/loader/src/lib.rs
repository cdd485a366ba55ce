//! Which files make a Go package: GOROOT, modules, build constraints, overlays.
#![forbid(unsafe_code)]
