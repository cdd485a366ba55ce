//! Functions that Go implies: entries of itabs, method expressions and bound methods.
//!
//! Each of them walks from what it is given along the path of embedded fields to the receiver that the method wants,
//! and tail-calls the method. A nil pointer on the path is a nil dereference; only the entry of `*T` for a value method
//! of `T` itself panics with a text of its own.

use crate::emit::Emit;
use crate::func::{Func, ValueId};
use crate::methods::{MethodInfo, MethodTarget};
use crate::op::{Callee, Op, Term};
use crate::program::{Context, FuncDecl, FuncId, FuncKind, Known};
use crate::ty::{QualName, Ty, TyId};
use crate::world::{FuncSrc, Res, World, fail};

fn declare(w: &mut World, name: String, m: &MethodInfo, recv: Option<TyId>, context: Context) -> Res<FuncDecl> {
    let sig = w.method_sig(m)?;
    let sig = w.program.types.sig(sig).clone();
    let params = recv.into_iter().chain(sig.params).collect();
    Ok(FuncDecl {
        name: name.into(),
        kind: FuncKind::Wrapper,
        params,
        results: sig.results,
        context,
        native: None,
        pos: target_pos(w, m),
        variadic: false,
        noinline: false,
        known: Known::No,
    })
}

fn target_pos(w: &World, m: &MethodInfo) -> u32 {
    match m.target {
        MethodTarget::Concrete { obj, .. } => w.store.obj(obj).pos.0,
        MethodTarget::Iface { .. } => 0,
    }
}

/// What the itab's entry of a method of `ty` gets: the data word.
pub(crate) fn declare_entry(w: &mut World, ty: TyId, m: &MethodInfo) -> Res<(FuncDecl, FuncSrc)> {
    let direct = w.program.types.is_direct(ty);
    let context = if direct { Context::Receiver(ty) } else { Context::ReceiverAddr(ty) };
    let shown = if direct { ty } else { w.program.types.pointer(ty) };
    let name = w.method_symbol(shown, &m.name.name);
    Ok((declare(w, name, m, None, context)?, FuncSrc::Entry(ty, m.name.clone())))
}

pub(crate) fn declare_method_expr(w: &mut World, ty: TyId, m: &MethodInfo) -> Res<(FuncDecl, FuncSrc)> {
    let name = w.method_symbol(ty, &m.name.name);
    Ok((declare(w, name, m, Some(ty), Context::None)?, FuncSrc::MethodExpr(ty, m.name.clone())))
}

pub(crate) fn declare_bound(w: &mut World, ty: TyId, m: &MethodInfo) -> Res<(FuncDecl, FuncSrc)> {
    let name = w.method_symbol(ty, &m.name.name) + "-fm";
    Ok((declare(w, name, m, None, Context::Captures(vec![ty]))?, FuncSrc::Bound(ty, m.name.clone())))
}

fn method(w: &mut World, ty: TyId, name: &QualName) -> Res<MethodInfo> {
    match w.find_method(ty, name) {
        Some(m) => Ok(m),
        None => fail(0, format!("{} has no method {}", w.program.types.reflect_string(ty), name.name)),
    }
}

pub(crate) fn build_entry(w: &mut World, id: FuncId, ty: TyId, name: &QualName) -> Res<Func> {
    let m = method(w, ty, name)?;
    let mut e = Emit::new(&w.program, id);
    let from = if w.program.types.is_direct(ty) {
        let v = e.op(ty, Op::Receiver);
        if let Some(text) = panicwrap_text(w, ty, &m) {
            e.stmt(Op::WrapCheck(v, text.into()));
        }
        From::Value(v)
    } else {
        let ptr = w.program.types.pointer(ty);
        From::Addr(e.op(ptr, Op::Receiver))
    };
    let params = e.params();
    finish(w, e, from, &m, params)
}

/// The text of a call of a value method through a nil pointer, for the entry of `*T` of a method of `T`.
fn panicwrap_text(w: &World, ty: TyId, m: &MethodInfo) -> Option<String> {
    let MethodTarget::Concrete { named, ptr_recv: false, .. } = m.target else { return None };
    let Ty::Pointer(elem) = *w.program.types.get(ty) else { return None };
    if !m.path.is_empty() || elem != named {
        return None;
    }
    let Ty::Named(n) = *w.program.types.get(named) else { return None };
    let info = w.program.types.named_info(n);
    let short = info.name.split('[').next().unwrap_or("");
    let name = if info.name.contains('[') { format!("{short}[...]") } else { short.to_string() };
    Some(format!("value method {}.{name}.{} called using nil *{name} pointer", info.pkg, m.name.name))
}

pub(crate) fn build_method_expr(w: &mut World, id: FuncId, ty: TyId, name: &QualName) -> Res<Func> {
    let m = method(w, ty, name)?;
    let mut e = Emit::new(&w.program, id);
    let mut params = e.params();
    let recv = params.remove(0);
    if let Some(text) = panicwrap_text(w, ty, &m) {
        e.stmt(Op::WrapCheck(recv, text.into()));
    }
    finish(w, e, From::Value(recv), &m, params)
}

pub(crate) fn build_bound(w: &mut World, id: FuncId, ty: TyId, name: &QualName) -> Res<Func> {
    let m = method(w, ty, name)?;
    let mut e = Emit::new(&w.program, id);
    let recv = e.op(ty, Op::Capture(0));
    let params = e.params();
    finish(w, e, From::Value(recv), &m, params)
}

/// Where a value is while a path of fields is walked.
#[derive(Clone, Copy)]
pub(crate) enum From {
    /// In a value of its own.
    Value(ValueId),
    /// Behind a pointer that is not nil.
    Addr(ValueId),
}

fn finish(w: &mut World, mut e: Emit, from: From, m: &MethodInfo, params: Vec<ValueId>) -> Res<Func> {
    let (callee, recv) = receiver(w, &mut e, from, m, &[])?;
    let args = recv.into_iter().chain(params).collect();
    e.term(Term::TailCall(callee, args));
    Ok(e.finish())
}

/// From an operand along a method's path to the receiver that the method takes, and what to call. `targs` are the type
/// arguments of a generic method. The operand must be addressable where the method asks for it.
pub(crate) fn receiver(
    w: &mut World,
    e: &mut Emit,
    from: From,
    m: &MethodInfo,
    targs: &[TyId],
) -> Res<(Callee, Option<ValueId>)> {
    let at = walk(w, e, from, &m.path)?;
    let ty = from_type(w, e, at);
    let is_ptr = matches!(w.program.types.get(ty), Ty::Pointer(_));
    match m.target {
        MethodTarget::Iface { index, .. } => {
            let iface = read(w, e, at);
            Ok((Callee::Interface { iface, index }, None))
        }
        MethodTarget::Concrete { named, obj, ptr_recv } => {
            let f = w.method_func(named, obj, targs)?;
            let recv = match (ptr_recv, is_ptr, at) {
                (true, true, _) | (false, false, _) => read(w, e, at),
                (true, false, From::Addr(p)) => p,
                (true, false, From::Value(_)) => return fail(e.pos, "the receiver is not addressable"),
                (false, true, _) => {
                    let p = read(w, e, at);
                    e.stmt(Op::NilCheck(p));
                    e.load(named, p)
                }
            };
            Ok((Callee::Static(f), Some(recv)))
        }
    }
}

/// Type of the value at a place.
pub(crate) fn from_type(w: &World, e: &Emit, at: From) -> TyId {
    match at {
        From::Value(v) => e.ty(v),
        From::Addr(p) => w.program.types.elem(e.ty(p)),
    }
}

/// The value at a place.
pub(crate) fn read(w: &World, e: &mut Emit, at: From) -> ValueId {
    match at {
        From::Value(v) => v,
        From::Addr(p) => {
            let ty = w.program.types.elem(e.ty(p));
            e.load(ty, p)
        }
    }
}

/// Follows fields, through pointers where fields are pointers.
pub(crate) fn walk(w: &mut World, e: &mut Emit, mut at: From, path: &[u32]) -> Res<From> {
    for &i in path {
        at = field(w, e, at, i)?;
    }
    Ok(at)
}

/// One field of a struct, or of what a pointer to a struct points to.
pub(crate) fn field(w: &mut World, e: &mut Emit, mut at: From, i: u32) -> Res<From> {
    let ty = from_type(w, e, at);
    if let Ty::Pointer(_) = w.program.types.under(ty) {
        let p = read(w, e, at);
        e.stmt(Op::NilCheck(p));
        at = From::Addr(p);
    }
    let ty = from_type(w, e, at);
    let field = match w.program.types.under(ty) {
        Ty::Struct(fields) if (i as usize) < fields.len() => fields[i as usize].ty,
        _ => return fail(e.pos, format!("{} has no field {i}", w.program.types.reflect_string(ty))),
    };
    Ok(match at {
        From::Value(v) => From::Value(e.op(field, Op::Extract(v, i))),
        From::Addr(p) => {
            let ptr = w.program.types.pointer(field);
            From::Addr(e.op(ptr, Op::FieldAddr(p, i)))
        }
    })
}
