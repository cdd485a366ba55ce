//! A view of Go memory borrows the scope, which a call needs for itself.

fn main() -> itab::Result<()> {
    let mut isolate = itab::source("package main\nfunc F() string { return \"\" }")?.isolate()?;
    let f = isolate.func::<fn() -> itab::GoStr>("F")?;
    let mut scope = isolate.scope()?;
    let text = f.call(&mut scope)?;
    let view = text.get(&scope)?;
    f.call(&mut scope)?;
    println!("{view}");
    Ok(())
}
