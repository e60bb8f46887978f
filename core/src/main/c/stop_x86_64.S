	.file "stop_x86_64.S"	/* else a name made up anew for each build */
	.text

	.globl mp_save
	.hidden mp_save
	.type mp_save, @function
mp_save:				/* rdi: context */
	movq (%rsp), %rdx		/* where the caller goes on */
	leaq 8(%rsp), %rcx		/* its stack pointer then */
	movq %rcx, 0(%rdi)
	movq %rdx, 8(%rdi)
	movq %rbx, 16(%rdi)
	movq %rbp, 24(%rdi)
	movq %r12, 32(%rdi)
	movq %r13, 40(%rdi)
	movq %r14, 48(%rdi)
	movq %r15, 56(%rdi)
	xorl %eax, %eax
	ret
	.size mp_save, .-mp_save

	.globl mp_clone
	.hidden mp_clone
	.type mp_clone, @function
mp_clone:				/* rdi flags, rsi stack, rdx parent tid, rcx child tid, r8 tls */
	movq %rcx, %r10
	movl $56, %eax			/* clone */
	syscall
	testq %rax, %rax
	jz 1f
	ret
1:	movq %r9, %rdi			/* the new thread: r9 context */
	movq 16(%rdi), %rbx
	movq 24(%rdi), %rbp
	movq 32(%rdi), %r12
	movq 40(%rdi), %r13
	movq 48(%rdi), %r14
	movq 56(%rdi), %r15
	movq 0(%rdi), %rsp
	movl $1, %eax
	jmpq *8(%rdi)
	.size mp_clone, .-mp_clone

	.section .note.GNU-stack, "", @progbits
