//! Built-in functions, those of package unsafe included.

use super::Builder;
use crate::func::ValueId;
use crate::op::{BinOp, CmpOp, Const, Conv, Intrinsic, Op, Storage, Term, UnOp};
use crate::ty::{Basic, Ty, TyId, TypeTable};
use crate::world::{BOOL, INT, Res, World};
use itab_syntax::{ExprId, ExprKind};
use itab_types::{BuiltinId, Mode};

impl Builder<'_> {
    fn builtin_args(&self, e: ExprId) -> Vec<ExprId> {
        match self.code.tree[e].kind {
            ExprKind::CallExpr { args, .. } => self.code.tree[args].to_vec(),
            _ => vec![],
        }
    }

    /// A use of a built-in function.
    pub fn builtin(&mut self, e: ExprId, id: BuiltinId) -> Res<Option<ValueId>> {
        use BuiltinId::*;
        match id {
            Clear | Close | Delete | Panic | Print | Println => {
                let vals = self.builtin_operands(e, id, false)?;
                self.at(e);
                self.builtin_stmt(id, &vals)?;
                Ok(None)
            }
            Copy | Recover => {
                let vals = self.builtin_operands(e, id, false)?;
                self.at(e);
                self.builtin_value(id, &vals).map(Some)
            }
            Append => self.append(e).map(Some),
            Cap | Len => self.len_cap(e, id).map(Some),
            Complex => self.complex(e).map(Some),
            Real | Imag => self.real_imag(e, id).map(Some),
            Make => self.make(e).map(Some),
            New => self.new_(e).map(Some),
            Max | Min => self.min_max(e, id).map(Some),
            _ => self.unsafe_builtin(e, id).map(Some),
        }
    }

    /// Evaluates the operands of a built-in that may stand as a statement, perhaps of a deferred one.
    pub fn builtin_operands(&mut self, e: ExprId, id: BuiltinId, deferred: bool) -> Res<Vec<ValueId>> {
        let args = self.builtin_args(e);
        let want: Vec<Option<TyId>> = match id {
            BuiltinId::Panic => vec![Some(self.w.any())],
            BuiltinId::Delete => {
                let m = self.type_of(args[0])?;
                let m = self.first_of(m);
                match *self.types().under(m) {
                    Ty::Map(k, _) => vec![None, Some(k)],
                    _ => return self.fail("delete from no map"),
                }
            }
            _ => vec![],
        };
        let list: Vec<_> = args.iter().enumerate().map(|(i, &a)| (a, want.get(i).copied().flatten())).collect();
        if let Some(parts) = self.spread(&args)? {
            let mut out = vec![];
            for (i, v) in parts.into_iter().enumerate() {
                out.push(match want.get(i).copied().flatten() {
                    Some(t) => self.assign_conv(v, t)?,
                    None => v,
                });
            }
            return Ok(out);
        }
        if id == BuiltinId::Delete && !deferred {
            self.hoist_index(args[0], args[1])?;
        }
        // Each by itself, before anything is printed.
        let alone = deferred || matches!(id, BuiltinId::Print | BuiltinId::Println);
        if alone { self.values(&list) } else { self.operands(&list) }
    }

    /// The results of a call that is the only argument and has several.
    fn spread(&mut self, args: &[ExprId]) -> Res<Option<Vec<ValueId>>> {
        if !self.is_spread(args)? {
            return Ok(None);
        }
        match self.call(args[0])? {
            Some(t) => Ok(Some(self.tuple_parts(t))),
            None => Ok(None),
        }
    }

    /// Emits a built-in without a result, or drops its result.
    pub fn builtin_stmt(&mut self, id: BuiltinId, vals: &[ValueId]) -> Res<()> {
        match id {
            BuiltinId::Close => self.f.e.stmt(Op::CloseChan(vals[0])),
            BuiltinId::Panic => self.f.e.term(Term::Panic(vals[0])),
            BuiltinId::Print | BuiltinId::Println => {
                self.f.e.stmt(Op::Print { args: vals.to_vec(), ln: id == BuiltinId::Println })
            }
            BuiltinId::Delete => self.map_delete(vals[0], vals[1])?,
            BuiltinId::Clear => match self.types().under(self.f.e.ty(vals[0])) {
                Ty::Map(..) => self.map_clear(vals[0])?,
                _ => self.f.e.stmt(Op::ClearSlice(vals[0])),
            },
            _ => {
                self.builtin_value(id, vals)?;
            }
        }
        Ok(())
    }

    fn builtin_value(&mut self, id: BuiltinId, vals: &[ValueId]) -> Res<ValueId> {
        match id {
            BuiltinId::Copy => Ok(self.f.e.op(INT, Op::CopySlice(vals[0], vals[1]))),
            BuiltinId::Recover => {
                let any = self.w.any();
                // The body of a range-over-func loop is not the deferred function itself.
                let frame = if self.f.range_body { None } else { self.frame()? };
                Ok(self.f.e.op(any, Op::Recover(frame)))
            }
            _ => self.fail(format!("{} as a statement", id.name())),
        }
    }

    fn append(&mut self, e: ExprId) -> Res<ValueId> {
        let args = self.builtin_args(e);
        let ty = self.type_of(e)?;
        let elem = self.types().elem(ty);
        let spread = matches!(self.code.tree[e].kind, ExprKind::CallExpr { ellipsis, .. } if ellipsis.is_known());
        if let Some(mut parts) = self.spread(&args)? {
            let s = self.assign_conv(parts.remove(0), ty)?;
            for v in &mut parts {
                *v = self.assign_conv(*v, elem)?;
            }
            return Ok(self.f.e.op(ty, Op::Append(s, parts, Storage::Heap)));
        }
        if let Some(n) = self.made_operand(&args, spread, elem)? {
            return self.append_zeros(e, args[0], n);
        }
        let mut list = vec![(args[0], Some(ty))];
        for &a in &args[1..] {
            list.push((a, if spread { None } else { Some(elem) }));
        }
        if spread && self.mode(args[1]) == Mode::NilValue {
            list[1].1 = Some(ty);
        }
        self.settle_appended(&list)?;
        let mut vals = self.values(&list)?;
        self.at(e);
        let s = vals.remove(0);
        if vals.is_empty() {
            return Ok(s);
        }
        Ok(self.f.e.op(ty, if spread { Op::AppendSlice(s, vals[0]) } else { Op::Append(s, vals, Storage::Heap) }))
    }

    /// What is appended is evaluated before the slice is read, unless that is no variable, field or element.
    fn settle_appended(&mut self, list: &[(ExprId, Option<TyId>)]) -> Res<()> {
        if list.iter().filter(|x| self.may_panic(x.0)).count() < 2 {
            return Ok(());
        }
        for &(e, want) in list {
            self.hoist_as(e, want)?;
        }
        self.settle(list[0].0)?;
        for &(e, want) in &list[1..] {
            self.lift_as(e, want)?;
            self.settle(e)?;
        }
        for &(e, _) in &list[1..] {
            self.evaluate(e)?;
        }
        Ok(())
    }

    /// The n in `append(s, make([]T, n)...)`.
    fn made_operand(&mut self, args: &[ExprId], spread: bool, elem: TyId) -> Res<Option<ExprId>> {
        let &[_, made] = args else { return Ok(None) };
        let made = self.code.tree.unparen(made);
        let ExprKind::CallExpr { fun, args: sizes, .. } = self.code.tree[made].kind else { return Ok(None) };
        if !spread || self.builtin_of(fun) != Some(BuiltinId::Make) {
            return Ok(None);
        }
        let ty = self.type_of(made)?;
        Ok(match (self.types().under(ty), &self.code.tree[sizes]) {
            (&Ty::Slice(t), &[_, n]) if t == elem => Some(n),
            _ => None,
        })
    }

    fn append_zeros(&mut self, e: ExprId, s: ExprId, n: ExprId) -> Res<ValueId> {
        let ty = self.type_of(e)?;
        if self.has_order(s) || self.has_order(n) {
            self.hoist(s)?;
            self.hoist(n)?;
        }
        let s = self.expr_to(s, ty)?;
        let n = self.index_value(n)?;
        let n = self.size_value(n);
        self.at(e);
        Ok(self.f.e.op(ty, Op::AppendZeros(s, n)))
    }

    fn len_cap(&mut self, e: ExprId, id: BuiltinId) -> Res<ValueId> {
        let x = self.builtin_args(e)[0];
        let tx = self.type_of(x)?;
        let arr = match *self.types().under(tx) {
            Ty::Pointer(a) => a,
            _ => tx,
        };
        if let Ty::Array(_, n) = *self.types().under(arr) {
            // Not a constant only because of calls in it.
            self.place(x)?;
            return Ok(self.f.e.int(n as i64));
        }
        if id == BuiltinId::Len
            && let Some(s) = self.converted_to_runes(x)?
        {
            let s = self.expr(s)?;
            self.at(e);
            return Ok(self.count_runes(s));
        }
        let v = self.expr(x)?;
        self.at(e);
        Ok(match (self.types().under(tx), id) {
            (Ty::Chan(..), BuiltinId::Len) => self.f.e.op(INT, Op::ChanLen(v)),
            (Ty::Chan(..), _) => self.f.e.op(INT, Op::ChanCap(v)),
            (Ty::Map(..), _) => self.map_len(v),
            (_, BuiltinId::Len) => self.f.e.op(INT, Op::Len(v)),
            _ => self.f.e.op(INT, Op::Cap(v)),
        })
    }

    /// The string in `[]rune(s)`.
    fn converted_to_runes(&mut self, e: ExprId) -> Res<Option<ExprId>> {
        let e = self.code.tree.unparen(e);
        let ExprKind::CallExpr { fun, args, .. } = self.code.tree[e].kind else { return Ok(None) };
        if self.mode(fun) != Mode::TypExpr || self.f.hoisted.contains_key(&e) {
            return Ok(None);
        }
        let x = self.code.tree[args][0];
        if self.info().value_of(x).is_some() {
            return Ok(None);
        }
        let (have, want) = (self.type_of(x)?, self.type_of(e)?);
        Ok(matches!(self.text_conv(have, want), Some(Conv::StringToRunes(_))).then_some(x))
    }

    /// `len([]rune(s))` without the runes.
    fn count_runes(&mut self, s: ValueId) -> ValueId {
        let len = self.f.e.op(INT, Op::Len(s));
        let (zero, one) = (self.f.e.int(0), self.f.e.int(1));
        let (head, at) = self.f.e.block_with(&[INT, INT]);
        let (more, done) = (self.f.e.block(), self.f.e.block());
        self.f.e.term(Term::Jump(head, vec![zero, zero]));
        self.f.e.switch_to(head);
        let left = self.f.e.op(BOOL, Op::Compare(CmpOp::Lt, at[0], len));
        self.f.e.branch(left, more, done);
        self.f.e.switch_to(more);
        let rune = TypeTable::basic(Basic::Int32);
        let pair = self.tuple(&[rune, INT]);
        let d = self.f.e.op(pair, Op::DecodeRune(s, at[0]));
        let next = self.f.e.op(INT, Op::Extract(d, 1));
        let n = self.f.e.op(INT, Op::Binary(BinOp::Add, at[1], one));
        self.f.e.stmt(Op::Preempt);
        self.f.e.term(Term::Jump(head, vec![next, n]));
        self.f.e.switch_to(done);
        at[1]
    }

    fn complex(&mut self, e: ExprId) -> Res<ValueId> {
        let args = self.builtin_args(e);
        let ty = self.type_of(e)?;
        let part = match self.types().as_basic(ty) {
            Some(Basic::Complex64) => TypeTable::basic(Basic::Float32),
            _ => TypeTable::basic(Basic::Float64),
        };
        let mut list = vec![];
        for &a in &args {
            // A constant part may be recorded untyped; a defined float type is converted.
            let untyped = self.info().value_of(a).is_some();
            list.push((a, untyped.then_some(part)));
        }
        let vals = match self.spread(&args)? {
            Some(parts) => parts,
            None => self.operands(&list)?,
        };
        let re = self.convert(vals[0], part)?;
        let im = self.convert(vals[1], part)?;
        self.at(e);
        Ok(self.f.e.op(ty, Op::MakeComplex(re, im)))
    }

    fn real_imag(&mut self, e: ExprId, id: BuiltinId) -> Res<ValueId> {
        let x = self.builtin_args(e)[0];
        let ty = self.type_of(e)?;
        let v = self.expr(x)?;
        self.at(e);
        Ok(self.f.e.op(ty, if id == BuiltinId::Real { Op::Real(v) } else { Op::Imag(v) }))
    }

    fn make(&mut self, e: ExprId) -> Res<ValueId> {
        let args = self.builtin_args(e);
        let ty = self.type_of(e)?;
        let mut sizes = vec![];
        if args[1..].iter().any(|&a| self.has_order(a)) {
            for &a in &args[1..] {
                self.hoist(a)?;
            }
        }
        let list: Vec<_> = args[1..].iter().map(|&a| (a, None)).collect();
        self.lift_list(&list)?;
        for &a in &args[1..] {
            let v = self.index_value(a)?;
            sizes.push(self.size_value(v));
        }
        self.at(e);
        let zero = |b: &mut Self| b.f.e.int(0);
        match self.types().under(ty) {
            Ty::Slice(_) => {
                let len = sizes[0];
                let cap = sizes.get(1).copied().unwrap_or(len);
                Ok(self.f.e.op(ty, Op::MakeSlice(len, cap, Storage::Heap)))
            }
            Ty::Chan(..) => {
                let n = sizes.first().copied().unwrap_or_else(|| zero(self));
                Ok(self.f.e.op(ty, Op::MakeChan(n)))
            }
            Ty::Map(..) => {
                let n = sizes.first().copied().unwrap_or_else(|| zero(self));
                self.make_map(ty, n)
            }
            _ => self.fail("make of such a type"),
        }
    }

    /// A size as an int: a float constant's value was converted already; too large an unsigned one becomes negative.
    fn size_value(&mut self, v: ValueId) -> ValueId {
        self.as_int(v)
    }

    fn new_(&mut self, e: ExprId) -> Res<ValueId> {
        let x = self.builtin_args(e)[0];
        let want = self.type_of(e)?;
        let elem = self.types().elem(want);
        let init = if self.mode(x) == Mode::TypExpr { None } else { Some(self.expr_to(x, elem)?) };
        self.at(e);
        let p = self.f.e.alloc(want, elem, Storage::Heap);
        if let Some(v) = init {
            self.f.e.store(p, v);
        }
        Ok(p)
    }

    fn min_max(&mut self, e: ExprId, id: BuiltinId) -> Res<ValueId> {
        let args = self.builtin_args(e);
        let ty = self.type_of(e)?;
        let list: Vec<_> = args.iter().map(|&a| (a, Some(ty))).collect();
        let vals = self.operands(&list)?;
        self.at(e);
        let float = self.types().as_basic(ty).is_some_and(Basic::is_float);
        let mut acc = vals[0];
        for &v in &vals[1..] {
            acc = if float {
                let i = if id == BuiltinId::Min { Intrinsic::FloatMin } else { Intrinsic::FloatMax };
                self.f.e.op(ty, Op::Intrinsic(i, vec![acc, v]))
            } else {
                // The first of equal operands stays.
                let cmp = if id == BuiltinId::Min { CmpOp::Lt } else { CmpOp::Gt };
                let better = self.f.e.op(BOOL, Op::Compare(cmp, v, acc));
                let (join, params) = self.f.e.block_with(&[ty]);
                self.f.e.term(Term::If { cond: better, then: (join, vec![v]), els: (join, vec![acc]) });
                self.f.e.switch_to(join);
                params[0]
            };
        }
        Ok(acc)
    }

    // ---- package unsafe

    fn unsafe_builtin(&mut self, e: ExprId, id: BuiltinId) -> Res<ValueId> {
        let args = self.builtin_args(e);
        match id {
            BuiltinId::Sizeof | BuiltinId::Alignof => {
                let t = self.type_of(args[0])?;
                let n = if id == BuiltinId::Sizeof { self.types().size_of(t) } else { self.types().align_of(t) };
                self.uintptr(n)
            }
            BuiltinId::Offsetof => self.offset_of(args[0]),
            BuiltinId::Add => {
                let vals = self.operands(&[(args[0], None), (args[1], None)])?;
                self.at(e);
                let index = self.as_int(vals[1]);
                let elem = TypeTable::basic(Basic::Uint8);
                Ok(self.f.e.op(World::unsafe_pointer(), Op::ElemAddr { base: vals[0], index, elem }))
            }
            BuiltinId::Slice => {
                let ty = self.type_of(e)?;
                let vals = self.operands(&[(args[0], None), (args[1], None)])?;
                self.at(e);
                let elem = self.types().elem(ty);
                let size = self.types().size_of(elem);
                let n = self.unsafe_len(vals[0], vals[1], size, "unsafe.Slice")?;
                let p = self.plain_pointer(vals[0]);
                Ok(self.f.e.op(ty, Op::MakeSliceHeader(p, n, n)))
            }
            BuiltinId::String => {
                let ty = self.type_of(e)?;
                let vals = self.operands(&[(args[0], None), (args[1], None)])?;
                self.at(e);
                let n = self.unsafe_len(vals[0], vals[1], 1, "unsafe.String")?;
                Ok(self.f.e.op(ty, Op::MakeStringHeader(vals[0], n)))
            }
            BuiltinId::SliceData | BuiltinId::StringData => {
                let ty = self.type_of(e)?;
                let v = self.expr(args[0])?;
                self.at(e);
                Ok(self.f.e.op(ty, Op::DataPtr(v)))
            }
            _ => self.fail(format!("built-in {}", id.name())),
        }
    }

    fn uintptr(&mut self, n: u64) -> Res<ValueId> {
        Ok(self.f.e.op(TypeTable::basic(Basic::Uintptr), Op::Const(Const::Int(n as i64))))
    }

    /// The length as an int. Panics when it is out of range for a pointer to elements of that size.
    fn unsafe_len(&mut self, ptr: ValueId, n: ValueId, size: u64, what: &str) -> Res<ValueId> {
        let n = self.as_int(n);
        let word = TypeTable::basic(Basic::Uintptr);
        let (count, size) = (self.f.e.op(word, Op::Convert(Conv::Numeric, n)), self.uintptr(size)?);
        let pair = self.tuple(&[word, word]);
        let product = self.f.e.op(pair, Op::Intrinsic(Intrinsic::Mul64, vec![count, size]));
        let high = self.f.e.op(word, Op::Extract(product, 0));
        let bytes = self.f.e.op(word, Op::Extract(product, 1));
        let p = self.unsafe_ptr(ptr);
        let addr = self.f.e.op(word, Op::Convert(Conv::Same, p));
        let zero = self.uintptr(0)?;
        // How much there is up to the end of the address space; nothing behind a nil pointer.
        let room = self.f.e.op(word, Op::Binary(BinOp::Sub, zero, addr));
        let none = self.f.e.int(0);
        let negative = self.f.e.op(BOOL, Op::Compare(CmpOp::Lt, n, none));
        let overflow = self.f.e.op(BOOL, Op::Compare(CmpOp::Gt, high, zero));
        let beyond = self.f.e.op(BOOL, Op::Compare(CmpOp::Gt, bytes, room));
        let bad = self.f.e.op(BOOL, Op::Binary(BinOp::Or, negative, overflow));
        let bad = self.f.e.op(BOOL, Op::Binary(BinOp::Or, bad, beyond));
        let (cold, ok) = (self.f.e.block(), self.f.e.block());
        self.f.e.cold(cold);
        self.f.e.branch(bad, cold, ok);
        self.f.e.switch_to(cold);
        let (range, nil) = (self.f.e.block(), self.f.e.block());
        let is_nil = self.f.e.op(BOOL, Op::IsNil(p));
        let plain = self.f.e.op(BOOL, Op::Unary(UnOp::Not, negative));
        let nil_len = self.f.e.op(BOOL, Op::Binary(BinOp::And, is_nil, plain));
        self.f.e.branch(nil_len, nil, range);
        for (b, text) in [(range, "len out of range"), (nil, "ptr is nil and len is not zero")] {
            self.f.e.switch_to(b);
            self.f.e.cold(b);
            self.runtime_error(&format!("{what}: {text}"))?;
        }
        self.f.e.switch_to(ok);
        Ok(n)
    }

    /// Panics with a `runtime.errorString`.
    fn runtime_error(&mut self, text: &str) -> Res<()> {
        let Ok(ty) = self.w.type_by_name("runtime", "errorString") else {
            return self.fail("package runtime has no errorString");
        };
        let v = self.f.e.op(ty, Op::Const(Const::Str(text.as_bytes().into())));
        let any = self.w.any();
        let v = self.assign_conv(v, any)?;
        self.f.e.term(Term::Panic(v));
        Ok(())
    }

    fn offset_of(&mut self, x: ExprId) -> Res<ValueId> {
        let x = self.code.tree.unparen(x);
        let ExprKind::SelectorExpr { x: base, .. } = self.code.tree[x].kind else { return self.fail("Offsetof") };
        let Some(s) = self.code.info.selections.get(&x).cloned() else { return self.fail("Offsetof") };
        let mut ty = self.type_of(base)?;
        if let Ty::Pointer(elem) = *self.types().under(ty) {
            ty = elem;
        }
        let mut offset = 0;
        for &i in &s.index {
            offset += self.types().field_offset(ty, i as usize);
            ty = self.types().fields(ty)[i as usize].ty;
        }
        self.uintptr(offset)
    }

    /// A pointer as an unsafe.Pointer.
    pub fn unsafe_ptr(&mut self, p: ValueId) -> ValueId {
        let ty = World::unsafe_pointer();
        if self.f.e.ty(p) == ty { p } else { self.f.e.op(ty, Op::Convert(Conv::Same, p)) }
    }
}
