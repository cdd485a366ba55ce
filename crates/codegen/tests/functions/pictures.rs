//! What some functions become. `UPDATE_EXPECT=1 cargo test` rewrites the pictures; read the diff.

use crate::body::*;
use expect_test::{Expect, expect};
use itab_codegen::listing::ListingOptions;
use itab_ir::func::ValueId;
use itab_ir::op::*;
use itab_ir::program::{Context, Program};

fn listing(p: &Program, body: &Body, target: &str, bytes: bool) -> String {
    let options = ListingOptions { bytes, source: &|pos| Some(format!("at {pos}")) };
    let text = compiler(Some(target)).listing(p, vec![body.f.clone()], body.f.id, &options);
    text.expect("it compiles")
}

fn check_asm(p: &Program, body: &Body, expect: Expect) {
    expect.assert_eq(&listing(p, body, "x86_64", false));
}

fn check_clif(p: &Program, body: &Body, expect: Expect) {
    let text = compiler(Some("x86_64")).clif(p, vec![body.f.clone()], body.f.id).expect("it compiles");
    expect.assert_eq(&text);
}

/// `func fib(n int) int`
#[test]
fn recursion() {
    let mut p = Program::default();
    let fib = declare(&mut p, "main.fib", &[INT], &[INT], Context::None);
    let mut b = Body::new(&p, fib);
    let (small, _) = b.block(&[]);
    let (large, _) = b.block(&[]);
    let two = b.int(2);
    let is_small = b.op(BOOL, Op::Compare(CmpOp::Lt, ValueId(0), two));
    b.end(Term::If { cond: is_small, then: (small, vec![]), els: (large, vec![]) });
    b.at(small);
    b.end(Term::Return(vec![ValueId(0)]));
    b.at(large);
    let results = [1, 2].map(|k| {
        let k = b.int(k);
        let n = b.op(INT, Op::Binary(BinOp::Sub, ValueId(0), k));
        b.op(INT, Op::Call(Callee::Static(fib), vec![n]))
    });
    let sum = b.op(INT, Op::Binary(BinOp::Add, results[0], results[1]));
    b.end(Term::Return(vec![sum]));
    check_asm(
        &p,
        &b,
        expect![[r#"
            main.fib:                                               ; at a multiple of 64
                pushq   %rbp
                movq    %rsp, %rbp
                subq    $0x10, %rsp
                movq    %rbx, (%rsp)
                movq    %r12, 8(%rsp)
                movq    %rdi, %r12
                cmpq    (%r15), %rsp                                ; at 1
                jb      L3
            L1:
                movq    %r12, %rdi
                cmpq    $2, %rdi                                    ; at 2
                jl      L2
                movq    %r12, %rdi
                subq    $1, %rdi                                    ; at 14
                callq   main.fib                                    ; at 15
                movq    %rax, %rbx
                movq    %r12, %rdi
                subq    $2, %rdi
                callq   main.fib                                    ; at 18
                movq    %rbx, %rcx
                addq    %rcx, %rax                                  ; at 19
                movq    (%rsp), %rbx                                ; at 3
                movq    8(%rsp), %r12
                addq    $0x10, %rsp
                movq    %rbp, %rsp
                popq    %rbp
                retq
            L2:
                movq    %r12, %rax
                movq    (%rsp), %rbx
                movq    8(%rsp), %r12
                addq    $0x10, %rsp
                movq    %rbp, %rsp
                popq    %rbp
                retq
            L3:
                callq   runtime.morestack                           ; at 1
                jmp     L1
        "#]],
    );
}

/// A checked sum of a slice's elements, with a preemption point.
#[test]
fn loop_with_checks() {
    let mut p = Program::default();
    let ints = p.types.slice(INT);
    let ptr = p.types.pointer(INT);
    let f = declare(&mut p, "main.sum", &[ints, INT], &[INT], Context::None);
    let mut b = Body::new(&p, f);
    let (i, sum) = (b.local(INT), b.local(INT));
    let (head, _) = b.block(&[]);
    let (body, _) = b.block(&[]);
    let (exit, _) = b.block(&[]);
    b.end(Term::Jump(head, vec![]));
    b.at(head);
    let at = b.op(INT, Op::LocalGet(i));
    let more = b.op(BOOL, Op::Compare(CmpOp::Lt, at, ValueId(1)));
    b.end(Term::If { cond: more, then: (body, vec![]), els: (exit, vec![]) });
    b.at(body);
    let len = b.op(INT, Op::Len(ValueId(0)));
    b.run(Op::BoundsCheck { index: at, len });
    let base = b.op(ptr, Op::DataPtr(ValueId(0)));
    let elem = b.op(ptr, Op::ElemAddr { base, index: at, elem: INT });
    let x = b.op(INT, Op::Load(elem));
    let old = b.op(INT, Op::LocalGet(sum));
    let new = b.op(INT, Op::Binary(BinOp::Add, old, x));
    b.run(Op::LocalSet(sum, new));
    let one = b.int(1);
    let next = b.op(INT, Op::Binary(BinOp::Add, at, one));
    b.run(Op::LocalSet(i, next));
    b.run(Op::Preempt);
    b.end(Term::Jump(head, vec![]));
    b.at(exit);
    let result = b.op(INT, Op::LocalGet(sum));
    b.end(Term::Return(vec![result]));
    check_asm(
        &p,
        &b,
        expect![[r#"
            main.sum:                                               ; 32 bytes after a multiple of 64
                pushq   %rbp
                movq    %rsp, %rbp
                movq    %rdi, %rdx
                xorq    %rdi, %rdi                                  ; at 1
                testq   %rcx, %rcx                                  ; at 3
                jle     L1
                movq    %rdi, %rax
                jmp     L2
            L1:
                movq    %rdi, %rax
                jmp     L4
            L2:
                cmpq    %rsi, %rdi                                  ; at 14
                jae     L5
                movq    (%rdx, %rdi, 8), %r8                        ; at 17
                cmpq    $0, 8(%r15)                                 ; at 24
                jne     L6
            L3:
                addq    $1, %rdi                                    ; at 22
                addq    %r8, %rax                                   ; at 19
                cmpq    %rcx, %rdi                                  ; at 3
                jl      L2
            L4:
                movq    %rbp, %rsp
                popq    %rbp
                retq
            L5:
                movq    %r15, %rax                                  ; at 14
                movq    %rdi, 0x38(%rax)
                movq    %rsi, 0x40(%rax)
                movq    $0, 0x48(%rax)
                movq    $1, 0x50(%rax)
                callq   runtime.panicBounds
                ud2                                                 ; trap unreachable
            L6:
                callq   runtime.preempt                             ; at 24
                jmp     L3
        "#]],
    );
}

/// `x.(I)`: the probe of the assertion table.
#[test]
fn interface_assertion() {
    let mut p = Program::default();
    let (any, iface) = (interface_of(&mut p.types, 0), interface_of(&mut p.types, 2));
    let f = declare(&mut p, "main.assert", &[any], &[iface], Context::None);
    let mut b = Body::new(&p, f);
    let r = b.op(iface, Op::TypeAssert(ValueId(0)));
    b.end(Term::Return(vec![r]));
    check_clif(
        &p,
        &b,
        expect![[r#"
            function u0:0(i64, i64) -> i64, i64 tail {
                gv0 = symbol userextname0
                gv1 = symbol colocated userextname1
                sig0 = () preserve_all
                fn0 = colocated u0:2 sig0

                                            block1(v0: i64, v1: i64):
            @0001                               jump block0

                                            block0:
            @000b                               brif.i64 v0, block3, block4

                                            block3:
            @000b                               v3 = symbol_value.i64 gv0
            @000b                               v4 = load.i64 notrap aligned v0-8
            @000b                               v5 = iadd v4, v3
            @000b                               v6 = load.i64 notrap aligned v5
            @000b                               v7 = iconst.i64 1
            @000b                               v8 = icmp ugt v6, v7  ; v7 = 1
            @000b                               brif v8, block2(v6), block4

                                            block4 cold:
            @000b                               v9 = symbol_value.i64 gv1
            @000b                               v10 = get_pinned_reg.i64 
            @000b                               store notrap aligned v9, v10+56
            @000b                               store.i64 notrap aligned v0, v10+64
            @000b                               call fn0()
            @000b                               v11 = get_pinned_reg.i64 
            @000b                               v12 = load.i64 notrap aligned v11+104
            @000b                               jump block2(v12)

                                            block2(v2: i64):
            @0002                               return v2, v1
            }
        "#]],
    );
}

/// A field through a pointer: the load itself is the nil check.
#[test]
fn folded_nil_check() {
    let mut p = Program::default();
    let st = struct_of(&mut p.types, &[STRING, INT]);
    let (ptr, int_ptr) = (p.types.pointer(st), p.types.pointer(INT));
    let f = declare(&mut p, "main.field", &[ptr], &[INT], Context::None);
    let mut b = Body::new(&p, f);
    b.run(Op::NilCheck(ValueId(0)));
    let at = b.op(int_ptr, Op::FieldAddr(ValueId(0), 1));
    let v = b.op(INT, Op::Load(at));
    b.end(Term::Return(vec![v]));
    check_clif(
        &p,
        &b,
        expect![[r#"
            function u0:0(i64) -> i64 tail {
                                            block1(v0: i64):
            @0001                               jump block0

                                            block0:
            @000c                               v1 = iconst.i64 16
            @000c                               v2 = iadd.i64 v0, v1  ; v1 = 16
            @000b                               v3 = load.i64 user1 v2
            @0002                               return v3
            }
        "#]],
    );
}

/// A dense switch on both processors: the jump table's entries are labels, the bytes are shown on request.
#[test]
fn jump_tables_and_bytes() {
    let mut p = Program::default();
    let f = declare(&mut p, "main.dense", &[INT], &[STRING], Context::None);
    let mut b = Body::new(&p, f);
    let arms: Vec<_> = (0..9).map(|_| b.block(&[]).0).collect();
    let cases = arms[1..].iter().enumerate().map(|(i, &to)| (i as i64, to)).collect();
    b.end(Term::Switch { value: ValueId(0), cases, default: arms[0] });
    for (i, &arm) in arms.iter().enumerate() {
        b.at(arm);
        let text = b.str(["none", "some"][i.min(1)]);
        b.end(Term::Return(vec![text]));
    }
    expect![[r#"
        main.dense:                                             ; 16 bytes after a multiple of 32, without a frame
            0f1f4000            nopl    (%rax)
            483b3de5000000      cmpq    L11(%rip), %rdi                             ; at 2
            0f87cd000000        ja      L10
            b808000000          movl    $8, %eax
            8bcf                movl    %edi, %ecx
            3bc8                cmpl    %eax, %ecx
            0f42c1              cmovbl  %ecx, %eax
            488d0d09000000      leaq    L1(%rip), %rcx
            48630481            movslq  (%rcx, %rax, 4), %rax
            4803c8              addq    %rax, %rcx
            ffe1                jmpq    *%rcx
        L1:
            .long   L9-L1
            .long   L8-L1
            .long   L7-L1
            .long   L6-L1
            .long   L5-L1
            .long   L4-L1
            .long   L3-L1
            .long   L2-L1
            .long   L10-L1
            e988000000          jmp     L10
        L2:
            488d0500000000      leaq    go:string."some"(%rip), %rax                ; at 19
            b904000000          movl    $4, %ecx
            c3                  retq                                                ; at 3
            .byte   0xcc, 0xcc, 0xcc, 0xcc
        L3:
            488d0500000000      leaq    go:string."some"(%rip), %rax
            b904000000          movl    $4, %ecx
            c3                  retq
            .byte   0xcc, 0xcc, 0xcc, 0xcc
        L4:
            488d0500000000      leaq    go:string."some"(%rip), %rax
            b904000000          movl    $4, %ecx
            c3                  retq
            .byte   0xcc, 0xcc, 0xcc, 0xcc
        L5:
            488d0500000000      leaq    go:string."some"(%rip), %rax
            b904000000          movl    $4, %ecx
            c3                  retq
            .byte   0xcc, 0xcc, 0xcc, 0xcc
        L6:
            488d0500000000      leaq    go:string."some"(%rip), %rax
            b904000000          movl    $4, %ecx
            c3                  retq
            .byte   0xcc, 0xcc, 0xcc, 0xcc
        L7:
            488d0500000000      leaq    go:string."some"(%rip), %rax
            b904000000          movl    $4, %ecx
            c3                  retq
            .byte   0xcc, 0xcc, 0xcc, 0xcc
        L8:
            488d0500000000      leaq    go:string."some"(%rip), %rax
            b904000000          movl    $4, %ecx
            c3                  retq
            .byte   0xcc, 0xcc, 0xcc, 0xcc
        L9:
            488d0500000000      leaq    go:string."some"(%rip), %rax
            b904000000          movl    $4, %ecx
            c3                  retq
            .byte   0xcc, 0xcc, 0xcc, 0xcc
        L10:
            488d0500000000      leaq    go:string."none"(%rip), %rax                ; at 11
            b904000000          movl    $4, %ecx
            c3                  retq                                                ; at 3
            .byte   0xcc, 0xcc, 0xcc, 0xcc, 0x00
        L11:
            .byte   0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00
    "#]]
    .assert_eq(&listing(&p, &b, "x86_64", true));
    expect![[r#"
        main.dense:                                             ; 16 bytes after a multiple of 32
            stp     x29, x30, [sp, #-0x10]!
            mov     x29, sp
            mov     x0, #0xffffffff                             ; at 2
            cmp     x2, x0
            b.hi    L10
            cmp     w2, #8
            mov     x0, #8
            csel    x0, x2, x0, lo
            adr     x1, L1
            ldrsw   x0, [x1, w0, uxtw #2]
            add     x1, x1, x0
            br      x1
        L1:
            .long   L9-L1
            .long   L8-L1
            .long   L7-L1
            .long   L6-L1
            .long   L5-L1
            .long   L4-L1
            .long   L3-L1
            .long   L2-L1
            .long   L10-L1
            b       L10
        L2:
            adrp    x2, go:string."some"                        ; at 19
            add     x2, x2, :lo12:go:string."some"
            mov     x3, #4
            ldp     x29, x30, [sp], #0x10                       ; at 3
            ret
        L3:
            adrp    x2, go:string."some"
            add     x2, x2, :lo12:go:string."some"
            mov     x3, #4
            ldp     x29, x30, [sp], #0x10
            ret
        L4:
            adrp    x2, go:string."some"
            add     x2, x2, :lo12:go:string."some"
            mov     x3, #4
            ldp     x29, x30, [sp], #0x10
            ret
        L5:
            adrp    x2, go:string."some"
            add     x2, x2, :lo12:go:string."some"
            mov     x3, #4
            ldp     x29, x30, [sp], #0x10
            ret
        L6:
            adrp    x2, go:string."some"
            add     x2, x2, :lo12:go:string."some"
            mov     x3, #4
            ldp     x29, x30, [sp], #0x10
            ret
        L7:
            adrp    x2, go:string."some"
            add     x2, x2, :lo12:go:string."some"
            mov     x3, #4
            ldp     x29, x30, [sp], #0x10
            ret
        L8:
            adrp    x2, go:string."some"
            add     x2, x2, :lo12:go:string."some"
            mov     x3, #4
            ldp     x29, x30, [sp], #0x10
            ret
        L9:
            adrp    x2, go:string."some"
            add     x2, x2, :lo12:go:string."some"
            mov     x3, #4
            ldp     x29, x30, [sp], #0x10
            ret
        L10:
            adrp    x2, go:string."none"                        ; at 11
            add     x2, x2, :lo12:go:string."none"
            mov     x3, #4
            ldp     x29, x30, [sp], #0x10                       ; at 3
            ret
    "#]]
    .assert_eq(&listing(&p, &b, "aarch64", false));
}

/// `x.(I)` on AArch64: addresses of symbols and calls.
#[test]
fn symbols_on_aarch64() {
    let mut p = Program::default();
    let (any, iface) = (interface_of(&mut p.types, 0), interface_of(&mut p.types, 2));
    let f = declare(&mut p, "main.assert", &[any], &[iface], Context::None);
    let mut b = Body::new(&p, f);
    let r = b.op(iface, Op::TypeAssert(ValueId(0)));
    b.end(Term::Return(vec![r]));
    expect![[r#"
        main.assert:                                            ; at a multiple of 64
            stp     x29, x30, [sp, #-0x10]!
            mov     x29, sp
            cbz     x2, L4                                      ; at 11
            ldur    x13, [x2, #-8]
            mov     x11, x2
            ldr     x14, L1
            b       L2
        L1:
            .quad   probe:interface { M0(); M1() }
        L2:
            ldr     x2, [x13, x14]
            cmp     x2, #1
            b.ls    L5
        L3:
            ldp     x29, x30, [sp], #0x10                       ; at 2
            ret
        L4:
            mov     x11, x2
        L5:
            mov     x0, x21                                     ; at 11
            adrp    x1, type:interface { M0(); M1() }
            add     x1, x1, :lo12:type:interface { M0(); M1() }
            str     x1, [x0, #0x38]
            mov     x2, x11
            str     x2, [x0, #0x40]
            bl      runtime.assertE2I
            mov     x0, x21
            ldr     x2, [x0, #0x68]
            b       L3
    "#]]
    .assert_eq(&listing(&p, &b, "aarch64", false));
}
