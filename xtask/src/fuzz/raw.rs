//! Memory reached by the patterns of package unsafe, and by its older relatives: the address of a variable leaves a
//! function by arithmetic, by a header, or through package reflect. The call after it overwrites the stack.

use super::body::Body;
use super::types::T;

/// A pointer to element 1 of the array `x` of three of the type `T`; `P` is the address of `x`.
const ARITHMETIC: [&str; 16] = [
    "unsafe.Pointer(uintptr(P) + unsafe.Sizeof(x[0]))",
    "unsafe.Pointer(unsafe.Sizeof(x[0]) + uintptr(P))",
    "unsafe.Pointer(uintptr(unsafe.Pointer(&x[2])) - unsafe.Sizeof(x[0]))",
    "unsafe.Pointer((uintptr(P) + unsafe.Sizeof(x[0])) &^ 0)",
    "unsafe.Pointer(uintptr(unsafe.Pointer(&x[1])) | 0)",
    "unsafe.Pointer(^(^uintptr(unsafe.Pointer(&x[1]))))",
    "unsafe.Pointer(uintptr(P) + (uintptr(unsafe.Pointer(&x[1])) - uintptr(P)))",
    "unsafe.Pointer(uintptr(unsafe.Pointer((*T)(unsafe.Pointer(uintptr(P) + unsafe.Sizeof(x[0]))))))",
    "unsafe.Add(P, unsafe.Sizeof(x[0]))",
    "unsafe.Pointer(&unsafe.Slice(&x[0], 3)[1])",
    "unsafe.Pointer(unsafe.SliceData(x[1:]))",
    "unsafe.Pointer(reflect.ValueOf(&x[1]).Pointer())",
    "unsafe.Pointer(reflect.ValueOf(&x).Elem().Index(1).UnsafeAddr())",
    "unsafe.Pointer((*reflect.SliceHeader)(P3).Data + unsafe.Sizeof(x[0]))",
    "unsafe.Pointer((*reflect.SliceHeader)(P1).Data)",
    "unsafe.Pointer(uintptr((*header)(P1).data))",
];

/// Statements that make a slice `s` of the array `x`.
const HEADERS: [&str; 6] = [
    "h := (*reflect.SliceHeader)(unsafe.Pointer(&s))\nh.Data = uintptr(P)\nh.Len, h.Cap = 3, 3",
    "h := (*reflect.SliceHeader)(unsafe.Pointer(&s))\nh.Len, h.Cap, h.Data = 3, 3, uintptr(P)",
    "h := &header{P, 3, 3}\ns = *(*[]T)(unsafe.Pointer(h))",
    "var h header\nh.data, h.len, h.cap = P, 3, 3\ns = *(*[]T)(unsafe.Pointer(&h))",
    "*(*header)(unsafe.Pointer(&s)) = header{P, 3, 3}",
    "t := x[:]\nh := (*reflect.SliceHeader)(unsafe.Pointer(&s))\nh.Data = (*reflect.SliceHeader)(unsafe.Pointer(&t)).Data\nh.Len, h.Cap = 3, 3",
];

impl Body<'_> {
    /// A variable whose address outlives the function by arithmetic or a header.
    pub fn raw_memory(&mut self) {
        let t = self.g.value_type();
        match self.g.rng.below(3) {
            0 => self.raw_slice(t),
            1 => self.raw_string(),
            _ => self.raw_pointer(t),
        }
    }

    fn raw_array(&mut self, t: T) -> (String, String, String) {
        let (r, ty) = (self.g.fresh("raw"), self.g.ts.text(t).to_string());
        let list: Vec<String> = (0..3).map(|_| self.ex(t, 1)).collect();
        (r, ty.clone(), format!("x := [3]{ty}{{{}}}", list.join(", ")))
    }

    fn raw_pointer(&mut self, t: T) {
        let (r, ty, array) = self.raw_array(t);
        let how = spelled(self.g_pick(&ARITHMETIC), &ty);
        let slices = "s, s1 := x[:], x[1:]\n_, _ = s, s1";
        match self.g.rng.below(3) {
            0 => self.line(format!("{r} := id(func() *{ty} {{\n{array}\n{slices}\nreturn (*{ty})({how})\n}})()")),
            1 => {
                self.line(format!("{r} := id(func() *{ty} {{\n{array}\n{slices}\np := {how}\nreturn (*{ty})(p)\n}})()"))
            }
            // Out of a function that is inlined.
            _ => self.line(format!(
                "{r} := id(func() *{ty} {{\n{array}\nf := func(x *[3]{ty}) unsafe.Pointer {{\n{slices}\nreturn {}\n}}\n\
                return (*{ty})(f(&x))\n}})()",
                how.replace("unsafe.Pointer(&x)", "unsafe.Pointer(x)").replace("ValueOf(&x)", "ValueOf(x)")
            )),
        }
        self.line(format!("clobber([100]int{{}})\nshow(3, *{r})"));
    }

    fn raw_slice(&mut self, t: T) {
        let (r, ty, array) = self.raw_array(t);
        let how = spelled(self.g_pick(&HEADERS), &ty);
        self.line(format!("{r} := id(func() (s []{ty}) {{\n{array}\n{how}\nreturn\n}})()"));
        self.line(format!("clobber([100]int{{}})\nfor _, e := range {r} {{\nshow(2, e)\n}}"));
    }

    fn raw_string(&mut self) {
        let (r, n) = (self.g.fresh("raw"), self.g.rng.range(1, 26));
        let how = self.g_pick(&[
            "h := (*reflect.StringHeader)(unsafe.Pointer(&s))\nh.Data, h.Len = uintptr(unsafe.Pointer(&b[0])), len(b)",
            "h := (*reflect.StringHeader)(unsafe.Pointer(&s))\nh.Data = (*reflect.SliceHeader)(unsafe.Pointer(&b)).Data\n\
            h.Len = len(b)",
            "s = *(*string)(unsafe.Pointer(&b))",
            "s = unsafe.String(unsafe.SliceData(b), len(b))",
            "t := string(b)\np := unsafe.Pointer((*reflect.StringHeader)(unsafe.Pointer(&t)).Data)\n\
            s = unsafe.String((*byte)(p), len(b))",
        ]);
        self.line(format!(
            "{r} := id(func() (s string) {{\nb := []byte(\"abcdefghijklmnopqrstuvwxyz\"[:{n}])\nb[0]++\n{how}\nreturn\n}})()"
        ));
        self.line(format!("clobber([100]int{{}})\nshow(2, {r})"));
    }
}

fn spelled(how: &str, ty: &str) -> String {
    how.replace("P3", "unsafe.Pointer(&s)")
        .replace("P1", "unsafe.Pointer(&s1)")
        .replace("(P", "(unsafe.Pointer(&x)")
        .replace("{P", "{unsafe.Pointer(&x)")
        .replace("= P", "= unsafe.Pointer(&x)")
        .replace("[]T", &format!("[]{ty}"))
        .replace("*T", &format!("*{ty}"))
}
