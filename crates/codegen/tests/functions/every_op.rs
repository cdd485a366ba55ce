//! Every operation and terminator compiles, for many types, with Cranelift's verifier on.

use crate::body::*;
use itab_codegen::object::{LinkSymbol, Object};
use itab_ir::func::{Deferred, ValueId};
use itab_ir::op::*;
use itab_ir::program::{Context, Program};
use itab_ir::ty::{Basic, ChanDir, Sig, Ty, TyId};

/// Types of every shape.
fn sample_types(p: &mut Program) -> Vec<TyId> {
    let t = &mut p.types;
    let mut out: Vec<TyId> = Basic::ALL.iter().map(|&b| basic(b)).collect();
    let eface = interface_of(t, 0);
    let iface = interface_of(t, 2);
    let ptr = t.pointer(INT);
    let slice = t.slice(STRING);
    let empty = struct_of(t, &[]);
    let direct = struct_of(t, &[empty, ptr]);
    let small = struct_of(t, &[basic(Basic::Int8), basic(Basic::Float64), STRING]);
    let wide = struct_of(t, &[INT, INT, STRING, basic(Basic::Float32), eface]);
    let bytes = t.intern(Ty::Array(basic(Basic::Uint8), 13));
    let one = t.intern(Ty::Array(iface, 1));
    let none = t.intern(Ty::Array(wide, 0));
    let strings = t.intern(Ty::Array(STRING, 3));
    let many = t.intern(Ty::Array(small, 40));
    let huge = t.intern(Ty::Array(INT, 9000));
    out.extend([eface, iface, ptr, slice, empty, direct, small, wide, bytes, one, none, strings, many, huge]);
    out.push(t.intern(Ty::Map(INT, INT)));
    out.push(t.intern(Ty::Chan(ChanDir::Both, INT)));
    out.push(t.intern(Ty::Func(Sig::default())));
    out
}

fn comparable(p: &Program, ty: TyId) -> bool {
    match p.types.under(ty) {
        Ty::Slice(_) | Ty::Map(..) | Ty::Func(_) => false,
        Ty::Array(e, _) => comparable(p, *e),
        Ty::Struct(f) => f.iter().all(|f| comparable(p, f.ty)),
        _ => true,
    }
}

fn compile(p: &Program, bodies: Vec<Body>) -> Object {
    let funcs: Vec<_> = bodies.into_iter().map(|b| b.f).collect();
    for target in [None, Some("aarch64")] {
        let object = compiler(target).compile_batch(p, &funcs).unwrap_or_else(|e| panic!("{target:?}: {e}"));
        assert!(object.functions.iter().all(|f| !f.code.bytes.is_empty()));
        if target.is_some() {
            let stored = postcard::to_stdvec(&object).expect("an object can be stored");
            assert_eq!(postcard::from_bytes::<Object>(&stored).expect("and loaded"), object);
        }
    }
    compiler(None).compile_batch(p, &funcs).expect("the host is supported")
}

/// A function of values of one type, whose body is given.
fn with_type(
    ty: TyId,
    p: &mut Program,
    results: &[TyId],
    body: impl FnOnce(&mut Program, &mut Body, ValueId, ValueId),
) {
    let id = declare(p, &format!("main.f{}", ty.0), &[ty, ty], results, Context::None);
    let mut b = Body::new(p, id);
    body(p, &mut b, ValueId(0), ValueId(1));
    compile(p, vec![b]);
}

#[test]
fn memory_of_every_type() {
    let mut p = Program::default();
    for ty in sample_types(&mut p) {
        let ptr = p.types.pointer(ty);
        let slice = p.types.slice(ty);
        let g = p.add_global("main.g".into(), ty);
        with_type(ty, &mut p, &[ty, slice], |_, b, x, y| {
            let local = b.local(ty);
            let got = b.op(ty, Op::LocalGet(local));
            b.run(Op::LocalSet(local, x));
            let at = b.op(ptr, Op::Alloc(ty, Storage::Heap));
            b.run(Op::Store { ptr: at, val: got });
            let frame = b.op(ptr, Op::Alloc(ty, Storage::Stack));
            let global = b.op(ptr, Op::GlobalAddr(g));
            b.run(Op::NilCheck(global));
            let old = b.op(ty, Op::Load(global));
            b.run(Op::Store { ptr: frame, val: old });
            b.run(Op::Copy { dst: at, src: frame, ty });
            b.run(Op::Clear(frame, ty));
            let now = b.op(ty, Op::LocalGet(local));
            let s = b.zero(slice);
            let s = b.op(slice, Op::Append(s, vec![y, now], Storage::Stack));
            let s = b.op(slice, Op::AppendSlice(s, s));
            b.op(INT, Op::CopySlice(s, s));
            b.run(Op::ClearSlice(s));
            let n = b.int(3);
            let made = b.op(slice, Op::MakeSlice(n, n, Storage::Stack));
            let made = b.op(slice, Op::AppendSlice(made, s));
            let made = b.op(slice, Op::AppendZeros(made, n));
            b.end(Term::Return(vec![old, made]));
        });
    }
}

#[test]
fn values_across_blocks() {
    let mut p = Program::default();
    for ty in sample_types(&mut p) {
        with_type(ty, &mut p, &[ty], |_, b, x, y| {
            let (head, params) = b.block(&[ty, ty, INT]);
            let (body, _) = b.block(&[]);
            let (exit, got) = b.block(&[ty]);
            let zero = b.int(0);
            b.end(Term::Jump(head, vec![x, y, zero]));
            b.at(head);
            let ten = b.int(10);
            let more = b.op(BOOL, Op::Compare(CmpOp::Lt, params[2], ten));
            b.end(Term::If { cond: more, then: (body, vec![]), els: (exit, vec![params[0]]) });
            b.at(body);
            b.run(Op::Preempt);
            let one = b.int(1);
            let next = b.op(INT, Op::Binary(BinOp::Add, params[2], one));
            b.end(Term::Jump(head, vec![params[1], params[0], next]));
            b.at(exit);
            b.end(Term::Return(vec![got[0]]));
        });
    }
}

#[test]
fn comparison_boxing_and_assertion_of_every_type() {
    let mut p = Program::default();
    let types = sample_types(&mut p);
    let eface = interface_of(&mut p.types, 0);
    let iface = interface_of(&mut p.types, 3);
    for ty in types {
        if p.types.is_interface(ty) {
            continue;
        }
        let tuple = p.types.intern(Ty::Tuple(vec![ty, BOOL]));
        with_type(ty, &mut p, &[ty, BOOL, eface, iface], |p, b, x, y| {
            let mut same = b.op(BOOL, Op::Const(Const::Bool(true)));
            let boxed = b.op(eface, Op::MakeIface(x, Storage::Heap));
            let tabbed = b.op(iface, Op::MakeIface(y, Storage::Stack));
            if comparable(p, ty) {
                let eq = b.op(BOOL, Op::Equal(x, y));
                let mixed = b.op(BOOL, Op::EqualIface { iface: boxed, value: y });
                same = b.op(BOOL, Op::Binary(BinOp::And, eq, mixed));
            }
            let zero = b.zero(ty);
            let zero = b.op(eface, Op::MakeIface(zero, Storage::Heap));
            let v = b.op(ty, Op::TypeAssert(zero));
            b.op(ty, Op::TypeAssert(tabbed));
            b.op(ty, Op::Unbox(boxed));
            let t = b.op(tuple, Op::TypeAssertOk(tabbed));
            let ok = b.op(BOOL, Op::Extract(t, 1));
            let both = b.op(BOOL, Op::Binary(BinOp::Or, same, ok));
            b.op(ty, Op::Extract(t, 0));
            b.end(Term::Return(vec![v, both, boxed, tabbed]));
        });
    }
}

#[test]
fn interfaces() {
    let mut p = Program::default();
    let eface = interface_of(&mut p.types, 0);
    let (one, two) = (interface_of(&mut p.types, 1), interface_of(&mut p.types, 2));
    let ok_one = p.types.intern(Ty::Tuple(vec![one, BOOL]));
    let ok_any = p.types.intern(Ty::Tuple(vec![eface, BOOL]));
    let f = declare(&mut p, "main.f", &[eface, two], &[one, eface], Context::None);
    let mut b = Body::new(&p, f);
    let (any, x) = (ValueId(0), ValueId(1));
    b.op(one, Op::ChangeIface(x));
    b.op(eface, Op::ChangeIface(x));
    b.op(eface, Op::ChangeIface(any));
    let asserted = b.op(one, Op::TypeAssert(any));
    b.op(one, Op::TypeAssert(x));
    let e = b.op(eface, Op::TypeAssert(x));
    b.op(ok_one, Op::TypeAssertOk(x));
    b.op(ok_any, Op::TypeAssertOk(any));
    b.op(PTR, Op::IfaceType(x));
    b.op(PTR, Op::IfaceType(any));
    let tab = b.op(PTR, Op::IfaceTab(x));
    let data = b.op(PTR, Op::IfaceData(x));
    let raw = b.op(two, Op::MakeIfaceRaw(tab, data));
    b.op(BOOL, Op::Equal(raw, x));
    b.op(BOOL, Op::Equal(any, e));
    let nil = b.zero(eface);
    b.op(BOOL, Op::Equal(any, nil));
    b.op(BOOL, Op::IsNil(x));
    b.run(Op::Call(Callee::Interface { iface: x, index: 1 }, vec![]));
    let (case_int, _) = b.block(&[]);
    let (case_one, v) = b.block(&[one]);
    let (case_any, w) = b.block(&[eface]);
    let (case_nil, _) = b.block(&[]);
    b.end(Term::TypeSwitch {
        x: any,
        cases: vec![
            TypeCase { ty: None, target: case_nil },
            TypeCase { ty: Some(INT), target: case_int },
            TypeCase { ty: Some(one), target: case_one },
            TypeCase { ty: Some(STRING), target: case_int },
            TypeCase { ty: Some(eface), target: case_any },
        ],
        default: case_int,
    });
    for (at, r) in [(case_int, vec![asserted, e]), (case_one, vec![v[0], any]), (case_any, vec![asserted, w[0]])] {
        b.at(at);
        b.end(Term::Return(r));
    }
    b.at(case_nil);
    b.end(Term::Panic(any));
    let object = compile(&p, vec![b]);
    assert!(object.functions[0].code.relocs.iter().any(|r| r.target == LinkSymbol::Type(STRING)));
}

#[test]
fn arithmetic() {
    let mut p = Program::default();
    for basic_ty in Basic::ALL {
        let ty = basic(basic_ty);
        if !(basic_ty.is_integer() || basic_ty.is_float() || basic_ty.is_complex()) {
            continue;
        }
        with_type(ty, &mut p, &[ty, BOOL], |p, b, x, y| {
            let mut acc = x;
            for op in [BinOp::Add, BinOp::Sub, BinOp::Mul, BinOp::Div] {
                if basic_ty.is_integer() && op == BinOp::Div {
                    b.run(Op::DivCheck(y));
                }
                acc = b.op(ty, Op::Binary(op, acc, y));
            }
            acc = b.op(ty, Op::Unary(UnOp::Neg, acc));
            let mut less = b.op(BOOL, Op::Equal(acc, y));
            if basic_ty.is_integer() {
                use BinOp::*;
                for op in [Rem, And, Or, Xor, AndNot, Shl, Shr] {
                    acc = b.op(ty, Op::Binary(op, acc, y));
                }
                let by = b.op(basic(Basic::Uint8), Op::Const(Const::Int(9)));
                acc = b.op(ty, Op::Binary(Shl, acc, by));
                acc = b.op(ty, Op::Binary(Shr, acc, by));
                acc = b.op(ty, Op::Unary(UnOp::BitNot, acc));
                if basic_ty.is_signed() {
                    b.run(Op::ShiftCheck(y));
                }
                use Intrinsic::*;
                for i in [LeadingZeros, TrailingZeros, OnesCount] {
                    b.op(INT, Op::Intrinsic(i, vec![acc]));
                }
                let k = b.int(-3);
                acc = b.op(ty, Op::Intrinsic(RotateLeft, vec![acc, k]));
                if basic_ty.size() > 1 {
                    acc = b.op(ty, Op::Intrinsic(ReverseBytes, vec![acc]));
                }
                b.op(STRING, Op::Convert(Conv::IntToString(Storage::Stack), acc));
            }
            if basic_ty.is_float() {
                use Intrinsic::*;
                for i in [Sqrt, Abs, Floor, Ceil, Trunc, RoundToEven] {
                    acc = b.op(ty, Op::Intrinsic(i, vec![acc]));
                }
                for i in [FloatMin, FloatMax, Copysign] {
                    acc = b.op(ty, Op::Intrinsic(i, vec![acc, y]));
                }
                acc = b.op(ty, Op::Intrinsic(Fma, vec![acc, y, x]));
                let bits = if basic_ty == Basic::Float32 { Basic::Uint32 } else { Basic::Uint64 };
                b.op(basic(bits), Op::Intrinsic(Bitcast, vec![acc]));
            }
            if !basic_ty.is_complex() {
                for op in [CmpOp::Lt, CmpOp::Le, CmpOp::Gt, CmpOp::Ge] {
                    let l = b.op(BOOL, Op::Compare(op, acc, y));
                    less = b.op(BOOL, Op::Binary(BinOp::Or, less, l));
                }
            }
            for to in Basic::ALL {
                let fits = if basic_ty.is_complex() { to.is_complex() } else { to.is_integer() || to.is_float() };
                if fits {
                    b.op(basic(to), Op::Convert(Conv::Numeric, acc));
                }
            }
            let less = b.op(BOOL, Op::Unary(UnOp::Not, less));
            let one = b.zero(INT);
            let s = b.op(STRING, Op::Const(Const::Str((*b"text")[..].into())));
            b.run(Op::Print { args: vec![acc, less, s, one], ln: true });
            let _ = p;
            b.end(Term::Return(vec![acc, less]));
        });
    }
}

#[test]
fn strings_and_slices() {
    let mut p = Program::default();
    let bytes = p.types.slice(basic(Basic::Uint8));
    let runes = p.types.slice(basic(Basic::Int32));
    let array = p.types.intern(Ty::Array(INT, 7));
    let (ints, array_ptr) = (p.types.slice(INT), p.types.pointer(array));
    let int_ptr = p.types.pointer(INT);
    let rune = p.types.intern(Ty::Tuple(vec![basic(Basic::Int32), INT]));
    let f = declare(&mut p, "main.f", &[STRING, ints, array_ptr, INT, INT], &[STRING, ints], Context::None);
    let mut b = Body::new(&p, f);
    let [s, x, a, i, j] = [0, 1, 2, 3, 4].map(ValueId);
    let text = b.str("hello");
    let cat = b.op(STRING, Op::Concat(vec![s, text, s], Storage::Heap));
    b.op(BOOL, Op::Equal(cat, text));
    b.op(BOOL, Op::Equal(cat, s));
    b.op(BOOL, Op::Compare(CmpOp::Le, cat, s));
    b.op(rune, Op::DecodeRune(s, i));
    let bs = b.op(bytes, Op::Convert(Conv::StringToBytes(Storage::Stack), cat));
    let rs = b.op(runes, Op::Convert(Conv::StringToRunes(Storage::Heap), cat));
    b.op(STRING, Op::Convert(Conv::BytesToString(Storage::Heap), bs));
    b.op(STRING, Op::Convert(Conv::RunesToString(Storage::Stack), rs));
    let bs = b.op(bytes, Op::AppendSlice(bs, s));
    b.op(INT, Op::CopySlice(bs, s));
    let part = b.op(STRING, Op::Slice { kind: Sliced::Str, x: s, lo: Some(i), hi: Some(j), max: None });
    let y = b.op(ints, Op::Slice { kind: Sliced::Slice, x, lo: Some(i), hi: None, max: None });
    b.run(Op::NilCheck(a));
    b.op(INT, Op::Len(y));
    let y = b.op(ints, Op::Slice { kind: Sliced::ArrayPtr, x: a, lo: Some(i), hi: Some(j), max: Some(j) });
    b.op(array_ptr, Op::Convert(Conv::SliceToArrayPtr, y));
    let (p0, n, c) = (b.op(int_ptr, Op::DataPtr(y)), b.op(INT, Op::Len(y)), b.op(INT, Op::Cap(y)));
    b.run(Op::BoundsCheck { index: i, len: n });
    let at = b.op(int_ptr, Op::ElemAddr { base: p0, index: i, elem: INT });
    let v = b.op(INT, Op::Load(at));
    b.run(Op::Store { ptr: at, val: v });
    let made = b.op(ints, Op::MakeSliceHeader(p0, n, c));
    let dp = b.op(p.types.pointer(basic(Basic::Uint8)), Op::DataPtr(part));
    let part = b.op(STRING, Op::MakeStringHeader(dp, v));
    b.end(Term::Return(vec![part, made]));
    compile(&p, vec![b]);
}

#[test]
fn calls_closures_and_defer() {
    let mut p = Program::default();
    let wide = p.types.intern(Ty::Array(INT, 6));
    let float = basic(Basic::Float64);
    let func = p.types.intern(Ty::Func(Sig::default()));
    let eface = interface_of(&mut p.types, 0);
    let many = vec![INT, STRING, float, basic(Basic::Int8), wide, basic(Basic::Float32), BOOL];
    let many_sig = p.types.intern(Ty::Func(Sig { params: many.clone(), results: many.clone(), variadic: false }));
    let callee = declare(&mut p, "main.callee", &many, &many, Context::None);
    let far = declare(&mut p, "main.far", &[INT], &[INT], Context::None);
    let closure = declare(&mut p, "main.f.func1", &[], &[], Context::Captures(vec![wide, STRING, INT]));
    let method = declare(&mut p, "main.(*T).M", &[INT], &[], Context::Receiver(PTR));
    let f = declare(&mut p, "main.f", &many, &many, Context::None);

    let params: Vec<ValueId> = (0..many.len() as u32).map(ValueId).collect();
    let mut c = Body::new(&p, callee);
    let (words, one) = (c.op(many_sig, Op::FuncVal(callee)), c.int(1));
    c.op(INT, Op::Call(Callee::Static(far), vec![one]));
    let tuple = p.types.intern(Ty::Tuple(many.clone()));
    let r = c.op(tuple, Op::Call(Callee::Closure(words), params.clone()));
    let parts: Vec<ValueId> = (0..many.len()).map(|i| c.op(many[i], Op::Extract(r, i as u32))).collect();
    c.end(Term::Return(parts));

    let mut k = Body::new(&p, closure);
    let w = k.op(wide, Op::Capture(0));
    k.op(INT, Op::Extract(w, 3));
    k.op(STRING, Op::Capture(1));
    k.op(PTR, Op::Intrinsic(Intrinsic::ClosurePtr, vec![]));
    let r = k.op(eface, Op::Recover(None));
    k.run(Op::Intrinsic(Intrinsic::KeepAlive, vec![r]));
    k.end(Term::Return(vec![]));

    let mut m = Body::new(&p, method);
    let recv = m.op(PTR, Op::Receiver);
    m.end(Term::TailCall(Callee::Static(method), vec![recv, ValueId(0)]));

    let mut b = Body::new(&p, f);
    let (body, _) = b.block(&[]);
    let (recovered, _) = b.block(&[]);
    let fv = b.op(func, Op::MakeClosure(closure, vec![params[4], params[1], params[0]], Storage::Heap));
    b.op(func, Op::MakeClosure(closure, vec![params[4], params[1], params[0]], Storage::Stack));
    b.run(Op::Go(fv));
    b.op(PTR, Op::Intrinsic(Intrinsic::FuncPc, vec![fv]));
    b.op(PTR, Op::Intrinsic(Intrinsic::CallerPc, vec![]));
    let sp = b.op(PTR, Op::Intrinsic(Intrinsic::CallerSp, vec![]));
    b.op(PTR, Op::Intrinsic(Intrinsic::PointerFrom, vec![sp, fv]));
    let frame = b.op(PTR, Op::DeferFrame(64));
    let int_ptr = p.types.pointer(INT);
    let near = b.op(int_ptr, Op::Alloc(INT, Storage::Deferred(16)));
    let far_away = b.op(int_ptr, Op::Alloc(INT, Storage::Heap));
    b.end(Term::Try { frame, kept: vec![(far_away, 24)], body, recovered });
    b.at(body);
    let fv = b.op(func, Op::FuncVal(closure));
    b.run(Op::Defer { frame, func: fv, place: Storage::Deferred(0) });
    b.run(Op::Defer { frame, func: fv, place: Storage::Heap });
    b.op(eface, Op::Recover(None));
    b.run(Op::DeferPop(frame));
    b.run(Op::DeferUnlink(frame));
    b.end(Term::TailCall(Callee::Static(callee), params.clone()));
    b.at(recovered);
    b.run(Op::DeferReturn(frame));
    let mut results: Vec<ValueId> = many.iter().map(|&t| b.op(t, Op::Const(Const::Zero))).collect();
    let (x, y) = (b.op(INT, Op::Load(near)), b.op(INT, Op::Load(far_away)));
    results[0] = b.op(INT, Op::Binary(BinOp::Add, x, y));
    b.end(Term::Return(results));
    b.f.deferred = Some(Deferred { frame, size: 32 });
    let object = compile(&p, vec![c, k, m, b]);
    let targets: Vec<&LinkSymbol> = object.functions.iter().flat_map(|f| &f.code.relocs).map(|r| &r.target).collect();
    assert!(targets.contains(&&LinkSymbol::Slot(far)));
    assert!(targets.contains(&&LinkSymbol::FuncVal(callee)));
}

#[test]
fn channels() {
    let mut p = Program::default();
    for elem in sample_types(&mut p) {
        let chan = p.types.intern(Ty::Chan(ChanDir::Both, elem));
        let ok = p.types.intern(Ty::Tuple(vec![elem, BOOL]));
        let selected = p.types.intern(Ty::Tuple(vec![INT, BOOL, elem]));
        let f = declare(&mut p, "main.f", &[chan, elem], &[elem], Context::None);
        let mut b = Body::new(&p, f);
        let (c, v) = (ValueId(0), ValueId(1));
        b.run(Op::Send(c, v));
        b.op(elem, Op::Recv(c));
        b.op(ok, Op::RecvOk(c));
        let (len, cap) = (b.op(INT, Op::ChanLen(c)), b.op(INT, Op::ChanCap(c)));
        let n = b.op(INT, Op::Binary(BinOp::Add, len, cap));
        let made = b.op(chan, Op::MakeChan(n));
        let send = SelectCase { chan: made, send: Some(v), elem };
        let recv = SelectCase { chan: c, send: None, elem };
        let r = b.op(selected, Op::Select { cases: vec![send, recv], blocking: false });
        let got = b.op(elem, Op::Extract(r, 2));
        let which = b.op(INT, Op::Extract(r, 0));
        let (zero, _) = b.block(&[]);
        let (rest, _) = b.block(&[]);
        b.end(Term::Switch { value: which, cases: vec![(0, zero), (-1, rest)], default: rest });
        b.at(zero);
        b.run(Op::CloseChan(c));
        b.end(Term::Return(vec![got]));
        b.at(rest);
        let unit = p.types.intern(Ty::Tuple(vec![INT, BOOL]));
        b.op(unit, Op::Select { cases: vec![], blocking: true });
        b.end(Term::Unreachable);
        compile(&p, vec![b]);
    }
}

#[test]
fn atomics_and_wide_arithmetic() {
    let mut p = Program::default();
    let two = p.types.intern(Ty::Tuple(vec![basic(Basic::Uint64), basic(Basic::Uint64)]));
    for t in [Basic::Int32, Basic::Uint64, Basic::Uint8, Basic::UnsafePointer] {
        let ty = basic(t);
        let ptr = p.types.pointer(ty);
        let f = declare(&mut p, "main.f", &[ptr, ty, ty], &[ty, BOOL], Context::None);
        let mut b = Body::new(&p, f);
        let [at, x, y] = [0, 1, 2].map(ValueId);
        use Intrinsic::*;
        b.run(Op::Intrinsic(AtomicStore, vec![at, x]));
        let ok = b.op(BOOL, Op::Intrinsic(AtomicCas, vec![at, x, y]));
        b.op(ty, Op::Intrinsic(AtomicSwap, vec![at, x]));
        if t != Basic::UnsafePointer {
            for i in [AtomicAdd, AtomicAnd, AtomicOr] {
                b.op(ty, Op::Intrinsic(i, vec![at, x]));
            }
            b.run(Op::Intrinsic(AtomicOr, vec![at, x]));
        }
        if t == Basic::Uint64 {
            b.op(two, Op::Intrinsic(Mul64, vec![x, y]));
            b.op(two, Op::Intrinsic(Add64, vec![x, y, x]));
            b.op(two, Op::Intrinsic(Sub64, vec![x, y, x]));
        }
        let v = b.op(ty, Op::Intrinsic(AtomicLoad, vec![at]));
        b.end(Term::Return(vec![v, ok]));
        compile(&p, vec![b]);
    }
}

#[test]
fn a_bug_is_an_error_with_the_functions_name() {
    let mut p = Program::default();
    let f = declare(&mut p, "main.bad", &[], &[INT], Context::None);
    let mut b = Body::new(&p, f);
    b.end(Term::Return(vec![ValueId(0)]));
    b.f.values.push(INT);
    let e = compiler(None).compile_batch(&p, &[b.f.clone()]).expect_err("v0 has no definition");
    assert_eq!(e.function, "main.bad");
    assert!(compiler(None).clif(&p, vec![b.f.clone()], f).is_err());
}
