== upcast_to_any: 3 instructions on the hit path; gc has 3
block0:
  jmp     label1
block1:
  load_ext_name userextname0+0, %rax
  movq %rdi, %rcx
  retq

== upcast_to_iface: 3 instructions on the hit path; gc has 3
block0:
  jmp     label1
block1:
  load_ext_name userextname0+0, %rax
  movq %rdi, %rcx
  retq

== iface_to_any: 5 instructions on the hit path; gc has 5
block0:
  jmp     label1
block1:
  testq %rdi, %rdi
  jnz     label3; j label2
block2:
  movq %rdi, %rax
  movq %rsi, %rcx
  jmp     label4
block3:
  movq 8(%rdi), %rax
  movq %rsi, %rcx
  jmp     label4
block4:
  retq

== method_call: 10 instructions on the hit path; gc has 13
  pushq %rbp
  movq %rsp, %rbp
block0:
  cmpq (%r15), %rsp
  jb      label2; j label1
block1:
  jmp     label3
block3:
  jmp     label4
block4:
  movq 0x18(%rdi), %rax
  movq %rsi, %rdi
  call    *%rax
  movq %rbp, %rsp
  popq %rbp
  retq
block2:
  call    User(userextname0)
  jmp     label3

== assert_pointer: 9 instructions on the hit path; gc has 14
  pushq %rbp
  movq %rsp, %rbp
block0:
  movq %rsi, %rax
  jmp     label1
block1:
  load_ext_name userextname0+0, %rsi
  cmpq %rsi, %rdi
  jz      label3; j label2
block3:
  movq %rbp, %rsp
  popq %rbp
  retq
block2:
  movq    %r15, %r8
  movq %rdi, 0x38(%r8)
  movq %rsi, 0x40(%r8)
  load_ext_name userextname1+0, %r10
  movq %r10, 0x48(%r8)
  call    User(userextname2)
  ud2

== assert_pointer_ok: 7 instructions on the hit path; gc has 9
block0:
  jmp     label1
block1:
  load_ext_name userextname0+0, %r8
  cmpq %r8, %rdi
  sete %cl
  uninit  %rax
  xorq %rax, %rax
  cmpq %r8, %rdi
  cmoveq %rsi, %rax
  retq

== assert_int: 9 instructions on the hit path; gc has 14
  pushq %rbp
  movq %rsp, %rbp
block0:
  jmp     label1
block1:
  load_ext_name userextname0+0, %r8
  cmpq %r8, %rdi
  jz      label3; j label2
block3:
  movq (%rsi), %rax
  movq %rbp, %rsp
  popq %rbp
  retq
block2:
  movq    %r15, %r9
  movq %rdi, 0x38(%r9)
  movq %r8, 0x40(%r9)
  load_ext_name userextname1+0, %r11
  movq %r11, 0x48(%r9)
  call    User(userextname2)
  ud2

== assert_from_iface: 9 instructions on the hit path; gc has 14
  pushq %rbp
  movq %rsp, %rbp
block0:
  movq %rsi, %rax
  jmp     label1
block1:
  load_ext_name userextname0+0, %r8
  cmpq %r8, %rdi
  jz      label3; j label2
block3:
  movq %rbp, %rsp
  popq %rbp
  retq
block2:
  movq    %r15, %r9
  movq %rdi, 0x38(%r9)
  load_ext_name userextname1+0, %r10
  movq %r10, 0x40(%r9)
  load_ext_name userextname2+0, %r11
  movq %r11, 0x48(%r9)
  call    User(userextname3)
  ud2

== assert_to_iface: 13 instructions on the hit path; gc has 22
  pushq %rbp
  movq %rsp, %rbp
block0:
  jmp     label1
block1:
  testq %rdi, %rdi
  jnz     label3; j label2
block3:
  movq -8(%rdi), %rax
  load_ext_name userextname0+0, %rcx
  movq (%rax, %rcx), %rax
  cmpq $0x1, %rax
  jnbe    label4; j label5
block4:
  movq %rsi, %rcx
  jmp     label7
block7:
  movq %rbp, %rsp
  popq %rbp
  retq
block2:
  jmp     label6
block5:
  jmp     label6
block6:
  movq    %r15, %rax
  load_ext_name userextname1+0, %rcx
  movq %rcx, 0x38(%rax)
  movq %rdi, 0x40(%rax)
  call    User(userextname2)
  movq    %r15, %rax
  movq 0x68(%rax), %rax
  movq %rsi, %rcx
  jmp     label7

== assert_to_iface_ok: 19 instructions on the hit path; gc has 26
  pushq %rbp
  movq %rsp, %rbp
block0:
  jmp     label1
block1:
  testq %rdi, %rdi
  jnz     label3; j label2
block2:
  movq %rdi, %rax
  jmp     label8
block3:
  movq -8(%rdi), %rax
  load_ext_name userextname0+0, %rcx
  movq (%rax, %rcx), %rcx
  cmpq $0x1, %rcx
  jnbe    label4; j label5
block4:
  movq %rcx, %rax
  jmp     label8
block5:
  uninit  %rax
  xorq %rax, %rax
  testq %rcx, %rcx
  jnz     label6; j label7
block6:
  jmp     label8
block8:
  uninit  %rcx
  xorq %rcx, %rcx
  testq %rax, %rax
  cmovneq %rsi, %rcx
  testq %rax, %rax
  setne %dl
  movq %rbp, %rsp
  popq %rbp
  retq
block7:
  movq    %r15, %rax
  load_ext_name userextname1+0, %rcx
  movq %rcx, 0x38(%rax)
  movq %rdi, 0x40(%rax)
  call    User(userextname2)
  movq    %r15, %rax
  movq 0x68(%rax), %rax
  jmp     label8

== switch_4: 14 instructions on the hit path; gc has 14
block0:
  jmp     label1
block1:
  load_ext_name userextname0+0, %rax
  cmpq %rax, %rdi
  jz      label10; j label2
block2:
  load_ext_name userextname1+0, %rax
  cmpq %rax, %rdi
  jz      label9; j label3
block3:
  load_ext_name userextname2+0, %rax
  cmpq %rax, %rdi
  jz      label8; j label4
block4:
  load_ext_name userextname3+0, %rax
  cmpq %rax, %rdi
  jz      label7; j label5
block5:
  jmp     label6
block6:
  uninit  %rax
  xorq %rax, %rax
  retq
block7:
  movl $0xe, %eax
  retq
block8:
  movl $0xd, %eax
  retq
block9:
  movl $0xc, %eax
  retq
block10:
  movl $0xb, %eax
  retq

== switch_8: 26 instructions on the hit path; gc has 14
block0:
  jmp     label1
block1:
  load_ext_name userextname0+0, %rax
  cmpq %rax, %rdi
  jz      label18; j label2
block2:
  load_ext_name userextname1+0, %rax
  cmpq %rax, %rdi
  jz      label17; j label3
block3:
  load_ext_name userextname2+0, %rax
  cmpq %rax, %rdi
  jz      label16; j label4
block4:
  load_ext_name userextname3+0, %rax
  cmpq %rax, %rdi
  jz      label15; j label5
block5:
  load_ext_name userextname4+0, %rax
  cmpq %rax, %rdi
  jz      label14; j label6
block6:
  load_ext_name userextname5+0, %rax
  cmpq %rax, %rdi
  jz      label13; j label7
block7:
  load_ext_name userextname6+0, %rax
  cmpq %rax, %rdi
  jz      label12; j label8
block8:
  load_ext_name userextname7+0, %rax
  cmpq %rax, %rdi
  jz      label11; j label9
block9:
  jmp     label10
block10:
  uninit  %rax
  xorq %rax, %rax
  retq
block11:
  movl $0x12, %eax
  retq
block12:
  movl $0x11, %eax
  retq
block13:
  movl $0x10, %eax
  retq
block14:
  movl $0xf, %eax
  retq
block15:
  movl $0xe, %eax
  retq
block16:
  movl $0xd, %eax
  retq
block17:
  movl $0xc, %eax
  retq
block18:
  movl $0xb, %eax
  retq

== switch_iface: 20 instructions on the hit path; gc has 29
  pushq %rbp
  movq %rsp, %rbp
block0:
  cmpq (%r15), %rsp
  jb      label2; j label1
block1:
  jmp     label3
block3:
  jmp     label4
block4:
  testq %rdi, %rdi
  jnz     label6; j label5
block5:
  jmp     label19
block6:
  movq -8(%rdi), %rax
  load_ext_name userextname1+0, %rcx
  movq (%rax, %rcx), %rax
  cmpq $0x1, %rax
  jbe     label10; j label7
block7:
  testq $0x7, %rax
  jz      label8; j label9
block8:
  movq %rsi, %rdi
  jmp     label18
block9:
  leaq -1(%rax), %rax
  jmp     label17
block11:
  jmp     label19
block13:
  jmp     label19
block15:
  movq %rsi, %rdi
  jmp     label18
block17:
  movq 0x18(%rax), %rax
  movq %rsi, %rdi
  call    *%rax
  movq %rbp, %rsp
  popq %rbp
  retq
block18:
  movq 0x20(%rax), %rax
  call    *%rax
  movq %rbp, %rsp
  popq %rbp
  retq
block19:
  jmp     label20
block20:
  uninit  %rax
  xorq %rax, %rax
  movq %rbp, %rsp
  popq %rbp
  retq
block2:
  call    User(userextname0)
  jmp     label3
block10:
  testq %rax, %rax
  jnz     label11; j label12
block12:
  movq    %r15, %rax
  load_ext_name userextname2+0, %rcx
  movq %rcx, 0x38(%rax)
  movq %rdi, 0x40(%rax)
  call    User(userextname3)
  movq    %r15, %rax
  movq 0x68(%rax), %rax
  cmpq $0x1, %rax
  jnbe    label14; j label13
block14:
  testq $0x7, %rax
  jz      label15; j label16
block16:
  leaq -1(%rax), %rax
  jmp     label17

== box_int: 10 instructions on the hit path; gc has 11
  pushq %rbp
  movq %rsp, %rbp
block0:
  jmp     label1
block1:
  cmpq $0x100, %rdi
  jb      label6; j label2
block2:
  movq    %r15, %rax
  movq 0x110(%rax), %rcx
  movq 0x118(%rax), %rdx
  leaq 8(%rcx), %rsi
  cmpq %rdx, %rsi
  jnbe    label4; j label3
block3:
  leaq 8(%rcx), %rdx
  movq %rdx, 0x110(%rax)
  jmp     label5
block5:
  movq %rdi, (%rcx)
  jmp     label7
block6:
  load_ext_name userextname1+0, %rax
  leaq (%rax, %rdi, 8), %rcx
  jmp     label7
block7:
  load_ext_name userextname0+0, %rax
  movq %rbp, %rsp
  popq %rbp
  retq
block4:
  movq    %r15, %rax
  load_ext_name userextname0+0, %rcx
  movq %rcx, 0x38(%rax)
  call    User(userextname2)
  movq    %r15, %rax
  movq 0x68(%rax), %rcx
  jmp     label5

== box_struct: 17 instructions on the hit path; gc has 16
  pushq %rbp
  movq %rsp, %rbp
block0:
  jmp     label1
block1:
  movq    %r15, %rax
  movq 0x130(%rax), %rcx
  movq 0x138(%rax), %r8
  leaq 0x18(%rcx), %r9
  cmpq %r8, %r9
  jnbe    label3; j label2
block2:
  leaq 0x18(%rcx), %r8
  movq %r8, 0x130(%rax)
  jmp     label4
block4:
  movq %rdi, (%rcx)
  movq %rsi, 8(%rcx)
  movq %rdx, 0x10(%rcx)
  load_ext_name userextname0+0, %rax
  movq %rbp, %rsp
  popq %rbp
  retq
block3:
  movq    %r15, %rax
  load_ext_name userextname0+0, %rcx
  movq %rcx, 0x38(%rax)
  call    User(userextname1)
  movq    %r15, %rax
  movq 0x68(%rax), %rcx
  jmp     label4

== equal_any: 14 instructions on the hit path; gc has 16
  pushq %rbp
  movq %rsp, %rbp
block0:
  movq %rsi, %r8
  cmpq (%r15), %rsp
  jb      label2; j label1
block1:
  jmp     label3
block3:
  jmp     label4
block4:
  uninit  %rax
  xorl %eax, %eax
  cmpq %rdx, %rdi
  jz      label6; j label5
block5:
  jmp     label19
block6:
  movl $0x1, %eax
  testq %rdi, %rdi
  jnz     label8; j label7
block7:
  jmp     label18
block8:
  movzbq 0x14(%rdi), %rax
  testb $0x8, %al
  jnz     label10; j label9
block9:
  movq %rdi, %rsi
  jmp     label14
block10:
  testb $0x20, %al
  jnz     label17; j label11
block11:
  movq (%rdi), %rax
  movq %rdi, %rsi
  cmpq $0x8, %rax
  jz      label16; j label12
block12:
  cmpq $0x10, %rax
  jz      label15; j label13
block13:
  jmp     label14
block14:
  movq    %r15, %rdi
  movq %r8, %rdx
  call    User(userextname1)
  jmp     label18
block15:
  movq %r8, %rdx
  movq (%rdx), %rax
  movq (%rcx), %rsi
  movq 8(%rdx), %rdx
  xorq %rsi, %rax
  xorq 8(%rcx), %rdx
  orq %rdx, %rax
  testq %rax, %rax
  sete %al
  jmp     label18
block16:
  movq %r8, %rdx
  movq (%rdx), %rax
  xorq (%rcx), %rax
  testq %rax, %rax
  sete %al
  jmp     label18
block17:
  movq %r8, %rdx
  cmpq %rcx, %rdx
  sete %al
  jmp     label18
block18:
  jmp     label19
block19:
  testb %al, %al
  jnz     label21; j label20
block20:
  uninit  %rax
  xorl %eax, %eax
  jmp     label22
block21:
  movl $0x1, %eax
  jmp     label22
block22:
  movq %rbp, %rsp
  popq %rbp
  retq
block2:
  call    User(userextname0)
  jmp     label3

== equal_concrete: 11 instructions on the hit path; gc has 16
  pushq %rbp
  movq %rsp, %rbp
block0:
  cmpq (%r15), %rsp
  jb      label2; j label1
block1:
  jmp     label3
block3:
  jmp     label4
block4:
  load_ext_name userextname1+0, %rcx
  uninit  %rax
  xorl %eax, %eax
  cmpq %rcx, %rdi
  jz      label6; j label5
block5:
  jmp     label7
block6:
  movq (%rsi), %rax
  cmpq %rdx, %rax
  sete %al
  jmp     label7
block7:
  movq %rbp, %rsp
  popq %rbp
  retq
block2:
  call    User(userextname0)
  jmp     label3

== closure_call: 19 instructions on the hit path; gc has 14
  pushq %rbp
  movq %rsp, %rbp
  subq $0x10, %rsp
block0:
  movq %rdi, %rsi
  cmpq (%r15), %rsp
  jb      label2; j label1
block1:
  jmp     label3
block3:
  jmp     label4
block4:
  load_ext_name userextname1+0, %rax
  movq (%rax), %rax
  leaq <offset:1>+(%rsp), %rdi
  movq %rax, <offset:1>+(%rsp)
  movq %rsi, %rax
  movq %rax, <offset:1>+8(%rsp)
  load_ext_name userextname2+0, %rcx
  movq (%rcx), %rcx
  call    *%rcx
  addq $0x10, %rsp
  movq %rbp, %rsp
  popq %rbp
  retq
block2:
  call    User(userextname0)
  jmp     label3

== method_value_made: 18 instructions on the hit path; gc has 20
  pushq %rbp
  movq %rsp, %rbp
block0:
  jmp     label1
block1:
  movq    %r15, %rcx
  load_ext_name userextname0+0, %rdx
  movq (%rcx, %rdx), %rax
  movq 8(%rcx, %rdx), %rsi
  leaq 0x10(%rax), %r8
  cmpq %rsi, %r8
  jnbe    label3; j label2
block2:
  leaq 0x10(%rax), %rsi
  movq %rsi, (%rcx, %rdx)
  jmp     label4
block4:
  load_ext_name userextname2+0, %rcx
  movq (%rcx), %rcx
  movq %rcx, (%rax)
  movq %rdi, 8(%rax)
  movq %rbp, %rsp
  popq %rbp
  retq
block3:
  movq    %r15, %rax
  movq $0x10, 0x38(%rax)
  movq $0x2, 0x40(%rax)
  call    User(userextname1)
  movq    %r15, %rax
  movq 0x68(%rax), %rax
  jmp     label4

== method_value_of_iface_made: 21 instructions on the hit path; gc has 24
  pushq %rbp
  movq %rsp, %rbp
block0:
  jmp     label1
block1:
  testq %rdi, %rdi
  jnz     label3; j label2
block3:
  movq    %r15, %rcx
  load_ext_name userextname1+0, %rdx
  movq (%rcx, %rdx), %rax
  movq 8(%rcx, %rdx), %r8
  leaq 0x18(%rax), %r9
  cmpq %r8, %r9
  jnbe    label5; j label4
block4:
  leaq 0x18(%rax), %r8
  movq %r8, (%rcx, %rdx)
  jmp     label6
block6:
  load_ext_name userextname3+0, %rcx
  movq (%rcx), %rcx
  movq %rcx, (%rax)
  movq %rdi, 8(%rax)
  movq %rsi, 0x10(%rax)
  movq %rbp, %rsp
  popq %rbp
  retq
block2:
  call    User(userextname0)
  ud2
block5:
  movq    %r15, %rax
  movq $0x18, 0x38(%rax)
  movq $0x6, 0x40(%rax)
  call    User(userextname2)
  movq    %r15, %rax
  movq 0x68(%rax), %rax
  jmp     label6

== func_value_call: 10 instructions on the hit path; gc has 9
  pushq %rbp
  movq %rsp, %rbp
block0:
  cmpq (%r15), %rsp
  jb      label2; j label1
block1:
  jmp     label3
block3:
  jmp     label4
block4:
  movq (%rdi), %rax
  leaq 8(%rdi), %rdi
  call    *%rax
  movq %rbp, %rsp
  popq %rbp
  retq
block2:
  call    User(userextname0)
  jmp     label3

