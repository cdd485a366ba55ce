//! Putting instructions into a function, one block at a time.
//!
//! There is always a current block. A terminator ends it and starts a new one without predecessors, so that code after
//! `return` is built like any other; [`Emit::finish`] drops what is unreachable.

use crate::func::{Block, BlockId, Func, Inst, Local, LocalId, ValueId};
use crate::op::{Callee, Const, Op, Storage, Term};
use crate::passes::rewrite::drop_unreachable;
use crate::program::{FuncId, Program};
use crate::ty::TyId;
use crate::world::{BOOL, INT};
use std::sync::Arc;

/// A function under construction.
pub(crate) struct Emit {
    pub func: Func,
    pub cur: BlockId,
    /// Position of what is emitted next.
    pub pos: u32,
}

impl Emit {
    /// An empty body of a declared function.
    pub fn new(program: &Program, id: FuncId) -> Emit {
        let func = Func::new(id);
        let mut e = Emit { func, cur: BlockId(0), pos: program.func(id).pos };
        let params = program.func(id).params.clone();
        e.block_with(&params);
        e
    }

    /// The function's parameters.
    pub fn params(&self) -> Vec<ValueId> {
        self.func.blocks[0].params.clone()
    }

    /// A new block.
    pub fn block(&mut self) -> BlockId {
        self.block_with(&[]).0
    }

    /// A new block with parameters.
    pub fn block_with(&mut self, params: &[TyId]) -> (BlockId, Vec<ValueId>) {
        let params: Vec<_> = params.iter().map(|&t| self.func.new_value(t)).collect();
        let block =
            Block { params: params.clone(), insts: vec![], term: Term::Unreachable, term_pos: self.pos, cold: false };
        self.func.blocks.push(block);
        (BlockId(self.func.blocks.len() as u32 - 1), params)
    }

    /// An operation with a result.
    pub fn op(&mut self, ty: TyId, op: Op) -> ValueId {
        let v = self.func.new_value(ty);
        let inst = Inst { op, result: Some(v), pos: self.pos };
        self.func.blocks[self.cur.index()].insts.push(inst);
        v
    }

    /// The type of what `v` boxes, if it is the current block that does so.
    pub fn boxed_type(&self, v: ValueId) -> Option<TyId> {
        let insts = &self.func.blocks[self.cur.index()].insts;
        let inst = insts.iter().rev().find(|i| i.result == Some(v))?;
        match inst.op {
            Op::MakeIface(x, _) => Some(self.func.ty(x)),
            _ => None,
        }
    }

    /// An operation without a result.
    pub fn stmt(&mut self, op: Op) {
        let inst = Inst { op, result: None, pos: self.pos };
        self.func.blocks[self.cur.index()].insts.push(inst);
    }

    /// Ends the current block; what follows is unreachable until [`Emit::switch_to`].
    pub fn term(&mut self, t: Term) {
        let b = &mut self.func.blocks[self.cur.index()];
        b.term = t;
        b.term_pos = self.pos;
        self.cur = self.block();
    }

    /// Goes on in another block.
    pub fn switch_to(&mut self, b: BlockId) {
        self.cur = b;
    }

    /// Jumps to a block and goes on there.
    pub fn fall_into(&mut self, b: BlockId) {
        self.jump(b);
        self.cur = b;
    }

    /// Jumps.
    pub fn jump(&mut self, b: BlockId) {
        self.term(Term::Jump(b, vec![]));
    }

    /// Branches.
    pub fn branch(&mut self, cond: ValueId, then: BlockId, els: BlockId) {
        self.term(Term::If { cond, then: (then, vec![]), els: (els, vec![]) });
    }

    /// Marks a block as unlikely.
    pub fn cold(&mut self, b: BlockId) {
        self.func.blocks[b.index()].cold = true;
    }

    /// A new variable in registers.
    pub fn local(&mut self, ty: TyId, name: &str) -> LocalId {
        self.func.locals.push(Local { ty, name: Arc::from(name) });
        LocalId(self.func.locals.len() as u32 - 1)
    }

    pub fn get(&mut self, l: LocalId) -> ValueId {
        let ty = self.func.locals[l.index()].ty;
        self.op(ty, Op::LocalGet(l))
    }

    pub fn set(&mut self, l: LocalId, v: ValueId) {
        self.stmt(Op::LocalSet(l, v));
    }

    pub fn ty(&self, v: ValueId) -> TyId {
        self.func.ty(v)
    }

    pub fn int(&mut self, n: i64) -> ValueId {
        self.op(INT, Op::Const(Const::Int(n)))
    }

    pub fn bool(&mut self, b: bool) -> ValueId {
        self.op(BOOL, Op::Const(Const::Bool(b)))
    }

    pub fn zero(&mut self, ty: TyId) -> ValueId {
        self.op(ty, Op::Const(Const::Zero))
    }

    /// Loads through a typed pointer.
    pub fn load(&mut self, ty: TyId, ptr: ValueId) -> ValueId {
        self.op(ty, Op::Load(ptr))
    }

    pub fn store(&mut self, ptr: ValueId, val: ValueId) {
        self.stmt(Op::Store { ptr, val });
    }

    /// A new zeroed variable; `ptr_ty` is the pointer type.
    pub fn alloc(&mut self, ptr_ty: TyId, ty: TyId, place: Storage) -> ValueId {
        self.op(ptr_ty, Op::Alloc(ty, place))
    }

    /// The drop of unreachable blocks. The entry stays first; the order of the others stays as it is.
    pub fn finish(mut self) -> Func {
        drop_unreachable(&mut self.func);
        self.func
    }

    /// Calls a function of `program`; several results are a tuple of type `tuple`.
    pub fn call(&mut self, callee: Callee, args: Vec<ValueId>, result: Option<TyId>) -> Option<ValueId> {
        let op = Op::Call(callee, args);
        match result {
            Some(t) => Some(self.op(t, op)),
            None => {
                self.stmt(op);
                None
            }
        }
    }
}
