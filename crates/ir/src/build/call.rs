//! Calls, functions as values, method values and method expressions.

use super::Builder;
use crate::emit::Emit;
use crate::func::ValueId;
use crate::generic::EnvId;
use crate::intrinsics::Special;
use crate::methods::{MethodInfo, MethodTarget};
use crate::op::{Callee, Op, Storage, Term};
use crate::program::{FuncId, FuncKind};
use crate::ty::{Sig, Ty, TyId};
use crate::world::{FuncSrc, Res};
use crate::wrappers::{From, from_type, read, receiver, walk};
use itab_syntax::{ExprId, ExprKind};
use itab_types::{Mode, ObjId, ObjKind, SelectionKind};

/// What a call enters, its own operands evaluated.
pub(crate) struct CallTarget {
    pub callee: Callee,
    /// The receiver of a method called directly.
    pub recv: Option<ValueId>,
    pub sig: Sig,
}

impl Builder<'_> {
    /// A call, conversion or use of a built-in; several results are a tuple.
    pub fn call(&mut self, e: ExprId) -> Res<Option<ValueId>> {
        let e = self.code.tree.unparen(e);
        if let Some(v) = self.f.hoisted.remove(&e) {
            return Ok(Some(v));
        }
        let ExprKind::CallExpr { fun, args, .. } = self.code.tree[e].kind else {
            return Ok(Some(self.expr(e)?));
        };
        if self.mode(fun) == Mode::TypExpr {
            let x = self.code.tree[args][0];
            return Ok(Some(self.conversion(e, x)?));
        }
        if let Some(id) = self.builtin_of(fun) {
            return self.builtin(e, id);
        }
        if let Some(v) = self.func_pc(fun, e)? {
            return Ok(Some(v));
        }
        let (target, args) = self.call_operands(e)?;
        self.at(e);
        self.emit_call(target.callee, target.recv, args, &target.sig.results)
    }

    /// `abi.FuncPCABI0(f)`: the argument is a function, not the interface it would be converted to.
    fn func_pc(&mut self, fun: ExprId, e: ExprId) -> Res<Option<ValueId>> {
        let ExprKind::CallExpr { args, .. } = self.code.tree[e].kind else { return Ok(None) };
        let Some((obj, _)) = self.resolve_func(fun)? else { return Ok(None) };
        if self.w.special(obj) != Some(Special::FuncPc) {
            return Ok(None);
        }
        let x = self.code.tree[args][0];
        let f = self.expr(x)?;
        let ty = self.type_of(e)?;
        Ok(Some(self.f.e.op(ty, Op::Intrinsic(crate::op::Intrinsic::FuncPc, vec![f]))))
    }

    /// Evaluates everything a call needs.
    pub fn call_operands(&mut self, e: ExprId) -> Res<(CallTarget, Vec<ValueId>)> {
        let ExprKind::CallExpr { fun, args, ellipsis, .. } = self.code.tree[e].kind else {
            return self.fail("no call");
        };
        let args = self.code.tree[args].to_vec();
        let deferred = std::mem::take(&mut self.deferring);
        if args.iter().any(|&a| self.has_order(a)) {
            self.hoist(fun)?;
        }
        if self.is_spread(&args)? {
            // The call inside comes first, then what the function value reads.
            let tuple = self.call(args[0])?;
            let target = self.call_target(fun, deferred)?;
            let args = self.spread_args(tuple, &target.sig)?;
            return Ok((target, args));
        }
        if !deferred && args.iter().any(|&a| self.has_order(a) || self.may_panic(a)) {
            self.callee_of_call(fun)?;
        }
        let sig = self.type_of(fun)?;
        let sig = self.types().sig(sig).clone();
        let list = self.arg_list(&args, &sig, ellipsis.is_known());
        let fixed = sig.params.len() - usize::from(sig.variadic && !ellipsis.is_known());
        let mut early = vec![None; list.len()];
        if !deferred && self.lifts_args(fun, &list, fixed)? {
            self.lift_args(fun, &list, fixed)?;
        } else {
            early = self.early_operands(&list, true)?;
        }
        // A function value and an interface are read last.
        let last = !deferred && self.may_panic(fun) && !self.is_concrete_method(fun)?;
        let mut vals = vec![];
        if last {
            self.hoist(fun)?;
            vals = self.late_operands(&list, early)?;
            early = vec![];
        }
        let target = self.call_target(fun, deferred)?;
        if !last {
            vals = self.late_operands(&list, early)?;
        }
        if fixed < sig.params.len() {
            let rest = vals.split_off(fixed);
            vals.push(self.slice_of(rest, sig.params[fixed]));
        }
        Ok((target, vals))
    }

    /// Whether the only argument is a call of several results.
    pub fn is_spread(&mut self, args: &[ExprId]) -> Res<bool> {
        if args.len() != 1 || self.mode(args[0]) == Mode::NilValue {
            return Ok(false);
        }
        let x = self.code.tree.unparen(args[0]);
        if !matches!(self.code.tree[x].kind, ExprKind::CallExpr { .. }) {
            return Ok(false);
        }
        let t = self.type_of(x)?;
        Ok(matches!(self.types().get(t), Ty::Tuple(_)))
    }

    fn spread_args(&mut self, tuple: Option<ValueId>, sig: &Sig) -> Res<Vec<ValueId>> {
        let Some(tuple) = tuple else { return self.fail("a call without results as arguments") };
        let parts = self.tuple_parts(tuple);
        let fixed = sig.params.len() - usize::from(sig.variadic);
        let mut out = vec![];
        for (&v, &t) in parts.iter().zip(&sig.params[..fixed]) {
            out.push(self.assign_conv(v, t)?);
        }
        if sig.variadic {
            let slice = sig.params[fixed];
            let elem = self.types().elem(slice);
            let mut rest = vec![];
            for &v in &parts[fixed..] {
                rest.push(self.assign_conv(v, elem)?);
            }
            out.push(self.slice_of(rest, slice));
        }
        Ok(out)
    }

    /// Components of a tuple; any other value is its only one.
    pub fn tuple_parts(&mut self, v: ValueId) -> Vec<ValueId> {
        let ty = self.f.e.ty(v);
        match self.types().get(ty).clone() {
            Ty::Tuple(ts) => ts.iter().enumerate().map(|(i, &t)| self.f.e.op(t, Op::Extract(v, i as u32))).collect(),
            _ => vec![v],
        }
    }

    /// Arguments with the types that parameters give them.
    fn arg_list(&self, args: &[ExprId], sig: &Sig, ellipsis: bool) -> Vec<(ExprId, Option<TyId>)> {
        let fixed = sig.params.len() - usize::from(sig.variadic && !ellipsis);
        let elem = sig.params.last().copied().filter(|_| fixed < sig.params.len());
        let elem = elem.map(|s| self.types().elem(s));
        let want = |i: usize| if i < fixed { Some(sig.params[i]) } else { elem };
        args.iter().enumerate().map(|(i, &a)| (a, want(i))).collect()
    }

    /// A new slice of values; nil when there are none.
    pub fn slice_of(&mut self, vals: Vec<ValueId>, slice: TyId) -> ValueId {
        if vals.is_empty() {
            return self.f.e.zero(slice);
        }
        let elem = self.types().elem(slice);
        let n = vals.len();
        let arr = self.w.program.types.intern(Ty::Array(elem, n as u64));
        let ptr = self.pointer(arr);
        let p = self.f.e.alloc(ptr, arr, Storage::Heap);
        for (i, v) in vals.into_iter().enumerate() {
            let i = self.f.e.int(i as i64);
            let q = self.array_elem_unchecked(p, i);
            self.f.e.store(q, v);
        }
        self.slice_of_array(p, n as i64, slice)
    }

    /// The slice of a whole array.
    pub fn slice_of_array(&mut self, p: ValueId, n: i64, slice: TyId) -> ValueId {
        let elem = self.types().elem(slice);
        let ptr = self.pointer(elem);
        let base = self.f.e.op(ptr, Op::Convert(crate::op::Conv::Same, p));
        let n = self.f.e.int(n);
        self.f.e.op(slice, Op::MakeSliceHeader(base, n, n))
    }

    /// Without the type arguments of an explicit instantiation.
    pub fn strip_instance(&self, fun: ExprId) -> ExprId {
        let fun = self.code.tree.unparen(fun);
        match self.code.tree[fun].kind {
            ExprKind::IndexExpr { x, .. } if self.is_generic_func(x) => self.code.tree.unparen(x),
            _ => fun,
        }
    }

    /// What a call enters.
    fn call_target(&mut self, fun: ExprId, deferred: bool) -> Res<CallTarget> {
        let f = self.strip_instance(fun);
        self.at(f);
        if let ExprKind::SelectorExpr { x, .. } = self.code.tree[f].kind
            && self.code.info.selections.get(&f).is_some_and(|s| s.kind == SelectionKind::MethodVal)
        {
            return self.method_target(f, x);
        }
        let id = match self.static_func(f)? {
            Some(id) => Some(id),
            None => match self.code.tree[f].kind {
                ExprKind::FuncLit { .. } => return self.lit_target(f, deferred),
                _ => None,
            },
        };
        if let Some(id) = id {
            // The function behind a linkname may see the same words as other types.
            let ty = match self.code.info.type_of(fun) {
                Some(t) => self.ty(t)?,
                None => self.type_of(f)?,
            };
            let sig = self.types().sig(ty).clone();
            return Ok(CallTarget { callee: Callee::Static(id), recv: None, sig });
        }
        let v = self.expr(fun)?;
        let sig = self.types().sig(self.f.e.ty(v)).clone();
        Ok(CallTarget { callee: Callee::Closure(v), recv: None, sig })
    }

    /// A function literal that is called where it stands.
    fn lit_target(&mut self, f: ExprId, deferred: bool) -> Res<CallTarget> {
        let ty = self.type_of(f)?;
        let sig = self.types().sig(ty).clone();
        let place = if deferred { Storage::Heap } else { Storage::Stack };
        let v = self.func_lit(f, place)?;
        let last = self.f.e.func.block(self.f.e.cur).insts.last().map(|i| i.op.clone());
        let callee = match last {
            Some(Op::FuncVal(id)) => Callee::Static(id),
            _ => Callee::Closure(v),
        };
        Ok(CallTarget { callee, recv: None, sig })
    }

    /// The function that an expression names, if it is one: also a method expression.
    fn static_func(&mut self, f: ExprId) -> Res<Option<FuncId>> {
        if let ExprKind::SelectorExpr { x, .. } = self.code.tree[f].kind
            && self.code.info.selections.get(&f).is_some_and(|s| s.kind == SelectionKind::MethodExpr)
        {
            let ty = self.type_of(x)?;
            let m = self.method_info(f, ty)?;
            if m.generic {
                return self.generic_method_expr(f, ty, &m).map(Some);
            }
            return Ok(Some(self.w.method_expr_func(ty, &m)?));
        }
        match self.resolve_func(f)? {
            Some((obj, env)) => Ok(Some(self.w.declare(obj, env)?)),
            None => Ok(None),
        }
    }

    /// The declared function an expression denotes and its type arguments; none for methods and values.
    pub fn resolve_func(&mut self, f: ExprId) -> Res<Option<(ObjId, EnvId)>> {
        let f = self.strip_instance(f);
        match self.code.tree[f].kind {
            ExprKind::Ident(_) => {}
            ExprKind::SelectorExpr { .. } if !self.code.info.selections.contains_key(&f) => {}
            _ => return Ok(None),
        }
        let Some(obj) = self.code.info.object_of(f) else { return Ok(None) };
        if !matches!(self.w.store.obj(obj).kind, ObjKind::Func(_)) {
            return Ok(None);
        }
        let sig = self.w.sig_of(obj);
        let env = match self.code.info.instances.get(&f) {
            Some(inst) if !sig.tparams.is_empty() => {
                let targs = self.w.list_types(inst.targs, self.env)?;
                self.w.env_for(sig.tparams, &targs, EnvId::EMPTY)
            }
            _ => EnvId::EMPTY,
        };
        Ok(Some((obj, env)))
    }

    /// Whether an expression denotes a generic function or method that an index instantiates.
    pub fn is_generic_func(&self, x: ExprId) -> bool {
        let x = self.code.tree.unparen(x);
        let func = |o: ObjId| matches!(self.w.store.obj(o).kind, ObjKind::Func(_));
        self.code.info.instances.contains_key(&x) && self.code.info.object_of(x).is_some_and(func)
    }

    /// A function's name as a value.
    pub fn func_value(&mut self, e: ExprId) -> Res<ValueId> {
        let f = self.strip_instance(e);
        if let ExprKind::SelectorExpr { .. } = self.code.tree[f].kind
            && self.code.info.selections.contains_key(&f)
            && f != e
        {
            return self.expr(f);
        }
        let Some(id) = self.static_func(f)? else { return self.fail("no function") };
        let want = self.type_of(e)?;
        self.func_val(id, want)
    }

    fn func_val(&mut self, id: FuncId, want: TyId) -> Res<ValueId> {
        let v = self.f.e.op(want, Op::FuncVal(id));
        Ok(v)
    }

    // ---- methods

    /// Type arguments of a generic method that is selected.
    fn method_targs(&mut self, f: ExprId) -> Res<Vec<TyId>> {
        match self.code.info.instances.get(&f) {
            Some(inst) => self.w.list_types(inst.targs, self.env),
            None => Ok(vec![]),
        }
    }

    /// Type of a method with type arguments of its own, without the receiver.
    fn generic_method_type(&mut self, m: &MethodInfo, targs: &[TyId]) -> Res<TyId> {
        let MethodTarget::Concrete { named, obj, .. } = m.target else { return self.fail("a generic method") };
        let env = self.w.method_env(named, obj);
        let tparams = self.w.sig_of(obj).tparams;
        let env = self.w.env_for(tparams, targs, env);
        self.w.ty(self.w.store.obj_type(obj), env)
    }

    pub fn method_info(&mut self, f: ExprId, ty: TyId) -> Res<MethodInfo> {
        let obj = self.code.info.selections[&f].obj;
        let o = self.w.store.obj(obj);
        let (name, pkg) = (o.name, o.pkg);
        let name = self.w.qual_name(name, pkg);
        match self.w.find_method(ty, &name) {
            Some(m) => Ok(m),
            None => {
                let t = self.types().reflect_string(ty);
                self.fail(format!("{t} has no method {}", name.name))
            }
        }
    }

    fn method_target(&mut self, f: ExprId, x: ExprId) -> Res<CallTarget> {
        let tx = self.type_of(x)?;
        let m = self.method_info(f, tx)?;
        let targs = self.method_targs(f)?;
        let from = self.place(x)?;
        self.at(f);
        let (callee, recv) = receiver(self.w, &mut self.f.e, from, &m, &targs)?;
        let sig = match &callee {
            Callee::Static(id) => {
                let MethodTarget::Concrete { obj, .. } = m.target else { return self.fail("a method") };
                let variadic = self.w.sig_of(obj).variadic;
                let d = self.w.program.func(*id);
                let skip = usize::from(!matches!(d.context, crate::program::Context::Receiver(_)));
                Sig { params: d.params[skip..].to_vec(), results: d.results.clone(), variadic }
            }
            _ => {
                let sig = self.w.method_sig(&m)?;
                self.types().sig(sig).clone()
            }
        };
        Ok(CallTarget { callee, recv, sig })
    }

    /// `T.m` of a method with type parameters: a function of its own, because descriptors do not list such methods.
    fn generic_method_expr(&mut self, f: ExprId, ty: TyId, m: &MethodInfo) -> Res<FuncId> {
        let targs = self.method_targs(f)?;
        let want = self.generic_method_type(m, &targs)?;
        let mut sig = self.types().sig(want).clone();
        sig.params.insert(0, ty);
        let name = self.w.method_symbol(ty, &m.name.name) + "[...]";
        let decl = self.inner_decl(name, FuncKind::Wrapper, sig.params, sig.results);
        let id = self.inner_func(decl)?;
        let mut e = Emit::new(&self.w.program, id);
        let mut params = e.params();
        let from = From::Value(params.remove(0));
        let (callee, recv) = receiver(self.w, &mut e, from, m, &targs)?;
        e.term(Term::TailCall(callee, recv.into_iter().chain(params).collect()));
        self.done.push(e.finish());
        Ok(id)
    }

    /// `x.m` of a method with type parameters.
    fn generic_method_value(&mut self, e: ExprId, from: From, m: &MethodInfo) -> Res<ValueId> {
        let targs = self.method_targs(e)?;
        let want = self.generic_method_type(m, &targs)?;
        let (callee, recv) = receiver(self.w, &mut self.f.e, from, m, &targs)?;
        let Some(recv) = recv else { return self.fail("a generic method without a receiver") };
        let sig = self.types().sig(want).clone();
        let name = self.w.method_symbol(self.f.e.ty(recv), &m.name.name) + "[...]-fm";
        let mut decl = self.inner_decl(name, FuncKind::Wrapper, sig.params, sig.results);
        decl.context = crate::program::Context::Captures(vec![self.f.e.ty(recv)]);
        let id = self.inner_func(decl)?;
        let mut inner = Emit::new(&self.w.program, id);
        let bound = inner.op(self.f.e.ty(recv), Op::Capture(0));
        let args = [bound].into_iter().chain(inner.params()).collect();
        inner.term(Term::TailCall(callee, args));
        self.done.push(inner.finish());
        Ok(self.f.e.op(want, Op::MakeClosure(id, vec![recv], Storage::Heap)))
    }

    /// `T.m`
    pub fn method_expr(&mut self, e: ExprId) -> Res<ValueId> {
        let Some(id) = self.static_func(e)? else { return self.fail("a method expression") };
        if self.method_targs(e)?.is_empty() {
            let want = self.type_of(e)?;
            return self.func_val(id, want);
        }
        let variadic = self.code.info.selections.get(&e).map(|s| s.obj).is_some_and(|m| self.w.sig_of(m).variadic);
        let d = self.w.program.func(id);
        let sig = Sig { params: d.params.clone(), results: d.results.clone(), variadic };
        let want = self.w.program.types.intern(Ty::Func(sig));
        self.func_val(id, want)
    }

    /// `x.m`
    pub fn method_value(&mut self, e: ExprId) -> Res<ValueId> {
        let ExprKind::SelectorExpr { x, .. } = self.code.tree[e].kind else { return self.fail("no selector") };
        let tx = self.type_of(x)?;
        let m = self.method_info(e, tx)?;
        let from = self.place(x)?;
        self.at(e);
        if m.generic {
            return self.generic_method_value(e, from, &m);
        }
        let want = self.type_of(e)?;
        let at = walk(self.w, &mut self.f.e, from, &m.path)?;
        let (f, recv) = self.bind_method(at, &m)?;
        Ok(self.f.e.op(want, Op::MakeClosure(f, vec![recv], Storage::Heap)))
    }

    /// The function and the captured receiver of a method value.
    fn bind_method(&mut self, at: From, m: &MethodInfo) -> Res<(FuncId, ValueId)> {
        let ty = from_type(self.w, &self.f.e, at);
        let is_ptr = matches!(self.types().get(ty), Ty::Pointer(_));
        let (recv, base) = match m.target {
            MethodTarget::Iface { iface, .. } => {
                let v = read(self.w, &mut self.f.e, at);
                self.f.e.stmt(Op::NilCheck(v));
                (v, iface)
            }
            MethodTarget::Concrete { named, ptr_recv: true, .. } => {
                let ptr = self.pointer(named);
                let v = match at {
                    From::Addr(p) if !is_ptr => self.plain_pointer(p),
                    _ if is_ptr => read(self.w, &mut self.f.e, at),
                    _ => return self.fail("the receiver is not addressable"),
                };
                (v, ptr)
            }
            MethodTarget::Concrete { named, .. } => {
                let mut v = read(self.w, &mut self.f.e, at);
                if is_ptr {
                    self.f.e.stmt(Op::NilCheck(v));
                    v = self.f.e.load(named, v);
                }
                (v, named)
            }
        };
        let own = MethodInfo { path: vec![], needs_addr: false, ..m.clone() };
        let by_addr = !self.types().is_direct(base) && !self.types().is_interface(base);
        let f = if by_addr { self.w.entry_func(base, &own)? } else { self.w.bound_func(base, &own)? };
        Ok((f, recv))
    }

    // ---- the call itself

    /// The type of a call's result: none, one, or a tuple.
    pub fn result_type(&mut self, results: &[TyId]) -> Option<TyId> {
        match results {
            [] => None,
            [one] => Some(*one),
            many => Some(self.tuple(many)),
        }
    }

    /// Emits a call whose operands are evaluated.
    pub fn emit_call(
        &mut self,
        callee: Callee,
        recv: Option<ValueId>,
        args: Vec<ValueId>,
        results: &[TyId],
    ) -> Res<Option<ValueId>> {
        let mut args: Vec<ValueId> = recv.into_iter().chain(args).collect();
        if let Callee::Static(id) = callee
            && self.disguised(id, &args, results)
        {
            return self.call_disguised(id, &mut args, results);
        }
        let result = self.result_type(results);
        if let Callee::Static(id) = callee
            && let FuncSrc::Special(s) = *self.w.src(id)
        {
            return crate::intrinsics::emit(self.w, &mut self.f.e, s, args, result);
        }
        Ok(self.f.e.call(callee, args, result))
    }

    /// Whether a function's parameters or results have other types than the call's: it was found through a linkname.
    fn disguised(&self, id: FuncId, args: &[ValueId], results: &[TyId]) -> bool {
        let d = self.w.program.func(id);
        let recv = match d.context {
            crate::program::Context::Receiver(t) => Some(t),
            _ => None,
        };
        let params: Vec<TyId> = recv.into_iter().chain(d.params.iter().copied()).collect();
        let have: Vec<TyId> = args.iter().map(|&v| self.f.e.ty(v)).collect();
        (params != have || d.results != results) && params.len() == have.len() && d.results.len() == results.len()
    }

    fn call_disguised(&mut self, id: FuncId, args: &mut [ValueId], results: &[TyId]) -> Res<Option<ValueId>> {
        let d = self.w.program.func(id).clone();
        let skip = args.len() - d.params.len();
        for (v, &t) in args[skip..].iter_mut().zip(&d.params) {
            *v = self.reinterpret(*v, t)?;
        }
        let own = d.results.clone();
        let Some(v) = self.emit_call(Callee::Static(id), None, args.to_vec(), &own)? else { return Ok(None) };
        if own == results {
            return Ok(Some(v));
        }
        let parts = self.tuple_parts(v);
        let mut out = vec![];
        for (p, &t) in parts.into_iter().zip(results) {
            out.push(self.reinterpret(p, t)?);
        }
        match out[..] {
            [one] => Ok(Some(one)),
            _ => {
                let t = self.tuple(results);
                Ok(Some(self.f.e.op(t, Op::Aggregate(out))))
            }
        }
    }

    /// The same memory as a value of another type.
    fn reinterpret(&mut self, v: ValueId, want: TyId) -> Res<ValueId> {
        let have = self.f.e.ty(v);
        if have == want {
            return Ok(v);
        }
        if self.types().size_of(have) != self.types().size_of(want) {
            return self.fail("a linkname to a function of another shape");
        }
        let p = self.spill(v);
        let ptr = self.pointer(want);
        let q = self.f.e.op(ptr, Op::Convert(crate::op::Conv::Same, p));
        Ok(self.f.e.load(want, q))
    }

    /// Calls a function of the runtime that is written in Go.
    pub fn call_linked(&mut self, sym: &str, args: Vec<ValueId>) -> Res<Option<ValueId>> {
        let id = match self.w.linkname(sym) {
            Ok(id) => id,
            Err(e) => return self.fail(e.what),
        };
        let d = self.w.program.func(id);
        let (params, results) = (d.params.clone(), d.results.clone());
        if params.len() != args.len() {
            return self.fail(format!("{sym} takes {} arguments", params.len()));
        }
        let mut conv = vec![];
        for (v, t) in args.into_iter().zip(params) {
            conv.push(if self.f.e.ty(v) == t { v } else { self.f.e.op(t, Op::Convert(crate::op::Conv::Same, v)) });
        }
        self.emit_call(Callee::Static(id), None, conv, &results)
    }
}
