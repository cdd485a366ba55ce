//! The scope of a call of a host function that is exchanged for another.

use itab::{Call, Scope};

fn swap(call: &mut Call<'_>, other: &mut Scope<'_>) {
    std::mem::swap(call.scope(), other);
}

fn main() {}
