//! Initial values of package variables that are static data: constants, addresses, composite literals, and interface
//! values of such.
//!
//! A variable's bytes and relocations are in its [`Global`](crate::program::Global). The arrays of slices, the targets
//! of pointers to literals, and boxes are unnamed variables of their own. The value of another variable is copied if
//! that one is static data, too, and no code that might change it runs before. A call with constant arguments of a
//! function that only returns an expression, as `errors.New` does, has the value of that expression. So most packages
//! have no code to run when a program starts.

use crate::build::constant;
use crate::generic::EnvId;
use crate::op::Const;
use crate::program::{GlobalId, StaticInit, StaticReloc};
use crate::ty::{Basic, Ty, TyId};
use crate::world::{Code, Res, World};
use itab_syntax::{ExprId, ExprKind, Id, List, Name, Op as Tok, StmtKind};
use itab_types::{Mode, ObjId, ObjKind, PkgId, SelectionKind, Value, VarKind};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use std::sync::Arc;

/// Larger values than this are not worth a static image of zeros.
const LIMIT: u64 = 1 << 20;
/// Calls within calls are followed so deep.
const MAX_CALLS: usize = 4;
/// Longer bodies, in bytes, hold more than one return statement.
const MAX_BODY: u32 = 200;

impl World {
    /// Turns initial values of a package into data where that is possible.
    pub(crate) fn static_package(&mut self, pkg: PkgId) -> Res<()> {
        let steps = self.store.pkg(pkg).init_order.clone();
        if self.static_inits.contains_key(&(pkg, usize::MAX)) {
            return Ok(());
        }
        self.static_inits.insert((pkg, usize::MAX), ());
        self.check_embeds(pkg)?;
        let mut code_ran = false;
        for (i, step) in steps.iter().enumerate() {
            let [obj] = step.lhs[..] else {
                code_ran = true;
                continue;
            };
            let code = self.file_code(pkg, step.file);
            let blank = self.store.obj(obj).name == Name::BLANK;
            let (global, ty, name) = match blank {
                true => (None, self.ty(self.store.obj_type(obj), EnvId::EMPTY)?, "_".into()),
                false => {
                    let g = self.global(obj)?;
                    let global = self.program.global(g);
                    (Some(g), global.ty, global.name.clone())
                }
            };
            let mut s = Static {
                w: self,
                pkg,
                code,
                copies: !code_ran,
                count: 0,
                name,
                calls: vec![],
                structs: FxHashMap::default(),
            };
            match s.whole(step.rhs, ty, blank)? {
                Some(init) => {
                    if let Some(g) = global {
                        self.program.globals[g.0 as usize].init = Some(Arc::new(init));
                    }
                    self.static_inits.insert((pkg, i), ());
                }
                None if self.is_unread_map(pkg, step) || global.is_some_and(|g| self.put_off(pkg, i, step, g)) => {
                    self.static_inits.insert((pkg, i), ());
                }
                None => code_ran = true,
            }
        }
        Ok(())
    }
}

struct Static<'w> {
    w: &'w mut World,
    /// The package that is initialised.
    pkg: PkgId,
    /// Where the expression stands that is looked at.
    code: Code,
    copies: bool,
    count: u32,
    /// The variable.
    name: Arc<str>,
    /// Arguments of the functions whose results are looked at, by parameter; the innermost last.
    calls: Vec<FxHashMap<ObjId, Value>>,
    structs: FxHashMap<TyId, Rc<[Field]>>,
}

/// A field of a struct.
struct Field {
    name: Arc<str>,
    ty: TyId,
    offset: u64,
}

/// Data of one object, being put together.
struct Image {
    init: StaticInit,
}

impl Image {
    fn new(size: u64) -> Image {
        Image { init: StaticInit { bytes: vec![0; size as usize], relocs: vec![] } }
    }

    fn put(&mut self, off: u64, bytes: &[u8]) {
        self.init.bytes[off as usize..off as usize + bytes.len()].copy_from_slice(bytes);
    }

    fn word(&mut self, off: u64, n: u64) {
        self.put(off, &n.to_le_bytes());
    }

    fn reloc(&mut self, off: u64, r: StaticReloc) {
        self.init.relocs.push((off, r));
    }

    fn append(&mut self, off: u64, init: &StaticInit) {
        self.put(off, &init.bytes);
        self.init.relocs.extend(init.relocs.iter().map(|(o, r)| (off + o, r.clone())));
    }
}

impl Static<'_> {
    /// The data of a whole variable, none if its value takes code. That of a `blank` one refers to nothing that lasts.
    fn whole(&mut self, e: ExprId, ty: TyId, blank: bool) -> Res<Option<StaticInit>> {
        let size = self.w.program.types.size_of(ty);
        if size > LIMIT {
            return Ok(None);
        }
        // Unnamed variables made for a value that nobody keeps are dropped again.
        let (globals, at) = (self.w.program.globals.len(), self.w.program.globals_size);
        let mut image = Image::new(size);
        let is_data = self.value(e, ty, &mut image, 0)?;
        if is_data && !blank {
            return Ok(Some(image.init));
        }
        let made = self.w.program.globals[globals..].iter().any(|g| !g.name.contains("..stmp_"));
        if !made {
            self.w.program.globals.truncate(globals);
            self.w.program.globals_size = at;
        }
        Ok(is_data.then_some(image.init))
    }

    fn ty(&mut self, e: ExprId) -> Res<Option<TyId>> {
        match self.code.info.type_of(e) {
            Some(t) => Ok(Some(self.w.ty(t, EnvId::EMPTY)?)),
            None => Ok(None),
        }
    }

    /// Writes a value of type `want` at an offset; false if that takes code.
    fn value(&mut self, e: ExprId, want: TyId, out: &mut Image, off: u64) -> Res<bool> {
        let e = self.code.tree.unparen(e);
        if self.code.info.types[e.index()].mode == Mode::NilValue {
            return Ok(true);
        }
        if let Some(val) = self.code.info.value_of(e).cloned()
            && !self.w.program.types.is_interface(want)
        {
            return Ok(self.constant(&val, want, out, off));
        }
        let Some(have) = self.ty(e)? else { return Ok(false) };
        let types = &self.w.program.types;
        if types.is_interface(want) && !types.is_interface(have) {
            return self.boxed(e, have, want, out, off);
        }
        match self.code.tree[e].kind {
            ExprKind::CompositeLit { .. } => self.literal(e, have, out, off),
            ExprKind::UnaryExpr { op: Tok::And, x } => self.address(x, out, off),
            ExprKind::Ident(_) => self.name(e, want, out, off),
            ExprKind::SelectorExpr { .. } if !self.code.info.selections.contains_key(&e) => {
                self.name(e, want, out, off)
            }
            ExprKind::CallExpr { fun, args, .. } if self.code.info.types[fun.index()].mode == Mode::TypExpr => {
                // A conversion that changes nothing, or to an interface.
                let x = self.code.tree[args][0];
                let Some(from) = self.ty(x)? else { return Ok(false) };
                let types = &self.w.program.types;
                match types.is_interface(have) && !types.is_interface(from) {
                    true => self.value(x, have, out, off),
                    false if types.underlying(from) == types.underlying(have) => self.value(x, from, out, off),
                    false => Ok(false),
                }
            }
            ExprKind::CallExpr { fun, args, .. } => self.result(fun, args, have, out, off),
            _ => Ok(false),
        }
    }

    /// An interface that holds a value of type `have`.
    fn boxed(&mut self, e: ExprId, have: TyId, want: TyId, out: &mut Image, off: u64) -> Res<bool> {
        let types = &self.w.program.types;
        let (direct, size) = (types.is_direct(have), types.size_of(have));
        let methods = matches!(types.under(want), Ty::Interface(methods) if !methods.is_empty());
        if size == 0 || size > LIMIT {
            return Ok(false);
        }
        let mut image = Image::new(size);
        if !self.value(e, have, &mut image, 0)? {
            return Ok(false);
        }
        out.reloc(off, if methods { StaticReloc::Itab(want, have) } else { StaticReloc::Type(have) });
        if direct {
            out.append(off + 8, &image.init);
        } else {
            let g = self.unnamed(have);
            self.w.program.globals[g.0 as usize].init = Some(Arc::new(image.init));
            out.reloc(off + 8, StaticReloc::Global(g, 0));
        }
        Ok(true)
    }

    /// The result of a call with constants, if the function does nothing but return an expression.
    fn result(&mut self, fun: ExprId, args: List<ExprId>, want: TyId, out: &mut Image, off: u64) -> Res<bool> {
        let fun = self.code.tree.unparen(fun);
        let Some(obj) = self.code.info.object_of(fun) else { return Ok(false) };
        let sig = self.w.sig_of(obj);
        let short = self.w.decl_body(obj).is_some_and(|body| body.end.0 - body.start.0 < MAX_BODY);
        let plain = sig.recv.is_none() && !sig.variadic && sig.tparams.is_empty();
        if !short || !plain || self.w.special(obj).is_some() || self.calls.len() >= MAX_CALLS {
            return Ok(false);
        }
        let args = self.code.tree[args].to_vec();
        let Some(args) = args.iter().map(|&a| self.argument(a)).collect::<Option<Vec<_>>>() else { return Ok(false) };
        let params = self.w.store.objs(sig.params).to_vec();
        // What is wrong with it is said when it is compiled.
        let Ok((code, body)) = self.w.body_code(obj) else { return Ok(false) };
        let &[only] = &code.tree[body.list] else { return Ok(false) };
        let StmtKind::ReturnStmt { results } = code.tree[only].kind else { return Ok(false) };
        let (&[result], true) = (&code.tree[results], params.len() == args.len()) else { return Ok(false) };
        self.calls.push(params.into_iter().zip(args).collect());
        let around = std::mem::replace(&mut self.code, code);
        let done = self.value(result, want, out, off);
        self.code = around;
        self.calls.pop();
        done
    }

    /// The value of a constant or of a parameter whose value is known.
    fn argument(&self, e: ExprId) -> Option<Value> {
        if let Some(val) = self.code.info.value_of(e) {
            return Some(val.clone());
        }
        let obj = self.code.info.object_of(self.code.tree.unparen(e))?;
        self.calls.last()?.get(&obj).cloned()
    }

    fn constant(&mut self, val: &itab_types::Value, want: TyId, out: &mut Image, off: u64) -> bool {
        let types = &self.w.program.types;
        let Some(c) = constant(types, val, want) else { return false };
        let Some(b) = types.as_basic(want) else { return false };
        match c {
            Const::Bool(v) => out.put(off, &[u8::from(v)]),
            Const::Int(n) => out.put(off, &n.to_le_bytes()[..b.size() as usize]),
            Const::Float(f) if b == Basic::Float32 => out.put(off, &(f as f32).to_le_bytes()),
            Const::Float(f) => out.put(off, &f.to_le_bytes()),
            Const::Complex(r, i) if b == Basic::Complex64 => {
                out.put(off, &(r as f32).to_le_bytes());
                out.put(off + 4, &(i as f32).to_le_bytes());
            }
            Const::Complex(r, i) => {
                out.put(off, &r.to_le_bytes());
                out.put(off + 8, &i.to_le_bytes());
            }
            Const::Str(s) => {
                if !s.is_empty() {
                    out.word(off + 8, s.len() as u64);
                    out.reloc(off, StaticReloc::Str(s));
                }
            }
            Const::Zero => {}
        }
        true
    }

    /// A named variable's value or a function.
    fn name(&mut self, e: ExprId, want: TyId, out: &mut Image, off: u64) -> Res<bool> {
        let Some(obj) = self.code.info.object_of(e) else { return Ok(false) };
        match &self.w.store.obj(obj).kind {
            ObjKind::Func(_) => {
                let sig = self.w.sig_of(obj);
                if !sig.tparams.is_empty() || self.w.special(obj).is_some() {
                    return Ok(false);
                }
                let f = self.w.declare(obj, EnvId::EMPTY)?;
                out.reloc(off, StaticReloc::FuncVal(f));
                Ok(true)
            }
            ObjKind::Var(v) if v.kind != VarKind::Package => match self.calls.last().and_then(|c| c.get(&obj)).cloned()
            {
                Some(val) => Ok(self.constant(&val, want, out, off)),
                None => Ok(false),
            },
            ObjKind::Var(_) if self.copies => {
                if self.w.store.obj(obj).pkg != Some(self.pkg) {
                    return Ok(false);
                }
                let g = self.w.global(obj)?;
                let global = self.w.program.global(g);
                match (&global.init, global.ty == want) {
                    (Some(init), true) => {
                        out.append(off, init);
                        Ok(true)
                    }
                    _ => Ok(false),
                }
            }
            _ => Ok(false),
        }
    }

    /// `&x` of a literal or of (a part of) a package variable.
    fn address(&mut self, x: ExprId, out: &mut Image, off: u64) -> Res<bool> {
        let x = self.code.tree.unparen(x);
        if let ExprKind::CompositeLit { .. } = self.code.tree[x].kind {
            let Some(ty) = self.ty(x)? else { return Ok(false) };
            return self.pointer_to_literal(x, ty, out, off);
        }
        match self.place(x)? {
            Some((g, at, _)) => {
                out.reloc(off, StaticReloc::Global(g, at));
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// The package variable and offset of an operand, and its type.
    fn place(&mut self, x: ExprId) -> Res<Option<(GlobalId, u64, TyId)>> {
        let x = self.code.tree.unparen(x);
        match self.code.tree[x].kind {
            ExprKind::Ident(_) => self.global_place(x),
            ExprKind::SelectorExpr { x: base, .. } => {
                let Some(s) = self.code.info.selections.get(&x).cloned() else { return self.global_place(x) };
                if s.kind != SelectionKind::FieldVal || s.indirect {
                    return Ok(None);
                }
                let Some((g, mut at, mut ty)) = self.place(base)? else { return Ok(None) };
                for &i in &s.index {
                    let types = &self.w.program.types;
                    if !matches!(types.under(ty), Ty::Struct(_)) {
                        return Ok(None);
                    }
                    at += types.field_offset(ty, i as usize);
                    ty = types.fields(ty)[i as usize].ty;
                }
                Ok(Some((g, at, ty)))
            }
            ExprKind::IndexExpr { x: base, indices, .. } => {
                let i = self.code.tree[indices][0];
                let n = self.code.info.value_of(i).and_then(|v| v.to_int().as_u64());
                let Some((g, at, ty)) = self.place(base)? else { return Ok(None) };
                match (self.w.program.types.under(ty).clone(), n) {
                    (Ty::Array(elem, len), Some(n)) if n < len => {
                        Ok(Some((g, at + n * self.w.program.types.size_of(elem), elem)))
                    }
                    _ => Ok(None),
                }
            }
            _ => Ok(None),
        }
    }

    fn global_place(&mut self, x: ExprId) -> Res<Option<(GlobalId, u64, TyId)>> {
        let Some(obj) = self.code.info.object_of(x) else { return Ok(None) };
        let package = self.w.store.obj(obj).as_var().is_some_and(|v| v.kind == VarKind::Package);
        if !package {
            return Ok(None);
        }
        let g = self.w.global(obj)?;
        // Whoever has the address of such a map does not know that it is filled late.
        Ok((!self.w.late.contains_key(&g)).then(|| (g, 0, self.w.program.global(g).ty)))
    }

    /// An unnamed variable of type `ty`.
    fn unnamed(&mut self, ty: TyId) -> GlobalId {
        self.count += 1;
        let name = format!("{}..stmp_{}", self.name, self.count);
        self.w.program.add_global(name.into(), ty)
    }

    fn pointer_to_literal(&mut self, x: ExprId, ty: TyId, out: &mut Image, off: u64) -> Res<bool> {
        let mut image = Image::new(self.w.program.types.size_of(ty));
        if !self.literal(x, ty, &mut image, 0)? {
            return Ok(false);
        }
        let g = self.unnamed(ty);
        self.w.program.globals[g.0 as usize].init = Some(Arc::new(image.init));
        out.reloc(off, StaticReloc::Global(g, 0));
        Ok(true)
    }

    fn literal(&mut self, e: ExprId, ty: TyId, out: &mut Image, off: u64) -> Res<bool> {
        let ExprKind::CompositeLit { elts, .. } = self.code.tree[e].kind else { return Ok(false) };
        let elts = self.code.tree[elts].to_vec();
        if let Ty::Struct(_) = self.w.program.types.under(ty) {
            return self.fields(&elts, ty, out, off);
        }
        match self.w.program.types.under(ty).clone() {
            Ty::Array(elem, _) => self.elements(&elts, elem, out, off),
            Ty::Slice(elem) => self.slice(&elts, elem, out, off),
            Ty::Pointer(elem) => self.pointer_to_literal(e, elem, out, off),
            _ => Ok(false),
        }
    }

    /// The fields of a struct literal.
    fn fields(&mut self, elts: &[ExprId], ty: TyId, out: &mut Image, off: u64) -> Res<bool> {
        let fields = self.layout(ty);
        for (i, &elt) in elts.iter().enumerate() {
            let (field, value) = match self.code.tree[elt].kind {
                ExprKind::KeyValueExpr { key, value, .. } => {
                    let name = self.code.tree.ident(key).map(|n| self.w.text(n.name));
                    match fields.iter().find(|f| Some(&f.name) == name.as_ref()) {
                        Some(field) => (field, value),
                        None => return Ok(false),
                    }
                }
                _ => (&fields[i], elt),
            };
            if &*field.name == "_" {
                if self.code.info.value_of(value).is_none() {
                    return Ok(false);
                }
            } else if !self.value(value, field.ty, out, off + field.offset)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The fields of a struct type, which tables have many of.
    fn layout(&mut self, ty: TyId) -> Rc<[Field]> {
        if let Some(known) = self.structs.get(&ty) {
            return known.clone();
        }
        let types = &self.w.program.types;
        let offset = |i| types.field_offset(ty, i);
        let fields = types.fields(ty).iter().enumerate();
        let fields: Rc<[Field]> =
            fields.map(|(i, f)| Field { name: f.name.name.clone(), ty: f.ty, offset: offset(i) }).collect();
        self.structs.insert(ty, fields.clone());
        fields
    }

    fn slice(&mut self, elts: &[ExprId], elem: TyId, out: &mut Image, off: u64) -> Res<bool> {
        let n = self.count_elements(elts);
        let arr = self.w.program.types.intern(Ty::Array(elem, n));
        let size = self.w.program.types.size_of(arr);
        if size > LIMIT {
            return Ok(false);
        }
        let mut image = Image::new(size);
        if !self.elements(elts, elem, &mut image, 0)? {
            return Ok(false);
        }
        let g = self.unnamed(arr);
        self.w.program.globals[g.0 as usize].init = Some(Arc::new(image.init));
        out.reloc(off, StaticReloc::Global(g, 0));
        out.word(off + 8, n);
        out.word(off + 16, n);
        Ok(true)
    }

    fn index_of(&self, elt: ExprId, next: u64) -> (u64, ExprId) {
        match self.code.tree[elt].kind {
            ExprKind::KeyValueExpr { key, value, .. } => {
                let k = self.code.info.value_of(key).and_then(|v| v.to_int().as_u64());
                (k.unwrap_or(next), value)
            }
            _ => (next, elt),
        }
    }

    fn count_elements(&self, elts: &[ExprId]) -> u64 {
        let (mut next, mut max) = (0, 0);
        for &elt in elts {
            next = self.index_of(elt, next).0 + 1;
            max = max.max(next);
        }
        max
    }

    fn elements(&mut self, elts: &[ExprId], elem: TyId, out: &mut Image, off: u64) -> Res<bool> {
        let size = self.w.program.types.size_of(elem);
        let mut next = 0;
        for &elt in elts {
            let (i, value) = self.index_of(elt, next);
            next = i + 1;
            if !self.value(value, elem, out, off + i * size)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
