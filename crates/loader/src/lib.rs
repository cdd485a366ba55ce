//! Which files make a Go package, and which packages make a program.
//!
//! The only reader of the file system, and it reads through [`Source`], so that everything works from
//! memory too. A [`Loader`] is set up once with an installed Go ([`GoRoot`]), a [`BuildTarget`] and an
//! [`Overlay`]; each [`Loader::load`] turns patterns (files, folders, `./...`, import paths, `std`) into
//! parsed [`Package`]s, dependencies first. Parsed packages of the standard library are kept for the
//! next load.
//!
//! * [`constraint`]: `//go:build`, `// +build` and file names decide which files count.
//! * [`modules`]: go.mod, go.work, vendor folders and the module cache decide where an import leads.
//! * [`overlay`]: our own Go files, which replace or add to packages of GOROOT.
//! * [`Config::host`]: packages that the host program provides.
//! * [`packed`]: the standard library inside the binary.
//! * [`Tables`]: variables of the standard library that a program does without.
//! * [`record`]: what a load asked of the file system, for caches of what is made of it.
//! * [`load`]: the parallel walk over imports, import cycles, the order of packages.
#![forbid(unsafe_code)]

pub mod constraint;
pub mod embed;
pub mod goroot;
pub mod load;
pub mod modfile;
pub mod modules;
pub mod overlay;
pub mod package;
pub mod packed;
pub mod pattern;
pub mod record;
mod replace;
pub mod source;
mod unused;
pub mod version;

pub use constraint::{BuildContext, BuildTarget};
pub use goroot::{GoRoot, GoRootError};
pub use load::{Config, Loaded, Loader, Request};
pub use overlay::{Overlay, OverlayPackage};
pub use package::{Depth, Import, Package, PackageFile, PackageKind};
pub use record::{Manifest, Recorder};
pub use source::{FileSystem, Memory, Source};
pub use unused::{Tables, Unused};
pub use version::GoVersion;
