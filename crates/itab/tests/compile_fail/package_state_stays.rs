//! An isolate moves between threads, and what it was given with it.

#[itab::package("host/a")]
mod a {
    pub fn f(_: &std::rc::Rc<u8>) {}
}

fn main() {}
