//! Devirtualisation: uses what is known of an interface value's dynamic type.
//!
//! A value that `MakeIface` has made has a known dynamic type and is not nil. A method call on it becomes a direct
//! call. An assertion or a type switch on it is decided. A comparison of it becomes one of concrete values. An `Unbox`
//! of it is the value that was boxed. A method value that is called where it is made becomes a direct call, too. Boxes
//! that have no other use are then removed as dead code.

use super::rewrite::{Defs, Renames};
use crate::func::{Func, Inst, ValueId};
use crate::op::{Callee, Const, Conv, Op, Term};
use crate::program::{Context, FuncId};
use crate::ty::{Basic, Ty, TyId, TypeTable};
use crate::world::{FuncSrc, World};

/// Uses what is known of dynamic types. Whether anything changed.
pub(crate) fn run(world: &mut World, func: &mut Func) -> bool {
    let matters = |op: &Op| matches!(op, Op::MakeIface(..) | Op::MakeIfaceRaw(..) | Op::MakeClosure(..));
    if !func.blocks.iter().any(|b| b.insts.iter().any(|i| matters(&i.op))) {
        return false;
    }
    let defs = Defs::new(func);
    let mut d = Devirtualiser { world, defs, renames: Renames::new(func), out: vec![], pos: 0, changed: false };
    for b in 0..func.blocks.len() {
        d.block(func, b);
    }
    let renames = std::mem::take(&mut d.renames);
    let changed = d.changed;
    renames.apply(func);
    if changed {
        super::rewrite::drop_unreachable(func);
    }
    changed
}

struct Devirtualiser<'w> {
    world: &'w mut World,
    defs: Defs,
    renames: Renames,
    out: Vec<Inst>,
    pos: u32,
    changed: bool,
}

/// What an interface value holds.
enum Holds {
    Nil,
    Concrete(ValueId),
}

impl Devirtualiser<'_> {
    /// What an interface value holds, when that is a value or nothing.
    fn holds_value(&self, func: &Func, v: ValueId) -> Option<Holds> {
        match *self.defs.op(func, self.renames.get(v))? {
            Op::MakeIface(x, _) => Some(Holds::Concrete(x)),
            Op::Const(Const::Zero) => Some(Holds::Nil),
            Op::ChangeIface(x) | Op::Convert(Conv::Same, x) => self.holds_value(func, x),
            // Made by `reface`.
            Op::MakeIfaceRaw(_, data) => match *self.defs.op(func, data)? {
                Op::IfaceData(x) => self.holds_value(func, x),
                _ => None,
            },
            _ => None,
        }
    }

    /// What an interface value holds; where only its type is known, it is taken out.
    fn holds(&mut self, func: &mut Func, v: ValueId) -> Option<Holds> {
        self.holds_value(func, v).or_else(|| {
            let ty = self.known_type(func, v)?;
            Some(Holds::Concrete(self.emit(func, ty, Op::Unbox(v))))
        })
    }

    /// The type of what an interface value holds whose first word is known.
    fn known_type(&self, func: &Func, v: ValueId) -> Option<TyId> {
        match *self.defs.op(func, self.renames.get(v))? {
            Op::MakeIfaceRaw(tab, _) => match *self.defs.op(func, tab)? {
                Op::ItabDesc(_, ty) | Op::TypeDesc(ty) => Some(ty),
                _ => None,
            },
            Op::ChangeIface(x) | Op::Convert(Conv::Same, x) => self.known_type(func, x),
            _ => None,
        }
    }

    fn concrete(&mut self, func: &mut Func, v: ValueId) -> Option<ValueId> {
        match self.holds(func, v)? {
            Holds::Concrete(x) => Some(x),
            Holds::Nil => None,
        }
    }

    fn emit(&mut self, func: &mut Func, ty: TyId, op: Op) -> ValueId {
        let v = func.new_value(ty);
        self.out.push(Inst { op, result: Some(v), pos: self.pos });
        v
    }

    fn block(&mut self, func: &mut Func, b: usize) {
        // `Defs` finds operations by their place, so the old block stays until the new one is done.
        let insts = func.blocks[b].insts.clone();
        self.out = Vec::with_capacity(insts.len());
        for inst in insts {
            self.pos = inst.pos;
            self.inst(func, inst);
        }
        let out = std::mem::take(&mut self.out);
        let term = func.blocks[b].term.clone();
        self.pos = func.blocks[b].term_pos;
        if let Some(t) = self.term(func, &term) {
            func.blocks[b].term = t;
            self.changed = true;
        }
        if out.len() == func.blocks[b].insts.len() && self.out.is_empty() {
            func.blocks[b].insts = out;
            return;
        }
        func.blocks[b].insts = out;
        func.blocks[b].insts.append(&mut self.out);
        // Places have moved.
        self.defs = Defs::new(func);
    }

    fn inst(&mut self, func: &mut Func, mut inst: Inst) {
        let new = match (&inst.op, inst.result) {
            (Op::Unbox(v), Some(r)) => match self.holds_value(func, *v) {
                Some(Holds::Concrete(x)) if func.ty(x) == func.ty(r) => {
                    self.renames.set(r, x);
                    self.changed = true;
                    return;
                }
                _ => None,
            },
            (Op::TypeAssert(v), Some(r)) => match self.concrete(func, *v) {
                Some(x) if func.ty(x) == func.ty(r) => {
                    self.renames.set(r, x);
                    self.changed = true;
                    return;
                }
                Some(x) if self.implements(func.ty(x), func.ty(r)) => {
                    Some(self.reface(func, *v, func.ty(x), func.ty(r)))
                }
                _ => None,
            },
            (Op::TypeAssertOk(v), Some(r)) => self.assert_ok(func, *v, func.ty(r)),
            (Op::ChangeIface(v), Some(r)) => match self.holds(func, *v) {
                Some(Holds::Concrete(x)) => Some(self.reface(func, *v, func.ty(x), func.ty(r))),
                Some(Holds::Nil) => Some(Op::Const(Const::Zero)),
                _ => None,
            },
            (Op::Equal(x, y), Some(_)) => self.equal(func, *x, *y),
            (Op::EqualIface { iface, value }, Some(_)) => match self.holds(func, *iface) {
                Some(Holds::Concrete(x)) if func.ty(x) == func.ty(*value) => Some(Op::Equal(x, *value)),
                Some(_) => Some(Op::Const(Const::Bool(false))),
                None => None,
            },
            (Op::IsNil(v), Some(_)) => match self.holds(func, *v) {
                Some(Holds::Concrete(_)) => Some(Op::Const(Const::Bool(false))),
                _ => None,
            },
            (Op::IfaceType(v), Some(_)) => self.concrete(func, *v).map(|x| Op::TypeDesc(func.ty(x))),
            (Op::NilCheck(v), _) if self.concrete(func, *v).is_some() => {
                self.changed = true;
                return;
            }
            (Op::Call(callee, args), _) => {
                self.call(func, callee, args).map(|(f, args)| Op::Call(Callee::Static(f), args))
            }
            _ => None,
        };
        if let Some(op) = new {
            inst.op = op;
            self.changed = true;
        }
        self.out.push(inst);
    }

    /// Whether a concrete type has the methods of an interface type.
    fn implements(&mut self, ty: TyId, iface: TyId) -> bool {
        let Some(methods) = self.world.program.types.interface_methods(iface).map(<[_]>::to_vec) else { return false };
        if self.world.program.types.is_interface(ty) {
            return false;
        }
        match self.world.method_set(ty) {
            Ok(set) => methods.iter().all(|m| set.iter().any(|e| e.name == m.name && e.sig == m.sig)),
            Err(_) => false,
        }
    }

    /// The interface value `v`, which holds a `ty`, as another interface type: the box stays.
    fn reface(&mut self, func: &mut Func, v: ValueId, ty: TyId, to: TyId) -> Op {
        let word = TypeTable::basic(Basic::UnsafePointer);
        let is_eface = self.world.program.types.interface_methods(to).is_some_and(<[_]>::is_empty);
        let tab = self.emit(func, word, if is_eface { Op::TypeDesc(ty) } else { Op::ItabDesc(to, ty) });
        let data = self.emit(func, word, Op::IfaceData(v));
        Op::MakeIfaceRaw(tab, data)
    }

    fn assert_ok(&mut self, func: &mut Func, v: ValueId, tuple: TyId) -> Option<Op> {
        let bool_ty = TypeTable::basic(Basic::Bool);
        let to = self.world.program.types.tuple(tuple)[0];
        let is_iface = self.world.program.types.is_interface(to);
        let (value, ok) = match self.holds(func, v)? {
            Holds::Concrete(x) if func.ty(x) == to => (Some(x), true),
            Holds::Concrete(x) if is_iface => {
                if !self.implements(func.ty(x), to) {
                    (None, false)
                } else {
                    let op = self.reface(func, v, func.ty(x), to);
                    (Some(self.emit(func, to, op)), true)
                }
            }
            Holds::Concrete(_) | Holds::Nil => (None, false),
        };
        let value = match value {
            Some(v) => v,
            None => self.emit(func, to, Op::Const(Const::Zero)),
        };
        let ok = self.emit(func, bool_ty, Op::Const(Const::Bool(ok)));
        Some(Op::Aggregate(vec![value, ok]))
    }

    fn equal(&mut self, func: &mut Func, x: ValueId, y: ValueId) -> Option<Op> {
        if !self.world.program.types.is_interface(func.ty(x)) {
            return None;
        }
        match (self.holds(func, x), self.holds(func, y)) {
            (Some(Holds::Concrete(a)), Some(Holds::Concrete(b))) => {
                if func.ty(a) != func.ty(b) {
                    return Some(Op::Const(Const::Bool(false)));
                }
                self.is_comparable(func.ty(a)).then_some(Op::Equal(a, b))
            }
            (Some(Holds::Nil), Some(Holds::Nil)) => Some(Op::Const(Const::Bool(true))),
            (Some(Holds::Concrete(_)), Some(Holds::Nil)) | (Some(Holds::Nil), Some(Holds::Concrete(_))) => {
                Some(Op::Const(Const::Bool(false)))
            }
            (Some(Holds::Nil), None) => Some(Op::IsNil(y)),
            (None, Some(Holds::Nil)) => Some(Op::IsNil(x)),
            (Some(Holds::Concrete(a)), None) if self.is_comparable(func.ty(a)) => {
                Some(Op::EqualIface { iface: y, value: a })
            }
            (None, Some(Holds::Concrete(b))) if self.is_comparable(func.ty(b)) => {
                Some(Op::EqualIface { iface: x, value: b })
            }
            _ => None,
        }
    }

    fn is_comparable(&self, ty: TyId) -> bool {
        let types = &self.world.program.types;
        match types.under(ty) {
            Ty::Slice(_) | Ty::Map(..) | Ty::Func(_) | Ty::Tuple(_) => false,
            Ty::Struct(fields) => fields.iter().all(|f| self.is_comparable(f.ty)),
            Ty::Array(e, _) => self.is_comparable(*e),
            _ => true,
        }
    }

    /// The function that a method call, or a call of a method value, enters, and its arguments with the receiver.
    fn call(&mut self, func: &mut Func, callee: &Callee, args: &[ValueId]) -> Option<(FuncId, Vec<ValueId>)> {
        let (x, name) = match *callee {
            Callee::Interface { iface, index } => {
                let methods = self.world.program.types.interface_methods(func.ty(iface))?;
                let name = methods.get(index as usize)?.name.clone();
                (self.concrete(func, iface)?, name)
            }
            Callee::Closure(v) => match self.defs.op(func, v)? {
                Op::MakeClosure(f, captures, _) => match (self.world.src(*f), captures.as_slice()) {
                    (FuncSrc::Entry(_, name), &[x]) => (x, name.clone()),
                    _ => return None,
                },
                _ => return None,
            },
            Callee::Static(_) => return None,
        };
        let ty = func.ty(x);
        let f = self.world.direct_method(ty, &name)?;
        let decl = self.world.program.func(f);
        let fits = match &decl.context {
            Context::Receiver(t) => *t == ty && decl.params.len() == args.len(),
            Context::None => decl.params.first() == Some(&ty) && decl.params.len() == args.len() + 1,
            _ => false,
        };
        fits.then(|| (f, std::iter::once(x).chain(args.iter().copied()).collect()))
    }

    fn term(&mut self, func: &mut Func, term: &Term) -> Option<Term> {
        match term {
            Term::TailCall(callee, args) => {
                self.call(func, callee, args).map(|(f, args)| Term::TailCall(Callee::Static(f), args))
            }
            Term::TypeSwitch { x, cases, default } => {
                let held = self.holds(func, *x)?;
                for c in cases {
                    match (c.ty, &held) {
                        (None, Holds::Nil) => return Some(Term::Jump(c.target, vec![])),
                        (None, Holds::Concrete(_)) => {}
                        (Some(_), Holds::Nil) => {}
                        (Some(t), Holds::Concrete(v)) if t == func.ty(*v) => return Some(Term::Jump(c.target, vec![])),
                        (Some(t), Holds::Concrete(v)) if self.world.program.types.is_interface(t) => {
                            let v = *v;
                            if self.implements(func.ty(v), t) {
                                let op = self.reface(func, *x, func.ty(v), t);
                                let arg = self.emit(func, t, op);
                                return Some(Term::Jump(c.target, vec![arg]));
                            }
                        }
                        (Some(_), Holds::Concrete(_)) => {}
                    }
                }
                Some(Term::Jump(*default, vec![]))
            }
            _ => None,
        }
    }
}
