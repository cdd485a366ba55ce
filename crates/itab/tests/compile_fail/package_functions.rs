//! What a function of a host package cannot be.

#[itab::package("host/a")]
mod scope_and_view {
    pub fn f(_: &mut itab::Scope<'_>, key: &str) {}
}

#[itab::package("host/b")]
mod scope_and_changed_state {
    pub fn f(_: &mut itab::Scope<'_>, store: &mut Vec<u8>) {}
}

#[itab::package("host/c")]
mod two_states {
    pub fn f(a: &Vec<u8>, b: &String) {}
}

#[itab::package("host/d")]
mod borrowed_result {
    pub fn f(key: &str) -> &str {
        key
    }
}

#[itab::package("host/e")]
mod generic {
    pub fn f<T>(value: T) {}
}

#[itab::package("host/f")]
mod asynchronous {
    pub async fn f() {}
}

#[itab::package("strings/g")]
mod standard {}

fn main() {}
