//! A view of an argument of a host function that is kept after the call.

use std::sync::Mutex;

static KEPT: Mutex<Vec<&str>> = Mutex::new(vec![]);

fn main() {
    let _ = itab::Engine::builder().func_with("main.f", |call| {
        let text: &str = call.arg(0)?;
        KEPT.lock().unwrap().push(text);
        Ok(())
    });
}
