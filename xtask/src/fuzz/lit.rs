//! Literals of every type.

use super::body::Body;
use super::expr::Ex;
use super::types::{Class, K, T};

const STRINGS: [&str; 10] = [
    r#""""#,
    r#""a""#,
    r#""go""#,
    r#""héllo""#,
    r#""日本""#,
    r#""\xff\xfe""#,
    r#""0123456789""#,
    r#""x\x00y""#,
    r#""b""#,
    r#""key""#,
];
const FLOATS: [&str; 12] =
    ["0", "1", "-1.5", "3.25", "1e10", "1e-3", "-0.1", "123456.789", "2", "0.5", "1e20", "16777217"];

impl Body<'_> {
    /// A literal, at most `d` deep.
    pub fn literal(&mut self, t: T, d: usize) -> Ex {
        if self.nest > 3 {
            return self.least(t);
        }
        self.nest += 1;
        let x = self.some_literal(t, d);
        self.nest -= 1;
        x
    }

    /// The shortest literal.
    fn least(&mut self, t: T) -> Ex {
        let ty = self.g.ts.text(t).to_string();
        let s = match self.g.ts.kind(t) {
            K::Struct(_) | K::Array(..) => format!("({ty}{{}})"),
            K::Slice(_) | K::Map(..) | K::Ptr(_) | K::Func(..) | K::Iface(_) | K::Chan(_) => format!("({ty})(nil)"),
            _ => return self.some_literal(t, 0),
        };
        Ex { s, konst: false }
    }

    fn some_literal(&mut self, t: T, d: usize) -> Ex {
        let ty = self.g.ts.text(t).to_string();
        let val = |s: String| Ex { s, konst: false };
        match self.g.ts.kind(t).clone() {
            K::Bool => {
                let b = self.g.rng.pct(50);
                Ex { s: format!("{ty}({b})"), konst: true }
            }
            K::Int(signed, bits) => Ex { s: format!("{ty}({})", self.int_lit(signed, bits)), konst: true },
            K::Float(_) => Ex { s: format!("{ty}({})", self.g.rng.pick(&FLOATS)), konst: true },
            K::Complex => {
                let (a, b) = (*self.g.rng.pick(&FLOATS), *self.g.rng.pick(&FLOATS));
                Ex { s: format!("{ty}(complex({a}, {b}))"), konst: true }
            }
            K::Str => Ex { s: format!("{ty}({})", self.g.rng.pick(&STRINGS)), konst: true },
            K::Slice(e) => match self.g.rng.below(14) {
                0 => val(format!("{}(nil)", paren(&ty))),
                1 => {
                    let n = self.g.rng.below(4);
                    val(format!("make({ty}, {n}, {})", n + self.g.rng.below(4)))
                }
                _ => {
                    let n = self.g.rng.range(1, 5);
                    let list = self.args(&vec![e; n], d.min(1));
                    val(format!("({ty}{{{list}}})"))
                }
            },
            K::Array(n, e) => {
                let k = self.g.rng.range(0, n);
                let list = self.args(&vec![e; k], d.min(1));
                val(format!("({ty}{{{list}}})"))
            }
            K::Map(k, e) => self.map_lit(&ty, k, e, d),
            K::Ptr(e) => self.ptr_lit(&ty, e, d),
            K::Chan(_) => val(format!("make({ty}, {})", self.g.rng.below(3))),
            K::Func(ps, rs) => self.func_value(&ty, ps, rs),
            K::Struct(fs) => {
                let mut parts = vec![];
                let all = self.g.rng.pct(70);
                for f in &fs {
                    let holds = self.nest < 3
                        && matches!(self.g.ts.kind(f.ty), K::Ptr(_) | K::Iface(_) | K::Map(..) | K::Func(..));
                    if all || holds || (self.g.rng.pct(60) && d > 0) {
                        let x = self.ex(f.ty, d.saturating_sub(1));
                        parts.push(format!("{}: {x}", f.name));
                    }
                }
                val(format!("({ty}{{{}}})", parts.join(", ")))
            }
            K::Iface(_) => {
                let fit = self.g.implementers(t);
                if fit.is_empty() || self.g.rng.pct(3) || d == 0 && self.nest > 3 {
                    return val(format!("{ty}(nil)"));
                }
                let u = *self.g.rng.pick(&fit);
                self.nest += 1;
                let x = self.ex(u, d.saturating_sub(1));
                self.nest -= 1;
                val(format!("{ty}({x})"))
            }
            K::Param(Class::Integer) => val(format!("{ty}({})", self.g.rng.below(100))),
            K::Param(_) => val(format!("*new({ty})")),
        }
    }

    fn int_lit(&mut self, signed: bool, bits: u32) -> String {
        let max = if signed { (1u128 << (bits - 1)) - 1 } else { (1u128 << bits) - 1 };
        match self.g.rng.below(8) {
            0 => max.to_string(),
            1 if signed => format!("-{}", max + 1),
            2 if signed => format!("-{}", self.g.rng.below(100)),
            3 => (max / 2 + 1).to_string(),
            4 => (self.g.rng.below(100_000) as u128).min(max).to_string(),
            _ => self.g.rng.below(12).to_string(),
        }
    }

    fn map_lit(&mut self, ty: &str, k: T, e: T, d: usize) -> Ex {
        let n = self.g.rng.below(4);
        let key = |i: usize, kind: &K| match kind {
            K::Int(..) => Some(format!("{i}")),
            K::Str => Some(STRINGS[i].to_string()),
            K::Float(_) => Some(format!("{i}.5")),
            _ => None,
        };
        let kind = self.g.ts.kind(k).clone();
        let mut parts = vec![];
        for i in 0..n {
            if let Some(key) = key(i, &kind) {
                let x = self.ex(e, d.min(1));
                parts.push(format!("{key}: {x}"));
            }
        }
        let s = if parts.is_empty() { format!("make({ty})") } else { format!("({ty}{{{}}})", parts.join(", ")) };
        Ex { s, konst: false }
    }

    fn ptr_lit(&mut self, ty: &str, e: T, d: usize) -> Ex {
        let val = |s: String| Ex { s, konst: false };
        if self.g.rng.pct(40)
            && let Some(p) = self.spot(e, true)
            && p.addr
        {
            return val(format!("(&{})", p.s));
        }
        if self.nest > 4 || self.g.rng.pct(2) {
            return val(format!("({ty})(nil)"));
        }
        let et = self.g.ts.text(e).to_string();
        if matches!(self.g.ts.kind(e), K::Struct(_)) && self.g.rng.pct(80) {
            self.nest += 1;
            let x = self.literal(e, d.min(1)).s;
            self.nest -= 1;
            return val(format!("(&{x})"));
        }
        val(format!("new({et})"))
    }

    /// A function: declared, a method value or expression, a literal.
    fn func_value(&mut self, ty: &str, ps: Vec<T>, rs: Vec<T>) -> Ex {
        let val = |s: String| Ex { s, konst: false };
        if self.g.rng.pct(30) {
            let calls = self.g.funcs.clone();
            if let Some(c) = calls.iter().find(|c| c.1 == ps && c.2 == rs) {
                return val(c.0.clone());
            }
        }
        if self.g.rng.pct(50)
            && let Some(m) =
                (0..self.g.ts.pool.len()).find(|&m| self.g.ts.pool[m].params == ps && self.g.ts.pool[m].results == rs)
            && let Some(r) = self.receiver(m)
        {
            return val(format!("{r}.{}", self.g.ts.pool[m].name));
        }
        if self.pure || self.depth >= 3 || self.nest > 2 {
            return val(format!("({ty})(nil)"));
        }
        self.nest += 1;
        let body = self.func_lit_body(&ps, &rs);
        self.nest -= 1;
        let head = self.last_head.clone();
        val(format!("func{head} {{\n{body}\n}}"))
    }
}

fn paren(ty: &str) -> String {
    if ty.starts_with('*') || ty.contains("func") || ty.contains("chan") { format!("({ty})") } else { ty.to_string() }
}
