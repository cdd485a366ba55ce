//! The texts of types, as messages print them.

use std::fmt::Write;

use crate::object::ObjKind;
use crate::store::Store;
use crate::types::{ChanDir, Type};
use crate::{ObjId, ObjList, PkgId, SigId, TypeId, TypeList};

type Qualifier<'q> = &'q dyn Fn(PkgId) -> String;

struct Writer<'s> {
    s: &'s Store,
    out: String,
    qualifier: Qualifier<'s>,
    seen: Vec<TypeId>,
    param_names: bool,
    /// Whether the first unexported field is still to be annotated with its package.
    pkg_info: bool,
}

impl Store {
    /// A type's text, with packages named by their paths.
    pub fn type_string(&self, t: TypeId) -> String {
        self.type_string_with(t, &|p| self.pkg(p).path.to_string())
    }

    /// A type's text, with packages named by `qualifier` (not at all where it gives an empty text).
    pub fn type_string_with(&self, t: TypeId, qualifier: &dyn Fn(PkgId) -> String) -> String {
        let mut w =
            Writer { s: self, out: String::new(), qualifier, seen: Vec::new(), param_names: true, pkg_info: false };
        w.typ(t);
        w.out
    }

    /// Type parameters, parameters and results, without parameter names.
    pub(crate) fn signature_string(&self, sig: SigId, pkg_info: bool, qualifier: &dyn Fn(PkgId) -> String) -> String {
        let mut w = Writer { s: self, out: String::new(), qualifier, seen: Vec::new(), param_names: false, pkg_info };
        w.signature(sig);
        w.out
    }
}

impl Writer<'_> {
    fn typ(&mut self, t: TypeId) {
        if self.seen.contains(&t) || self.seen.len() > 200 {
            let _ = write!(self.out, "<cycle to {}>", kind_name(self.s.ty(t)));
            return;
        }
        self.seen.push(t);
        self.write(t);
        self.seen.pop();
    }

    fn write(&mut self, t: TypeId) {
        match self.s.ty(t) {
            Type::Basic(k) => self.out.push_str(k.name()),
            Type::Named(n) => {
                let n = self.s.named(n);
                self.type_name(n.obj);
                if n.orig.is_some() {
                    self.type_list(n.targs);
                } else if !n.tparams.is_empty() {
                    self.tparam_list(n.tparams);
                }
            }
            Type::Alias(a) => {
                let a = self.s.alias(a);
                self.type_name(a.obj);
                if !a.targs.is_empty() {
                    self.type_list(a.targs);
                } else if !a.tparams.is_empty() {
                    self.tparam_list(a.tparams);
                }
            }
            Type::Pointer(base) => {
                self.out.push('*');
                self.typ(base);
            }
            Type::Slice(elem) => {
                self.out.push_str("[]");
                self.typ(elem);
            }
            Type::Array { len, elem } => {
                let _ = write!(self.out, "[{len}]");
                self.typ(elem);
            }
            Type::Map { key, elem } => {
                self.out.push_str("map[");
                self.typ(key);
                self.out.push(']');
                self.typ(elem);
            }
            Type::Chan { dir, elem } => self.chan(dir, elem),
            Type::Struct(s) => self.struct_(s),
            Type::Tuple(l) => self.tuple(l, false),
            Type::Signature(s) => {
                self.out.push_str("func");
                self.signature(s);
            }
            Type::Interface(i) => self.interface(i),
            Type::Union(l) => {
                for (i, term) in self.s.terms(l).iter().enumerate() {
                    if i > 0 {
                        self.out.push_str(" | ");
                    }
                    if term.tilde {
                        self.out.push('~');
                    }
                    self.typ(term.typ);
                }
            }
            Type::TypeParam(p) => {
                let obj = self.s.obj(self.s.tparam(p).obj);
                self.out.push_str(self.s.text(obj.name));
                if self.s.scope(self.s.universe).lookup(obj.name).is_some() {
                    let at = self.s.files().position(obj.pos);
                    let name = self.s.text(obj.name);
                    let _ = write!(self.out, " /* with {name} declared at {at} */");
                }
            }
        }
    }

    fn chan(&mut self, dir: ChanDir, elem: TypeId) {
        let (text, parens) = match dir {
            ChanDir::SendRecv => ("chan ", matches!(self.s.ty(elem), Type::Chan { dir: ChanDir::RecvOnly, .. })),
            ChanDir::SendOnly => ("chan<- ", false),
            ChanDir::RecvOnly => ("<-chan ", false),
        };
        self.out.push_str(text);
        if parens {
            self.out.push('(');
        }
        self.typ(elem);
        if parens {
            self.out.push(')');
        }
    }

    fn struct_(&mut self, s: crate::StructId) {
        let s = self.s.struct_(s);
        self.out.push_str("struct{");
        for (i, &f) in self.s.objs(s.fields).iter().enumerate() {
            if i > 0 {
                self.out.push_str("; ");
            }
            let obj = self.s.obj(f);
            let name = self.s.text(obj.name);
            let annotate = self.pkg_info && !crate::is_exported(name);
            if annotate {
                self.pkg_info = false;
            }
            if !obj.is_embedded() {
                let _ = write!(self.out, "{name} ");
            }
            self.typ(self.s.obj_type(f));
            if let (true, Some(p)) = (annotate, obj.pkg) {
                let _ = write!(self.out, " /* package {} */ ", self.s.pkg(p).path);
            }
            let tag = s.tag(i);
            if !tag.is_empty() {
                let _ = write!(self.out, " {:?}", String::from_utf8_lossy(tag));
            }
        }
        self.out.push('}');
    }

    fn interface(&mut self, i: crate::IfaceId) {
        let iface = self.s.iface(i);
        if iface.is_comparable {
            self.out.push_str("interface{comparable}");
            return;
        }
        if iface.implicit {
            if iface.methods.is_empty() && iface.embeddeds.len() == 1 {
                self.typ(self.s.type_at(iface.embeddeds, 0));
                return;
            }
            self.out.push_str("/* implicit */ ");
        }
        self.out.push_str("interface{");
        let mut first = true;
        for &m in self.s.objs(iface.methods) {
            if !first {
                self.out.push_str("; ");
            }
            first = false;
            self.out.push_str(self.s.text(self.s.obj(m).name));
            if let Type::Signature(sig) = self.s.ty(self.s.obj_type(m)) {
                self.signature(sig);
            }
        }
        for &e in self.s.type_list(iface.embeddeds) {
            if !first {
                self.out.push_str("; ");
            }
            first = false;
            self.typ(e);
        }
        self.out.push('}');
    }

    fn type_name(&mut self, o: ObjId) {
        let obj = self.s.obj(o);
        if let Some(p) = obj.pkg {
            let q = (self.qualifier)(p);
            if !q.is_empty() {
                self.out.push_str(&q);
                self.out.push('.');
            }
        }
        self.out.push_str(self.s.text(obj.name));
    }

    fn type_list(&mut self, l: TypeList) {
        self.out.push('[');
        for (i, &t) in self.s.type_list(l).iter().enumerate() {
            if i > 0 {
                self.out.push_str(", ");
            }
            self.typ(t);
        }
        self.out.push(']');
    }

    fn tparam_list(&mut self, l: TypeList) {
        self.out.push('[');
        let mut prev = None;
        for (i, &p) in self.s.type_list(l).iter().enumerate() {
            let bound = self.s.bound(p);
            if i > 0 {
                if let Some(prev) = prev.filter(|&b| b != bound) {
                    self.out.push(' ');
                    self.typ(prev);
                }
                self.out.push_str(", ");
            }
            prev = Some(bound);
            self.typ(p);
        }
        if let Some(prev) = prev {
            self.out.push(' ');
            self.typ(prev);
        }
        self.out.push(']');
    }

    fn tuple(&mut self, l: ObjList, variadic: bool) {
        self.out.push('(');
        let n = l.len();
        for (i, &v) in self.s.objs(l).iter().enumerate() {
            if i > 0 {
                self.out.push_str(", ");
            }
            let name = self.s.text(self.s.obj(v).name);
            if self.param_names && !name.is_empty() {
                let _ = write!(self.out, "{name} ");
            }
            let t = self.s.obj_type(v);
            match self.s.ty(t) {
                Type::Slice(elem) if variadic && i + 1 == n => {
                    self.out.push_str("...");
                    self.typ(elem);
                }
                _ => {
                    self.typ(t);
                    if variadic && i + 1 == n {
                        self.out.push_str("...");
                    }
                }
            }
        }
        self.out.push(')');
    }

    fn signature(&mut self, sig: SigId) {
        let sig = *self.s.sig(sig);
        if !sig.tparams.is_empty() {
            self.tparam_list(sig.tparams);
        }
        self.tuple(sig.params, sig.variadic);
        match self.s.objs(sig.results) {
            [] => {}
            [r] if self.s.text(self.s.obj(*r).name).is_empty() => {
                self.out.push(' ');
                self.typ(self.s.obj_type(*r));
            }
            _ => {
                self.out.push(' ');
                self.tuple(sig.results, false);
            }
        }
    }
}

fn kind_name(t: Type) -> &'static str {
    match t {
        Type::Basic(_) => "*Basic",
        Type::Named(_) => "*Named",
        Type::Alias(_) => "*Alias",
        Type::Pointer(_) => "*Pointer",
        Type::Slice(_) => "*Slice",
        Type::Array { .. } => "*Array",
        Type::Map { .. } => "*Map",
        Type::Chan { .. } => "*Chan",
        Type::Struct(_) => "*Struct",
        Type::Tuple(_) => "*Tuple",
        Type::Signature(_) => "*Signature",
        Type::Interface(_) => "*Interface",
        Type::Union(_) => "*Union",
        Type::TypeParam(_) => "*TypeParam",
    }
}

impl Store {
    /// A function's full name: `path.F`, `(path.T).M`, `(*path.T).M`.
    pub fn func_full_name(&self, o: ObjId) -> String {
        let obj = self.obj(o);
        let name = self.text(obj.name);
        if let (ObjKind::Func(_), Some(Type::Signature(s))) = (&obj.kind, obj.typ.map(|t| self.ty(t)))
            && let Some(recv) = self.sig(s).recv
        {
            return format!("({}).{name}", self.type_string(self.obj_type(recv)));
        }
        match obj.pkg {
            Some(p) => format!("{}.{name}", self.pkg(p).path),
            None => name.to_string(),
        }
    }
}
