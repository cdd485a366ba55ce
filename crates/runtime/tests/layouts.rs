//! Descriptors against gc's: builds every type of golden/layouts.txt, which real Go wrote (golden/layouts.go), through
//! the interner, and compares sizes, offsets, masks, flags, texts, method order, map groups and assertions.

use itab_abi::types::{Kind, MapType, TFLAG_PREFIX, TFLAG_UNCOMMON};
use itab_runtime::types::assert;
use itab_runtime::types::itab;
use itab_runtime::types::persistent::PersistentArena;
use itab_runtime::types::{
    Batch, FieldDesc, IMethodDesc, MethodDesc, NamedDecl, Pkg, TypeRef, Types, gc_mask, is_exported,
};
use std::collections::HashMap;

const GOLDEN: &str = include_str!("golden/layouts.txt");

/// A `T` line.
struct Decl<'a> {
    named: bool,
    string: &'a str,
    pkg_path: &'a str,
    kind: Kind,
    detail: Vec<&'a str>,
}

/// An `M` line.
struct Met<'a> {
    name: &'a str,
    pkg_path: &'a str,
    typ: Option<usize>,
}

#[derive(Default)]
struct Golden<'a> {
    decls: Vec<Decl<'a>>,
    methods: HashMap<usize, Vec<Met<'a>>>,
    rest: Vec<Vec<&'a str>>,
}

fn parse() -> Golden<'static> {
    let mut g = Golden::default();
    for line in GOLDEN.lines() {
        let f: Vec<&str> = line.split('\t').collect();
        match f[0] {
            "T" => {
                assert_eq!(number(f[1]), g.decls.len());
                let kind = Kind::from_u8(number(f[5]) as u8);
                let detail = f[6..].to_vec();
                g.decls.push(Decl { named: f[2] == "true", string: f[3], pkg_path: f[4], kind, detail });
            }
            "M" => {
                let met = Met { name: f[2], pkg_path: f[3], typ: f[4].parse().ok() };
                g.methods.entry(number(f[1])).or_default().push(met);
            }
            _ => g.rest.push(f),
        }
    }
    g
}

fn number(s: &str) -> usize {
    s.parse().unwrap_or_else(|_| panic!("not a number: {s}"))
}

/// Builds the types in one batch.
struct Builder<'g, 't> {
    golden: &'g Golden<'static>,
    batch: Batch<'t>,
    made: Vec<Option<TypeRef<'t>>>,
    next_code: usize,
}

impl<'g, 't> Builder<'g, 't> {
    fn build(golden: &'g Golden<'static>, types: &'t Types) -> Vec<TypeRef<'t>> {
        let mut b = Builder { golden, batch: types.batch(), made: vec![None; golden.decls.len()], next_code: 1 };
        for i in 0..golden.decls.len() {
            if golden.decls[i].named {
                b.made[i] = Some(b.named(i));
            }
        }
        let all: Vec<_> = (0..golden.decls.len()).map(|i| b.get(i)).collect();
        for i in 0..golden.decls.len() {
            b.complete(i);
        }
        b.batch.commit();
        all
    }

    fn named(&mut self, i: usize) -> TypeRef<'t> {
        let d = &self.golden.decls[i];
        let predeclared = self.basic(d).filter(|t| t.string() == d.string);
        predeclared.unwrap_or_else(|| {
            let key = format!("{}.{}#{i}", d.pkg_path, d.string);
            let params = if d.kind == Kind::Func { ids(d.detail[1]).len() + ids(d.detail[2]).len() } else { 0 };
            self.batch.named(&NamedDecl { key: &key, name: d.string, pkg_path: d.pkg_path, kind: d.kind, params })
        })
    }

    fn basic(&self, d: &Decl<'_>) -> Option<TypeRef<'t>> {
        let composite =
            [Kind::Array, Kind::Chan, Kind::Func, Kind::Interface, Kind::Map, Kind::Pointer, Kind::Slice, Kind::Struct];
        (!composite.contains(&d.kind)).then(|| self.batch.basic(d.kind))
    }

    fn get(&mut self, i: usize) -> TypeRef<'t> {
        if let Some(t) = self.made[i] {
            return t;
        }
        let t = self.structure(i);
        self.made[i] = Some(t);
        t
    }

    fn list(&mut self, s: &str) -> Vec<TypeRef<'t>> {
        ids(s).into_iter().map(|i| self.get(i)).collect()
    }

    /// The unnamed type with the structure of type `i`.
    fn structure(&mut self, i: usize) -> TypeRef<'t> {
        let golden = self.golden;
        let d = &golden.decls[i];
        let a = &d.detail;
        match d.kind {
            Kind::Array => {
                let elem = self.get(number(a[1]));
                self.batch.array_of(number(a[0]), elem)
            }
            Kind::Chan => {
                let elem = self.get(number(a[1]));
                self.batch.chan_of(number(a[0]), elem)
            }
            Kind::Func => {
                let (ins, outs) = (self.list(a[1]), self.list(a[2]));
                self.batch.func_of(&ins, &outs, a[0] == "true")
            }
            Kind::Interface => self.interface(a),
            Kind::Map => {
                let (key, elem) = (self.get(number(a[0])), self.get(number(a[1])));
                self.batch.map_of(key, elem)
            }
            Kind::Pointer => {
                let elem = self.get(number(a[0]));
                self.batch.pointer_to(elem)
            }
            Kind::Slice => {
                let elem = self.get(number(a[0]));
                self.batch.slice_of(elem)
            }
            Kind::Struct => self.struct_type(a),
            _ => self.basic(d).expect("a basic kind"),
        }
    }

    fn interface(&mut self, a: &[&'static str]) -> TypeRef<'t> {
        let mut methods = Vec::new();
        for m in a.chunks(3) {
            let pkg = Pkg { path: m[1], name: package_name(m[1]) };
            methods.push(IMethodDesc { name: m[0], pkg, typ: self.get(number(m[2])) });
        }
        methods.reverse(); // the interner sorts
        self.batch.interface_of(&methods)
    }

    fn struct_type(&mut self, a: &[&'static str]) -> TypeRef<'t> {
        let mut fields = Vec::new();
        for f in a.chunks(5) {
            let typ = self.get(number(f[3]));
            fields.push(FieldDesc { name: f[0], pkg_path: f[1], tag: f[4], embedded: f[2] == "true", typ });
        }
        self.batch.struct_of(&fields)
    }

    fn complete(&mut self, i: usize) {
        let t = self.get(i);
        if !t.is_named() {
            let methods = self.methods(i);
            if !methods.is_empty() && t.methods().is_empty() {
                self.batch.set_methods(t, &methods);
            }
        } else if self.batch.needs_completion(t) {
            let underlying = self.structure(i);
            let methods = self.methods(i);
            // The pointer type's methods come with its own entry, above.
            self.batch.complete_named(t, underlying, &methods, &[]);
        }
    }

    fn methods(&mut self, i: usize) -> Vec<MethodDesc<'static, 't>> {
        let golden = self.golden;
        let mut methods = Vec::new();
        for m in golden.methods.get(&i).map_or(&[][..], |v| v) {
            let pruned = [self.batch.basic(Kind::UnsafePointer), self.batch.basic(Kind::Complex64)];
            let mtyp = match m.typ {
                Some(typ) => self.get(typ),
                None => self.batch.func_of(&pruned, &[], false),
            };
            let code = self.next_code;
            self.next_code += 1;
            methods.push(MethodDesc { name: m.name, pkg_path: m.pkg_path, mtyp, ifn: code, tfn: code });
        }
        methods.reverse();
        methods
    }
}

fn ids(s: &str) -> Vec<usize> {
    s.split(',').filter(|s| !s.is_empty()).map(number).collect()
}

/// Last element of the import path that is not a major version.
fn package_name(path: &str) -> &str {
    let is_version = |s: &&str| s.starts_with('v') && s[1..].chars().all(|c| c.is_ascii_digit());
    path.rsplit('/').find(|s| !is_version(s)).unwrap_or("")
}

fn mask_text(t: TypeRef<'_>) -> String {
    if t.ptr_bytes() == 0 {
        return "-".into();
    }
    let n = (t.ptr_bytes() / 8).div_ceil(8);
    // SAFETY: a mask has a bit per word of `ptr_bytes`.
    let bytes = unsafe { std::slice::from_raw_parts(gc_mask(t), n) };
    if n <= 64 {
        return bytes.iter().map(|b| format!("{b:02x}")).collect();
    }
    let fnv = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
    format!("fnv{fnv:016x}")
}

fn describe(t: TypeRef<'_>) -> String {
    // SAFETY: a committed descriptor.
    let d = unsafe { &*t.as_ptr() };
    let name = t.string();
    let of_name = if t.is_named() {
        name
    } else {
        t.elem().filter(|_| name.starts_with('*')).map_or("", |e| if e.is_named() { e.string() } else { "" })
    };
    let base = of_name.split('[').next().unwrap_or("");
    let exported = u8::from(is_exported(base.rsplit('.').next().unwrap_or("")));
    let flags = d.tflag & !TFLAG_PREFIX;
    format!(
        "{}\t{}\t{}\t{}\t{flags}\t{}\t{exported}\t{}",
        d.size,
        d.align,
        d.field_align,
        d.ptr_bytes,
        !d.equal.is_null(),
        mask_text(t)
    )
}

fn describe_map(t: TypeRef<'_>) -> String {
    // SAFETY: a committed map type and its group.
    let (m, group) = unsafe {
        let m = &*t.as_ptr().cast::<MapType>();
        (m, TypeRef::from_ptr(m.group))
    };
    format!(
        "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
        m.group_size,
        m.keys_off,
        m.key_stride,
        m.elems_off,
        m.elem_stride,
        m.elem_off,
        m.flags,
        group.ptr_bytes(),
        mask_text(group)
    )
}

fn assertion(t: TypeRef<'_>, inter: TypeRef<'_>) -> String {
    let fast = assert::assert(inter, t);
    assert_eq!(fast, itab::getitab_ok(inter, t));
    assert_eq!(fast, assert::assert(inter, t), "the probe agrees");
    if fast.is_some() { "ok".into() } else { itab::missing(inter, t).to_string() }
}

#[test]
fn descriptors_are_as_gc_makes_them() {
    let golden = parse();
    let types = Types::new(Box::new(PersistentArena::new()));
    let all = Builder::build(&golden, &types);
    let mut wrong = Vec::new();
    let mut check = |what: String, got: String, want: String| {
        if got != want {
            wrong.push(format!("{what}\n   got {got}\n  want {want}"));
        }
    };
    for (i, d) in golden.decls.iter().enumerate() {
        let t = all[i];
        check(format!("string of {i}"), t.string().into(), d.string.into());
        check(
            format!("package of {}", d.string),
            t.pkg_path().into(),
            if t.is_named() { d.pkg_path.into() } else { String::new() },
        );
        let names: Vec<_> = t.methods().iter().map(|m| name_of(&types, m.name)).collect();
        let want: Vec<_> = golden.methods.get(&i).map_or(&[][..], |v| v).iter().map(|m| m.name.to_string()).collect();
        check(format!("methods of {}", d.string), format!("{names:?}"), format!("{want:?}"));
    }
    for f in &golden.rest {
        let t = all[number(f[1])];
        let want = f[2..].join("\t");
        match f[0] {
            "D" => check(format!("descriptor of {t}"), describe(t), want),
            "F" => {
                let offsets: Vec<_> = t.fields().iter().map(|f| f.offset.to_string()).collect();
                check(format!("offsets of {t}"), offsets.join("\t"), want);
            }
            "G" => check(format!("groups of {t}"), describe_map(t), want),
            "A" => check(format!("assertion of {t}"), assertion(t, all[number(f[2])]), f[3..].join("\t")),
            other => panic!("what is {other}?"),
        }
    }
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    assert!(all.len() > 1000);
}

fn name_of(types: &Types, off: i32) -> String {
    // SAFETY: the handle of an encoded name; bytes 1.. are its length and text (all names here are short).
    unsafe {
        let p = types.resolve_name_off(off);
        let n = *p.add(1) as usize;
        assert!(n < 0x80);
        String::from_utf8_lossy(std::slice::from_raw_parts(p.add(2), n)).into_owned()
    }
}

#[test]
fn asking_again_gives_the_same_descriptors() {
    let golden = parse();
    let types = Types::new(Box::new(PersistentArena::new()));
    let first = Builder::build(&golden, &types);
    let used = types.bytes();
    let again = Builder::build(&golden, &types);
    assert_eq!(first, again);
    assert_eq!(types.bytes(), used, "nothing was made twice");
    // Hashes depend on the types alone: another program's are the same.
    let other = Types::new(Box::new(PersistentArena::new()));
    let there = Builder::build(&golden, &other);
    for (a, b) in first.iter().zip(&there) {
        assert_eq!(a.type_hash(), b.type_hash());
        assert!(a.tflag() & TFLAG_UNCOMMON == b.tflag() & TFLAG_UNCOMMON && a.as_ptr() != b.as_ptr());
    }
}

#[test]
fn typelinks_are_sorted_and_unnamed() {
    let golden = parse();
    let types = Types::new(Box::new(PersistentArena::new()));
    Builder::build(&golden, &types);
    let links = types.typelinks();
    assert!(links.len() > 300 && links.iter().all(|t| !t.is_named()));
    assert!(links.is_sorted_by_key(|t| t.string()));
}
