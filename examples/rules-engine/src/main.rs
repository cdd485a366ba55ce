//! A rules engine: a thousand rules in Go, each a func value in a struct, over orders that are Rust structs.
//!
//! `cargo run --release -p example-rules-engine`

use itab::{Func, Go};
use std::time::Instant;

#[derive(Go, Clone)]
struct Order {
    id: u64,
    customer: Customer,
    lines: Vec<Line>,
    tags: Vec<String>,
}

#[derive(Go, Clone)]
struct Customer {
    name: String,
    country: String,
    orders: i64,
}

#[derive(Go, Clone)]
struct Line {
    item: String,
    amount: i64,
    price: f64,
}

/// What Go's `Rule` is here: the func value is called as a Rust function.
#[derive(Go)]
struct Rule {
    name: String,
    apply: Func<fn(Order) -> itab::Result<f64>>,
}

fn order(id: u64) -> Order {
    let line = |n: u64| Line { item: format!("item{}", n % 1200), amount: 1 + (n % 3) as i64, price: 2.5 * n as f64 };
    Order {
        id,
        customer: Customer {
            name: format!("customer {id}"),
            country: ["DE", "FR"][id as usize % 2].into(),
            orders: id as i64,
        },
        lines: (1..=id % 5 + 1).map(|n| line(n * id)).collect(),
        tags: if id == 7 { vec!["blocked".into()] } else { vec![] },
    }
}

fn main() -> itab::Result<()> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/rules");
    let mut engine = itab::load(folder)?.isolate()?;
    let rules = engine.func::<fn(i64) -> Vec<Rule>>("Rules")?.call(&mut engine, 1000)?;
    println!("{} rules, the first is {:?}", rules.len(), rules[0].name);
    let start = Instant::now();
    let mut applied = 0;
    for id in [3, 7, 12, 5000] {
        let order = order(id);
        let mut percent = 0.0;
        let refused = rules.iter().find_map(|rule| {
            applied += 1;
            // A Go error refuses the order; a panic or a limit would be another `Err`.
            rule.apply.call(&mut engine, order.clone()).map(|p| percent += p).err().map(|e| (&rule.name, e))
        });
        match refused {
            Some((rule, why)) => println!("order {id} of {}: refused by {rule}: {why}", order.customer.name),
            None => println!("order {id} of {}: {percent:+}%", order.customer.name),
        }
    }
    eprintln!("{applied} calls in {:?}", start.elapsed());
    Ok(())
}
