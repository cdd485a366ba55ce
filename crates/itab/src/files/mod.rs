//! File systems for Go code: one that the host implements ([`Files`]), one in memory ([`MemoryFiles`]), a folder of the
//! system that is only read ([`FolderFiles`]), and one of them on top of which changes are kept in memory ([`Overlay`]).
//!
//! [`IsolateOptions::mount`](crate::IsolateOptions::mount) says where in an isolate's names a file system is. From then on
//! `os`, `io/fs` and everything built on them see it.
//!
//! ```
//! use itab::files::{Entry, FileInfo, Files, MemoryFiles, Open, OpenFile};
//! use std::io;
//!
//! /// A folder with one file, which is as long as it is said to be.
//! struct Zeros(u64);
//!
//! impl Files for Zeros {
//!     fn open(&mut self, name: &str, _: Open) -> io::Result<Box<dyn OpenFile>> {
//!         if name == "zeros" { Ok(Box::new(Zeros(self.0))) } else { Err(io::ErrorKind::NotFound.into()) }
//!     }
//!     fn info(&mut self, name: &str) -> io::Result<FileInfo> {
//!         match name {
//!             "" => Ok(FileInfo::folder()),
//!             "zeros" => Ok(FileInfo::file(self.0)),
//!             _ => Err(io::ErrorKind::NotFound.into()),
//!         }
//!     }
//!     fn entries(&mut self, _: &str) -> io::Result<Vec<Entry>> {
//!         Ok(vec![Entry { name: "zeros".into(), folder: false }])
//!     }
//! }
//!
//! impl OpenFile for Zeros {
//!     fn read_at(&mut self, into: &mut [u8], at: u64) -> io::Result<usize> {
//!         let n = into.len().min(self.0.saturating_sub(at) as usize);
//!         into[..n].fill(0);
//!         Ok(n)
//!     }
//!     fn info(&mut self) -> io::Result<FileInfo> {
//!         Ok(FileInfo::file(self.0))
//!     }
//! }
//!
//! let data = MemoryFiles::new().with("rules/base.json", "{}");
//! let options = itab::IsolateOptions::default().mount("/zeros", Zeros(1 << 20)).mount("/data", data.clone());
//! # drop(options);
//! assert_eq!(data.read("rules/base.json").as_deref(), Some(&b"{}"[..]));
//! ```

mod folder;
mod memory;
mod overlay;

pub use folder::FolderFiles;
pub use itab_runtime::sched::gateway::files::{Entry, FileInfo, Files, Open, OpenFile};
pub use memory::MemoryFiles;
pub use overlay::Overlay;
