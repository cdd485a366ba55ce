//! The example as it is run.

use std::process::Command;

#[test]
fn orders_are_judged() {
    let out = Command::new(env!("CARGO_BIN_EXE_example-rules-engine")).output().expect("it starts");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert_eq!(
        String::from_utf8_lossy(&out.stdout),
        "1000 rules, the first is \"blocked\"\n\
         order 3 of customer 3: +9.5%\n\
         order 7 of customer 7: refused by blocked: order 7: customer is blocked\n\
         order 12 of customer 12: -3.5%\n\
         order 5000 of customer 5000: refused by limit: more than 10000.00\n"
    );
}
