//go:build !purego

#include "textflag.h"

// Register-only loops: as many independent chains as hide the latency on every processor, nothing else.

#define FOUR(M, A, B, C, D) \
	VFMADD231PS M, M, A; \
	VFMADD231PS M, M, B; \
	VFMADD231PS M, M, C; \
	VFMADD231PS M, M, D

// func ceilingAVX512(n int)
TEXT ·ceilingAVX512(SB), NOSPLIT, $0-8
	MOVQ   n+0(FP), CX
	VPXORD Z0, Z0, Z0

loop:
	FOUR(Z0, Z1, Z2, Z3, Z4)
	FOUR(Z0, Z5, Z6, Z7, Z8)
	FOUR(Z0, Z9, Z10, Z11, Z12)
	DECQ CX
	JNZ  loop
	VZEROUPPER
	RET

// func ceilingAVX2(n int)
TEXT ·ceilingAVX2(SB), NOSPLIT, $0-8
	MOVQ  n+0(FP), CX
	VPXOR Y0, Y0, Y0

loop:
	FOUR(Y0, Y1, Y2, Y3, Y4)
	FOUR(Y0, Y5, Y6, Y7, Y8)
	FOUR(Y0, Y9, Y10, Y11, Y12)
	DECQ CX
	JNZ  loop
	VZEROUPPER
	RET
