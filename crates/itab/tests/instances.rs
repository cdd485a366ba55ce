//! Isolates that are made and dropped without end. Alone in its process, whose size is measured.

mod common;

use common::{program, resident};
use itab::Plugin;

#[itab::interface]
trait Answers: Send {
    fn answer(&self, question: &str) -> itab::Result<String>;
}

#[test]
fn instances_come_and_go_and_nothing_is_left() {
    let source = "package p\ntype T struct{ n int }\nfunc (t *T) Answer(q string) string { t.n++; return q }\nfunc New() *T { return &T{} }\nfunc Call(f func(string) string, s []string) string { return f(s[0]) }";
    let program = program(source);
    let round = |i: usize| {
        let plugin: Plugin<dyn Answers> = program.plugin("New").unwrap();
        assert_eq!(plugin.answer("round").unwrap(), "round");
        if i.is_multiple_of(10) {
            let mut isolate = program.isolate().unwrap();
            type Call = fn(itab::Closure<fn(String) -> String>, Vec<String>) -> String;
            let call = isolate.func::<Call>("Call").unwrap();
            let text = call.call(&mut isolate, itab::Closure::new(|s: String| s + "!"), vec!["a".into()]).unwrap();
            assert_eq!(text, "a!");
        }
    };
    (0..2_000).for_each(round);
    let before = resident();
    (0..98_000).for_each(round);
    assert!(resident() < before + (2 << 20), "{} bytes more", resident() - before);
}
