//! Plug-ins: an isolate together with the Go value in it that implements a trait.

use crate::border::interface::{Door, Iface, Interface, MethodArgs, Receiver, Root, Table, has, invoke, table_in};
use crate::border::results::TakeResults;
use crate::error::Error;
use crate::isolate::Isolate;
use std::cell::RefCell;
use std::fmt;

/// A Go value that implements the trait of `T`, `dyn Trait`, with the isolate that it lives in. It is `Send` and has no
/// lifetime: a field of a host's struct, an element of its list of plug-ins.
///
/// Methods are calls into Go: see [`Iface`]. One runs at a time; a call from within a call is [`Error::Busy`].
///
/// ```
/// #[itab::interface]
/// trait Shape {
///     fn area(&self) -> itab::Result<f64>;
///     fn name(&self) -> itab::Result<String> { Ok("shape".into()) } // Go need not have it
/// }
///
/// # fn main() -> itab::Result<()> {
/// let source = "package main
/// type Square struct{ side float64 }
/// func (s *Square) Area() float64 { return s.side * s.side }
/// func New() *Square { return &Square{3} }";
/// let shape: itab::Plugin<dyn Shape> = itab::source(source)?.plugin("New")?;
/// assert_eq!(shape.area()?, 9.0);
/// assert_eq!(shape.name()?, "shape");
/// # Ok(())
/// # }
/// ```
pub struct Plugin<T: ?Sized> {
    isolate: RefCell<Isolate>,
    root: Root<T>,
    table: *const Table,
}

// SAFETY: isolate and root are; the table is immutable and lives as long as the program, which the isolate keeps.
unsafe impl<T: ?Sized> Send for Plugin<T> {}

impl<T: Interface + ?Sized> Plugin<T> {
    /// A plug-in of an isolate and a value in it.
    ///
    /// # Errors
    /// [`Error::Root`] when the value is of another isolate.
    pub fn new(mut isolate: Isolate, root: Root<T>) -> Result<Plugin<T>, Error> {
        let table = table_in::<T>(isolate.scope()?.cx(), root.value())?;
        Ok(Plugin { isolate: RefCell::new(isolate), root, table })
    }

    /// The same value as another trait, as Go's assertion `x.(I)` to an interface type: none if a method is missing or is
    /// another.
    pub fn cast<U: Interface + ?Sized>(&self) -> Option<Iface<'_, U>> {
        Iface::new(Door::Plugin(&self.isolate), self.root.value()).ok()
    }

    /// The isolate, for calls of other functions.
    pub fn isolate(&mut self) -> &mut Isolate {
        self.isolate.get_mut()
    }

    /// The value.
    pub fn root(&self) -> &Root<T> {
        &self.root
    }
}

impl<T: ?Sized> fmt::Debug for Plugin<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin").field("root", &self.root).finish_non_exhaustive()
    }
}

impl<T: Interface + ?Sized> Receiver<T> for Plugin<T> {
    fn has(&self, method: usize) -> bool {
        // SAFETY: the isolate keeps the program.
        unsafe { has(self.table, method) }
    }

    #[inline]
    fn invoke<R: TakeResults>(
        &self,
        method: usize,
        give: impl FnOnce(&mut MethodArgs<'_>) -> Result<(), Error>,
    ) -> Result<R::Value, Error> {
        let mut isolate = self.isolate.try_borrow_mut().map_err(|_| Error::Busy)?;
        // SAFETY: the table is that of the value's type, in this isolate's program.
        unsafe { invoke::<R>(&mut isolate.scope()?, self.root.value(), self.table, method, give) }
    }
}
