//! A scope is used on the thread that opened it.

fn main() -> itab::Result<()> {
    let mut isolate = itab::source("package main\nfunc F() any { return 1 }")?.isolate()?;
    let f = isolate.func::<fn() -> itab::Any>("F")?;
    let value = f.call(&mut isolate)?;
    let scope = isolate.scope()?;
    std::thread::scope(|threads| {
        threads.spawn(|| value.get::<i64>(&scope));
    });
    Ok(())
}
