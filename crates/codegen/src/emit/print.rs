//! `print` and `println`.

use super::Emit;
use super::value::Repr;
use itab_abi::runtime_fns::RuntimeFn;
use itab_ir::func::ValueId;
use itab_ir::ty::{Basic, Ty};

impl Emit<'_> {
    /// `Op::Print`
    pub fn print(&mut self, args: &[ValueId], ln: bool) -> Option<Repr> {
        self.runtime(RuntimeFn::printlock, &[]);
        for (i, &a) in args.iter().enumerate() {
            if ln && i > 0 {
                self.runtime(RuntimeFn::printsp, &[]);
            }
            self.print_value(a);
        }
        if ln {
            self.runtime(RuntimeFn::printnl, &[]);
        }
        self.runtime(RuntimeFn::printunlock, &[]);
        None
    }

    fn print_value(&mut self, a: ValueId) {
        let ty = self.ty(a);
        let v = self.val(a);
        let mut args = self.scalars(&v);
        let f = match self.types.under(ty) {
            Ty::Basic(Basic::Bool) => RuntimeFn::printbool,
            Ty::Basic(Basic::Float64) => RuntimeFn::printfloat,
            Ty::Basic(Basic::Float32) => RuntimeFn::printfloat32,
            Ty::Basic(Basic::Complex128) => RuntimeFn::printcomplex,
            Ty::Basic(Basic::Complex64) => RuntimeFn::printcomplex64,
            Ty::Basic(Basic::String) => RuntimeFn::printstring,
            Ty::Basic(b) if b.is_signed() => RuntimeFn::printint,
            Ty::Basic(b) if b.is_integer() => RuntimeFn::printuint,
            Ty::Slice(_) => RuntimeFn::printslice,
            Ty::Interface(_) => RuntimeFn::printeface,
            _ => RuntimeFn::printpointer,
        };
        match f {
            RuntimeFn::printfloat32 | RuntimeFn::printcomplex64 => {
                args = args.iter().map(|&x| self.promoted(x)).collect();
            }
            RuntimeFn::printint => args[0] = self.extend64(args[0], true),
            RuntimeFn::printuint => args[0] = self.extend64(args[0], false),
            _ => {}
        }
        self.runtime(f, &args);
    }
}
