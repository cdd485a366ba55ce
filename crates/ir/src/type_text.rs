//! Types as text: as reflection shows them, and as the linker would tell them apart.
//!
//! The two forms differ in how names are qualified: reflection uses the package's name, the link form its import path
//! (and qualifies unexported fields too). Type arguments inside a type's own name are always in the link form, as gc
//! has them.

use crate::ty::{Basic, ChanDir, Field, NamedId, QualName, Sig, Ty, TyId, TypeTable};
use std::fmt::Write;

/// Which of the two forms.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Reflect,
    Link,
}

impl TypeTable {
    /// The type's text as `reflect.Type.String` gives it.
    pub fn reflect_string(&self, id: TyId) -> String {
        self.text(id, Form::Reflect)
    }

    /// A text that differs for different types of a program (local types aside, whose keys do).
    pub fn link_string(&self, id: TyId) -> String {
        self.text(id, Form::Link)
    }

    fn text(&self, id: TyId, form: Form) -> String {
        let mut out = String::new();
        self.write_type(&mut out, id, form);
        out
    }

    fn write_type(&self, out: &mut String, id: TyId, form: Form) {
        match self.get(id) {
            Ty::Basic(b) => out.push_str(basic_name(*b)),
            Ty::Pointer(e) => self.prefixed(out, "*", *e, form),
            Ty::Slice(e) => self.prefixed(out, "[]", *e, form),
            Ty::Array(e, n) => self.prefixed(out, &format!("[{n}]"), *e, form),
            Ty::Map(k, v) => {
                out.push_str("map[");
                self.write_type(out, *k, form);
                self.prefixed(out, "]", *v, form);
            }
            Ty::Chan(dir, e) => self.write_chan(out, *dir, *e, form),
            Ty::Func(sig) => {
                out.push_str("func");
                self.write_sig(out, sig, form);
            }
            Ty::Struct(fields) => self.write_struct(out, fields, form),
            Ty::Interface(methods) => {
                let mut sep = "interface { ";
                for m in methods {
                    out.push_str(sep);
                    self.write_method_name(out, &m.name, form);
                    self.write_sig(out, self.sig(m.sig), form);
                    sep = "; ";
                }
                out.push_str(if methods.is_empty() { "interface {}" } else { " }" });
            }
            Ty::Named(n) => self.write_named(out, *n, form),
            Ty::Tuple(parts) => self.write_list(out, parts, false, form),
        }
    }

    fn prefixed(&self, out: &mut String, prefix: &str, id: TyId, form: Form) {
        out.push_str(prefix);
        self.write_type(out, id, form);
    }

    fn write_chan(&self, out: &mut String, dir: ChanDir, elem: TyId, form: Form) {
        match dir {
            ChanDir::Recv => self.prefixed(out, "<-chan ", elem, form),
            ChanDir::Send => self.prefixed(out, "chan<- ", elem, form),
            ChanDir::Both => match self.get(elem) {
                Ty::Chan(ChanDir::Recv, _) => {
                    self.prefixed(out, "chan (", elem, form);
                    out.push(')');
                }
                _ => self.prefixed(out, "chan ", elem, form),
            },
        }
    }

    fn write_sig(&self, out: &mut String, sig: &Sig, form: Form) {
        self.write_list(out, &sig.params, sig.variadic, form);
        match sig.results[..] {
            [] => {}
            [one] => self.prefixed(out, " ", one, form),
            _ => {
                out.push(' ');
                self.write_list(out, &sig.results, false, form);
            }
        }
    }

    fn write_list(&self, out: &mut String, types: &[TyId], variadic: bool, form: Form) {
        out.push('(');
        for (i, &t) in types.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            if variadic && i + 1 == types.len() {
                self.prefixed(out, "...", self.elem(t), form);
            } else {
                self.write_type(out, t, form);
            }
        }
        out.push(')');
    }

    fn write_struct(&self, out: &mut String, fields: &[Field], form: Form) {
        let mut sep = "struct { ";
        for f in fields {
            out.push_str(sep);
            sep = "; ";
            if !f.embedded {
                if form == Form::Link && !f.name.pkg.is_empty() {
                    let _ = write!(out, "{}.", f.name.pkg);
                }
                let _ = write!(out, "{} ", f.name.name);
            }
            self.write_type(out, f.ty, form);
            if !f.tag.is_empty() {
                let _ = write!(out, " {}", quote(&f.tag));
            }
        }
        out.push_str(if fields.is_empty() { "struct {}" } else { " }" });
    }

    fn write_method_name(&self, out: &mut String, name: &QualName, form: Form) {
        if !name.pkg.is_empty() {
            let pkg: &str = match form {
                Form::Link => &name.pkg,
                Form::Reflect => name.pkg.rsplit('/').next().unwrap_or(""),
            };
            let _ = write!(out, "{pkg}.");
        }
        out.push_str(&name.name);
    }

    fn write_named(&self, out: &mut String, n: NamedId, form: Form) {
        let info = self.named_info(n);
        let pkg = if form == Form::Link { &info.pkg } else { &info.pkg_name };
        if !pkg.is_empty() {
            let _ = write!(out, "{pkg}.");
        }
        out.push_str(&info.name);
        // Types of the same name in different functions are told apart by where they are declared.
        if let (Form::Link, Some((_, rest))) = (form, info.key.split_once('\u{b7}')) {
            let digits = rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or("");
            let _ = write!(out, "\u{b7}{digits}");
        }
    }
}

/// A predeclared type's name.
pub fn basic_name(b: Basic) -> &'static str {
    match b {
        Basic::Bool => "bool",
        Basic::Int => "int",
        Basic::Int8 => "int8",
        Basic::Int16 => "int16",
        Basic::Int32 => "int32",
        Basic::Int64 => "int64",
        Basic::Uint => "uint",
        Basic::Uint8 => "uint8",
        Basic::Uint16 => "uint16",
        Basic::Uint32 => "uint32",
        Basic::Uint64 => "uint64",
        Basic::Uintptr => "uintptr",
        Basic::Float32 => "float32",
        Basic::Float64 => "float64",
        Basic::Complex64 => "complex64",
        Basic::Complex128 => "complex128",
        Basic::String => "string",
        Basic::UnsafePointer => "unsafe.Pointer",
    }
}

/// A string in Go's double quotes, as `strconv.Quote` writes it.
pub fn quote(s: &str) -> String {
    let mut out = String::from("\"");
    for c in s.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0b' => out.push_str("\\v"),
            '\x0c' => out.push_str("\\f"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => {
                let _ = write!(out, "\\x{:02x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ty::IMethod;

    fn field(t: &str, name: &str, pkg: &str, ty: TyId, embedded: bool) -> Field {
        Field { name: QualName { name: name.into(), pkg: pkg.into() }, ty, embedded, tag: t.into() }
    }

    #[test]
    fn texts_are_those_of_reflection() {
        let mut t = TypeTable::new();
        let int = TypeTable::basic(Basic::Int);
        let string = TypeTable::basic(Basic::String);
        let (n, _) = t.named("a/b.T".into(), "T".into(), "a/b".into(), "b".into());
        t.complete_named(n, int, vec![]);
        let named = t.named_info(n).ty;
        let recv = t.intern(Ty::Chan(ChanDir::Recv, named));
        let chan = t.intern(Ty::Chan(ChanDir::Both, recv));
        assert_eq!(t.reflect_string(chan), "chan (<-chan b.T)");
        let slice = t.slice(string);
        let sig = Sig { params: vec![int, slice], results: vec![int, named], variadic: true };
        let func = t.intern(Ty::Func(sig));
        assert_eq!(t.reflect_string(func), "func(int, ...string) (int, b.T)");
        let st = vec![field("json:\"x\"", "a", "a/b", int, false), field("", "T", "", named, true)];
        let st = t.intern(Ty::Struct(st));
        assert_eq!(t.reflect_string(st), "struct { a int \"json:\\\"x\\\"\"; b.T }");
        assert_eq!(t.link_string(st), "struct { a/b.a int \"json:\\\"x\\\"\"; a/b.T }");
        let m = IMethod { name: QualName { name: "m".into(), pkg: "a/b".into() }, sig: func };
        let iface = t.intern(Ty::Interface(vec![m]));
        assert_eq!(t.reflect_string(iface), "interface { b.m(int, ...string) (int, b.T) }");
    }
}
