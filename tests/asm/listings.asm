== upcast_to_any: 3 instructions on the hit path; gc has 3
main.upcast_to_any:                                     ; 10 bytes after a multiple of 32, without a frame
    leaq    type:*main.T(%rip), %rax                    ; listings.go:33 func upcast_to_any(p *T) any { return p }
    movq    %rdi, %rcx
    retq
    .byte   0xcc, 0xcc, 0xcc, 0xcc

== upcast_to_iface: 3 instructions on the hit path; gc has 3
main.upcast_to_iface:                                   ; 6 bytes after a multiple of 32, without a frame
    leaq    go:itab.*main.T,main.I(%rip), %rax          ; listings.go:36 func upcast_to_iface(p *T) I { return p }
    movq    %rdi, %rcx
    retq
    .byte   0xcc, 0xcc, 0xcc, 0xcc

== iface_to_any: 5 instructions on the hit path; gc has 5
main.iface_to_any:                                      ; 25 bytes after a multiple of 32, without a frame
    testq   %rdi, %rdi                                  ; listings.go:39 func iface_to_any(i I) any { return i }
    jne     L1
    movq    %rdi, %rax
    movq    %rsi, %rcx
    jmp     L2
L1:
    movq    8(%rdi), %rax
    movq    %rsi, %rcx
L2:
    retq
    .byte   0xcc, 0xcc, 0xcc, 0xcc

== method_call: 10 instructions on the hit path; gc has 13
main.method_call:                                       ; at a multiple of 64
    pushq   %rbp
    movq    %rsp, %rbp
    cmpq    (%r15), %rsp                                ; listings.go:42 func method_call(i I) int { return i.M() }
    jb      L2
L1:
    movq    0x18(%rdi), %rax                            ; trap nil
    movq    %rsi, %rdi
    callq   *%rax
    movq    %rbp, %rsp
    popq    %rbp
    retq
L2:
    callq   runtime.morestack
    jmp     L1

== assert_pointer: 9 instructions on the hit path; gc has 14
main.assert_pointer:                                    ; 19 bytes after a multiple of 32
    pushq   %rbp
    movq    %rsp, %rbp
    movq    %rsi, %rax
    leaq    type:*main.T(%rip), %rsi                    ; listings.go:45 func assert_pointer(v any) *T { return v.(*T) }
    cmpq    %rsi, %rdi
    jne     L1
    movq    %rbp, %rsp
    popq    %rbp
    retq
L1:
    movq    %r15, %r8
    movq    %rdi, 0x38(%r8)
    movq    %rsi, 0x40(%r8)
    leaq    type:interface {}(%rip), %r10
    movq    %r10, 0x48(%r8)
    callq   runtime.panicdottypeE
    ud2                                                 ; trap unreachable

== assert_pointer_ok: 7 instructions on the hit path; gc has 9
main.assert_pointer_ok:                                 ; at a multiple of 32, without a frame
    leaq    type:*main.T(%rip), %r8                     ; listings.go:48 func assert_pointer_ok(v any) (*T, bool) { p, ok := v.(*T); return p, ok }
    cmpq    %r8, %rdi
    sete    %cl
    xorq    %rax, %rax
    cmpq    %r8, %rdi
    cmoveq  %rsi, %rax
    retq
    .byte   0xcc, 0xcc, 0xcc, 0xcc

== assert_int: 9 instructions on the hit path; gc has 14
main.assert_int:                                        ; 26 bytes after a multiple of 32
    pushq   %rbp
    movq    %rsp, %rbp
    leaq    type:int(%rip), %r8                         ; listings.go:51 func assert_int(v any) int { return v.(int) }
    cmpq    %r8, %rdi
    jne     L1
    movq    (%rsi), %rax
    movq    %rbp, %rsp
    popq    %rbp
    retq
L1:
    movq    %r15, %r9
    movq    %rdi, 0x38(%r9)
    movq    %r8, 0x40(%r9)
    leaq    type:interface {}(%rip), %r11
    movq    %r11, 0x48(%r9)
    callq   runtime.panicdottypeE
    ud2                                                 ; trap unreachable

== assert_from_iface: 9 instructions on the hit path; gc has 14
main.assert_from_iface:                                 ; 1 bytes after a multiple of 32
    pushq   %rbp
    movq    %rsp, %rbp
    movq    %rsi, %rax
    leaq    go:itab.*main.T,main.I(%rip), %r8           ; listings.go:54 func assert_from_iface(i I) *T { return i.(*T) }
    cmpq    %r8, %rdi
    jne     L1
    movq    %rbp, %rsp
    popq    %rbp
    retq
L1:
    movq    %r15, %r9
    movq    %rdi, 0x38(%r9)
    leaq    type:*main.T(%rip), %r10
    movq    %r10, 0x40(%r9)
    leaq    type:main.I(%rip), %r11
    movq    %r11, 0x48(%r9)
    callq   runtime.panicdottypeI
    ud2                                                 ; trap unreachable

== assert_to_iface: 13 instructions on the hit path; gc has 22
main.assert_to_iface:                                   ; at a multiple of 64
    pushq   %rbp
    movq    %rsp, %rbp
    testq   %rdi, %rdi                                  ; listings.go:57 func assert_to_iface(v any) I { return v.(I) }
    je      L2
    movq    -8(%rdi), %rax
    movabsq $probe:main.I, %rcx
    movq    (%rax, %rcx), %rax
    cmpq    $1, %rax
    jbe     L2
    movq    %rsi, %rcx
L1:
    movq    %rbp, %rsp
    popq    %rbp
    retq
L2:
    movq    %r15, %rax
    leaq    type:main.I(%rip), %rcx
    movq    %rcx, 0x38(%rax)
    movq    %rdi, 0x40(%rax)
    callq   runtime.assertE2I
    movq    %r15, %rax
    movq    0x68(%rax), %rax
    movq    %rsi, %rcx
    jmp     L1

== assert_to_iface_ok: 19 instructions on the hit path; gc has 26
main.assert_to_iface_ok:                                ; at a multiple of 64
    pushq   %rbp
    movq    %rsp, %rbp
    testq   %rdi, %rdi                                  ; listings.go:60 func assert_to_iface_ok(v any) (I, bool) { i, ok := v.(I); return i, ok }
    jne     L1
    movq    %rdi, %rax
    jmp     L3
L1:
    movq    -8(%rdi), %rax
    movabsq $probe:main.I, %rcx
    movq    (%rax, %rcx), %rcx
    cmpq    $1, %rcx
    jbe     L2
    movq    %rcx, %rax
    jmp     L3
L2:
    xorq    %rax, %rax
    testq   %rcx, %rcx
    je      L4
L3:
    xorq    %rcx, %rcx
    testq   %rax, %rax
    cmovneq %rsi, %rcx
    testq   %rax, %rax
    setne   %dl
    movq    %rbp, %rsp
    popq    %rbp
    retq
L4:
    movq    %r15, %rax
    leaq    type:main.I(%rip), %rcx
    movq    %rcx, 0x38(%rax)
    movq    %rdi, 0x40(%rax)
    callq   runtime.assertE2I2
    movq    %r15, %rax
    movq    0x68(%rax), %rax
    jmp     L3

== switch_4: 14 instructions on the hit path; gc has 14
main.switch_4:                                          ; 1 bytes after a multiple of 32, without a frame
    leaq    type:*main.A(%rip), %rax                    ; listings.go:64 switch v.(type) {
    cmpq    %rax, %rdi
    je      L4
    leaq    type:*main.B(%rip), %rax
    cmpq    %rax, %rdi
    je      L3
    leaq    type:*main.C(%rip), %rax
    cmpq    %rax, %rdi
    je      L2
    leaq    type:*main.D(%rip), %rax
    cmpq    %rax, %rdi
    je      L1
    xorq    %rax, %rax                                  ; listings.go:74 return 0
    retq
    .byte   0xcc, 0xcc, 0xcc, 0xcc
L1:
    movl    $0xe, %eax                                  ; listings.go:72 return 14
    retq
    .byte   0xcc, 0xcc, 0xcc, 0xcc
L2:
    movl    $0xd, %eax                                  ; listings.go:70 return 13
    retq
    .byte   0xcc, 0xcc, 0xcc, 0xcc
L3:
    movl    $0xc, %eax                                  ; listings.go:68 return 12
    retq
    .byte   0xcc, 0xcc, 0xcc, 0xcc
L4:
    movl    $0xb, %eax                                  ; listings.go:66 return 11
    retq
    .byte   0xcc, 0xcc, 0xcc, 0xcc

== switch_8: 26 instructions on the hit path; gc has 14
main.switch_8:                                          ; 24 bytes after a multiple of 32, without a frame
    leaq    type:*main.A(%rip), %rax                    ; listings.go:79 switch v.(type) {
    cmpq    %rax, %rdi
    je      L8
    leaq    type:*main.B(%rip), %rax
    cmpq    %rax, %rdi
    je      L7
    leaq    type:*main.C(%rip), %rax
    cmpq    %rax, %rdi
    je      L6
    leaq    type:*main.D(%rip), %rax
    cmpq    %rax, %rdi
    je      L5
    leaq    type:*main.E(%rip), %rax
    cmpq    %rax, %rdi
    je      L4
    leaq    type:*main.F(%rip), %rax
    cmpq    %rax, %rdi
    je      L3
    leaq    type:*main.G(%rip), %rax
    cmpq    %rax, %rdi
    je      L2
    leaq    type:*main.H(%rip), %rax
    cmpq    %rax, %rdi
    je      L1
    xorq    %rax, %rax                                  ; listings.go:97 return 0
    retq
    .byte   0xcc, 0xcc, 0xcc, 0xcc
L1:
    movl    $0x12, %eax                                 ; listings.go:95 return 18
    retq
    .byte   0xcc, 0xcc, 0xcc, 0xcc
L2:
    movl    $0x11, %eax                                 ; listings.go:93 return 17
    retq
    .byte   0xcc, 0xcc, 0xcc, 0xcc
L3:
    movl    $0x10, %eax                                 ; listings.go:91 return 16
    retq
    .byte   0xcc, 0xcc, 0xcc, 0xcc
L4:
    movl    $0xf, %eax                                  ; listings.go:89 return 15
    retq
    .byte   0xcc, 0xcc, 0xcc, 0xcc
L5:
    movl    $0xe, %eax                                  ; listings.go:87 return 14
    retq
    .byte   0xcc, 0xcc, 0xcc, 0xcc
L6:
    movl    $0xd, %eax                                  ; listings.go:85 return 13
    retq
    .byte   0xcc, 0xcc, 0xcc, 0xcc
L7:
    movl    $0xc, %eax                                  ; listings.go:83 return 12
    retq
    .byte   0xcc, 0xcc, 0xcc, 0xcc
L8:
    movl    $0xb, %eax                                  ; listings.go:81 return 11
    retq
    .byte   0xcc, 0xcc, 0xcc, 0xcc

== switch_iface: 20 instructions on the hit path; gc has 29
main.switch_iface:                                      ; 16 bytes after a multiple of 64
    pushq   %rbp
    movq    %rsp, %rbp
    cmpq    (%r15), %rsp                                ; listings.go:101 func switch_iface(v any) int {
    jb      L7
L1:
    testq   %rdi, %rdi                                  ; listings.go:102 switch v := v.(type) {
    je      L6
    movq    -8(%rdi), %rax
    movabsq $probe:main.J,main.I, %rcx
    movq    (%rax, %rcx), %rax
    cmpq    $1, %rax
    jbe     L8
    testq   $7, %rax
    jne     L2
    movq    %rsi, %rdi
    jmp     L5
L2:
    addq    $-1, %rax
    jmp     L4
L3:
    movq    %rsi, %rdi
    jmp     L5
L4:
    movq    0x18(%rax), %rax                            ; listings.go:106 return v.M(); trap nil
    movq    %rsi, %rdi
    callq   *%rax
    movq    %rbp, %rsp
    popq    %rbp
    retq
L5:
    movq    0x20(%rax), %rax                            ; listings.go:104 return v.N(); trap nil
    callq   *%rax
    movq    %rbp, %rsp
    popq    %rbp
    retq
L6:
    xorq    %rax, %rax
    movq    %rbp, %rsp                                  ; listings.go:108 return 0
    popq    %rbp
    retq
L7:
    callq   runtime.morestack                           ; listings.go:101 func switch_iface(v any) int {
    jmp     L1
L8:
    testq   %rax, %rax                                  ; listings.go:102 switch v := v.(type) {
    jne     L6
    movq    %r15, %rax
    leaq    cases:main.J,main.I(%rip), %rcx
    movq    %rcx, 0x38(%rax)
    movq    %rdi, 0x40(%rax)
    callq   runtime.interfaceSwitch
    movq    %r15, %rax
    movq    0x68(%rax), %rax
    cmpq    $1, %rax
    jbe     L6
    testq   $7, %rax
    je      L3
    addq    $-1, %rax
    jmp     L4

== box_int: 10 instructions on the hit path; gc has 11
main.box_int:                                           ; 8 bytes after a multiple of 64
    pushq   %rbp
    movq    %rsp, %rbp
    cmpq    $0x100, %rdi                                ; listings.go:112 func box_int(n int) any { return n }
    jb      L2
    movq    %r15, %rax
    movq    0x110(%rax), %rcx
    movq    0x118(%rax), %rdx
    leaq    8(%rcx), %rsi
    cmpq    %rdx, %rsi
    ja      L4
    leaq    8(%rcx), %rdx
    movq    %rdx, 0x110(%rax)
L1:
    movq    %rdi, (%rcx)
    jmp     L3
L2:
    movabsq $runtime.staticuint64s, %rax
    leaq    (%rax, %rdi, 8), %rcx
L3:
    leaq    type:int(%rip), %rax
    movq    %rbp, %rsp
    popq    %rbp
    retq
L4:
    movq    %r15, %rax
    leaq    type:int(%rip), %rcx
    movq    %rcx, 0x38(%rax)
    callq   runtime.mallocgc
    movq    %r15, %rax
    movq    0x68(%rax), %rcx
    jmp     L1

== box_struct: 17 instructions on the hit path; gc has 16
main.box_struct:                                        ; 24 bytes after a multiple of 64
    pushq   %rbp
    movq    %rsp, %rbp
    movq    %r15, %rax                                  ; listings.go:115 func box_struct(v V) any { return v }
    movq    0x130(%rax), %rcx
    movq    0x138(%rax), %r8
    leaq    0x18(%rcx), %r9
    cmpq    %r8, %r9
    ja      L2
    leaq    0x18(%rcx), %r8
    movq    %r8, 0x130(%rax)
L1:
    movq    %rdi, (%rcx)
    movq    %rsi, 8(%rcx)
    movq    %rdx, 0x10(%rcx)
    leaq    type:main.V(%rip), %rax
    movq    %rbp, %rsp
    popq    %rbp
    retq
L2:
    movq    %r15, %rax
    leaq    type:main.V(%rip), %rcx
    movq    %rcx, 0x38(%rax)
    callq   runtime.mallocgc
    movq    %r15, %rax
    movq    0x68(%rax), %rcx
    jmp     L1

== equal_any: 14 instructions on the hit path; gc has 16
main.equal_any:                                         ; 56 bytes after a multiple of 64
    pushq   %rbp
    movq    %rsp, %rbp
    movq    %rsi, %r8
    cmpq    (%r15), %rsp                                ; listings.go:118 func equal_any(a, b any) bool { return a == b }
    jb      L10
L1:
    xorl    %eax, %eax
    cmpq    %rdx, %rdi
    jne     L7
    movl    $1, %eax
    testq   %rdi, %rdi
    je      L7
    movzbq  0x14(%rdi), %rax
    testb   $8, %al
    jne     L2
    movq    %rdi, %rsi
    jmp     L3
L2:
    testb   $0x20, %al
    jne     L6
    movq    (%rdi), %rax
    movq    %rdi, %rsi
    cmpq    $8, %rax
    je      L5
    cmpq    $0x10, %rax
    je      L4
L3:
    movq    %r15, %rdi
    movq    %r8, %rdx
    callq   runtime.efaceeq
    jmp     L7
L4:
    movq    %r8, %rdx
    movq    (%rdx), %rax
    movq    (%rcx), %rsi
    movq    8(%rdx), %rdx
    xorq    %rsi, %rax
    xorq    8(%rcx), %rdx
    orq     %rdx, %rax
    testq   %rax, %rax
    sete    %al
    jmp     L7
L5:
    movq    %r8, %rdx
    movq    (%rdx), %rax
    xorq    (%rcx), %rax
    testq   %rax, %rax
    sete    %al
    jmp     L7
L6:
    movq    %r8, %rdx
    cmpq    %rcx, %rdx
    sete    %al
L7:
    testb   %al, %al
    jne     L8
    xorl    %eax, %eax
    jmp     L9
L8:
    movl    $1, %eax
L9:
    movq    %rbp, %rsp
    popq    %rbp
    retq
L10:
    callq   runtime.morestack
    jmp     L1

== equal_concrete: 11 instructions on the hit path; gc has 16
main.equal_concrete:                                    ; at a multiple of 64
    pushq   %rbp
    movq    %rsp, %rbp
    cmpq    (%r15), %rsp                                ; listings.go:121 func equal_concrete(a any, n int) bool { return a == n }
    jb      L3
L1:
    leaq    type:int(%rip), %rcx
    xorl    %eax, %eax
    cmpq    %rcx, %rdi
    jne     L2
    movq    (%rsi), %rax
    cmpq    %rdx, %rax
    sete    %al
L2:
    movq    %rbp, %rsp
    popq    %rbp
    retq
L3:
    callq   runtime.morestack
    jmp     L1

== closure_call: 18 instructions on the hit path; gc has 14
main.closure_call:                                      ; at a multiple of 64
    pushq   %rbp
    movq    %rsp, %rbp
    subq    $0x10, %rsp
    movq    %rdi, %rsi
    cmpq    (%r15), %rsp                                ; listings.go:124 func closure_call(n int) int {
    jb      L2
L1:
    leaq    main.closure_call.func1(%rip), %rax         ; listings.go:125 return apply(func(m int) int { return m + n }, n)
    leaq    (%rsp), %rdi
    movq    %rax, (%rsp)
    movq    %rsi, %rax
    movq    %rax, 8(%rsp)
    leaq    main.apply@slot(%rip), %rcx
    movq    (%rcx), %rcx
    callq   *%rcx
    addq    $0x10, %rsp
    movq    %rbp, %rsp
    popq    %rbp
    retq
L2:
    callq   runtime.morestack                           ; listings.go:124 func closure_call(n int) int {
    jmp     L1

== method_value_made: 18 instructions on the hit path; gc has 20
main.method_value_made:                                 ; 24 bytes after a multiple of 64
    pushq   %rbp
    movq    %rsp, %rbp
    movq    %r15, %rcx                                  ; listings.go:132 func method_value_made(p *T) func() int { return p.M }
    movabsq $cell:16,0b10, %rdx
    movq    (%rcx, %rdx), %rax
    movq    8(%rcx, %rdx), %rsi
    leaq    0x10(%rax), %r8
    cmpq    %rsi, %r8
    ja      L2
    leaq    0x10(%rax), %rsi
    movq    %rsi, (%rcx, %rdx)
L1:
    leaq    main.(*T).M-fm@slot(%rip), %rcx
    movq    (%rcx), %rcx
    movq    %rcx, (%rax)
    movq    %rdi, 8(%rax)
    movq    %rbp, %rsp
    popq    %rbp
    retq
L2:
    movq    %r15, %rax
    movq    $0x10, 0x38(%rax)
    movq    $2, 0x40(%rax)
    callq   runtime.mallocrecord
    movq    %r15, %rax
    movq    0x68(%rax), %rax
    jmp     L1

== method_value_of_iface_made: 21 instructions on the hit path; gc has 24
main.method_value_of_iface_made:                        ; 8 bytes after a multiple of 64
    pushq   %rbp
    movq    %rsp, %rbp
    testq   %rdi, %rdi                                  ; listings.go:135 func method_value_of_iface_made(i I) func() int { return i.M }
    je      L2
    movq    %r15, %rcx
    movabsq $cell:24,0b110, %rdx
    movq    (%rcx, %rdx), %rax
    movq    8(%rcx, %rdx), %r8
    leaq    0x18(%rax), %r9
    cmpq    %r8, %r9
    ja      L3
    leaq    0x18(%rax), %r8
    movq    %r8, (%rcx, %rdx)
L1:
    leaq    main.I.M-fm@slot(%rip), %rcx
    movq    (%rcx), %rcx
    movq    %rcx, (%rax)
    movq    %rdi, 8(%rax)
    movq    %rsi, 0x10(%rax)
    movq    %rbp, %rsp
    popq    %rbp
    retq
L2:
    callq   runtime.panicmem
    ud2                                                 ; trap unreachable
L3:
    movq    %r15, %rax
    movq    $0x18, 0x38(%rax)
    movq    $6, 0x40(%rax)
    callq   runtime.mallocrecord
    movq    %r15, %rax
    movq    0x68(%rax), %rax
    jmp     L1

== func_value_call: 10 instructions on the hit path; gc has 9
main.func_value_call:                                   ; at a multiple of 64
    pushq   %rbp
    movq    %rsp, %rbp
    cmpq    (%r15), %rsp                                ; listings.go:138 func func_value_call(f func() int) int { return f() }
    jb      L2
L1:
    movq    (%rdi), %rax                                ; trap nil
    addq    $8, %rdi
    callq   *%rax
    movq    %rbp, %rsp
    popq    %rbp
    retq
L2:
    callq   runtime.morestack
    jmp     L1

