//! The parser.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::names::Names;
use crate::pos::{SourceFile, Span};
use crate::tree::{Body, File};

bitflags::bitflags! {
    /// How to parse a file.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct Mode: u8 {
        /// Skip the bodies of declared functions; [`parse_body`] parses them later. If anything is
        /// wrong with the file it is parsed whole all the same, so that the errors are the same.
        const SKIP_BODIES = 1;
    }
}

/// Parses a file. The diagnostics are sorted by position.
pub fn parse_file(source: &Arc<SourceFile>, names: &Names, mode: Mode) -> (File, Vec<Diagnostic>) {
    unimplemented!("parse_file {source:?} {names:?} {mode:?}")
}

/// Parses one function body of a file, given its text with braces ([`crate::FuncDecl::body`]).
pub fn parse_body(source: &Arc<SourceFile>, names: &Names, body: Span) -> (Body, Vec<Diagnostic>) {
    unimplemented!("parse_body {source:?} {names:?} {body:?}")
}
