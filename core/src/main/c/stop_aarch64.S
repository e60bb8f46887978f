	.file "stop_aarch64.S"	/* else a name made up anew for each build */
	.text

	.globl mp_save
	.hidden mp_save
	.type mp_save, %function
mp_save:				/* x0: context */
	mov x1, sp
	stp x1, x30, [x0]
	stp x19, x20, [x0, 16]
	stp x21, x22, [x0, 32]
	stp x23, x24, [x0, 48]
	stp x25, x26, [x0, 64]
	stp x27, x28, [x0, 80]
	stp x29, xzr, [x0, 96]
	stp d8, d9, [x0, 112]
	stp d10, d11, [x0, 128]
	stp d12, d13, [x0, 144]
	stp d14, d15, [x0, 160]
	mov w0, 0
	ret
	.size mp_save, .-mp_save

	.globl mp_clone
	.hidden mp_clone
	.type mp_clone, %function
mp_clone:				/* x0 flags, x1 stack, x2 parent tid, x3 child tid, x4 tls */
	mov x9, x3
	mov x3, x4			/* the kernel wants the last two the other way round here */
	mov x4, x9
	mov x8, 220			/* clone */
	svc 0
	cbz x0, 1f
	ret
1:	ldp x19, x20, [x5, 16]		/* the new thread: x5 context */
	ldp x21, x22, [x5, 32]
	ldp x23, x24, [x5, 48]
	ldp x25, x26, [x5, 64]
	ldp x27, x28, [x5, 80]
	ldr x29, [x5, 96]
	ldp d8, d9, [x5, 112]
	ldp d10, d11, [x5, 128]
	ldp d12, d13, [x5, 144]
	ldp d14, d15, [x5, 160]
	ldp x1, x30, [x5]
	mov sp, x1
	mov w0, 1
	ret
	.size mp_clone, .-mp_clone

	.section .note.GNU-stack, "", %progbits
