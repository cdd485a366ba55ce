//! A view of an element of a map, kept while the map is changed.

fn main() -> itab::Result<()> {
    let mut isolate = itab::source("package main\nfunc F() map[string]string { return nil }")?.isolate()?;
    let f = isolate.func::<fn() -> itab::GoMap<String, &'static str>>("F")?;
    let mut scope = isolate.scope()?;
    let map = f.call(&mut scope)?;
    let view = map.get(&scope, "a")?;
    map.insert(&mut scope, "b", "c")?;
    println!("{view:?}");
    Ok(())
}
