//! An isolate that is called while a scope of it is open.

fn main() -> itab::Result<()> {
    let mut isolate = itab::source("package main\nfunc F() any { return 1 }")?.isolate()?;
    let f = isolate.func::<fn() -> itab::Any>("F")?;
    let value = f.call(&mut isolate)?;
    let scope = isolate.scope()?;
    f.call(&mut isolate)?;
    value.get::<i64>(&scope)?;
    Ok(())
}
