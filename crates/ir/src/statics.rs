//! Initial values of package variables that are data: constants, addresses, and composite literals of such.
//!
//! A variable's bytes and relocations stand in its [`Global`](crate::program::Global); slices, pointers to literals and
//! the like get an unnamed variable of their own. The value of another variable is copied if that one is data too and
//! no code that might change it runs before.

use crate::build::constant;
use crate::generic::EnvId;
use crate::op::Const;
use crate::program::{GlobalId, StaticInit, StaticReloc};
use crate::ty::{Basic, Ty, TyId};
use crate::world::{Code, Res, World};
use itab_syntax::{ExprId, ExprKind, Id, Name, Op as Tok};
use itab_types::{Mode, ObjKind, PkgId, SelectionKind, VarKind};
use std::sync::Arc;

/// Larger values than this are not worth a static image of zeros.
const LIMIT: u64 = 1 << 20;

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
            if self.store.obj(obj).name == Name::BLANK {
                code_ran = true;
                continue;
            }
            let code = self.file_code(pkg, step.file);
            let g = self.global(obj)?;
            let ty = self.program.global(g).ty;
            let mut s = Static { w: self, code, copies: !code_ran, count: 0, name: g };
            match s.whole(step.rhs, ty)? {
                Some(init) => {
                    self.program.globals[g.0 as usize].init = Some(Arc::new(init));
                    self.static_inits.insert((pkg, i), ());
                }
                None if self.is_unread_map(pkg, step) => {
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
    code: Code,
    copies: bool,
    count: u32,
    name: GlobalId,
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
}

impl Static<'_> {
    /// The data of a whole variable, none if its value takes code.
    fn whole(&mut self, e: ExprId, ty: TyId) -> Res<Option<StaticInit>> {
        let size = self.w.program.types.size_of(ty);
        if size > LIMIT {
            return Ok(None);
        }
        // Unnamed variables made for a value that then turns out to take code are dropped again.
        let (globals, at) = (self.w.program.globals.len(), self.w.program.globals_size);
        let mut image = Image::new(size);
        if self.value(e, ty, &mut image, 0)? {
            return Ok(Some(image.init));
        }
        let made = self.w.program.globals[globals..].iter().any(|g| !g.name.contains("..stmp_"));
        if !made {
            self.w.program.globals.truncate(globals);
            self.w.program.globals_size = at;
        }
        Ok(None)
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
        if let Some(val) = self.code.info.value_of(e).cloned() {
            return Ok(self.constant(&val, want, out, off));
        }
        let Some(have) = self.ty(e)? else { return Ok(false) };
        let types = &self.w.program.types;
        if types.is_interface(want) != types.is_interface(have) {
            return Ok(false);
        }
        match self.code.tree[e].kind {
            ExprKind::CompositeLit { .. } => self.literal(e, have, out, off),
            ExprKind::UnaryExpr { op: Tok::And, x } => self.address(x, out, off),
            ExprKind::Ident(_) => self.name(e, want, out, off),
            ExprKind::SelectorExpr { .. } if !self.code.info.selections.contains_key(&e) => {
                self.name(e, want, out, off)
            }
            ExprKind::CallExpr { fun, args, .. } if self.code.info.types[fun.index()].mode == Mode::TypExpr => {
                // A conversion that changes nothing.
                let x = self.code.tree[args][0];
                let Some(from) = self.ty(x)? else { return Ok(false) };
                let types = &self.w.program.types;
                if types.underlying(from) == types.underlying(have) { self.value(x, from, out, off) } else { Ok(false) }
            }
            _ => Ok(false),
        }
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
            ObjKind::Var(v) if v.kind == VarKind::Package && self.copies => {
                if self.w.store.obj(obj).pkg != self.code.pkg {
                    return Ok(false);
                }
                let g = self.w.global(obj)?;
                let global = self.w.program.global(g);
                match (&global.init, global.ty == want) {
                    (Some(init), true) => {
                        let init = init.clone();
                        out.put(off, &init.bytes);
                        init.relocs.iter().for_each(|(o, r)| out.reloc(off + o, r.clone()));
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
        Ok(Some((g, 0, self.w.program.global(g).ty)))
    }

    /// An unnamed variable of type `ty`.
    fn unnamed(&mut self, ty: TyId) -> GlobalId {
        self.count += 1;
        let name = format!("{}..stmp_{}", self.w.program.global(self.name).name, self.count);
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
        match self.w.program.types.under(ty).clone() {
            Ty::Struct(fields) => {
                for (i, elt) in elts.into_iter().enumerate() {
                    let (i, value) = match self.code.tree[elt].kind {
                        ExprKind::KeyValueExpr { key, value, .. } => {
                            let name = self.code.tree.ident(key).map(|n| self.w.text(n.name));
                            match fields.iter().position(|f| Some(&f.name.name) == name.as_ref()) {
                                Some(i) => (i, value),
                                None => return Ok(false),
                            }
                        }
                        _ => (i, elt),
                    };
                    if &*fields[i].name.name == "_" {
                        if self.code.info.value_of(value).is_none() {
                            return Ok(false);
                        }
                        continue;
                    }
                    let at = off + self.w.program.types.field_offset(ty, i);
                    if !self.value(value, fields[i].ty, out, at)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Ty::Array(elem, _) => self.elements(&elts, elem, out, off),
            Ty::Slice(elem) => {
                let n = self.count_elements(&elts);
                let arr = self.w.program.types.intern(Ty::Array(elem, n));
                let size = self.w.program.types.size_of(arr);
                if size > LIMIT {
                    return Ok(false);
                }
                let mut image = Image::new(size);
                if !self.elements(&elts, elem, &mut image, 0)? {
                    return Ok(false);
                }
                let g = self.unnamed(arr);
                self.w.program.globals[g.0 as usize].init = Some(Arc::new(image.init));
                out.reloc(off, StaticReloc::Global(g, 0));
                out.word(off + 8, n);
                out.word(off + 16, n);
                Ok(true)
            }
            Ty::Pointer(elem) => self.pointer_to_literal(e, elem, out, off),
            _ => Ok(false),
        }
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
