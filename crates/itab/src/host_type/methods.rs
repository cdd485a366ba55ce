//! The host types of a program, and the code of their methods.

use super::{Describe, HostMethod, HostType, find, go_name};
use crate::border::crossing::Cx;
use crate::error::Error;
use crate::host_type::canonical::Canon;
use crate::program::Shared;
use itab_abi::types::Type;
use itab_runtime::types::TypeRef;
use itab_runtime::types::host::{HostDecl, HostMethods};
use rustc_hash::FxHashMap;
use std::any::TypeId;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// The descriptors of a program's host types.
#[derive(Default)]
pub(crate) struct HostTypes(Mutex<FxHashMap<TypeId, Known>>);

/// A descriptor of the program that owns the table.
#[derive(Clone, Copy)]
struct Known(*const Type);

// SAFETY: descriptors are immutable and live as long as the program.
unsafe impl Send for Known {}

impl HostTypes {
    fn get(&self, id: TypeId) -> Option<*const Type> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).map(|known| known.0)
    }
}

/// The descriptor of `*T`, if a value of it has been in the program.
pub(crate) fn known_type<'a, T: HostType>(cx: Cx<'a>) -> Option<TypeRef<'a>> {
    // SAFETY: one of the program's.
    cx.shared.host_types.get(TypeId::of::<T>()).map(|t| unsafe { cx.typ(t) })
}

/// The descriptor of `*T`, made now if there is none.
pub(crate) fn host_type<'a, T: HostType>(cx: Cx<'a>) -> TypeRef<'a> {
    known_type::<T>(cx).unwrap_or_else(|| {
        let typ = make_type::<T>(cx.shared);
        // SAFETY: just made for this program.
        unsafe { cx.typ(typ) }
    })
}

/// An object that owns a value, and its type.
pub(crate) fn new_object<T: HostType>(cx: Cx<'_>, value: T) -> Result<(TypeRef<'_>, *mut u8), Error> {
    let typ = host_type::<T>(cx);
    // SAFETY: a type of the host in the isolate's program; the isolate is this thread's.
    let object = unsafe { (*cx.rt()).new_host_object(typ, Box::new(value)) };
    Ok((typ, object.map_err(|e| Error::Memory(e.to_string()))?))
}

#[cold]
fn make_type<T: HostType>(shared: &Arc<Shared>) -> *const Type {
    let methods = Describe::<T>::all();
    let name = go_name::<T>();
    // Types of one name are told apart by their identity in Rust.
    let key = format!("host {}.{} {:?}", T::PACKAGE, std::any::type_name::<T>(), TypeId::of::<T>());
    let mut canon = Canon { batch: shared.runtime.types.batch() };
    let mut seen = vec![];
    for m in &methods {
        if let Some(mtyp) = (m.canonical)(&mut canon) {
            seen.push((m.go_name, mtyp.0));
        }
    }
    let host =
        Arc::new(Methods { name: name.clone(), methods, shared: Arc::downgrade(shared), made: Mutex::default() });
    let package = T::PACKAGE.replace("::", "/");
    let decl = HostDecl { key: &key, name: &name, pkg_path: &package, methods: &seen, host };
    let typ = canon.batch.host_type(&decl).as_ptr();
    canon.batch.commit();
    let mut known = shared.host_types.0.lock().unwrap_or_else(PoisonError::into_inner);
    known.insert(TypeId::of::<T>(), Known(typ));
    typ
}

/// Index of a method, address of a func type, and whether it is called as a function.
type Wanted = (usize, usize, bool);

/// The methods of a host type in a program.
struct Methods {
    name: String,
    methods: Vec<HostMethod>,
    shared: Weak<Shared>,
    /// Code that was made.
    made: Mutex<FxHashMap<Wanted, usize>>,
}

impl HostMethods for Methods {
    fn method(&self, name: &str, mtyp: TypeRef<'_>) -> Option<usize> {
        self.code(name, mtyp, false)
    }

    fn function(&self, name: &str, mtyp: TypeRef<'_>) -> Option<usize> {
        self.code(name, mtyp, true)
    }
}

impl Methods {
    fn code(&self, name: &str, mtyp: TypeRef<'_>, function: bool) -> Option<usize> {
        let (index, method) = find(&self.methods, name)?;
        crate::border::host::check_declaration(mtyp, method.check).ok()?;
        let wanted = (index, mtyp.as_ptr() as usize, function);
        let made = || self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&code) = made().get(&wanted) {
            return Some(code);
        }
        let shared = self.shared.upgrade()?;
        let code = on_thread(|| shared.method_code(&self.name, method, mtyp, function).ok())?;
        // Another thread may have made the same meanwhile.
        Some(*made().entry(wanted).or_insert(code))
    }
}

/// What a compiling thread may use of its stack.
const STACK: usize = 8 << 20;

/// Runs `f` on a thread of its own: it compiles, which needs more stack than a goroutine may have left.
fn on_thread<R: Send>(f: impl FnOnce() -> Option<R> + Send) -> Option<R> {
    let run = || itab_types::with_stack(STACK / 2, f);
    std::thread::scope(|threads| {
        let thread = std::thread::Builder::new().name("go-methods".into()).stack_size(STACK);
        thread.spawn_scoped(threads, run).ok()?.join().ok()?
    })
}
