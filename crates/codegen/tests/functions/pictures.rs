//! What some functions become. `UPDATE_EXPECT=1 cargo test` rewrites the pictures; read the diff.

use crate::body::*;
use expect_test::{Expect, expect};
use itab_codegen::DumpStage;
use itab_ir::func::ValueId;
use itab_ir::op::*;
use itab_ir::program::{Context, Program};

fn check(p: &Program, body: &Body, stage: DumpStage, expect: Expect) {
    let text = compiler(Some("x86_64")).dump(p, &body.f, stage).expect("it compiles");
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
    check(
        &p,
        &b,
        DumpStage::Asm,
        expect![[r#"
              pushq %rbp
              movq %rsp, %rbp
              subq $0x10, %rsp
              movq %rbx, (%rsp)
              movq %r12, 8(%rsp)
            block0:
              movq %rdi, %r12
              cmpq (%r15), %rsp
              jb      label2; j label1
            block1:
              jmp     label3
            block3:
              jmp     label4
            block4:
              movq %r12, %rdi
              cmpq $0x2, %rdi
              jl      label6; j label5
            block5:
              movq %r12, %rdi
              subq $0x1, %rdi
              call    User(userextname1)
              movq %rax, %rbx
              movq %r12, %rdi
              subq $0x2, %rdi
              call    User(userextname1)
              movq %rbx, %rcx
              leaq (%rcx, %rax), %rax
              movq (%rsp), %rbx
              movq 8(%rsp), %r12
              addq $0x10, %rsp
              movq %rbp, %rsp
              popq %rbp
              retq
            block6:
              movq %r12, %rax
              movq (%rsp), %rbx
              movq 8(%rsp), %r12
              addq $0x10, %rsp
              movq %rbp, %rsp
              popq %rbp
              retq
            block2:
              call    User(userextname0)
              jmp     label3
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
    check(
        &p,
        &b,
        DumpStage::Asm,
        expect![[r#"
              pushq %rbp
              movq %rsp, %rbp
            block0:
              movq %rdi, %rdx
              jmp     label1
            block1:
              uninit  %rdi
              xorq %rdi, %rdi
              testq %rcx, %rcx
              jnle    label2; j label3
            block2:
              movq %rdi, %rax
              jmp     label4
            block3:
              movq %rdi, %rax
              jmp     label12
            block4:
              cmpq %rsi, %rdi
              jb      label6; j label5
            block6:
              movq (%rdx, %rdi, 8), %r8
              cmpq $0x0, 8(%r15)
              jnz     label8; j label7
            block7:
              jmp     label9
            block9:
              leaq 1(%rdi), %rdi
              leaq (%rax, %r8), %rax
              cmpq %rcx, %rdi
              jl      label10; j label11
            block10:
              jmp     label4
            block11:
              jmp     label12
            block12:
              movq %rbp, %rsp
              popq %rbp
              retq
            block5:
              movq    %r15, %rax
              movq %rdi, 0x38(%rax)
              movq %rsi, 0x40(%rax)
              movq $0x0, 0x48(%rax)
              movq $0x1, 0x50(%rax)
              call    User(userextname0)
              ud2
            block8:
              call    User(userextname1)
              jmp     label9
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
    check(
        &p,
        &b,
        DumpStage::Clif,
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
    check(
        &p,
        &b,
        DumpStage::Clif,
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
