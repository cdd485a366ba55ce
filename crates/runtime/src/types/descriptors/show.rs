//! The two texts of a type: what reflection prints, and the link string, which is equal only for identical types.
//!
//! They differ in named types (reflection prints the package name, the link string has the key that the declarer gave),
//! in names that are not exported (bare or with the package name; in the link string with the import path) and in
//! embedded fields.

use super::TypeRef;
use super::name::is_exported;
use super::quote::quote;
use super::shape::{FieldDesc, IMethodDesc, Shape};
use itab_abi::types::{Kind, chan_dir};
use std::fmt::Write;

/// Which of the two.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Form {
    String,
    Link,
}

/// The text of an unnamed type.
pub(super) fn show(shape: &Shape<'_, '_>, form: Form) -> String {
    let mut s = String::new();
    let text = |t| text_of(t, form);
    match *shape {
        Shape::Pointer(elem) => s = format!("*{}", text(elem)),
        Shape::Slice(elem) => s = format!("[]{}", text(elem)),
        Shape::Array(len, elem) => s = format!("[{len}]{}", text(elem)),
        Shape::Map(key, elem) => s = format!("map[{}]{}", text(key), text(elem)),
        Shape::Chan(dir, elem) => show_chan(&mut s, dir, elem, form),
        Shape::Func(ins, outs, variadic) => {
            s.push_str("func");
            show_signature(&mut s, ins, outs, variadic, form);
        }
        Shape::Struct(fields) => show_struct(&mut s, fields, form),
        Shape::Interface(methods) => show_interface(&mut s, methods, form),
        Shape::Named(key) => s.push_str(key),
    }
    s
}

fn text_of(t: TypeRef<'_>, form: Form) -> &str {
    match form {
        Form::String => t.string(),
        Form::Link => t.link_string(),
    }
}

fn show_chan(s: &mut String, dir: usize, elem: TypeRef<'_>, form: Form) {
    s.push_str(match dir {
        chan_dir::RECV => "<-chan ",
        chan_dir::SEND => "chan<- ",
        _ => "chan ",
    });
    let text = text_of(elem, form);
    // `chan (<-chan T)`, not `chan<- (chan T)`.
    let ambiguous = dir == chan_dir::BOTH && elem.kind() == Kind::Chan && text.starts_with("<-");
    if ambiguous {
        write!(s, "({text})").expect("a String");
    } else {
        s.push_str(text);
    }
}

/// What follows `func` or a method's name.
fn show_signature(s: &mut String, ins: &[TypeRef<'_>], outs: &[TypeRef<'_>], variadic: bool, form: Form) {
    s.push('(');
    for (i, &t) in ins.iter().enumerate() {
        s.push_str(if i == 0 { "" } else { ", " });
        let rest = if variadic && i + 1 == ins.len() { t.elem() } else { None };
        match rest {
            Some(elem) => {
                s.push_str("...");
                s.push_str(text_of(elem, form));
            }
            None => s.push_str(text_of(t, form)),
        }
    }
    s.push(')');
    match outs {
        [] => {}
        [one] => {
            s.push(' ');
            s.push_str(text_of(*one, form));
        }
        many => {
            s.push(' ');
            show_signature(s, many, &[], false, form);
        }
    }
}

fn show_struct(s: &mut String, fields: &[FieldDesc<'_, '_>], form: Form) {
    s.push_str("struct {");
    for (i, f) in fields.iter().enumerate() {
        s.push_str(if i == 0 { " " } else { "; " });
        if form == Form::Link {
            if !is_exported(f.name) {
                write!(s, "{}.", f.pkg_path).expect("a String");
            }
            write!(s, "{}{}", f.name, if f.embedded { " = " } else { " " }).expect("a String");
        } else if !f.embedded {
            write!(s, "{} ", f.name).expect("a String");
        }
        s.push_str(text_of(f.typ, form));
        if !f.tag.is_empty() {
            s.push(' ');
            quote(s, f.tag);
        }
    }
    s.push_str(if fields.is_empty() { "}" } else { " }" });
}

fn show_interface(s: &mut String, methods: &[IMethodDesc<'_, '_>], form: Form) {
    s.push_str("interface {");
    for (i, m) in methods.iter().enumerate() {
        s.push_str(if i == 0 { " " } else { "; " });
        if !is_exported(m.name) {
            let qualifier = if form == Form::Link { m.pkg.path } else { m.pkg.name };
            write!(s, "{qualifier}.").expect("a String");
        }
        s.push_str(m.name);
        let (ins, outs, variadic) = m.typ.signature();
        show_signature(s, ins, outs, variadic, form);
    }
    s.push_str(if methods.is_empty() { "}" } else { " }" });
}
