//! A type of the host that keeps the place which it is to write.

use itab::derive::{Fits, Give, PlaceMut};
use std::cell::Cell;

struct Kept<'k>(&'k Cell<Option<PlaceMut<'k>>>);

impl Fits for Kept<'_> {
    fn accepts(_: itab::GoType<'_>) -> bool {
        true
    }
}

impl<'k> Give for Kept<'k> {
    fn store(self, to: PlaceMut<'_>) -> itab::Result<()> {
        self.0.set(Some(to));
        Ok(())
    }
}

fn main() {}
