//! Functions as text, for goldens and `itab dump --stage=ir`.
//!
//! ```text
//! func main.f(v0 int, v1 string) (int)
//! b0:
//!   v2 bool = lt v0, v0
//!   if v2 b1 else b2(v1)
//! ```
//!
//! Values, blocks and locals are numbered as in the function, types are shown as reflection shows them.

use crate::func::{BlockId, Func, ValueId};
use crate::op::{BinOp, Callee, CmpOp, Const, Conv, Op, Storage, Term};
use crate::program::{Context, FuncId, GlobalId, Program};
use crate::ty::TyId;
use std::fmt::Write;

/// The function as text.
pub fn print_func(program: &Program, func: &Func) -> String {
    let mut p = Printer { program, func, out: String::new() };
    p.header();
    for i in 0..func.blocks.len() {
        p.block(BlockId(i as u32));
    }
    p.out
}

/// One operation as text, without its result.
pub fn print_op(program: &Program, func: &Func, op: &Op) -> String {
    let mut p = Printer { program, func, out: String::new() };
    p.op(op);
    p.out
}

struct Printer<'a> {
    program: &'a Program,
    func: &'a Func,
    out: String,
}

macro_rules! w {
    ($p:ident, $($arg:tt)*) => { { let _ = write!($p.out, $($arg)*); } };
}

impl<'a> Printer<'a> {
    fn ty(&self, t: TyId) -> String {
        self.program.types.reflect_string(t)
    }

    fn f(&self, id: FuncId) -> &'a str {
        &self.program.func(id).name
    }

    fn g(&self, id: GlobalId) -> &'a str {
        &self.program.global(id).name
    }

    fn header(&mut self) {
        let decl = self.program.func(self.func.id);
        w!(self, "func {}", decl.name);
        self.params(BlockId(0));
        w!(self, " (");
        for (i, &t) in decl.results.iter().enumerate() {
            w!(self, "{}{}", if i > 0 { ", " } else { "" }, self.ty(t));
        }
        w!(self, ")");
        match &decl.context {
            Context::None => {}
            Context::Captures(c) => {
                let c: Vec<_> = c.iter().map(|&t| self.ty(t)).collect();
                w!(self, " captures({})", c.join(", "));
            }
            Context::Receiver(t) => w!(self, " receiver({})", self.ty(*t)),
            Context::ReceiverAddr(t) => w!(self, " receiver(&{})", self.ty(*t)),
        }
        w!(self, "\n");
        for (i, l) in self.func.locals.iter().enumerate() {
            w!(self, "  local l{i} {} {}\n", l.name, self.ty(l.ty));
        }
    }

    fn params(&mut self, b: BlockId) {
        let params = &self.func.block(b).params;
        let list: Vec<_> = params.iter().map(|&v| format!("{v:?} {}", self.ty(self.func.ty(v)))).collect();
        w!(self, "({})", list.join(", "));
    }

    fn block(&mut self, b: BlockId) {
        w!(self, "{b:?}");
        if b.0 > 0 && !self.func.block(b).params.is_empty() {
            self.params(b);
        }
        w!(self, ":{}\n", if self.func.block(b).cold { " cold" } else { "" });
        for inst in &self.func.block(b).insts {
            match inst.result {
                Some(v) => w!(self, "  {v:?} {} = ", self.ty(self.func.ty(v))),
                None => w!(self, "  "),
            }
            self.op(&inst.op);
            w!(self, "\n");
        }
        w!(self, "  ");
        self.term(&self.func.block(b).term);
        w!(self, "\n");
    }

    fn list(&mut self, vs: &[ValueId]) {
        for (i, v) in vs.iter().enumerate() {
            w!(self, "{}{v:?}", if i > 0 { ", " } else { "" });
        }
    }

    fn named(&mut self, name: &str, vs: &[ValueId]) {
        w!(self, "{name}{}", if vs.is_empty() { "" } else { " " });
        self.list(vs);
    }

    fn constant(&mut self, c: &Const) {
        match c {
            Const::Bool(b) => w!(self, "{b}"),
            Const::Int(i) => w!(self, "{i}"),
            Const::Float(f) => w!(self, "{f:?}"),
            Const::Complex(r, i) => w!(self, "({r:?}, {i:?})"),
            Const::Str(s) => w!(self, "{:?}", String::from_utf8_lossy(s)),
            Const::Zero => w!(self, "zero"),
        }
    }

    fn callee(&mut self, c: &Callee) {
        match c {
            Callee::Static(f) => w!(self, "{}", self.f(*f)),
            Callee::Closure(v) => w!(self, "closure {v:?}"),
            Callee::Interface { iface, index } => {
                let methods = self.program.types.interface_methods(self.func.ty(*iface));
                let name = methods.and_then(|m| m.get(*index as usize)).map_or("?", |m| &m.name.name);
                w!(self, "{iface:?}.{name}");
            }
        }
    }

    fn call(&mut self, what: &str, c: &Callee, args: &[ValueId]) {
        w!(self, "{what} ");
        self.callee(c);
        w!(self, "(");
        self.list(args);
        w!(self, ")");
    }

    /// A text that is made; on the heap if nothing is said.
    fn text(&mut self, name: &str, place: Storage, vs: &[ValueId]) {
        match place {
            Storage::Heap => self.named(name, vs),
            _ => self.named(&format!("{name} {}", Self::place(place)), vs),
        }
    }

    fn place(p: Storage) -> String {
        match p {
            Storage::Heap => "heap".into(),
            Storage::Stack => "stack".into(),
            Storage::Deferred(at) => format!("deferred+{at}"),
        }
    }

    fn op(&mut self, op: &Op) {
        match op {
            Op::Const(c) => {
                w!(self, "const ");
                self.constant(c);
            }
            Op::GlobalAddr(g) => w!(self, "globaladdr {}", self.g(*g)),
            Op::FuncVal(f) => w!(self, "funcval {}", self.f(*f)),
            Op::TypeDesc(t) => w!(self, "typedesc {}", self.ty(*t)),
            Op::ItabDesc(i, t) => w!(self, "itabdesc {}, {}", self.ty(*i), self.ty(*t)),
            Op::LocalGet(l) => w!(self, "get {l:?}"),
            Op::LocalSet(l, v) => w!(self, "set {l:?}, {v:?}"),
            Op::Capture(i) => w!(self, "capture {i}"),
            Op::Receiver => w!(self, "receiver"),
            Op::Alloc(t, p) => w!(self, "alloc {} {}", Self::place(*p), self.ty(*t)),
            Op::Load(p) => w!(self, "load {p:?}"),
            Op::Store { ptr, val } => w!(self, "store {ptr:?}, {val:?}"),
            Op::LoadBytes { ptr, big } => w!(self, "loadbytes{} {ptr:?}", order(*big)),
            Op::StoreBytes { ptr, val, big } => w!(self, "storebytes{} {ptr:?}, {val:?}", order(*big)),
            Op::Copy { dst, src, ty } => w!(self, "copy {} {dst:?}, {src:?}", self.ty(*ty)),
            Op::Clear(p, t) => w!(self, "clear {} {p:?}", self.ty(*t)),
            Op::FieldAddr(p, i) => w!(self, "fieldaddr {p:?}, {i}"),
            Op::ElemAddr { base, index, .. } => w!(self, "elemaddr {base:?}, {index:?}"),
            Op::NilCheck(v) => w!(self, "nilcheck {v:?}"),
            Op::BoundsCheck { index, len } => w!(self, "boundscheck {index:?}, {len:?}"),
            Op::DivCheck(v) => w!(self, "divcheck {v:?}"),
            Op::ShiftCheck(v) => w!(self, "shiftcheck {v:?}"),
            Op::WrapCheck(v, text) => w!(self, "wrapcheck {v:?}, {text:?}"),
            Op::Aggregate(vs) => self.named("aggregate", vs),
            Op::Extract(v, i) => w!(self, "extract {v:?}, {i}"),
            Op::MakeSliceHeader(p, l, c) => self.named("sliceheader", &[*p, *l, *c]),
            Op::MakeStringHeader(p, l) => self.named("stringheader", &[*p, *l]),
            Op::DataPtr(v) => self.named("dataptr", &[*v]),
            Op::Len(v) => self.named("len", &[*v]),
            Op::Cap(v) => self.named("cap", &[*v]),
            Op::MakeComplex(r, i) => self.named("complex", &[*r, *i]),
            Op::Real(v) => self.named("real", &[*v]),
            Op::Imag(v) => self.named("imag", &[*v]),
            Op::Binary(b, x, y) => self.named(bin_name(*b), &[*x, *y]),
            Op::Unary(u, x) => w!(self, "{} {x:?}", format!("{u:?}").to_lowercase()),
            Op::Compare(c, x, y) => self.named(cmp_name(*c), &[*x, *y]),
            Op::Equal(x, y) => self.named("equal", &[*x, *y]),
            Op::EqualIface { iface, value } => self.named("equaliface", &[*iface, *value]),
            Op::IsNil(v) => self.named("isnil", &[*v]),
            Op::Convert(c, v) => {
                let (name, place) = conv_name(*c);
                self.text(name, place, &[*v]);
            }
            Op::Intrinsic(i, vs) => self.named(&format!("intrinsic {i:?}"), vs),
            Op::Concat(vs, p) => self.text("concat", *p, vs),
            Op::Slice { x, lo, hi, max, .. } => {
                w!(self, "slice {x:?}");
                for (name, v) in [("lo", lo), ("hi", hi), ("max", max)] {
                    if let Some(v) = v {
                        w!(self, " {name}={v:?}");
                    }
                }
            }
            Op::MakeSlice(l, c, p) => w!(self, "makeslice {} {l:?}, {c:?}", Self::place(*p)),
            Op::Append(s, vs, p) => {
                let place = if *p == Storage::Heap { String::new() } else { format!(" {}", Self::place(*p)) };
                w!(self, "append{place} {s:?}{}", if vs.is_empty() { "" } else { ", " });
                self.list(vs);
            }
            Op::AppendSlice(s, t) => self.named("appendslice", &[*s, *t]),
            Op::AppendZeros(s, n) => self.named("appendzeros", &[*s, *n]),
            Op::CopySlice(d, s) => self.named("copyslice", &[*d, *s]),
            Op::ClearSlice(s) => self.named("clearslice", &[*s]),
            Op::DecodeRune(s, i) => self.named("decoderune", &[*s, *i]),
            Op::MakeIface(v, p) => w!(self, "makeiface {} {v:?}", Self::place(*p)),
            Op::ChangeIface(v) => self.named("changeiface", &[*v]),
            Op::TypeAssert(v) => self.named("typeassert", &[*v]),
            Op::TypeAssertOk(v) => self.named("typeassertok", &[*v]),
            Op::Unbox(v) => self.named("unbox", &[*v]),
            Op::IfaceType(v) => self.named("ifacetype", &[*v]),
            Op::IfaceData(v) => self.named("ifacedata", &[*v]),
            Op::IfaceTab(v) => self.named("ifacetab", &[*v]),
            Op::MakeIfaceRaw(t, d) => self.named("ifaceraw", &[*t, *d]),
            Op::Call(c, args) => self.call("call", c, args),
            Op::MakeClosure(f, vs, p) => {
                w!(self, "closure {} {}", Self::place(*p), self.f(*f));
                w!(self, "(");
                self.list(vs);
                w!(self, ")");
            }
            Op::Go(v) => self.named("go", &[*v]),
            Op::DeferFrame(0) => w!(self, "deferframe"),
            Op::DeferFrame(n) => w!(self, "deferframe {n}"),
            Op::Defer { frame, func, place } => self.text("defer", *place, &[*frame, *func]),
            Op::DeferReturn(f) => self.named("deferreturn", &[*f]),
            Op::DeferPop(f) => self.named("deferpop", &[*f]),
            Op::DeferUnlink(f) => self.named("deferunlink", &[*f]),
            Op::Recover(f) => self.named("recover", f.as_slice()),
            Op::MakeChan(n) => self.named("makechan", &[*n]),
            Op::Send(c, v) => self.named("send", &[*c, *v]),
            Op::Recv(c) => self.named("recv", &[*c]),
            Op::RecvOk(c) => self.named("recvok", &[*c]),
            Op::CloseChan(c) => self.named("close", &[*c]),
            Op::ChanLen(c) => self.named("chanlen", &[*c]),
            Op::ChanCap(c) => self.named("chancap", &[*c]),
            Op::Select { cases, blocking } => {
                w!(self, "select{}", if *blocking { "" } else { " default" });
                for c in cases {
                    match c.send {
                        Some(v) => w!(self, " [{:?} <- {v:?}]", c.chan),
                        None => w!(self, " [<-{:?}]", c.chan),
                    }
                }
            }
            Op::Print { args, ln } => self.named(if *ln { "println" } else { "print" }, args),
            Op::Preempt => w!(self, "preempt"),
        }
    }

    fn target(&mut self, b: BlockId, args: &[ValueId]) {
        w!(self, "{b:?}");
        if !args.is_empty() {
            w!(self, "(");
            self.list(args);
            w!(self, ")");
        }
    }

    fn term(&mut self, t: &Term) {
        match t {
            Term::Jump(b, args) => {
                w!(self, "jump ");
                self.target(*b, args);
            }
            Term::If { cond, then, els } => {
                w!(self, "if {cond:?} ");
                self.target(then.0, &then.1);
                w!(self, " else ");
                self.target(els.0, &els.1);
            }
            Term::Switch { value, cases, default } => {
                w!(self, "switch {value:?}");
                for (k, b) in cases {
                    w!(self, " {k}: {b:?}");
                }
                w!(self, " default: {default:?}");
            }
            Term::TypeSwitch { x, cases, default } => {
                w!(self, "typeswitch {x:?}");
                for c in cases {
                    let ty = c.ty.map_or("nil".to_string(), |t| self.ty(t));
                    w!(self, " {ty}: {:?}", c.target);
                }
                w!(self, " default: {default:?}");
            }
            Term::Return(vs) => self.named("return", vs),
            Term::TailCall(c, args) => self.call("tailcall", c, args),
            Term::TryCall { frame, callee, args, normal, recovered } => {
                w!(self, "trycall {frame:?} ");
                self.call("", &Callee::Static(*callee), args);
                w!(self, " normal {normal:?} recovered {recovered:?}");
            }
            Term::Try { frame, kept, body, recovered } => {
                w!(self, "try {frame:?}");
                for (v, at) in kept {
                    w!(self, " {v:?}+{at}");
                }
                w!(self, " body {body:?} recovered {recovered:?}");
            }
            Term::Panic(v) => self.named("panic", &[*v]),
            Term::Unreachable => w!(self, "unreachable"),
        }
    }
}

fn bin_name(b: BinOp) -> &'static str {
    match b {
        BinOp::Add => "add",
        BinOp::Sub => "sub",
        BinOp::Mul => "mul",
        BinOp::Div => "div",
        BinOp::Rem => "rem",
        BinOp::And => "and",
        BinOp::Or => "or",
        BinOp::Xor => "xor",
        BinOp::AndNot => "andnot",
        BinOp::Shl => "shl",
        BinOp::Shr => "shr",
    }
}

fn cmp_name(c: CmpOp) -> &'static str {
    match c {
        CmpOp::Lt => "lt",
        CmpOp::Le => "le",
        CmpOp::Gt => "gt",
        CmpOp::Ge => "ge",
    }
}

fn conv_name(c: Conv) -> (&'static str, Storage) {
    match c {
        Conv::Numeric => ("numeric", Storage::Heap),
        Conv::Same => ("same", Storage::Heap),
        Conv::IntToString(p) => ("inttostring", p),
        Conv::BytesToString(p) => ("bytestostring", p),
        Conv::RunesToString(p) => ("runestostring", p),
        Conv::StringToBytes(p) => ("stringtobytes", p),
        Conv::StringToRunes(p) => ("stringtorunes", p),
        Conv::BytesAsString => ("bytesasstring", Storage::Heap),
        Conv::StringAsBytes => ("stringasbytes", Storage::Heap),
        Conv::SliceToArrayPtr => ("slicetoarrayptr", Storage::Heap),
    }
}

fn order(big: bool) -> &'static str {
    if big { " big" } else { "" }
}

#[cfg(test)]
mod tests {
    /// The doc of every operation and terminator says how it prints, with a name that the printer knows.
    #[test]
    fn every_operation_says_how_it_prints() {
        let (ops, printer) = (include_str!("op.rs"), include_str!("print.rs"));
        let mut count = 0;
        for list in ["pub enum Op {", "pub enum Term {"] {
            let Some((_, body)) = ops.split_once(list) else { panic!("no {list}") };
            let body = body.split("\n}\n").next().unwrap_or_default();
            let mut doc = String::new();
            for line in body.lines().filter_map(|l| l.strip_prefix("    ")) {
                if let Some(text) = line.strip_prefix("///") {
                    doc += text;
                } else if line.starts_with(char::is_uppercase) {
                    let form = doc.split_once("Prints `").map(|d| d.1.split([' ', '`']).next().unwrap_or_default());
                    // Names of operators and conversions are those of their variants, in lower case.
                    let variant = |f: &str| ops.to_lowercase().contains(&format!(" {f},"));
                    let known = form.is_some_and(|f| !f.is_empty() && (printer.contains(f) || variant(f)));
                    assert!(known, "{line}: the doc does not say how it prints: {doc}");
                    doc.clear();
                    count += 1;
                }
            }
        }
        assert!(count > 80, "{count} operations");
    }
}
