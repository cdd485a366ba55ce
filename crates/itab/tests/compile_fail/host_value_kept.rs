//! A borrowed host value lives no longer than the borrow of the scope, in which no Go code runs meanwhile.

struct Store;

#[itab::host]
impl Store {}

fn changed_while_go_runs(scope: &mut itab::Scope<'_>, f: itab::Func<fn()>, store: itab::Host<Store>) -> itab::Result<()> {
    let store = store.get_mut(scope)?;
    f.call(scope)?;
    drop(store);
    Ok(())
}

fn lent_and_used(isolate: &mut itab::Isolate, f: itab::Func<fn(Store, Store)>) -> itab::Result<()> {
    let mut store = Store;
    f.call(isolate, &mut store, &mut store)
}

fn main() {}
