//! The table of host values: what Rust values Go holds, and who uses them at the moment.
//!
//! Go sees a pointer to an object of one word, the *handle*. It is the number of a slot in this table, counted from 1. The
//! slot has the value and knows the address of its object. Objects do not move, so a handle that Go code has copied (package
//! reflect can) is known by where it lies, and the handle in a new object, 0, names no slot. A slot belongs to its object
//! for as long as the object lives, so no handle names a slot that serves another object.
//!
//! A value is borrowed when one of its methods runs: shared by many methods that take `&self`, or by one alone that takes
//! `&mut self`. What breaks that is refused. An object may die while its value is borrowed, because a frame of the host does
//! not keep it alive; the value is then dropped after the last borrow.
//!
//! A value may be *lent* for one call, after which its slot is *expired*. The lender waits for nobody, so methods that run
//! Go code may not borrow such a value: another goroutine could outlive the call.
//!
//! Values are never dropped here. They are handed out by [`HostValues::take_gone`], for whoever can run code of the host.

use std::any::TypeId;

/// Why a value cannot be borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The object is none of the host's, is a copy, or its value is of another type.
    #[error("it is not a value of the host")]
    Unknown,
    /// It was closed.
    #[error("it has been closed")]
    Closed,
    /// It was lent for a call that is over.
    #[error("it was lent for one call, which is over")]
    Expired,
    /// A method that takes `&mut self` runs.
    #[error("a method that changes it is running")]
    Changing,
    /// A method that takes `&self` runs, and one that takes `&mut self` is called.
    #[error("one of its methods is running")]
    InUse,
    /// It was lent as `&T`, and a method that takes `&mut self` is called.
    #[error("it was lent as a shared reference")]
    Shared,
    /// It was lent, and a method that takes a scope is called.
    #[error("it was lent for one call, so that its methods may not run Go code")]
    Lent,
}

/// How a method uses the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// `&self`.
    Shared,
    /// `&self` and a scope: Go code may run meanwhile.
    SharedInGo,
    /// `&mut self`.
    Exclusive,
}

/// A value that nobody has any more. Dropping it leaks the value.
#[derive(Debug)]
pub struct Gone {
    pub(super) data: *mut (),
    pub(super) drop: unsafe fn(*mut ()),
}

/// What is in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing.
    Free,
    /// A value of the slot's own.
    Owned,
    /// A value of the host's, which may be changed or not.
    Lent {
        mutable: bool,
    },
    Expired,
    Closed,
}

/// Value of [`Slot::borrows`] while a method that takes `&mut self` runs.
const EXCLUSIVE: i32 = -1;

#[derive(Debug)]
struct Slot {
    /// The object with the handle; nil once it is dead.
    object: *const u8,
    /// The value; nil unless it is owned or lent.
    data: *mut (),
    typ: TypeId,
    /// How many methods share the value, or [`EXCLUSIVE`].
    borrows: i32,
    state: State,
    drop: unsafe fn(*mut ()),
}

/// A value for a new slot.
pub struct NewValue {
    /// Its type.
    pub typ: TypeId,
    /// Its address.
    pub data: *mut (),
    /// Drops it, if the slot is to own it.
    pub drop: Option<unsafe fn(*mut ())>,
    /// Whether it may be changed.
    pub mutable: bool,
}

/// The host values of an isolate.
#[derive(Debug, Default)]
pub struct HostValues {
    slots: Vec<Slot>,
    free: Vec<u32>,
    gone: Vec<Gone>,
}

/// # Safety
/// None: it does nothing.
unsafe fn keep(_: *mut ()) {}

impl HostValues {
    /// Gives an object's value a slot; its number, and the word that the object must hold.
    pub fn insert(&mut self, object: *const u8, value: NewValue) -> (u32, usize) {
        let state = if value.drop.is_some() { State::Owned } else { State::Lent { mutable: value.mutable } };
        let NewValue { typ, data, drop, .. } = value;
        let slot = Slot { object, data, typ, borrows: 0, state, drop: drop.unwrap_or(keep) };
        let n = match self.free.pop() {
            Some(n) => {
                self.slots[n as usize] = slot;
                n
            }
            None => {
                self.slots.push(slot);
                u32::try_from(self.slots.len() - 1).expect("fewer objects than that fit memory")
            }
        };
        (n, n as usize + 1)
    }

    /// The slot of an object whose word is `handle`, if its value is of this type.
    #[inline]
    fn find(&mut self, object: *const u8, handle: usize, typ: TypeId) -> Result<(u32, &mut Slot), Refused> {
        let n = handle.wrapping_sub(1);
        match self.slots.get_mut(n) {
            Some(slot) if slot.object == object && slot.typ == typ => Ok((n as u32, slot)),
            _ => Err(Refused::Unknown),
        }
    }

    /// Borrows the value of an object; its slot and address. The caller gives it back by [`HostValues::release`].
    ///
    /// # Errors
    /// When there is none, or it is used in a way that excludes this one.
    #[inline]
    pub fn borrow(
        &mut self,
        object: *const u8,
        handle: usize,
        typ: TypeId,
        how: Use,
    ) -> Result<(u32, *mut ()), Refused> {
        let (n, slot) = self.find(object, handle, typ)?;
        let allowed = match how {
            Use::Shared => slot.borrows >= 0,
            Use::SharedInGo => slot.borrows >= 0 && slot.state == State::Owned,
            Use::Exclusive => slot.borrows == 0 && slot.state != State::Lent { mutable: false },
        };
        if !allowed || slot.data.is_null() {
            return Err(slot.why_refused(how));
        }
        match how {
            Use::Exclusive => slot.borrows = EXCLUSIVE,
            _ => slot.borrows += 1,
        }
        Ok((n, slot.data))
    }

    /// Gives a borrowed value back.
    #[inline]
    pub fn release(&mut self, n: u32) {
        let slot = &mut self.slots[n as usize];
        slot.borrows = if slot.borrows == EXCLUSIVE { 0 } else { slot.borrows - 1 };
        if slot.object.is_null() {
            self.settle(n);
        }
    }

    /// Takes the value from an object that lives on without it.
    ///
    /// # Errors
    /// As for an exclusive borrow; also when the value is lent.
    pub fn close(&mut self, object: *const u8, handle: usize, typ: TypeId) -> Result<*mut (), Refused> {
        let (n, data) = self.borrow(object, handle, typ, Use::Exclusive)?;
        let slot = &mut self.slots[n as usize];
        slot.borrows = 0;
        if slot.state != State::Owned {
            return Err(Refused::Lent);
        }
        (slot.state, slot.data) = (State::Closed, std::ptr::null_mut());
        Ok(data)
    }

    /// The call is over for which the value in this slot was lent.
    ///
    /// # Panics
    /// When the value is borrowed: what borrows a lent value runs no Go code, so the call cannot have ended.
    pub fn expire(&mut self, n: u32) {
        let slot = &mut self.slots[n as usize];
        assert!(slot.borrows == 0, "a lent value is borrowed beyond the call");
        (slot.state, slot.data) = (State::Expired, std::ptr::null_mut());
        self.settle(n);
    }

    /// The object of this slot is dead.
    pub fn object_died(&mut self, n: u32) {
        self.slots[n as usize].object = std::ptr::null();
        self.settle(n);
    }

    /// Frees a slot whose object is dead, unless it is still borrowed or lent.
    fn settle(&mut self, n: u32) {
        let slot = &mut self.slots[n as usize];
        if !slot.object.is_null() || slot.borrows != 0 || matches!(slot.state, State::Lent { .. }) {
            return;
        }
        if slot.state == State::Owned {
            self.gone.push(Gone { data: slot.data, drop: slot.drop });
        }
        (slot.state, slot.data) = (State::Free, std::ptr::null_mut());
        self.free.push(n);
    }

    /// Whether [`HostValues::take_gone`] gives any.
    #[inline]
    pub(crate) fn has_gone(&self) -> bool {
        !self.gone.is_empty()
    }

    /// Values whose objects are dead. The caller drops them.
    pub(crate) fn take_gone(&mut self) -> Vec<Gone> {
        std::mem::take(&mut self.gone)
    }

    /// All values that the table owns and that nobody borrows, in the order in which they were made. The caller drops them.
    pub(crate) fn take_all(&mut self) -> Vec<Gone> {
        for n in 0..self.slots.len() {
            if self.slots[n].state != State::Free {
                self.object_died(n as u32);
            }
        }
        self.take_gone()
    }
}

impl Slot {
    #[cold]
    fn why_refused(&self, how: Use) -> Refused {
        match (self.state, how) {
            (State::Free, _) => Refused::Unknown,
            (State::Closed, _) => Refused::Closed,
            (State::Expired, _) => Refused::Expired,
            (State::Lent { .. }, Use::SharedInGo) => Refused::Lent,
            (State::Lent { mutable: false }, Use::Exclusive) => Refused::Shared,
            _ if self.borrows == EXCLUSIVE => Refused::Changing,
            _ => Refused::InUse,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr::without_provenance as addr;
    use std::ptr::without_provenance_mut as addr_mut;

    /// A table with a value of type `u8` at 100 in an object at 8: the table, the slot's number and the handle.
    fn table(owned: bool, mutable: bool) -> (HostValues, u32, usize) {
        let mut t = HostValues::default();
        let drop = owned.then_some(keep as unsafe fn(*mut ()));
        let value = NewValue { typ: TypeId::of::<u8>(), data: addr_mut(100), drop, mutable };
        let (n, handle) = t.insert(addr(8), value);
        (t, n, handle)
    }

    fn borrow(t: &mut HostValues, handle: usize, how: Use) -> Result<u32, Refused> {
        t.borrow(addr(8), handle, TypeId::of::<u8>(), how).map(|(n, data)| {
            assert_eq!(data.addr(), 100);
            n
        })
    }

    #[test]
    fn many_share_or_one_changes() {
        let (mut t, n, h) = table(true, true);
        assert_eq!(borrow(&mut t, h, Use::Exclusive), Ok(n));
        for how in [Use::Exclusive, Use::Shared, Use::SharedInGo] {
            assert_eq!(borrow(&mut t, h, how), Err(Refused::Changing));
        }
        t.release(n);
        assert_eq!(borrow(&mut t, h, Use::Shared), Ok(n));
        assert_eq!(borrow(&mut t, h, Use::SharedInGo), Ok(n));
        assert_eq!(borrow(&mut t, h, Use::Exclusive), Err(Refused::InUse));
        assert_eq!(t.close(addr(8), h, TypeId::of::<u8>()), Err(Refused::InUse));
        t.release(n);
        assert_eq!(borrow(&mut t, h, Use::Exclusive), Err(Refused::InUse), "one of two has ended");
        t.release(n);
        assert_eq!(borrow(&mut t, h, Use::Exclusive), Ok(n));
    }

    #[test]
    fn copies_and_forgeries_find_nothing() {
        let (mut t, n, h) = table(true, true);
        let typ = TypeId::of::<u8>();
        let mut refused = |object, handle, typ| t.borrow(addr(object), handle, typ, Use::Shared).unwrap_err();
        assert_eq!(refused(16, h, typ), Refused::Unknown, "a copy lies elsewhere");
        assert_eq!(refused(8, 0, typ), Refused::Unknown, "a new object");
        assert_eq!(refused(8, h + 1, typ), Refused::Unknown);
        assert_eq!(refused(8, usize::MAX, typ), Refused::Unknown);
        assert_eq!(refused(8, h, TypeId::of::<i8>()), Refused::Unknown, "converted to another type");
        t.object_died(n);
        let value = NewValue { typ, data: addr_mut(200), drop: Some(keep), mutable: true };
        assert_eq!(t.insert(addr(24), value), (n, h), "the slot serves another object");
        assert_eq!(borrow(&mut t, h, Use::Shared), Err(Refused::Unknown), "an old handle");
    }

    #[test]
    fn values_outlive_their_borrows() {
        let (mut t, n, h) = table(true, true);
        borrow(&mut t, h, Use::SharedInGo).unwrap();
        t.object_died(n);
        assert!(!t.has_gone());
        t.release(n);
        assert_eq!(t.take_gone().len(), 1);
        assert_eq!(t.free, [n]);
    }

    #[test]
    fn closed_values_are_handed_out_once() {
        let (mut t, n, h) = table(true, true);
        let typ = TypeId::of::<u8>();
        assert_eq!(t.close(addr(8), h, typ), Ok(addr_mut(100)));
        assert_eq!(t.close(addr(8), h, typ), Err(Refused::Closed));
        assert_eq!(borrow(&mut t, h, Use::Shared), Err(Refused::Closed));
        t.object_died(n);
        assert!(!t.has_gone() && t.free == [n]);
    }

    #[test]
    fn lent_values_expire() {
        let (mut t, n, h) = table(false, true);
        assert_eq!(borrow(&mut t, h, Use::SharedInGo), Err(Refused::Lent));
        assert_eq!(borrow(&mut t, h, Use::Exclusive), Ok(n));
        t.release(n);
        assert_eq!(t.close(addr(8), h, TypeId::of::<u8>()), Err(Refused::Lent));
        assert_eq!(borrow(&mut t, h, Use::Shared), Ok(n), "a refused close leaves it as it was");
        t.release(n);
        t.expire(n);
        for how in [Use::Exclusive, Use::Shared, Use::SharedInGo] {
            assert_eq!(borrow(&mut t, h, how), Err(Refused::Expired));
        }
        t.object_died(n);
        assert!(!t.has_gone() && t.free == [n]);
    }

    #[test]
    fn lent_as_shared_is_not_changed() {
        let (mut t, n, h) = table(false, false);
        assert_eq!(borrow(&mut t, h, Use::Exclusive), Err(Refused::Shared));
        assert_eq!(borrow(&mut t, h, Use::Shared), Ok(n));
    }

    #[test]
    fn a_lent_slot_is_the_lenders_until_it_expires() {
        let (mut t, n, _) = table(false, true);
        t.object_died(n);
        assert!(t.free.is_empty(), "the object has died during the call");
        t.expire(n);
        assert!(!t.has_gone() && t.free == [n]);
    }

    #[test]
    #[should_panic(expected = "borrowed beyond the call")]
    fn a_lent_value_is_not_borrowed_at_the_end() {
        let (mut t, n, h) = table(false, true);
        borrow(&mut t, h, Use::Shared).unwrap();
        t.expire(n);
    }

    #[test]
    fn all_that_is_left_is_handed_out() {
        let (mut t, n, h) = table(true, true);
        let other = NewValue { typ: TypeId::of::<i8>(), data: addr_mut(200), drop: Some(keep), mutable: true };
        t.insert(addr(16), other);
        let closed = NewValue { typ: TypeId::of::<i8>(), data: addr_mut(300), drop: Some(keep), mutable: true };
        let (_, closed) = t.insert(addr(24), closed);
        t.close(addr(24), closed, TypeId::of::<i8>()).unwrap();
        borrow(&mut t, h, Use::Shared).unwrap();
        let all: Vec<usize> = t.take_all().iter().map(|g| g.data.addr()).collect();
        assert_eq!(all, [200], "what is borrowed stays");
        t.release(n);
        assert_eq!(t.take_gone().len(), 1);
    }
}
