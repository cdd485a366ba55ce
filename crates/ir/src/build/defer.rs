//! `go` and `defer`, and the functions that have deferred calls.
//!
//! A deferring function, one with a `defer` statement, is split. The outer part makes the frame and memory for the
//! results, and calls the body with `TryCall`. The body stores results through pointers and makes the deferred calls
//! before it returns. When a deferred call recovers a panic, the outer part makes those that are left. Then it returns
//! what the results hold. The passes see the two parts; in the end `passes::merge` makes one function of them.
//!
//! A deferred or started call becomes a `func()` that captures the operands, which are evaluated at the statement.

use super::{Builder, FuncState, Level, Returns, Var, VarKey};
use crate::emit::Emit;
use crate::func::ValueId;
use crate::op::{Callee, Op, Storage, Term};
use crate::program::{Context, FuncId, FuncKind};
use crate::ty::TyId;
use crate::world::{FuncSrc, Res, World};
use itab_syntax::{Block, ExprId, ExprKind};
use itab_types::{BuiltinId, ObjId, Signature};

impl Builder<'_> {
    /// Builds the current function as an outer part and a body.
    pub fn split_function(&mut self, sig: &Signature, results: Vec<(Option<ObjId>, TyId)>, body: Block) -> Res<()> {
        let decl = self.w.program.func(self.f.id).clone();
        // Deferred calls are made from the end, as far as tracebacks show.
        let end = body.rbrace.0;
        let frame = self.f.e.op(World::unsafe_pointer(), Op::DeferFrame(0));
        let mut args = vec![];
        if let Context::Receiver(t) = decl.context {
            args.push(self.f.e.op(t, Op::Receiver));
        }
        args.extend(self.f.e.params());
        args.push(frame);
        let mut ptrs = vec![];
        for &(obj, ty) in &results {
            let shared = obj.is_some_and(|o| self.is_shared(o));
            let ptr = self.pointer(ty);
            ptrs.push(self.f.e.alloc(ptr, ty, if shared { Storage::Heap } else { Storage::Stack }));
        }
        args.extend(&ptrs);
        let params = args.iter().map(|&v| self.f.e.ty(v)).collect();
        let inner = self.inner_decl(decl.name.to_string(), FuncKind::Body, params, vec![]);
        let id = self.inner_func(inner)?;
        let name = self.f.name.clone();
        self.enter(id, Level::Body, name);
        self.split_body(sig, results.clone(), body)?;
        let count = self.f.closure_count;
        args.extend(self.leave()?);
        self.f.closure_count = count;
        let (normal, recovered) = (self.f.e.block(), self.f.e.block());
        self.f.e.term(Term::TryCall { frame, callee: id, args, normal, recovered });
        self.f.e.pos = end;
        self.f.e.cold(recovered);
        for b in [normal, recovered] {
            self.f.e.switch_to(b);
            if b == recovered {
                self.f.e.stmt(Op::DeferReturn(frame));
            }
            let vals = ptrs.iter().zip(&results).map(|(&p, r)| self.f.e.load(r.1, p)).collect();
            self.f.e.term(Term::Return(vals));
        }
        Ok(())
    }

    fn is_shared(&self, obj: ObjId) -> bool {
        let v = self.w.store.var(obj);
        v.captured || v.addr_taken || self.shared.contains(&obj)
    }

    fn split_body(&mut self, sig: &Signature, results: Vec<(Option<ObjId>, TyId)>, body: Block) -> Res<()> {
        let mut params = self.f.e.params();
        self.bind_params(sig, &mut params)?;
        self.tmp_count += 1;
        let frame = VarKey::Tmp(self.tmp_count);
        self.f.vars.insert(frame, Var::Value(params.remove(0)));
        self.f.frame = Some(frame);
        for (r, &p) in results.iter().zip(&params) {
            if let Some(obj) = r.0 {
                self.f.vars.insert(VarKey::Obj(obj), Var::Mem(p));
            }
        }
        self.f.returns = Returns::Pointers(params, body.rbrace.0);
        self.f.results = results;
        self.function_body(body)
    }

    /// The frame of the function that the current code belongs to.
    pub fn frame(&mut self) -> Res<Option<ValueId>> {
        let mut found = self.f.frame;
        let mut at = self.outer.len();
        let mut inside = self.f.range_body;
        while found.is_none() && inside && at > 0 {
            at -= 1;
            let s: &FuncState = &self.outer[at];
            found = s.frame;
            inside = s.range_body;
        }
        match found {
            Some(key) => Ok(Some(self.read_key(key)?)),
            None => Ok(None),
        }
    }

    /// `defer call`
    pub fn defer_stmt(&mut self, call: ExprId) -> Res<()> {
        let func = self.deferred(call, "deferwrap")?;
        let Some(frame) = self.frame()? else { return self.fail("a deferred call without a frame") };
        self.f.e.stmt(Op::Defer { frame, func, place: Storage::Heap });
        Ok(())
    }

    /// `go call`
    pub fn go_stmt(&mut self, call: ExprId) -> Res<()> {
        let func = self.deferred(call, "gowrap")?;
        self.f.e.stmt(Op::Go(func));
        Ok(())
    }

    /// A `func()` that makes a call whose operands are evaluated now.
    fn deferred(&mut self, call: ExprId, what: &str) -> Res<ValueId> {
        let call = self.code.tree.unparen(call);
        let ExprKind::CallExpr { fun, args, .. } = self.code.tree[call].kind else { return self.fail("no call") };
        let func0 = self.w.func0();
        if let Some(id) = self.builtin_of(fun) {
            return self.deferred_builtin(call, id, what);
        }
        let lit = self.code.tree.unparen(fun);
        if args.is_empty()
            && matches!(self.code.tree[lit].kind, ExprKind::FuncLit { .. })
            && self.type_of(lit)? == func0
        {
            return self.func_lit(lit, Storage::Heap);
        }
        let outer = std::mem::replace(&mut self.deferring, true);
        let (target, args) = self.call_operands(call)?;
        self.deferring = outer;
        let results = target.sig.results.clone();
        let (mut vals, callee) = match target.callee {
            Callee::Static(id) => (vec![], Callee::Static(id)),
            Callee::Closure(v) => (vec![v], Callee::Closure(v)),
            Callee::Interface { iface, index } => {
                self.f.e.stmt(Op::NilCheck(iface));
                (vec![iface], Callee::Interface { iface, index })
            }
        };
        let first = vals.len();
        vals.extend(target.recv);
        vals.extend(args);
        if let (Callee::Static(id), true, true) = (&callee, vals.is_empty(), results.is_empty())
            && !matches!(self.w.src(*id), FuncSrc::Special(_))
        {
            return Ok(self.f.e.op(func0, Op::FuncVal(*id)));
        }
        if let (Callee::Closure(v), 1, true, "gowrap") = (&callee, vals.len(), results.is_empty(), what) {
            return self.assign_conv(*v, func0);
        }
        self.wrap(what, vals, |b, e, vals| {
            let callee = match callee {
                Callee::Closure(_) => Callee::Closure(vals[0]),
                Callee::Interface { index, .. } => Callee::Interface { iface: vals[0], index },
                c => c,
            };
            let args = vals[first..].to_vec();
            let result = b.result_type(&results);
            if let Callee::Static(id) = callee
                && let FuncSrc::Special(s) = *b.w.src(id)
            {
                return crate::intrinsics::emit(b.w, e, s, args, result).map(|_| ());
            }
            e.call(callee, args, result);
            Ok(())
        })
    }

    fn deferred_builtin(&mut self, call: ExprId, id: BuiltinId, what: &str) -> Res<ValueId> {
        let vals = self.builtin_operands(call, id, true)?;
        self.wrap(what, vals, |b, e, vals| {
            // The built-in is emitted into the wrapper.
            std::mem::swap(&mut b.f.e, e);
            let done = match id {
                // A wrapper, which is not what the panic called: it recovers if the function that defers it would.
                BuiltinId::Recover => {
                    let any = b.w.any();
                    b.f.e.op(any, Op::Recover(None));
                    Ok(())
                }
                _ => b.builtin_stmt(id, vals),
            };
            std::mem::swap(&mut b.f.e, e);
            done
        })
    }

    /// A wrapper that captures values and does something with them.
    fn wrap(
        &mut self,
        what: &str,
        vals: Vec<ValueId>,
        body: impl FnOnce(&mut Self, &mut Emit, &[ValueId]) -> Res<()>,
    ) -> Res<ValueId> {
        self.f.wrap_count += 1;
        let name = format!("{}.{what}{}", self.f.name, self.f.wrap_count);
        let types: Vec<TyId> = vals.iter().map(|&v| self.f.e.ty(v)).collect();
        let mut decl = self.inner_decl(name, FuncKind::Wrapper, vec![], vec![]);
        if !vals.is_empty() {
            decl.context = Context::Captures(types.clone());
        }
        let id: FuncId = self.inner_func(decl)?;
        let mut e = Emit::new(&self.w.program, id);
        e.pos = self.f.e.pos;
        let caps: Vec<ValueId> = types.iter().enumerate().map(|(i, &t)| e.op(t, Op::Capture(i as u32))).collect();
        body(self, &mut e, &caps)?;
        e.term(Term::Return(vec![]));
        self.done.push(e.finish());
        let func0 = self.w.func0();
        Ok(self.closure_value(id, vals, func0, Storage::Heap))
    }
}
