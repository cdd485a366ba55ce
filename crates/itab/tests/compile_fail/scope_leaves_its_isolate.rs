//! A scope lives no longer than the borrow of its isolate, and stays on its thread.

fn longer(mut isolate: itab::Isolate) -> itab::Scope<'static> {
    isolate.scope().unwrap()
}

fn elsewhere(scope: itab::Scope<'static>) {
    std::thread::spawn(move || drop(scope));
}

fn main() {}
