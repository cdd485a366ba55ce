//! Structs and pointers where they are: [`GoStruct`] and [`GoPtr`].

use crate::border::crossing::{Checker, Fits, Give, GoType, Misfit, Place, PlaceMut, Take, ToGo, rust_name};
use crate::border::func::{Arg, given};
use crate::border::handle::Handle;
use crate::border::records::{FieldAt, field_named};
use crate::error::Error;
use crate::scope::Scope;
use itab_abi::types::Kind;
use itab_runtime::types::TypeRef;
use std::fmt;
use std::marker::PhantomData;

/// A Go struct whose fields are read and changed by name. Of a pointer to a struct it is the struct that the pointer leads to,
/// and changes are seen by Go; of a struct it is a copy. A nil pointer is an error: `Option<GoStruct>` takes it.
///
/// ```
/// # fn main() -> itab::Result<()> {
/// let source = "package main\ntype User struct{ Name string; Age int }\nfunc New() *User { return &User{\"ann\", 7} }
/// func Older(u *User) { u.Age++ }";
/// let mut isolate = itab::source(source)?.isolate()?;
/// let user = isolate.func::<fn() -> itab::GoStruct>("New")?.call(&mut isolate)?;
/// let older = isolate.func::<fn(itab::GoStruct)>("Older")?;
/// let mut scope = isolate.scope()?;
/// older.call(&mut scope, &user)?;
/// assert_eq!(user.get::<&str>(&scope, "Name")?, "ann");
/// assert_eq!(user.get::<i64>(&scope, "Age")?, 8);
/// user.set(&mut scope, "Name", "bob")?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct GoStruct(Handle);

impl fmt::Debug for GoStruct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GoStruct({})", self.type_name())
    }
}

/// The struct type that a type is, or leads to.
fn struct_of(t: TypeRef<'_>) -> Option<TypeRef<'_>> {
    let own = if t.kind() == Kind::Pointer { t.elem()? } else { t };
    (own.kind() == Kind::Struct).then_some(own)
}

impl GoStruct {
    /// The struct type as Go prints it.
    pub fn type_name(&self) -> &str {
        self.0.typ().string()
    }

    /// The names of its fields, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let t = self.0.typ();
        t.fields().iter().map(move |f| t.field_name(f))
    }

    /// Whether both are the same struct, not only structs with equal fields.
    pub fn is_same(&self, other: &GoStruct) -> bool {
        self.0.is_same(&other.0)
    }

    /// A field, by its exact name.
    ///
    /// # Errors
    /// [`Error::Type`] when there is none, or when it does not fit; [`Error::Root`] in another isolate.
    pub fn get<'a, T: crate::FromGo<'a>>(&'a self, scope: &'a Scope<'_>, name: &str) -> Result<T, Error> {
        let cx = scope.cx();
        let (t, at) = self.0.open(cx)?;
        let FieldAt { offset, typ } = field(t, name)?;
        // SAFETY: a field of a struct that is alive; no Go code runs while the scope is borrowed.
        cx.uninterrupted(|| T::load(unsafe { Place::new(cx, cx.typ(typ), at.add(offset)) }))
    }

    /// Changes a field.
    ///
    /// # Errors
    /// [`Error::Type`] when there is none, or when the value does not fit; [`Error::Root`] in another isolate.
    pub fn set<T: ToGo>(&self, scope: &mut Scope<'_>, name: &str, value: T) -> Result<(), Error> {
        let cx = scope.cx();
        let (t, at) = self.0.open(cx)?;
        let FieldAt { offset, typ } = field(t, name)?;
        // SAFETY: a field of a struct that is alive; nobody views it, as the scope is borrowed mutably.
        cx.uninterrupted(|| value.store(unsafe { PlaceMut::new(cx, cx.typ(typ), at.add(offset)) }))
    }

    /// The struct in a field, or that the pointer in a field leads to, where it is: changes of it are changes of this one.
    ///
    /// # Errors
    /// [`Error::Type`] when there is no such field, or when it is no struct, or a nil pointer; [`Error::Root`] in another
    /// isolate.
    pub fn nested(&self, scope: &Scope<'_>, name: &str) -> Result<GoStruct, Error> {
        let cx = scope.cx();
        let (t, at) = self.0.open(cx)?;
        let FieldAt { offset, typ } = field(t, name)?;
        // SAFETY: a field of a struct that is alive; a handle of an address in an object keeps the object.
        unsafe {
            let (typ, at) = (cx.typ(typ), at.add(offset));
            if typ.kind() == Kind::Struct {
                return Ok(GoStruct(Handle::new(cx, typ, at)));
            }
            GoStruct::load(Place::new(cx, typ, at))
        }
    }
}

fn field(t: TypeRef<'_>, name: &str) -> Result<FieldAt, Error> {
    field_named::<GoStruct>(t, name).map_err(|m| m.error("the struct"))
}

impl Fits for GoStruct {
    const POINTER: bool = true;
    fn accepts(t: GoType<'_>) -> bool {
        struct_of(t.0).is_some()
    }
}

impl<'a> Take<'a> for GoStruct {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        let (cx, t, at) = from.accepted::<Self>()?;
        let own = struct_of(t).ok_or_else(|| Misfit::of::<Self>(GoType(t)).error("a value"))?;
        // SAFETY: a struct, or a pointer that is nil or leads to a live one. The copy is made while nothing is collected.
        unsafe {
            if t.kind() == Kind::Pointer {
                let p = at.cast::<*mut u8>().read();
                let nil =
                    || Misfit { go: "nil".into(), wanted: "Option<GoStruct>".into(), ..Misfit::of::<Self>(GoType(t)) };
                return if p.is_null() {
                    Err(nil().error("the pointer"))
                } else {
                    Ok(GoStruct(Handle::new(cx, own, p)))
                };
            }
            cx.uninterrupted(|| {
                let copy = cx.alloc(own)?;
                copy.copy_from_nonoverlapping(at, own.size());
                Ok(GoStruct(Handle::new(cx, own, copy)))
            })
        }
    }
}

impl Give for GoStruct {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        (&self).store(to)
    }
}

impl Fits for &GoStruct {
    fn accepts(t: GoType<'_>) -> bool {
        GoStruct::accepts(t)
    }
}

impl Give for &GoStruct {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let (cx, t, at) = to.accepted::<Self>()?;
        let (own, from) = self.0.open(cx)?;
        if struct_of(t) != Some(own) {
            return Err(Misfit { rust: own.string().into(), ..Misfit::of::<Self>(GoType(t)) }.error("the struct"));
        }
        // SAFETY: a place for such a struct or a pointer to one; this one is alive.
        unsafe {
            match t.kind() {
                Kind::Pointer => at.cast::<*mut u8>().write(from),
                _ => at.copy_from(from, own.size()),
            }
        }
        Ok(())
    }
}

given! {
    [] &GoStruct => GoStruct;
}

/// A Go pointer that is kept alive: `*T`, where `T` fits what it points to. A nil pointer is an error: `Option<GoPtr<T>>` takes
/// it.
///
/// ```
/// # fn main() -> itab::Result<()> {
/// let source = "package main\nvar n = 1\nfunc N() *int { return &n }\nfunc Get() int { return n }";
/// let mut isolate = itab::source(source)?.isolate()?;
/// let n = isolate.func::<fn() -> itab::GoPtr<i64>>("N")?.call(&mut isolate)?;
/// n.write(&mut isolate.scope()?, 2)?;
/// assert_eq!(isolate.func::<fn() -> i64>("Get")?.call(&mut isolate)?, 2);
/// assert_eq!(n.read(&isolate.scope()?)?, 2);
/// # Ok(())
/// # }
/// ```
pub struct GoPtr<T> {
    to: Handle,
    _to: PhantomData<fn() -> T>,
}

impl<T> Clone for GoPtr<T> {
    fn clone(&self) -> GoPtr<T> {
        GoPtr { to: self.to.clone(), _to: PhantomData }
    }
}

impl<T> fmt::Debug for GoPtr<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GoPtr(*{})", self.to.typ().string())
    }
}

impl<T> PartialEq for GoPtr<T> {
    /// Whether both point to the same variable.
    fn eq(&self, other: &GoPtr<T>) -> bool {
        self.to.is_same(&other.to)
    }
}

impl<T> Eq for GoPtr<T> {}

impl<T: Fits> GoPtr<T> {
    /// What it points to.
    ///
    /// # Errors
    /// When it cannot be represented; [`Error::Root`] in another isolate.
    pub fn read<'a>(&'a self, scope: &'a Scope<'_>) -> Result<T, Error>
    where
        T: Take<'a>,
    {
        let cx = scope.cx();
        let (t, at) = self.to.open(cx)?;
        // SAFETY: a live value of the type; no Go code runs while the scope is borrowed.
        cx.uninterrupted(|| T::load(unsafe { Place::new(cx, t, at) }))
    }

    /// Changes what it points to.
    ///
    /// # Errors
    /// When the value cannot be represented; [`Error::Root`] in another isolate.
    pub fn write(&self, scope: &mut Scope<'_>, value: impl Arg<T> + Give) -> Result<(), Error> {
        let cx = scope.cx();
        let (t, at) = self.to.open(cx)?;
        // SAFETY: a live variable of the type; nobody views it, as the scope is borrowed mutably.
        cx.uninterrupted(|| value.store(unsafe { PlaceMut::new(cx, t, at) }))
    }
}

impl<T: Fits> Fits for GoPtr<T> {
    const POINTER: bool = true;
    fn accepts(t: GoType<'_>) -> bool {
        t.kind() == Kind::Pointer
    }
    fn check(t: GoType<'_>, checker: &mut Checker) -> Result<(), Misfit> {
        match t.elem().filter(|_| Self::accepts(t)) {
            None => Err(Misfit::of::<Self>(t)),
            Some(_) if !checker.enters::<Self>(t) => Ok(()),
            Some(elem) => T::check(elem, checker).map_err(|m| m.under("*")),
        }
    }
}

impl<'a, T: Fits> Take<'a> for GoPtr<T> {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        let (cx, t, at) = from.accepted::<Self>()?;
        // SAFETY: a pointer, which is nil or leads to a live value.
        let p = unsafe { at.cast::<*mut u8>().read() };
        let Some(elem) = t.elem().filter(|_| !p.is_null()) else {
            let wanted = format!("Option<{}>", rust_name::<Self>());
            return Err(Misfit { go: "nil".into(), wanted, ..Misfit::of::<Self>(GoType(t)) }.error("the pointer"));
        };
        // SAFETY: as above.
        Ok(GoPtr { to: unsafe { Handle::new(cx, elem, p) }, _to: PhantomData })
    }
}

impl<T: Fits> Give for GoPtr<T> {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        (&self).store(to)
    }
}

impl<T: Fits> Fits for &GoPtr<T> {
    fn accepts(t: GoType<'_>) -> bool {
        t.kind() == Kind::Pointer
    }
}

impl<T: Fits> Give for &GoPtr<T> {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let (cx, t, at) = to.accepted::<Self>()?;
        let (own, p) = self.to.open(cx)?;
        if t.elem() != Some(own) {
            let misfit = Misfit::of::<GoPtr<T>>(GoType(t));
            return Err(Misfit { rust: format!("*{}", own.string()), ..misfit }.error("the pointer"));
        }
        // SAFETY: a place for such a pointer; what this one leads to is alive.
        unsafe { at.cast::<*mut u8>().write(p) };
        Ok(())
    }
}

given! {
    [T: Fits] &GoPtr<T> => GoPtr<T>;
}
