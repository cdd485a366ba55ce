//! The body of one function: blocks of instructions over values.
//!
//! A value is assigned once, by a block parameter or an instruction. Variables of Go that are neither captured by
//! reference nor have their address taken are [`Local`]s, read and written by `LocalGet` and `LocalSet`; the pass
//! `lift` turns them into values, or else codegen does. All other variables are memory made by `Op::Alloc`.
//!
//! Invariants, checked by `sanity`: the entry block is block 0, and its parameters are the function's parameters. Every
//! block ends in one terminator. A value is used only where its definition dominates. Types of operands are as `Op`
//! says.

use crate::op::{Op, Term};
use crate::program::FuncId;
use crate::ty::TyId;
use std::sync::Arc;

/// A position in source: `itab_syntax`'s global position.
pub type Pos = u32;

macro_rules! id {
    ($(#[$d:meta])* $n:ident, $p:literal) => {
        $(#[$d])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $n(pub u32);
        impl std::fmt::Debug for $n {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($p, "{}"), self.0)
            }
        }
        impl $n {
            /// As an index.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}
id!(
    /// A value.
    ValueId, "v");
id!(
    /// A basic block.
    BlockId, "b");
id!(
    /// A variable in registers.
    LocalId, "l");

/// A variable that lives in registers.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its type.
    pub ty: TyId,
    /// Its name in the source, for printing.
    pub name: Arc<str>,
}

/// An instruction: an operation, its result and its position. Operations without a result have none.
#[derive(Clone, Debug)]
pub struct Inst {
    /// What it does.
    pub op: Op,
    /// The value it defines.
    pub result: Option<ValueId>,
    /// Where in the source.
    pub pos: Pos,
}

/// Positions from here on are numbers of [`Func::places`]: the instruction comes from an inlined function.
pub const INLINED: Pos = 1 << 31;

/// A call that was inlined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InlinedAt {
    /// The function whose body stands here.
    pub func: FuncId,
    /// The inlined call that the call stands in, a number in [`Func::inlined`] plus one; 0 for the function's own code.
    pub parent: u32,
    /// Where the call is.
    pub call_pos: Pos,
}

/// A basic block.
#[derive(Clone, Debug)]
pub struct Block {
    /// Values that jumps here give.
    pub params: Vec<ValueId>,
    /// Its instructions.
    pub insts: Vec<Inst>,
    /// How it ends.
    pub term: Term,
    /// Position of the terminator.
    pub term_pos: Pos,
    /// Whether it is unlikely to run.
    pub cold: bool,
}

/// Memory in a frame of deferred calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deferred {
    /// The frame, a parameter.
    pub frame: ValueId,
    /// How many bytes it must have.
    pub size: u32,
}

/// A function's body.
#[derive(Clone, Debug)]
pub struct Func {
    /// Which function it is; name, signature and context stand in its `FuncDecl`.
    pub id: FuncId,
    /// Types of all values.
    pub values: Vec<TyId>,
    /// Variables in registers. They are zero when the function starts.
    pub locals: Vec<Local>,
    /// Blocks; the first is the entry and has the parameters (receiver first, when it is not the context).
    pub blocks: Vec<Block>,
    /// Closures that this body makes or calls, built with it and compiled in the same batch.
    pub closures: Vec<FuncId>,
    /// Calls that were inlined.
    pub inlined: Vec<InlinedAt>,
    /// For the body of a function with deferred calls: where what they hold is.
    pub deferred: Option<Deferred>,
    /// Positions in inlined code: the position, and the inlined call as in [`InlinedAt::parent`].
    pub places: Vec<(Pos, u32)>,
}

impl Func {
    /// A function without a body.
    pub fn new(id: FuncId) -> Func {
        Func {
            id,
            values: vec![],
            locals: vec![],
            blocks: vec![],
            closures: vec![],
            inlined: vec![],
            deferred: None,
            places: vec![],
        }
    }

    /// The position in source that an instruction's position means, and the inlined call as in [`InlinedAt::parent`].
    pub fn place(&self, pos: Pos) -> (Pos, u32) {
        match pos.checked_sub(INLINED).and_then(|i| self.places.get(i as usize)) {
            Some(&place) => place,
            None => (pos, 0),
        }
    }

    /// Type of a value.
    pub fn ty(&self, v: ValueId) -> TyId {
        self.values[v.index()]
    }

    /// A new value of type `ty`.
    pub fn new_value(&mut self, ty: TyId) -> ValueId {
        self.values.push(ty);
        ValueId(self.values.len() as u32 - 1)
    }

    /// The block.
    pub fn block(&self, b: BlockId) -> &Block {
        &self.blocks[b.index()]
    }
}
