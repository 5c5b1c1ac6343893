//go:build !purego

#include "textflag.h"
#include "exp_avx512_amd64.h"

// ELU and softplus, sixteen values at a time, by the operations that package tensor makes them of, in the same order.

CONSTANT(half, 0x3f000000)
CONSTANT(ln2, 0x3f317218)
CONSTANT(softplus0, 0x3e1d89d9)
CONSTANT(softplus1, 0x3e3a2e8c)
CONSTANT(softplus2, 0x3e638e39)
CONSTANT(softplus3, 0x3e924925)
CONSTANT(softplus4, 0x3ecccccd)
CONSTANT(softplus5, 0x3f2aaaab)
CONSTANT(above, 0x00000001)

// func eluAVX512(dst, src *float32, n int, alpha float32)
TEXT ·eluAVX512(SB), NOSPLIT, $0-28
	START
	VBROADCASTSS two<>(SB), Z12
	VBROADCASTSS alpha+24(FP), Z11
	VPXORD       Z10, Z10, Z10

loop:
	VMOVUPS     (SI), Z6
	VMINPS      Z6, Z10, Z7          // bounds come as first sources: NaN passes
	VMULPS.BCST half<>(SB), Z7, Z4
	TANH
	VMOVAPS     Z0, Z8
	VMOVAPS     Z7, Z0
	EXP
	VADDPS      Z13, Z0, Z0
	VMULPS      Z8, Z0, Z0
	VMULPS      Z11, Z0, Z0
	VMAXPS      Z6, Z10, Z1
	VADDPS      Z0, Z1, Z0
	NEXT

done:
	VZEROUPPER
	RET

// func eluBackAVX512(dx, dy, x *float32, n int, alpha float32)
TEXT ·eluBackAVX512(SB), NOSPLIT, $0-36
	STARTBACK
	VBROADCASTSS alpha+32(FP), Z11
	VBROADCASTSS above<>(SB), Z12
	VPXORD       Z10, Z10, Z10

loop:
	VMOVUPS   (SI), Z1
	VMOVUPS   (DX), Z2
	VCMPPS    $6, Z10, Z1, K1        // not <= 0
	VCMPPS    $9, Z12, Z1, K2        // not > 0
	VADDPS    Z11, Z1, Z3
	VMULPS    Z2, Z3, Z3
	VMOVAPS.Z Z2, K1, Z2
	VMOVAPS.Z Z3, K2, Z3
	VADDPS    (DI), Z2, Z0
	VADDPS    Z3, Z0, Z0
	ADDQ      $64, DX
	NEXT

done:
	VZEROUPPER
	RET

// STEP makes Z7 the next of the polynomial's partial results in Z6.
#define STEP(C) \
	VADDPS.BCST C<>(SB), Z7, Z7; \
	VMULPS      Z6, Z7, Z7

// func softplusAVX512(dst, src *float32, n int, beta, inverse float32)
TEXT ·softplusAVX512(SB), NOSPLIT, $0-32
	START
	VBROADCASTSS beta+24(FP), Z11
	VBROADCASTSS inverse+28(FP), Z12
	VPXORD       Z10, Z10, Z10

loop:
	VMOVUPS     (SI), Z0
	VMAXPS      Z0, Z10, Z5
	VMINPS      Z0, Z10, Z0
	VSUBPS      Z5, Z0, Z0
	VMULPS      Z11, Z0, Z0
	VSUBPS.BCST ln2<>(SB), Z0, Z0
	SIGMOID
	VMULPS      Z0, Z0, Z6
	VMULPS.BCST softplus0<>(SB), Z6, Z7
	STEP(softplus1)
	STEP(softplus2)
	STEP(softplus3)
	STEP(softplus4)
	STEP(softplus5)
	VADDPS.BCST two<>(SB), Z7, Z7
	VMULPS      Z12, Z7, Z7
	VMULPS      Z7, Z0, Z0
	VADDPS      Z0, Z5, Z0
	NEXT

done:
	VZEROUPPER
	RET

// func softplusBackAVX512(dx, dy, x *float32, n int, beta float32)
TEXT ·softplusBackAVX512(SB), NOSPLIT, $0-36
	STARTBACK
	VBROADCASTSS beta+32(FP), Z11

loop:
	VMULPS (SI), Z11, Z0
	SIGMOID
	NEXTBACK

done:
	VZEROUPPER
	RET
