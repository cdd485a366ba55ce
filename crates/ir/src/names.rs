//! Symbols of functions as gc writes them, because tracebacks and `runtime.FuncForPC` show them.

use crate::generic::EnvId;
use crate::ty::{Ty, TyId};
use crate::world::World;
use itab_syntax::Name;
use itab_types::{ObjId, PkgId};
use std::fmt::Write;
use std::sync::Arc;

impl World {
    /// Symbol of a declared function or method.
    pub(crate) fn func_name(&mut self, obj: ObjId, env: EnvId) -> Arc<str> {
        let sig = self.sig_of(obj);
        let o = self.store.obj(obj).clone();
        let mut out = self.symbol_prefix(o.pkg);
        if let Some(recv) = sig.recv {
            let (t, ptr) = self.store.deref(self.store.obj_type(recv));
            let t = self.store.unalias(t);
            let mut name =
                self.store.type_name(t).map_or("?".into(), |n| self.text(self.store.obj(n).name)).to_string();
            if !self.store.type_args(t).is_empty() {
                name.push_str("[...]");
            }
            let _ = if ptr { write!(out, ".(*{name})") } else { write!(out, ".{name}") };
        }
        let _ = write!(out, ".{}", self.store.text(o.name));
        if o.name == Name::INIT && sig.recv.is_none() {
            let at = o.pkg.and_then(|p| self.store.pkg(p).inits.iter().position(|&i| i == obj));
            let _ = write!(out, ".{}", at.unwrap_or(0));
        }
        if env != EnvId::EMPTY && !sig.tparams.is_empty() {
            out.push_str("[...]");
        }
        out.into()
    }

    /// The import path as symbols have it: the dots of its last element escaped.
    pub(crate) fn symbol_prefix(&self, pkg: Option<PkgId>) -> String {
        let path = self.pkg_path(pkg);
        let is_plain = |b: u8| b > b' ' && b < 0x7f && !matches!(b, b'.' | b'%' | b'"');
        if path.bytes().all(is_plain) {
            return path.to_string();
        }
        let slash = path.rfind('/').map_or(0, |i| i + 1);
        let mut out = String::new();
        for (i, b) in path.bytes().enumerate() {
            if b <= b' ' || (b == b'.' && i >= slash) || b == b'%' || b == b'"' || b >= 0x7f {
                let _ = write!(out, "%{b:02x}");
            } else {
                out.push(b as char);
            }
        }
        out
    }

    /// Symbol of a method of a canonical type: `pkg.T.M`, `pkg.(*T).M`.
    pub(crate) fn method_symbol(&self, ty: TyId, method: &str) -> String {
        let (base, ptr) = match *self.program.types.get(ty) {
            Ty::Pointer(e) => (e, true),
            _ => (ty, false),
        };
        let name = match *self.program.types.get(base) {
            Ty::Named(n) => {
                let info = self.program.types.named_info(n);
                let short = info.name.split('[').next().unwrap_or("");
                let generic = if info.name.contains('[') { "[...]" } else { "" };
                let pkg = self.store.package(&info.pkg);
                let mut symbol = pkg.map_or(String::new(), |p| self.symbol_prefix(Some(p)));
                symbol.reserve(short.len() + generic.len() + method.len() + 5);
                let (open, close) = if ptr { ("(*", ").") } else { ("", ".") };
                let dot = if pkg.is_some() { "." } else { "" };
                [dot, open, short, generic, close, method].into_iter().for_each(|part| symbol.push_str(part));
                return symbol;
            }
            _ => self.program.types.reflect_string(base),
        };
        if ptr { format!("go.(*{name}).{method}") } else { format!("go.{name}.{method}") }
    }
}
