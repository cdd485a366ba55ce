//! Structs that derive [`Go`](macro@crate::Go): field by field, through safe readers and writers.
//!
//! The derived code says how the fields are called and hands each to a writer, or gets each from a reader. Which field of
//! the Go struct that is depends on the names and the Go type alone; it is found out once, by name. A program keeps the
//! answer, and so does each thread, for its newest pairs. Each value looks at the type of its place, so that nonsense is an
//! error and no more.

use crate::border::crossing::{Checker, Cx, Fits, FromGo, GoType, Misfit, Place, PlaceMut, ToGo};
use crate::error::Error;
use itab_abi::types::{Kind, Type};
use itab_runtime::types::TypeRef;
use rustc_hash::FxHashMap;
use std::cell::Cell;
use std::collections::hash_map::Entry;
use std::sync::Mutex;

/// How a field is called in Go.
#[derive(Clone, Copy, Debug)]
pub struct FieldName {
    /// The name; of a field of a tuple, its position.
    pub name: &'static str,
    /// Whether it is exactly that.
    pub exact: bool,
}

impl FieldName {
    /// The position that it stands for, of a tuple's field.
    fn position(&self) -> Option<usize> {
        self.name.parse().ok()
    }

    /// The name as Go would have it, for messages.
    pub(crate) fn go(&self) -> String {
        if self.exact {
            return self.name.into();
        }
        let word =
            |w: &str| w.chars().take(1).flat_map(char::to_uppercase).chain(w.chars().skip(1)).collect::<String>();
        self.name.split('_').map(word).collect()
    }

    /// Whether a Go name is this one.
    pub(crate) fn is(&self, go: &str) -> bool {
        if self.exact {
            return self.name == go;
        }
        let plain = |s: &'static str| s.bytes().filter(|b| *b != b'_').map(|b| b.to_ascii_lowercase());
        let go = go.bytes().filter(|b| *b != b'_').map(|b| b.to_ascii_lowercase());
        plain(self.name).eq(go)
    }
}

/// A field of a Go struct.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FieldAt {
    pub(crate) offset: usize,
    pub(crate) typ: *const Type,
}

/// The fields of a Go struct type in the order of a Rust type's.
pub(crate) type Binding = [FieldAt];

/// The field of a struct type with a name: one that is exported if there are several.
fn find(t: TypeRef<'_>, name: FieldName) -> Option<FieldAt> {
    let is = |exported: bool| {
        move |f: &&itab_abi::types::StructField| {
            let go = t.field_name(f);
            name.is(go) && (!exported || go.starts_with(char::is_uppercase))
        }
    };
    let fields = t.fields();
    if let Some(i) = name.position() {
        return fields.get(i).map(|field| FieldAt { offset: field.offset, typ: field.typ });
    }
    let field = fields.iter().find(is(true)).or_else(|| fields.iter().find(is(false)))?;
    Some(FieldAt { offset: field.offset, typ: field.typ })
}

/// The field with exactly this name.
pub(crate) fn field_named<T>(t: TypeRef<'_>, name: &str) -> Result<FieldAt, Misfit> {
    let field = t.fields().iter().find(|f| t.field_name(f) == name);
    field.map(|f| FieldAt { offset: f.offset, typ: f.typ }).ok_or_else(|| no_field::<T>(t, name))
}

fn bind(t: TypeRef<'_>, names: &[FieldName]) -> Result<Box<Binding>, &'static str> {
    names.iter().map(|name| find(t, *name).ok_or(name.name)).collect()
}

/// A list of names and a Go type, by their addresses.
pub(crate) type Pair = (usize, usize);

/// Pairs that a thread has used, with the number of their program, and the binding, which lives as long as the program.
type Known = (Pair, u64, *const Binding);

const KNOWN: usize = 64;

thread_local! {
    static CACHE: [Cell<Option<Known>>; KNOWN] = const { [const { Cell::new(None) }; KNOWN] };
}

/// The fields of a Go struct type that have these names, in their order.
fn binding<'a, T>(cx: Cx<'a>, t: TypeRef<'a>, names: &'static [FieldName]) -> Result<&'a Binding, Error> {
    let (pair, program) = ((names.as_ptr() as usize, t.as_ptr() as usize), cx.shared.id);
    CACHE.with(|cache| {
        let place = &cache[(pair.0 >> 4 ^ pair.1 >> 4) % KNOWN];
        if let Some((known, of, found)) = place.get()
            && (known, of) == (pair, program)
        {
            // SAFETY: numbers of programs are never used again, so it is this program's, which lives for `'a`. One list of
            // names may begin where another does; they are told apart by their lengths.
            let found = unsafe { &*found };
            if found.len() == names.len() {
                return Ok(found);
            }
        }
        let found = cx.shared.bindings.get((pair, names.len()), || bind(t, names));
        let found = found.map_err(|name| no_field::<T>(t, name).error("the struct"))?;
        place.set(Some((pair, program, found)));
        Ok(found)
    })
}

fn no_field<T>(t: TypeRef<'_>, name: &str) -> Misfit {
    let names: Vec<&str> = t.fields().iter().map(|f| t.field_name(f)).collect();
    let wanted = match &names[..] {
        [] => "a struct without fields".into(),
        names => format!("a struct whose fields are among {}; it has none for {name}", names.join(", ")),
    };
    Misfit { wanted, ..Misfit::of::<T>(GoType(t)) }
}

/// Checks fields.
pub struct RecordChecker<'c> {
    /// None: the type has been looked at.
    binding: Option<Box<Binding>>,
    names: &'static [FieldName],
    next: usize,
    checker: &'c mut Checker,
}

impl<'c> RecordChecker<'c> {
    /// Checks a struct type that has fields of these names.
    ///
    /// # Errors
    /// When it is none, or has not.
    pub fn new<T>(t: GoType<'_>, names: &'static [FieldName], checker: &'c mut Checker) -> Result<Self, Misfit> {
        if !is_struct(t) {
            return Err(Misfit::of::<T>(t));
        }
        let new = checker.enters::<T>(t);
        let binding = new.then(|| bind(t.0, names)).transpose().map_err(|name| no_field::<T>(t.0, name))?;
        Ok(RecordChecker { binding, names, next: 0, checker })
    }

    /// The next field has this type.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn field<T: Fits>(mut self) -> Result<Self, Misfit> {
        let Some(binding) = &self.binding else { return Ok(self) };
        if let Some((at, name)) = binding.get(self.next).zip(self.names.get(self.next)) {
            // SAFETY: a binding's types are those of the program that is being checked.
            let typ = GoType(unsafe { TypeRef::from_ptr(at.typ) });
            T::check(typ, self.checker).map_err(|m| m.under(&format!(".{}", name.name)))?;
        }
        self.next += 1;
        Ok(self)
    }

    /// All fields were checked.
    ///
    /// # Errors
    /// None.
    pub fn done(self) -> Result<(), Misfit> {
        Ok(())
    }
}

/// Whether it is a struct type.
pub fn is_struct(t: GoType<'_>) -> bool {
    t.kind() == Kind::Struct
}

/// The fields of a struct type with some names, one after the other.
struct Fields<'a> {
    cx: Cx<'a>,
    binding: std::slice::Iter<'a, FieldAt>,
}

impl<'a> Fields<'a> {
    fn new<T>(cx: Cx<'a>, t: TypeRef<'a>, names: &'static [FieldName]) -> Result<Fields<'a>, Error> {
        if !is_struct(GoType(t)) {
            return Err(Misfit::of::<T>(GoType(t)).error("a value"));
        }
        let cx = cx.deeper()?;
        Ok(Fields { cx, binding: binding::<T>(cx, t, names)?.iter() })
    }

    /// Type and offset of the next one.
    fn next(&mut self) -> Result<(TypeRef<'a>, usize), Error> {
        let too_many = || Error::Internal("a struct has more fields than it names".into());
        let field = self.binding.next().ok_or_else(too_many)?;
        // SAFETY: a binding's types are the program's.
        Ok((unsafe { self.cx.typ(field.typ) }, field.offset))
    }
}

/// Reads the fields of a struct, one after the other.
pub struct Record<'a> {
    fields: Fields<'a>,
    at: *const u8,
}

impl<'a> Record<'a> {
    /// The fields with these names.
    ///
    /// # Errors
    /// When it is no struct, or has none of some name.
    pub fn new<T>(place: Place<'a>, names: &'static [FieldName]) -> Result<Record<'a>, Error> {
        let (cx, t, at) = place.parts();
        Ok(Record { fields: Fields::new::<T>(cx, t, names)?, at })
    }

    /// Reads the next field.
    ///
    /// # Errors
    /// When it does not fit or cannot be represented.
    pub fn take<T: FromGo<'a>>(&mut self) -> Result<T, Error> {
        let (t, offset) = self.fields.next()?;
        // SAFETY: the field's place in that of the struct.
        T::load(unsafe { Place::new(self.fields.cx, t, self.at.add(offset)) })
    }
}

/// Writes the fields of a struct, one after the other.
pub struct RecordMut<'a> {
    fields: Fields<'a>,
    at: *mut u8,
}

impl<'a> RecordMut<'a> {
    /// The fields with these names.
    ///
    /// # Errors
    /// When it is no struct, or has none of some name.
    pub fn new<T>(place: PlaceMut<'a>, names: &'static [FieldName]) -> Result<RecordMut<'a>, Error> {
        let (cx, t, at) = place.parts();
        Ok(RecordMut { fields: Fields::new::<T>(cx, t, names)?, at })
    }

    /// Writes the next field.
    ///
    /// # Errors
    /// When it does not fit or cannot be represented.
    pub fn give<T: ToGo>(&mut self, value: T) -> Result<(), Error> {
        let (t, offset) = self.fields.next()?;
        // SAFETY: the field's place in that of the struct.
        value.store(unsafe { PlaceMut::new(self.fields.cx, t, self.at.add(offset)) })
    }
}

/// The bindings that a program has used.
#[derive(Default)]
pub(crate) struct Bindings(Mutex<FxHashMap<(Pair, usize), Box<Binding>>>);

impl Bindings {
    /// The one of a pair and a count of names, made now if there is none.
    fn get(
        &self,
        key: (Pair, usize),
        make: impl FnOnce() -> Result<Box<Binding>, &'static str>,
    ) -> Result<&Binding, &'static str> {
        let mut all = self.0.lock().unwrap_or_else(|e| e.into_inner());
        let found: *const Binding = match all.entry(key) {
            Entry::Occupied(e) => &**e.get(),
            Entry::Vacant(e) => &**e.insert(make()?),
        };
        // SAFETY: bindings are boxed and never changed or removed while `self` lives.
        Ok(unsafe { &*found })
    }
}

// SAFETY: the pointers are to descriptors of the program that owns the bindings.
unsafe impl Send for FieldAt {}
// SAFETY: as above.
unsafe impl Sync for FieldAt {}
