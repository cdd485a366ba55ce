//! Whole programs: types, functions, methods, generic functions and types, tests, and a `main` that runs the tests one
//! after the other and prints what they panic with.

use super::body::{Body, Var};
use super::rng::Rng;
use super::types::{ANY, BASICS, BOOL, Class, Field, INT, K, STRING, Sig, T, Types};

/// A generic function of the program.
#[derive(Clone)]
pub struct Generic {
    pub name: String,
    pub param: T,
    pub class: Class,
    pub params: Vec<T>,
    pub result: T,
}

/// What is known while a program is made.
pub struct Gen {
    pub rng: Rng,
    pub ts: Types,
    pub globals: Vec<Var>,
    pub funcs: Vec<(String, Vec<T>, Vec<T>)>,
    pub generics: Vec<Generic>,
    /// Variadic functions: name, first parameter and element of the rest.
    pub variadics: Vec<(String, T, T)>,
    usable: Vec<T>,
    count: usize,
    out: Vec<String>,
    named: Vec<T>,
    instances: Vec<T>,
}

/// What every program has. `burn` ends a program that would run for ever.
const PRELUDE: &str = r#"package main

import (
"reflect"
"unsafe"
)

var fuel int
var sink any

func burn() {
fuel--
if fuel < 0 {
panic("out of fuel")
}
}

func idx(i, n int) int {
if n == 0 {
return 0
}
i %= n
if i < 0 {
i += n
}
return i
}

func clip[S ~string](s S) S {
if len(s) > 40 {
return s[:7]
}
return s
}

func cut(s string, a, b int) string {
a, b = min(a, len(s)), min(b, len(s))
if a > b {
a, b = b, a
}
return s[a:b]
}

func at(s string, i int) uint8 {
if i < len(s) {
return s[i]
}
return 0
}

func small(f float64) float64 {
if f > -100 && f < 100 {
return f
}
return 7
}

func keep[S ~[]E, E any](s S) S {
if len(s) > 20 {
s = s[:3]
}
sink = s
return s
}

func tight[S ~[]E, E any](s S) S { return s[:len(s):len(s)] }

//go:noinline
func id[X any](x X) X { return x }

//go:noinline
func clobber(x [100]int) int { return x[0] + x[99] }

type header struct {
data unsafe.Pointer
len, cap int
}

var _ reflect.Kind

func as[X any](x X) X { return x }

type pair[A, B any] struct {
first A
second B
}

type box[A any] struct {
val A
}

func (b box[A]) with[B any](x B) pair[A, B] { return pair[A, B]{b.val, x} }

func upto[X any](n int, x X) func(yield func(int, X) bool) {
return func(yield func(int, X) bool) {
for i := 0; i < n; i++ {
if !yield(i, x) {
return
}
}
}
}

func try(f func()) {
defer func() {
if e := recover(); e != nil {
println("caught")
show(3, e)
}
}()
f()
}

func run(name string, f func()) {
println("==", name)
fuel = 150
reset()
defer func() {
if e := recover(); e != nil {
fuel = 100
println("panicked")
show(3, e)
}
}()
f()
}
"#;

/// The program of a seed.
pub fn program(seed: u64, tests: usize) -> String {
    let mut g = Gen {
        rng: Rng::new(seed),
        ts: Types::new(),
        globals: vec![],
        funcs: vec![],
        generics: vec![],
        variadics: vec![],
        usable: (0..BASICS).collect(),
        count: 0,
        out: vec![PRELUDE.to_string()],
        named: vec![],
        instances: vec![],
    };
    g.types();
    g.functions();
    g.reset();
    g.tests(tests);
    g.show();
    g.out.join("\n") + "\n"
}

impl Gen {
    /// A new name.
    pub fn fresh(&mut self, prefix: &str) -> String {
        self.count += 1;
        format!("{prefix}{}", self.count)
    }

    /// Any closed type.
    pub fn value_type(&mut self) -> T {
        if self.rng.pct(30) { self.rng.below(BASICS) } else { *self.rng.pick(&self.usable) }
    }

    fn pick_kind(&mut self, fit: impl Fn(&Types, T) -> bool, other: T) -> T {
        let list: Vec<T> = self.usable.iter().copied().filter(|&t| fit(&self.ts, t)).collect();
        if list.is_empty() { other } else { *self.rng.pick(&list) }
    }

    pub fn int_type(&mut self) -> T {
        self.pick_kind(|ts, t| matches!(ts.kind(t), K::Int(..)), INT)
    }

    pub fn ordered_type(&mut self) -> T {
        self.pick_kind(|ts, t| matches!(ts.kind(t), K::Int(..) | K::Float(_) | K::Str), INT)
    }

    pub fn iface_type(&mut self) -> T {
        self.pick_kind(Types::is_iface, ANY)
    }

    pub fn seq_type(&mut self) -> T {
        self.pick_kind(|ts, t| matches!(ts.kind(t), K::Slice(_) | K::Array(..)), INT)
    }

    pub fn sized_type(&mut self) -> T {
        self.pick_kind(|ts, t| matches!(ts.kind(t), K::Slice(_) | K::Map(..) | K::Str), STRING)
    }

    pub fn array_type(&mut self) -> T {
        self.pick_kind(|ts, t| matches!(ts.kind(t), K::Array(..)), INT)
    }

    pub fn map_type(&mut self) -> T {
        self.pick_kind(|ts, t| matches!(ts.kind(t), K::Map(..)), INT)
    }

    pub fn func_type(&mut self) -> T {
        self.pick_kind(|ts, t| matches!(ts.kind(t), K::Func(..)), INT)
    }

    /// The types that implement an interface type, interfaces last.
    pub fn implementers(&self, i: T) -> Vec<T> {
        self.usable.iter().copied().filter(|&t| !self.ts.is_iface(t) && self.ts.implements(t, i)).collect()
    }

    /// A type argument for a constraint.
    pub fn arg_for(&mut self, c: Class) -> Option<T> {
        let list: Vec<T> = self.usable.iter().copied().filter(|&t| self.ts.satisfies(t, c)).collect();
        (!list.is_empty()).then(|| *self.rng.pick(&list))
    }

    fn add(&mut self, t: T) -> T {
        if !self.usable.contains(&t) {
            self.usable.push(t);
        }
        t
    }

    fn types(&mut self) {
        for i in 0..self.rng.range(4, 6) {
            let params = (0..self.rng.below(3)).map(|_| self.rng.below(BASICS)).collect();
            let results = (0..*self.rng.pick(&[0, 1, 1, 1, 2])).map(|_| self.rng.below(BASICS)).collect();
            self.ts.pool.push(Sig { name: format!("M{i}"), params, results });
        }
        for n in 0..self.rng.range(2, 3) {
            self.interface(n);
        }
        for n in 0..self.rng.range(2, 4) {
            let under = *self.rng.pick(&[1, 2, 5, 7, 10, 12, 13, 15, 15, 0]);
            let kind = self.ts.kind(under).clone();
            let text = self.ts.text(under).to_string();
            self.named_type(format!("N{n}"), kind, &text);
        }
        for n in 0..self.rng.range(3, 5) {
            self.composites(2);
            self.struct_type(n);
        }
        self.generic_types();
        self.struct_type(9);
        self.interface(8);
        self.composites(6);
        for _ in 0..4 {
            let params: Vec<T> = (0..self.rng.below(3)).map(|_| self.value_type()).collect();
            let results: Vec<T> = (0..*self.rng.pick(&[0, 1, 1, 1, 2])).map(|_| self.value_type()).collect();
            let t = self.ts.func(params, results);
            self.add(t);
        }
    }

    fn interface(&mut self, n: usize) {
        let mut ms: Vec<usize> = (0..self.ts.pool.len()).filter(|_| self.rng.pct(35)).collect();
        if ms.is_empty() {
            ms.push(self.rng.below(self.ts.pool.len()));
        }
        let mut lines: Vec<String> = vec![];
        for &m in &ms {
            let s = &self.ts.pool[m];
            lines.push(format!("{}({}){}", s.name, self.ts.list(&s.params), self.ts.results(&s.results)));
        }
        if self.rng.pct(50) {
            let e = self.iface_type();
            if let K::Iface(more) = self.ts.kind(e).clone() {
                lines.push(self.ts.text(e).to_string());
                ms.extend(more);
            }
        }
        ms.sort();
        ms.dedup();
        self.out.push(format!("type I{n} interface {{\n{}\n}}\n", lines.join("\n")));
        let t = self.ts.add(format!("I{n}"), K::Iface(ms), true, false);
        self.add(t);
    }

    fn named_type(&mut self, name: String, kind: K, under: &str) -> T {
        self.out.push(format!("type {name} {under}\n"));
        let t = self.ts.add(name, kind, true, false);
        self.own_methods(t);
        self.add(t);
        self.add_named(t);
        t
    }

    fn add_named(&mut self, t: T) {
        self.named.push(t);
        let p = self.ts.ptr(t);
        self.add(p);
    }

    fn own_methods(&mut self, t: T) {
        let ms: Vec<_> = (0..self.ts.pool.len()).filter(|_| self.rng.pct(50)).map(|m| (m, false)).collect();
        self.ts.defs[t].methods = ms.into_iter().map(|(m, _)| (m, self.rng.pct(40))).collect();
    }

    fn struct_type(&mut self, n: usize) {
        let name = format!("S{n}");
        let t = self.ts.add(name.clone(), K::Struct(vec![]), true, false);
        let mut fields: Vec<Field> = vec![];
        for _ in 0..self.rng.below(3) {
            let e = self.embeddable();
            let name = self.ts.text(e).split('[').next().unwrap_or_default().to_string();
            if e == ANY || fields.iter().any(|f| f.name == name) {
                continue;
            }
            let ptr = !self.ts.is_iface(e) && self.rng.pct(35);
            let ty = if ptr { self.ts.ptr(e) } else { e };
            fields.push(Field { name, ty, embedded: true });
        }
        // Never empty: whether pointers to variables without size are equal is nobody's business.
        for i in 0..self.rng.range(1, 4) {
            let ty = if self.rng.pct(8) { self.ts.ptr(t) } else { self.value_type() };
            fields.push(Field { name: format!("f{n}{i}"), ty, embedded: false });
        }
        let mut lines = vec![];
        for f in &fields {
            let ty = self.ts.text(f.ty);
            lines.push(if f.embedded { ty.to_string() } else { format!("{} {ty}", f.name) });
            if self.rng.pct(8) {
                lines.push("_ int16".into());
            }
        }
        self.out.push(format!("type {name} struct {{\n{}\n}}\n", lines.join("\n")));
        self.ts.defs[t].kind = K::Struct(fields);
        self.own_methods(t);
        self.add(t);
        self.add_named(t);
    }

    /// A type to embed: an interface, a named type, an instance of a generic one.
    fn embeddable(&mut self) -> T {
        match self.rng.below(10) {
            0..=2 => self.iface_type(),
            3 | 4 if !self.instances.is_empty() => *self.rng.pick(&self.instances),
            _ => {
                let closed: Vec<T> = self.named.iter().copied().filter(|&t| !self.ts.defs[t].open).collect();
                *self.rng.pick(&closed)
            }
        }
    }

    fn composites(&mut self, n: usize) {
        for _ in 0..n {
            let e = self.value_type();
            let t = match self.rng.below(4) {
                0 | 1 => self.ts.slice(e),
                2 => {
                    let n = self.rng.range(1, 4);
                    self.ts.array(n, e)
                }
                _ => {
                    let k = self.pick_kind(Types::comparable, INT);
                    self.ts.map(k, e)
                }
            };
            self.add(t);
        }
    }

    fn class(&mut self) -> Class {
        match self.rng.below(4) {
            0 => Class::Any,
            1 => Class::Comparable,
            2 => match self.iface_type() {
                ANY => Class::Any,
                i => Class::Methods(i),
            },
            _ => Class::Integer,
        }
    }

    fn constraint(&self, c: Class) -> String {
        match c {
            Class::Any => "any".into(),
            Class::Comparable => "comparable".into(),
            Class::Methods(i) => self.ts.text(i).to_string(),
            Class::Integer => {
                "interface { ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr }".into()
            }
        }
    }

    /// Types made of a type parameter and others.
    fn around(&mut self, p: T) -> T {
        match self.rng.below(6) {
            0..=2 => p,
            3 => self.ts.slice(p),
            4 => self.ts.array(2, p),
            _ => self.value_type(),
        }
    }

    fn generic_types(&mut self) {
        for n in 0..self.rng.range(1, 2) {
            let class = self.class();
            let p = self.ts.add(format!("P{n}"), K::Param(class), true, true);
            let mut fields = vec![];
            for i in 0..self.rng.range(1, 3) {
                let ty = self.around(p);
                fields.push(Field { name: format!("g{n}{i}"), ty, embedded: false });
            }
            if self.rng.pct(50) {
                let e = self.embeddable();
                if matches!(self.ts.kind(e), K::Struct(_)) && !self.ts.text(e).contains('[') {
                    fields.push(Field { name: self.ts.text(e).to_string(), ty: self.ts.ptr(e), embedded: true });
                }
            }
            let line = |f: &Field| if f.embedded { String::new() } else { format!("{} ", f.name) };
            let lines: Vec<String> = fields.iter().map(|f| line(f) + self.ts.text(f.ty)).collect();
            self.out.push(format!("type G{n}[P{n} {}] struct {{\n{}\n}}\n", self.constraint(class), lines.join("\n")));
            let origin = self.ts.add(format!("G{n}[P{n}]"), K::Struct(fields.clone()), true, true);
            self.own_methods(origin);
            self.named.push(origin);
            for _ in 0..3 {
                let Some(a) = self.arg_for(class) else { continue };
                let fs = fields.iter().map(|f| Field { ty: self.ts.subst(f.ty, p, a), ..f.clone() }).collect();
                let text = format!("G{n}[{}]", self.ts.text(a));
                let t = self.ts.add(text, K::Struct(fs), true, false);
                self.ts.defs[t].methods = self.ts.defs[origin].methods.clone();
                let ptr = self.ts.ptr(t);
                self.instances.push(t);
                self.add(t);
                self.add(ptr);
            }
        }
    }

    fn functions(&mut self) {
        for i in 0..4 {
            let t = self.value_type();
            let name = format!("glob{i}");
            self.out.push(format!("var {name} {}\n", self.ts.text(t)));
            self.globals.push(Var { name, ty: t, assign: true });
        }
        for i in 0..self.rng.range(4, 7) {
            let params = (0..self.rng.below(4)).map(|_| self.value_type()).collect();
            let results = (0..*self.rng.pick(&[0, 1, 1, 1, 2, 3])).map(|_| self.value_type()).collect();
            self.funcs.push((format!("f{i}"), params, results));
        }
        for i in 0..self.rng.range(2, 4) {
            let class = self.class();
            let param = self.ts.add(format!("Q{i}"), K::Param(class), true, true);
            let params = (0..self.rng.range(1, 3)).map(|_| self.around(param)).collect();
            let result = if self.rng.pct(60) { self.rng.below(BASICS) } else { self.around(param) };
            self.generics.push(Generic { name: format!("g{i}"), param, class, params, result });
        }
        for i in 0..3 {
            let (first, elem) = (self.value_type(), self.value_type());
            let (name, rest) = (format!("va{i}"), self.ts.slice(elem));
            let (t, e) = (self.ts.text(first).to_string(), self.ts.text(elem).to_string());
            self.out.push(format!(
                "func {name}(a {t}, rest ...{e}) int {{\nburn()\nif len(rest) > 1 {{\nshow(2, rest[1])\n}}\n\
                show(2, a)\nsink = rest\nreturn len(rest)\n}}\n"
            ));
            self.add(rest);
            self.variadics.push((name, first, elem));
        }
        for (name, params, results) in self.funcs.clone() {
            let (head, body) = Body::function(self, None, &params, &results, None);
            self.out.push(format!("func {name}{head} {{\n{body}\n}}\n"));
        }
        for g in self.generics.clone() {
            let (head, body) = Body::function(self, None, &g.params, &[g.result], Some(g.param));
            let (p, c) = (self.ts.text(g.param).to_string(), self.constraint(g.class));
            self.out.push(format!("func {}[{p} {c}]{head} {{\n{body}\n}}\n", g.name));
        }
        for t in self.named.clone() {
            self.methods(t);
        }
    }

    /// `reset` gives the package's variables their values before each test.
    fn reset(&mut self) {
        let mut lines = vec![];
        for v in self.globals.clone() {
            lines.push(format!("{} = {}", v.name, Body::value(self, v.ty)));
        }
        self.out.push(format!("func reset() {{\n{}\n}}\n", lines.join("\n")));
    }

    fn methods(&mut self, t: T) {
        let text = self.ts.text(t).to_string();
        let param = text.split_once('[').and_then(|(_, p)| {
            let p = p.trim_end_matches(']');
            (0..self.ts.defs.len()).find(|&i| self.ts.text(i) == p)
        });
        for (m, ptr) in self.ts.defs[t].methods.clone() {
            let sig = self.ts.pool[m].clone();
            let recv = if ptr { self.ts.ptr(t) } else { t };
            let (head, body) = Body::function(self, Some(("x", recv)), &sig.params, &sig.results, param);
            let star = if ptr { "*" } else { "" };
            self.out.push(format!("func (x {star}{text}) {}{head} {{\n{body}\n}}\n", sig.name));
        }
    }

    fn tests(&mut self, n: usize) {
        for i in 0..n {
            let (head, body) = Body::function(self, None, &[], &[], None);
            self.out.push(format!("func t{i}{head} {{\n{body}\n}}\n"));
        }
        let mut main = String::from("func main() {\n");
        for i in 0..n {
            main += &format!("run(\"t{i}\", t{i})\n");
        }
        if self.rng.pct(20) {
            let t = self.pick_kind(
                |ts, t| {
                    !matches!(ts.kind(t), K::Iface(_) | K::Bool)
                        && t > BASICS
                        && matches!(ts.kind(t), K::Int(..) | K::Float(_) | K::Str)
                },
                BOOL,
            );
            main += &format!("fuel = 100\npanic(*new({}))\n", self.ts.text(t));
        }
        self.out.push(main + "}\n");
    }

    /// `show` prints a value of any type of the program.
    fn show(&mut self) {
        let mut s = String::from(
            "func show(d int, v any) {\nsink = v\nif d == 0 {\nreturn\n}\nswitch x := v.(type) {\ncase nil:\nprintln(\"nil\")\n",
        );
        let all: Vec<T> = (0..self.ts.defs.len()).filter(|&t| !self.ts.defs[t].open && !self.ts.is_iface(t)).collect();
        for t in all {
            let text = self.ts.text(t);
            let body = match self.ts.kind(t) {
                K::Bool | K::Int(..) | K::Float(_) | K::Complex | K::Str => format!("println({text:?}, x)"),
                K::Slice(_) => {
                    format!("println({text:?}, x == nil, len(x), cap(x))\nfor _, e := range x {{\nshow(d-1, e)\n}}")
                }
                K::Array(..) => format!("println({text:?})\nfor _, e := range x {{\nshow(d-1, e)\n}}"),
                K::Map(k, _) if matches!(self.ts.kind(*k), K::Int(..)) => format!(
                    "println({text:?}, x == nil, len(x))\nfor i := 0; i < 4; i++ {{\nshow(d-1, x[{}(i)])\n}}",
                    self.ts.text(*k)
                ),
                K::Map(..) => format!("println({text:?}, x == nil, len(x))"),
                K::Ptr(_) => format!("println({text:?}, x == nil)\nif x != nil {{\nshow(d-1, *x)\n}}"),
                K::Struct(fs) => {
                    let each: Vec<_> = fs.iter().map(|f| format!("\nshow(d-1, x.{})", f.name)).collect();
                    format!("println({text:?}){}", each.concat())
                }
                K::Func(..) | K::Chan(_) => format!("println({text:?}, x == nil)"),
                _ => continue,
            };
            s += &format!("case {text}:\n{body}\n");
        }
        s += "case error:\nprintln(\"error\", x.Error())\ndefault:\nprintln(\"other\")\n}\n}\n";
        self.out.push(s);
    }
}
