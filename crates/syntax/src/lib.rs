//! Scanner, parser, syntax tree and diagnostics of Go 1.27.
//!
//! Bytes go in, a [`File`] and its [`Diagnostic`]s come out; no input makes this crate panic. Nothing
//! here reads the file system and nothing here knows types: that is the loader's and the checker's work.
//!
//! * [`pos`]: a [`Pos`] is a `u32` offset into a [`FileSet`]; lines and columns are worked out on demand.
//! * [`names`]: identifiers are [`Name`]s, interned in a [`Names`] that all parsers share.
//! * [`tree`]: nodes live in arenas and refer to each other by index. The package-level declarations of
//!   a file are one [`Tree`], each function body is another, so that bodies can be skipped
//!   ([`Mode::SKIP_BODIES`]), parsed later ([`parse_body`]) and dropped one by one.
//! * [`diagnostic`]: what is wrong, in the words and at the positions of Go's compiler.
#![forbid(unsafe_code)]

pub mod diagnostic;
pub mod dump;
pub mod literal;
pub mod names;
pub mod pos;
pub mod printer;
pub mod token;
pub mod tree;

mod branches;
mod parser;
mod scanner;

pub use diagnostic::{Code, Diagnostic, Related, Severity};
pub use names::{Name, Names};
pub use parser::{MAX_DEPTH, Mode, parse_body, parse_file};
pub use pos::{FileSet, Pos, Position, SourceFile, Span};
pub use printer::{expr_list_string, expr_string};
pub use token::{LitKind, Op, Token};
pub use tree::*;
