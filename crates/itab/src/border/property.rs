//! Values of random types cross the border and come back, through calls and through functions of the host; and frames that
//! are worked out from descriptors are laid out as those that the compiler works out from its own types.
//!
//! Rust has no types for these Go types. [`Dyn`] fits every type and looks at it when there is a value.

use crate::border::any::Any;
use crate::border::crossing::{Fits, Give, GoType, Place, PlaceMut, Take};
use crate::border::maps::{load_entries, store_entries};
use crate::border::signature::layout;
use crate::error::Error;
use crate::{Engine, Func, IsolateOptions, Program};
use itab_abi::types::Kind;
use itab_codegen::frame::FrameLayout;
use itab_runtime::types::TypeRef;
use std::fmt::Write;

/// A Go value of any type.
#[derive(Clone, Debug)]
enum Dyn {
    Nil,
    Bool(bool),
    Int(i128),
    F32(f32),
    F64(f64),
    /// The bits of a complex number, and of what else has no Rust type.
    Bits(Vec<u8>),
    Text(Vec<u8>),
    /// Elements of a slice or array, or fields of a struct.
    Many(Vec<Dyn>),
    Pointer(Box<Dyn>),
    Map(Vec<(Dyn, Dyn)>),
    /// An interface value, and what is in it.
    Any(Any, Box<Dyn>),
}

impl Dyn {
    /// A text that says all of it, in an order of its own.
    fn text(&self) -> String {
        match self {
            Dyn::Map(entries) => {
                let mut all: Vec<_> = entries.iter().map(|(k, v)| format!("{}: {}", k.text(), v.text())).collect();
                all.sort();
                format!("{all:?}")
            }
            Dyn::Many(items) => format!("{:?}", items.iter().map(Dyn::text).collect::<Vec<_>>()),
            Dyn::Pointer(to) => format!("&{}", to.text()),
            Dyn::Any(any, inner) => format!("{} {}", any.type_name(), inner.text()),
            plain => format!("{plain:?}"),
        }
    }
}

impl Fits for Dyn {
    fn accepts(_: GoType<'_>) -> bool {
        true
    }
}

/// Types and offsets of the elements of an array or the fields of a struct.
fn parts(t: TypeRef<'_>) -> Vec<(TypeRef<'_>, usize)> {
    match t.kind() {
        Kind::Array => {
            let elem = t.elem().unwrap();
            (0..t.len()).map(|i| (elem, i * elem.size())).collect()
        }
        // SAFETY: a field's type is a descriptor of the same program.
        _ => t.fields().iter().map(|f| (unsafe { TypeRef::from_ptr(f.typ) }, f.offset)).collect(),
    }
}

impl<'a> Take<'a> for Dyn {
    fn load(from: Place<'a>) -> Result<Dyn, Error> {
        let (cx, t, at) = from.parts();
        Ok(match t.kind() {
            Kind::Bool => Dyn::Bool(bool::load(from)?),
            Kind::Float32 => Dyn::F32(f32::load(from)?),
            Kind::Float64 => Dyn::F64(f64::load(from)?),
            Kind::Complex64 | Kind::Complex128 => {
                // SAFETY: a value has as many bytes.
                let bytes = unsafe { std::slice::from_raw_parts(at, t.size()) };
                Dyn::Bits(bytes.to_vec())
            }
            Kind::String => Dyn::Text(Vec::<u8>::load(from)?),
            Kind::Slice => Option::<Vec<Dyn>>::load(from)?.map_or(Dyn::Nil, Dyn::Many),
            Kind::Pointer => Option::<Dyn>::load(from)?.map_or(Dyn::Nil, |to| Dyn::Pointer(Box::new(to))),
            Kind::Array | Kind::Struct => {
                // SAFETY: parts of the value.
                let part = |(t, offset)| Dyn::load(unsafe { Place::new(cx, t, at.add(offset)) });
                Dyn::Many(parts(t).into_iter().map(part).collect::<Result<_, _>>()?)
            }
            Kind::Map => {
                let mut entries = vec![];
                // SAFETY: a map.
                unsafe { load_entries(cx, t, at, |k, v| entries.push((k, v)))? };
                Dyn::Map(entries)
            }
            Kind::Interface => {
                let any = Any::load(from)?;
                let inner = if any.is_nil() { Dyn::Nil } else { any.load_in(cx)? };
                Dyn::Any(any, Box::new(inner))
            }
            _ => Dyn::Int(i128::load(from)?),
        })
    }
}

impl Give for Dyn {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let (cx, t, at) = to.parts();
        match self {
            // SAFETY: nil is all zero.
            Dyn::Nil => unsafe { at.write_bytes(0, t.size()) },
            Dyn::Bool(v) => v.store(to)?,
            Dyn::Int(v) => v.store(to)?,
            Dyn::F32(v) => v.store(to)?,
            Dyn::F64(v) => v.store(to)?,
            // SAFETY: the bytes are those of a value of the type.
            Dyn::Bits(bytes) => unsafe { at.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) },
            Dyn::Text(bytes) => bytes.store(to)?,
            Dyn::Many(items) if t.kind() == Kind::Slice => items.store(to)?,
            Dyn::Many(items) => {
                for ((t, offset), item) in parts(t).into_iter().zip(items) {
                    // SAFETY: parts of the place.
                    item.store(unsafe { PlaceMut::new(cx, t, at.add(offset)) })?;
                }
            }
            Dyn::Pointer(v) => Some(*v).store(to)?,
            // SAFETY: a place for a map.
            Dyn::Map(entries) => unsafe { store_entries(entries.into_iter(), cx, t, at)? },
            Dyn::Any(any, _) => any.store(to)?,
        }
        Ok(())
    }
}

/// A generator of Go types, of values of them as Go expressions, and of functions.
struct Gen {
    state: u64,
    /// Declarations of struct types.
    decls: String,
    structs: usize,
}

impl Gen {
    fn next(&mut self, n: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 33) as usize % n
    }

    fn basic(&mut self) -> &'static str {
        const ALL: [&str; 16] = [
            "bool", "int8", "int16", "int32", "int64", "int", "uint8", "uint16", "uint32", "uint64", "uint", "uintptr",
            "float32", "float64", "string", "rune",
        ];
        ALL[self.next(ALL.len())]
    }

    /// A type, and two values of it.
    fn typ(&mut self, depth: usize) -> (String, [String; 2]) {
        let kind = if depth == 0 { 0 } else { self.next(16) };
        match kind {
            5 => ("complex64".into(), ["complex(1.5, -2)".into(), "0".into()]),
            6 => ("complex128".into(), ["complex(-0.25, 1e300)".into(), "complex(0, 1)".into()]),
            7 => {
                let (n, (elem, [a, b])) = (self.next(4), self.typ(depth - 1));
                let typ = format!("[{n}]{elem}");
                let list = |v: &str| format!("{typ}{{{}}}", vec![v; n].join(", "));
                let values = [list(&a), list(&b)];
                (typ, values)
            }
            8 => {
                let (elem, [a, b]) = self.typ(depth - 1);
                let values = [format!("[]{elem}{{{a}, {b}, {a}}}"), format!("[]{elem}(nil)")];
                (format!("[]{elem}"), values)
            }
            9 => {
                let (key, (elem, [a, b])) = (self.basic(), self.typ(depth - 1));
                let [x, y] = self.basic_values(key);
                (
                    format!("map[{key}]{elem}"),
                    [format!("map[{key}]{elem}{{{x}: {a}, {y}: {b}}}"), format!("map[{key}]{elem}{{}}")],
                )
            }
            10 => {
                let (elem, [a, _]) = self.typ(depth - 1);
                (format!("*{elem}"), [format!("ptr[{elem}]({a})"), format!("(*{elem})(nil)")])
            }
            11 => {
                let (inner, [a, _]) = self.typ(depth - 1);
                ("any".into(), [format!("any({inner}({a}))"), "any(nil)".into()])
            }
            12..=15 => self.structure(depth),
            _ => {
                let name = self.basic();
                (name.into(), self.basic_values(name))
            }
        }
    }

    fn basic_values(&mut self, name: &str) -> [String; 2] {
        match name {
            "bool" => ["true".into(), "false".into()],
            "string" => [format!("\"text {} \\xff\"", self.next(1000)), "\"\"".into()],
            "float32" | "float64" => [format!("{}.5", self.next(1000)), "-0.125".into()],
            _ if name.starts_with('u') => [format!("{}", self.next(256)), "0".into()],
            _ => [format!("{}", self.next(128)), "-128".into()],
        }
    }

    /// A named struct with blank fields and fields without a size among others.
    fn structure(&mut self, depth: usize) -> (String, [String; 2]) {
        let name = format!("S{}", self.structs);
        self.structs += 1;
        let (mut fields, mut values) = (String::new(), [String::new(), String::new()]);
        for i in 0..self.next(6) {
            match self.next(6) {
                0 => {
                    let (blank, _) = self.typ(depth - 1);
                    writeln!(fields, "\t_ {blank}").unwrap();
                }
                1 => writeln!(fields, "\tF{i} struct{{}}").unwrap(),
                _ => {
                    let (typ, [a, b]) = self.typ(depth - 1);
                    writeln!(fields, "\tF{i} {typ}").unwrap();
                    write!(values[0], "F{i}: {a}, ").unwrap();
                    write!(values[1], "F{i}: {b}, ").unwrap();
                }
            }
        }
        writeln!(self.decls, "type {name} struct {{\n{fields}}}").unwrap();
        let values = values.map(|v| format!("{name}{{{v}}}"));
        (name, values)
    }

    /// Functions with three parameters of random types: one that gives values, one that gives back what it gets, one of the
    /// host that does so in another order, and one that compares.
    fn function(&mut self, i: usize) {
        let [(a, av), (b, bv), (c, cv)] = [self.typ(4), self.typ(3), self.typ(4)];
        for which in 0..2 {
            let (av, bv, cv) = (&av[which], &bv[which], &cv[which]);
            writeln!(self.decls, "func Values{i}x{which}() ({a}, {b}, {c}) {{ return {av}, {bv}, {cv} }}").unwrap();
        }
        writeln!(
            self.decls,
            "func Echo{i}(a {a}, b {b}, c {c}) ({a}, {b}, {c}) {{ return a, b, c }}\n\
             func host{i}(a {a}, b {b}, c {c}) ({c}, {a}, {b})\n\
             func Check{i}() bool {{\n\
             \treturn check{i}(Values{i}x0()) && check{i}(Values{i}x1())\n}}\n\
             func check{i}(a {a}, b {b}, c {c}) bool {{\n\
             \tx, y, z := host{i}(a, b, c)\n\
             \treturn same(a, y) && same(b, z) && same(c, x)\n}}"
        )
        .unwrap();
    }
}

const HEAD: &str = "package main\n\nimport \"reflect\"\n\nfunc ptr[T any](v T) *T { return &v }\nfunc same(a, b any) bool { return reflect.DeepEqual(a, b) }\n";

const FUNCTIONS: usize = 30;

fn generated(seed: u64) -> Program {
    let mut g = Gen { state: seed, decls: HEAD.into(), structs: 0 };
    (0..FUNCTIONS).for_each(|i| g.function(i));
    let goroot = || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/goroot");
    let goroot = std::env::var_os("GOROOT").map_or_else(goroot, Into::into);
    let mut builder = Engine::builder().goroot(goroot).file("random.go", g.decls.clone());
    for i in 0..FUNCTIONS {
        builder = builder.func_with(&format!("main.host{i}"), |call| {
            let [a, b, c] = [call.arg::<Dyn>(0)?, call.arg(1)?, call.arg(2)?];
            call.ret(c)?;
            call.ret(a)?;
            call.ret(b)
        });
    }
    builder.build().load(&["random.go"]).unwrap_or_else(|e| panic!("seed {seed}: {e}\n{}", g.decls))
}

/// The frame of each function by the compiler's types and by descriptors.
fn frames_agree(program: &Program, seed: u64) {
    let mut driver = program.0.lock();
    for i in 0..FUNCTIONS {
        for name in ["Echo", "host", "check"] {
            let name = format!("main.{name}{i}");
            let id = driver.origin.func_by_name(&name).unwrap();
            let (_, typ) = driver.find_func(&name).unwrap();
            let ir = driver.origin.ir();
            let decl = ir.func(id);
            let own = FrameLayout::new(&ir.types, &decl.params, &decl.results);
            // SAFETY: a descriptor of the program.
            let ftyp = unsafe { TypeRef::from_ptr(typ) };
            assert_eq!(own, layout(ftyp, false), "seed {seed}: {name} {}", ftyp.string());
        }
    }
}

type Three = (Dyn, Dyn, Dyn);

fn values_come_back(program: &Program, options: IsolateOptions, seed: u64) {
    let mut isolate = program.isolate_with(options).unwrap();
    let s = &mut isolate.scope().unwrap();
    for i in 0..FUNCTIONS {
        let echo: Func<fn(Dyn, Dyn, Dyn) -> Three> = s.func(&format!("Echo{i}")).unwrap();
        for which in 0..2 {
            let at = format!("seed {seed}, function {i}, {}", echo.type_name());
            let values: Func<fn() -> Three> = s.func(&format!("Values{i}x{which}")).unwrap();
            let (a, b, c) = values.call(s).unwrap_or_else(|e| panic!("{at}: {e}"));
            let text = [a.text(), b.text(), c.text()];
            let (a, b, c) = echo.call(s, a, b, c).unwrap_or_else(|e| panic!("{at}: {e}"));
            assert_eq!(text, [a.text(), b.text(), c.text()], "{at}");
        }
        let check: Func<fn() -> bool> = s.func(&format!("Check{i}")).unwrap();
        assert!(check.call(s).unwrap(), "seed {seed}, function {i}: {}", echo.type_name());
    }
}

#[test]
fn random_values_come_back_as_they_went() {
    for seed in [0x9e37_79b9_7f4a_7c15, 0xdead_beef_cafe_f00d] {
        let program = generated(seed);
        frames_agree(&program, seed);
        values_come_back(&program, IsolateOptions::default(), seed);
        values_come_back(&program, IsolateOptions::default().debug("gcstress=1").unwrap(), seed);
    }
}
