//! What a method may not be.

struct Store;

#[itab::host]
impl Store {
    fn set(&mut self, scope: &mut itab::Scope<'_>) {}
}

struct Other;

#[itab::host]
impl Other {
    fn get<T>(&self, key: T) {}
}

fn main() {}
