//! Natives against their declarations: crate `runtime` says which words a native takes and gives, the checked source says
//! what Go code passes.
//!
//! What is compared is each word's kind: pointer, integer of which width, bool, float of which width, and the sign of
//! integers below 64 bits, which are widened by it. Not compared is the sign of 64-bit integers, and what a pointer points
//! to: a pointer, map, channel, func and each word of an interface are pointers.
//!
//! A package's own declaration has to be the native's. Programs name natives by `//go:linkname` too, with declarations of
//! their own: there an integer may stand for a pointer, and more may be declared than the native takes or gives, which is
//! as harmless as it is in Go.

use crate::error::Error;
use itab_abi::call::AbiType;
use itab_ir::program::{Context, FuncDecl};
use itab_ir::ty::{Basic, Ty, TyId, TypeTable};
use itab_runtime::std::lookup;

/// An internal error if the runtime has a native of a declared function's name with other words than the declaration has.
pub(crate) fn check(types: &TypeTable, decl: &FuncDecl) -> Result<(), Error> {
    let Some(name) = decl.native.as_deref() else { return Ok(()) };
    let Some(native) = lookup(name) else { return Ok(()) };
    let receiver = if let Context::Receiver(t) = decl.context { Some(t) } else { None };
    let params = words(types, receiver.iter().chain(&decl.params));
    let results = words(types, &decl.results);
    let fits = if *name == *decl.name { is_same } else { is_covered };
    if fits(native.params.as_slice(), &params) && fits(native.results.as_slice(), &results) {
        return Ok(());
    }
    Err(Error::Internal(format!(
        "the native {name} is a function of {:?} to {:?}, its declaration of {params:?} to {results:?}",
        native.params.as_slice(),
        native.results.as_slice(),
    )))
}

fn is_same(native: &[AbiType], declared: &[AbiType]) -> bool {
    native == declared
}

/// Whether the words that a native takes or gives are among the declared ones.
fn is_covered(native: &[AbiType], declared: &[AbiType]) -> bool {
    let fits = |(n, d): (&AbiType, &AbiType)| n == d || n.is_word() && d.is_word();
    native.len() <= declared.len() && native.iter().zip(declared).all(fits)
}

fn words<'t>(types: &TypeTable, list: impl IntoIterator<Item = &'t TyId>) -> Vec<AbiType> {
    let mut words = vec![];
    list.into_iter().for_each(|&t| collect(types, t, &mut words));
    words
}

fn collect(types: &TypeTable, ty: TyId, words: &mut Vec<AbiType>) {
    use AbiType::{F32, F64, I64, Ptr};
    match types.under(ty) {
        Ty::Basic(Basic::String) => words.extend([Ptr, I64]),
        Ty::Basic(Basic::Complex64) => words.extend([F32, F32]),
        Ty::Basic(Basic::Complex128) => words.extend([F64, F64]),
        Ty::Basic(b) => words.push(basic(*b)),
        Ty::Slice(_) => words.extend([Ptr, I64, I64]),
        Ty::Interface(_) => words.extend([Ptr, Ptr]),
        Ty::Array(elem, n) => (0..*n).for_each(|_| collect(types, *elem, words)),
        Ty::Struct(fields) => fields.iter().for_each(|f| collect(types, f.ty, words)),
        Ty::Tuple(list) => list.iter().for_each(|&t| collect(types, t, words)),
        Ty::Pointer(_) | Ty::Map(..) | Ty::Chan(..) | Ty::Func(_) | Ty::Named(_) => words.push(Ptr),
    }
}

/// The word of a basic type that is one.
fn basic(b: Basic) -> AbiType {
    match b {
        Basic::Bool => AbiType::Bool,
        Basic::Uint8 => AbiType::U8,
        Basic::Int8 => AbiType::I8,
        Basic::Uint16 => AbiType::U16,
        Basic::Int16 => AbiType::I16,
        Basic::Uint32 => AbiType::U32,
        Basic::Int32 => AbiType::I32,
        Basic::Float32 => AbiType::F32,
        Basic::Float64 => AbiType::F64,
        Basic::UnsafePointer => AbiType::Ptr,
        _ => AbiType::I64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Engine, Program};
    use itab_ir::program::FuncKind;
    use itab_runtime::std::natives;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// Imports of all packages that declare natives, and declarations of those that only programs and tests name, with the
    /// signatures that Go's runtime has.
    const ALL: &str = r#"
package main

import (
	_ "crypto/fips140"
	_ "crypto/rand"
	_ "crypto/sha256"
	_ "crypto/sha512"
	_ "crypto/subtle"
	_ "crypto/tls"
	_ "hash/crc32"
	_ "iter"
	_ "net"
	_ "os/exec"
	_ "os/signal"
	_ "reflect"
	_ "runtime/debug"
	_ "sync/atomic"
	_ "testing/synctest"
	_ "time"
	_ "unique"
	"unsafe"
	_ "weak"
)

type eface struct{ typ, data unsafe.Pointer }

//go:linkname strhash runtime.strhash
func strhash(p unsafe.Pointer, h uintptr) uintptr

//go:linkname memhash runtime.memhash
func memhash(p unsafe.Pointer, h, s uintptr) uintptr

//go:linkname memmove runtime.memmove
func memmove(to, from unsafe.Pointer, n uintptr)

//go:linkname memclrNoHeapPointers runtime.memclrNoHeapPointers
func memclrNoHeapPointers(ptr unsafe.Pointer, n uintptr)

//go:linkname typehash runtime.typehash
func typehash(t *eface, p unsafe.Pointer, h uintptr) uintptr

//go:linkname nilinterhash runtime.nilinterhash
func nilinterhash(p unsafe.Pointer, h uintptr) uintptr

//go:linkname interhash runtime.interhash
func interhash(p unsafe.Pointer, h uintptr) uintptr

//go:linkname mallocgc runtime.mallocgc
func mallocgc(size uintptr, typ *eface, needzero bool) unsafe.Pointer

//go:linkname newarray runtime.newarray
func newarray(typ *eface, n int) unsafe.Pointer

//go:linkname procPin runtime.procPin
func procPin() int

//go:linkname procUnpin runtime.procUnpin
func procUnpin()

//go:linkname cheaprand runtime.cheaprand
func cheaprand() uint32

//go:linkname cheaprandn runtime.cheaprandn
func cheaprandn(n uint32) uint32

//go:linkname fastrand runtime.fastrand
func fastrand() uint32

//go:linkname fastrandn runtime.fastrandn
func fastrandn(n uint32) uint32

//go:linkname cputicks runtime.cputicks
func cputicks() int64

//go:linkname gcbits reflect.gcbits
func gcbits(any) []byte

//go:linkname uniqueBlockUntilEmptyCleanupQueue unique.runtime_blockUntilEmptyCleanupQueue
func uniqueBlockUntilEmptyCleanupQueue(timeout int64) bool

//go:linkname blockUntilEmptyCleanupQueue sync_test.runtime_blockUntilEmptyCleanupQueue
func blockUntilEmptyCleanupQueue(timeout int64) bool

var m map[string]int

func main() { m["a"] = 1 }
"#;

    /// Where no map is used, a program gets the native of this name instead of a function of package maps.
    const WITHOUT_MAPS: &str = r#"
package main

import "unsafe"

//go:linkname typedmemmove runtime.typedmemmove
func typedmemmove(typ, dst, src unsafe.Pointer)

func main() {}
"#;

    fn load(source: &str) -> Program {
        let mut builder = Engine::builder().file("main.go", source);
        if std::env::var_os("GOROOT").is_none() {
            builder = builder.goroot(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/goroot"));
        }
        builder.build().load(&["main.go"]).unwrap_or_else(|e| panic!("{e}"))
    }

    /// The natives that a program declares, and what is wrong with the declarations.
    fn declared(source: &str, problems: &mut Vec<String>) -> BTreeSet<String> {
        let program = load(source);
        let mut state = program.0.lock();
        let (world, _) = state.origin.world_for_good().expect("a world");
        world.declare_all().unwrap_or_else(|e| panic!("{e}"));
        let mut declared = BTreeSet::new();
        for decl in world.program.funcs.iter().filter(|d| d.kind == FuncKind::Native) {
            let Some(name) = decl.native.as_deref() else { continue };
            declared.insert(name.to_string());
            // Here nobody may declare a native otherwise.
            let own = FuncDecl { name: name.into(), ..decl.clone() };
            problems.extend(check(&world.program.types, &own).err().map(|e| format!("{}: {e}", decl.name)));
        }
        declared
    }

    #[test]
    fn every_native_is_declared_with_its_signature() {
        let mut problems = vec![];
        let mut found = declared(ALL, &mut problems);
        found.extend(declared(WITHOUT_MAPS, &mut problems));
        let undeclared = natives().flat_map(|n| n.names).filter(|n| !found.contains(**n));
        problems.extend(undeclared.map(|n| format!("no declaration of {n} was found")));
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }

    /// The Go name as the Rust one would be compared with it.
    fn plain(name: &str) -> String {
        name.replace('_', "").to_lowercase()
    }

    #[test]
    fn structs_of_both_sides_are_the_same() {
        let program = load(ALL);
        let mut state = program.0.lock();
        let (world, _) = state.origin.world_for_good().expect("a world");
        for shared in itab_abi::shared::SHARED {
            let (package, name) = shared.go;
            let ty = world.type_by_name(package, name).unwrap_or_else(|e| panic!("{package}.{name}: {e}"));
            let types = &world.program.types;
            let Ty::Struct(fields) = types.under(ty) else { panic!("{package}.{name} is no struct") };
            let (offsets, _) = types.struct_layout(ty);
            let go: Vec<_> = fields.iter().zip(offsets).map(|(f, o)| (plain(&f.name.name), o as usize)).collect();
            let rust: Vec<_> = shared.fields.iter().map(|&(f, o)| (plain(f), o)).collect();
            assert_eq!(go, rust, "{package}.{name}");
            assert_eq!(types.size_of(ty) as usize, shared.size, "{package}.{name}");
        }
    }

    #[test]
    fn what_programs_may_declare_otherwise() {
        use AbiType::{Bool, I64, Ptr, U8};
        assert!(is_covered(&[Ptr, I64], &[I64, I64]) && is_covered(&[], &[I64]));
        assert!(!is_covered(&[Ptr, I64], &[Ptr]) && !is_covered(&[Bool], &[U8]) && !is_same(&[Ptr], &[I64]));
    }
}
