//! Misuse of the embedding API that must not compile. Each file of `compile_fail` is such a program; beside it is what rustc
//! says of it. `TRYBUILD=overwrite cargo test -p itab --test compile_fail` writes that again.

#[test]
fn misuse_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
