//! Go holds a value as long as it likes, and its isolate moves between threads: a host type is `Send`.

struct Cached(std::rc::Rc<u8>);

#[itab::host]
impl Cached {
    fn get(&self) -> u8 {
        *self.0
    }
}

fn main() {}
