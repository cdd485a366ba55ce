//! What each stage of the compiler makes of a function, for people to read.

use crate::error::Error;
use crate::program::{Origin, Program};
use itab_codegen::compiler::DumpStage;
use std::str::FromStr;

/// A stage of the compiler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The syntax tree.
    Ast,
    /// The type of every expression.
    Types,
    /// Typed functions, everything implicit made explicit.
    Ir,
    /// Cranelift's IR.
    Clif,
    /// Machine code.
    Asm,
}

impl FromStr for Stage {
    type Err = ();
    fn from_str(s: &str) -> Result<Stage, ()> {
        Ok(match s {
            "ast" => Stage::Ast,
            "types" => Stage::Types,
            "ir" => Stage::Ir,
            "clif" => Stage::Clif,
            "asm" => Stage::Asm,
            _ => return Err(()),
        })
    }
}
