//! The types of a generated program: interned by their Go text, with what the generator must know of each.
//!
//! Named types have methods from one pool of signatures, so that types and interfaces meet by chance. Method sets follow
//! Go's rules of promotion: the shallowest wins, two at the same depth cancel each other.

use std::collections::{BTreeMap, BTreeSet};

/// A type's number in [`Types`].
pub type T = usize;

/// What a type is underneath.
#[derive(Clone, Debug, PartialEq)]
pub enum K {
    Bool,
    /// Signed or not, and the bits.
    Int(bool, u32),
    Float(u32),
    Complex,
    Str,
    Slice(T),
    Array(usize, T),
    Map(T, T),
    Ptr(T),
    Chan(T),
    Func(Vec<T>, Vec<T>),
    Struct(Vec<Field>),
    /// Methods of the pool.
    Iface(Vec<usize>),
    Param(Class),
}

/// What a type parameter's constraint allows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Class {
    Any,
    Comparable,
    Integer,
    /// An interface type of the program as the constraint.
    Methods(T),
}

/// A field of a struct.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub name: String,
    pub ty: T,
    pub embedded: bool,
}

/// A type.
#[derive(Clone, Debug)]
pub struct Def {
    pub text: String,
    pub kind: K,
    /// Own methods: number in the pool and whether the receiver is a pointer.
    pub methods: Vec<(usize, bool)>,
    /// Whether a type parameter occurs in it.
    pub open: bool,
    pub named: bool,
}

/// A signature of the pool of methods.
#[derive(Clone, Debug)]
pub struct Sig {
    pub name: String,
    pub params: Vec<T>,
    pub results: Vec<T>,
}

/// All types of a program.
#[derive(Default)]
pub struct Types {
    pub defs: Vec<Def>,
    by_text: BTreeMap<String, T>,
    pub pool: Vec<Sig>,
}

pub const BOOL: T = 0;
pub const INT: T = 1;
pub const UINT8: T = 7;
pub const INT32: T = 4;
pub const FLOAT64: T = 13;
pub const STRING: T = 15;
pub const ANY: T = 16;
/// How many types every program has.
pub const BASICS: usize = 17;

impl Types {
    /// The basic types alone.
    pub fn new() -> Types {
        let mut ts = Types::default();
        let int = |s, b| K::Int(s, b);
        let basics = [
            ("bool", K::Bool),
            ("int", int(true, 64)),
            ("int8", int(true, 8)),
            ("int16", int(true, 16)),
            ("int32", int(true, 32)),
            ("int64", int(true, 64)),
            ("uint", int(false, 64)),
            ("uint8", int(false, 8)),
            ("uint16", int(false, 16)),
            ("uint32", int(false, 32)),
            ("uint64", int(false, 64)),
            ("uintptr", int(false, 64)),
            ("float32", K::Float(32)),
            ("float64", K::Float(64)),
            ("complex128", K::Complex),
            ("string", K::Str),
            ("any", K::Iface(vec![])),
        ];
        for (text, kind) in basics {
            ts.add(text.to_string(), kind, false, false);
        }
        ts
    }

    /// The type with this text, new if there is none.
    pub fn add(&mut self, text: String, kind: K, named: bool, open: bool) -> T {
        if let Some(&t) = self.by_text.get(&text) {
            return t;
        }
        self.by_text.insert(text.clone(), self.defs.len());
        self.defs.push(Def { text, kind, methods: vec![], open, named });
        self.defs.len() - 1
    }

    pub fn text(&self, t: T) -> &str {
        &self.defs[t].text
    }

    pub fn kind(&self, t: T) -> &K {
        &self.defs[t].kind
    }

    fn open(&self, t: T) -> bool {
        self.defs[t].open
    }

    pub fn slice(&mut self, e: T) -> T {
        self.add(format!("[]{}", self.text(e)), K::Slice(e), false, self.open(e))
    }

    pub fn array(&mut self, n: usize, e: T) -> T {
        self.add(format!("[{n}]{}", self.text(e)), K::Array(n, e), false, self.open(e))
    }

    pub fn map(&mut self, k: T, v: T) -> T {
        let open = self.open(k) || self.open(v);
        self.add(format!("map[{}]{}", self.text(k), self.text(v)), K::Map(k, v), false, open)
    }

    pub fn ptr(&mut self, e: T) -> T {
        self.add(format!("*{}", self.text(e)), K::Ptr(e), false, self.open(e))
    }

    pub fn chan(&mut self, e: T) -> T {
        self.add(format!("chan {}", self.text(e)), K::Chan(e), false, self.open(e))
    }

    pub fn func(&mut self, params: Vec<T>, results: Vec<T>) -> T {
        let open = params.iter().chain(&results).any(|&t| self.open(t));
        let text = format!("func({}){}", self.list(&params), self.results(&results));
        self.add(text, K::Func(params, results), false, open)
    }

    /// Texts with commas between.
    pub fn list(&self, ts: &[T]) -> String {
        ts.iter().map(|&t| self.text(t).to_string()).collect::<Vec<_>>().join(", ")
    }

    /// A list of results as a signature has it, with the space before.
    pub fn results(&self, ts: &[T]) -> String {
        match ts {
            [] => String::new(),
            [one] => format!(" {}", self.text(*one)),
            many => format!(" ({})", self.list(many)),
        }
    }

    pub fn is_iface(&self, t: T) -> bool {
        matches!(self.kind(t), K::Iface(_))
    }

    /// Whether `==` compiles.
    pub fn comparable(&self, t: T) -> bool {
        match self.kind(t) {
            K::Slice(_) | K::Map(..) | K::Func(..) => false,
            K::Array(_, e) => self.comparable(*e),
            K::Struct(fs) => fs.iter().all(|f| self.comparable(f.ty)),
            K::Param(c) => matches!(c, Class::Comparable | Class::Integer),
            _ => true,
        }
    }

    /// Whether `==` compiles and cannot panic.
    pub fn strictly_comparable(&self, t: T) -> bool {
        match self.kind(t) {
            K::Iface(_) => false,
            K::Array(_, e) => self.strictly_comparable(*e),
            K::Struct(fs) => fs.iter().all(|f| self.strictly_comparable(f.ty)),
            _ => self.comparable(t),
        }
    }

    /// The methods that a value has: number, and whether it must be addressable.
    pub fn method_set(&self, t: T) -> BTreeMap<usize, bool> {
        let mut out = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let mut level = vec![(t, false)];
        while !level.is_empty() {
            let mut found: BTreeMap<usize, Vec<bool>> = BTreeMap::new();
            let mut next = vec![];
            for (t, via) in level {
                let (t, via) = match *self.kind(t) {
                    K::Ptr(e) if !self.is_iface(e) && !self.defs[t].named => (e, true),
                    _ => (t, via),
                };
                if let K::Param(Class::Methods(i)) = *self.kind(t) {
                    next.push((i, false));
                    continue;
                }
                if let K::Iface(ms) = self.kind(t) {
                    ms.iter().for_each(|&m| found.entry(m).or_default().push(false));
                }
                for &(m, ptr) in &self.defs[t].methods {
                    found.entry(m).or_default().push(ptr && !via);
                }
                if let K::Struct(fs) = self.kind(t) {
                    next.extend(fs.iter().filter(|f| f.embedded).map(|f| (f.ty, via)));
                }
            }
            for (m, ways) in found {
                if seen.insert(m) && ways.len() == 1 {
                    out.insert(m, ways[0]);
                }
            }
            level = next;
        }
        out
    }

    /// The fields that are promoted from embedded ones, and whether the way to each leads through a pointer.
    pub fn promoted(&self, t: T) -> Vec<(Field, bool)> {
        let mut out = vec![];
        let mut seen = BTreeSet::new();
        let mut level = vec![(t, false)];
        let mut depth = 0;
        while !level.is_empty() && depth < 5 {
            let mut found: BTreeMap<&str, Vec<(&Field, bool)>> = BTreeMap::new();
            let mut next = vec![];
            for (t, via) in level {
                let (t, via) = match *self.kind(t) {
                    K::Ptr(e) if !self.defs[t].named => (e, true),
                    _ => (t, via),
                };
                let K::Struct(fields) = self.kind(t) else { continue };
                for f in fields {
                    found.entry(&f.name).or_default().push((f, via));
                    if f.embedded {
                        next.push((f.ty, via));
                    }
                }
            }
            for (name, ways) in found {
                if seen.insert(name) && ways.len() == 1 && depth > 0 {
                    out.push((ways[0].0.clone(), ways[0].1));
                }
            }
            level = next;
            depth += 1;
        }
        out
    }

    /// Whether a type has all methods of an interface type.
    pub fn implements(&self, t: T, iface: T) -> bool {
        let K::Iface(ms) = self.kind(iface) else { return false };
        let set = self.method_set(t);
        ms.iter().all(|m| set.get(m) == Some(&false))
    }

    /// Whether a type may stand for a type parameter.
    pub fn satisfies(&self, t: T, c: Class) -> bool {
        match c {
            Class::Any => true,
            Class::Comparable => self.strictly_comparable(t),
            Class::Integer => matches!(self.kind(t), K::Int(..)),
            Class::Methods(i) => self.implements(t, i),
        }
    }

    /// A type with another one in place of a type parameter.
    pub fn subst(&mut self, t: T, param: T, arg: T) -> T {
        if t == param {
            return arg;
        }
        if !self.open(t) || self.defs[t].named {
            return t;
        }
        match self.kind(t).clone() {
            K::Slice(e) => {
                let e = self.subst(e, param, arg);
                self.slice(e)
            }
            K::Array(n, e) => {
                let e = self.subst(e, param, arg);
                self.array(n, e)
            }
            K::Map(k, v) => {
                let (k, v) = (self.subst(k, param, arg), self.subst(v, param, arg));
                self.map(k, v)
            }
            K::Ptr(e) => {
                let e = self.subst(e, param, arg);
                self.ptr(e)
            }
            K::Chan(e) => {
                let e = self.subst(e, param, arg);
                self.chan(e)
            }
            K::Func(ps, rs) => {
                let ps = ps.into_iter().map(|p| self.subst(p, param, arg)).collect();
                let rs = rs.into_iter().map(|p| self.subst(p, param, arg)).collect();
                self.func(ps, rs)
            }
            _ => t,
        }
    }
}
