//! Bodies of functions by hand.

use itab_codegen::{CodegenOptions, Compiler};
use itab_ir::func::{Block, BlockId, Func, Inst, Local, LocalId, ValueId};
use itab_ir::op::{Const, Op, Term};
use itab_ir::program::{Context, FuncDecl, FuncId, FuncKind, Program};
use itab_ir::ty::{Basic, Field, IMethod, QualName, Sig, Ty, TyId, TypeTable};
use std::sync::Arc;

/// A basic type.
pub fn basic(b: Basic) -> TyId {
    TypeTable::basic(b)
}

/// `int`
pub const INT: TyId = TypeTable::basic(Basic::Int);
/// `bool`
pub const BOOL: TyId = TypeTable::basic(Basic::Bool);
/// `string`
pub const STRING: TyId = TypeTable::basic(Basic::String);
/// `unsafe.Pointer`
pub const PTR: TyId = TypeTable::basic(Basic::UnsafePointer);

/// Declares a function.
pub fn declare(p: &mut Program, name: &str, params: &[TyId], results: &[TyId], context: Context) -> FuncId {
    p.add_func(FuncDecl {
        name: name.into(),
        kind: FuncKind::Declared,
        params: params.to_vec(),
        results: results.to_vec(),
        context,
        native: None,
        pos: 1,
        variadic: false,
        noinline: false,
        known: Default::default(),
    })
}

/// An exported name.
pub fn name(n: &str) -> QualName {
    QualName { name: n.into(), pkg: "".into() }
}

/// `struct{F0 ..; F1 ..}`
pub fn struct_of(t: &mut TypeTable, fields: &[TyId]) -> TyId {
    let fields = fields
        .iter()
        .enumerate()
        .map(|(i, &ty)| Field { name: name(&format!("F{i}")), ty, embedded: false, tag: "".into() })
        .collect();
    t.intern(Ty::Struct(fields))
}

/// `interface{}` or an interface with methods `M0()`, ...
pub fn interface_of(t: &mut TypeTable, methods: usize) -> TyId {
    let sig = t.intern(Ty::Func(Sig::default()));
    let methods = (0..methods).map(|i| IMethod { name: name(&format!("M{i}")), sig }).collect();
    t.intern(Ty::Interface(methods))
}

/// A body in the making.
pub struct Body {
    pub f: Func,
    at: usize,
    pos: u32,
}

impl Body {
    /// With the parameters as values 0, 1, ...
    pub fn new(p: &Program, id: FuncId) -> Body {
        let decl = p.func(id);
        let params = (0..decl.params.len() as u32).map(ValueId).collect();
        let entry = Block { params, insts: vec![], term: Term::Unreachable, term_pos: 2, cold: false };
        let f = Func { values: decl.params.clone(), blocks: vec![entry], ..Func::new(id) };
        Body { f, at: 0, pos: 10 }
    }

    /// A new block with parameters of these types.
    pub fn block(&mut self, params: &[TyId]) -> (BlockId, Vec<ValueId>) {
        let params: Vec<ValueId> = params.iter().map(|&t| self.f.new_value(t)).collect();
        let b = Block { params: params.clone(), insts: vec![], term: Term::Unreachable, term_pos: 3, cold: false };
        self.f.blocks.push(b);
        (BlockId(self.f.blocks.len() as u32 - 1), params)
    }

    /// Goes on in a block.
    pub fn at(&mut self, b: BlockId) {
        self.at = b.index();
    }

    /// An instruction with a result.
    pub fn op(&mut self, ty: TyId, op: Op) -> ValueId {
        let v = self.f.new_value(ty);
        self.pos += 1;
        self.f.blocks[self.at].insts.push(Inst { op, result: Some(v), pos: self.pos });
        v
    }

    /// An instruction without.
    pub fn run(&mut self, op: Op) {
        self.pos += 1;
        self.f.blocks[self.at].insts.push(Inst { op, result: None, pos: self.pos });
    }

    /// Ends the block.
    pub fn end(&mut self, term: Term) {
        self.f.blocks[self.at].term = term;
    }

    /// An int.
    pub fn int(&mut self, i: i64) -> ValueId {
        self.op(INT, Op::Const(Const::Int(i)))
    }

    /// A zero value.
    pub fn zero(&mut self, ty: TyId) -> ValueId {
        self.op(ty, Op::Const(Const::Zero))
    }

    /// A string.
    pub fn str(&mut self, s: &str) -> ValueId {
        self.op(STRING, Op::Const(Const::Str(Arc::from(s.as_bytes()))))
    }

    /// A variable.
    pub fn local(&mut self, ty: TyId) -> LocalId {
        self.f.locals.push(Local { ty, name: "l".into() });
        LocalId(self.f.locals.len() as u32 - 1)
    }
}

/// A compiler with the verifier on.
pub fn compiler(target: Option<&str>) -> Compiler {
    let options = CodegenOptions { verify: true, target: target.map(Into::into), ..CodegenOptions::default() };
    Compiler::new(options).expect("the target is supported")
}
