//go:build !purego

#include "textflag.h"

// The functions of exp_avx2_amd64.s sixteen values at a time, by the same operations in the same order, for n a multiple of
// 16. They want AVX-512F alone.

#include "exp_avx512_amd64.h"

CONSTANT(erfSmall, 0x3f6d8000)
CONSTANT(erfFar0, 0xb7910000)
CONSTANT(erfFar1, 0x39c8e7d9)
CONSTANT(erfFar2, 0xbb7e8a1c)
CONSTANT(erfFar3, 0x3cc6b1a1)
CONSTANT(erfFar4, 0xbddaae5c)
CONSTANT(erfFar5, 0xbf228550)
CONSTANT(erfFar6, 0xbe03ce86)
CONSTANT(erfNear0, 0xba1c7000)
CONSTANT(erfNear1, 0x3ba38d2c)
CONSTANT(erfNear2, 0xbcdb48d9)
CONSTANT(erfNear3, 0x3de70e22)
CONSTANT(erfNear4, 0xbec09380)
CONSTANT(erfNear5, 0x3e0375d4)
CONSTANT(rootHalf, 0x3f3504f3)
CONSTANT(density, 0x3ecc422a)
CONSTANT(half, 0x3f000000)
CONSTANT(minusHalf, 0xbf000000)

// STEP makes Z4 the next of a polynomial's partial results: Z4*BY + C.
#define STEP(BY, C) \
	VMULPS      BY, Z4, Z4; \
	VADDPS.BCST C<>(SB), Z4, Z4

// ERF replaces Z0 by its error function. It uses Z1 to Z9, and K1.
#define ERF \
	VMOVUPS     Z0, Z6;                  \
	VPANDD.BCST signBit<>(SB), Z0, Z7;   \
	VPXORD      Z7, Z0, Z5;              \
	VMULPS      Z0, Z0, Z8;              \
	VMULPS.BCST erfFar0<>(SB), Z5, Z4;   \
	VADDPS.BCST erfFar1<>(SB), Z4, Z4;   \
	VMULPS.BCST erfFar2<>(SB), Z5, Z9;   \
	VADDPS.BCST erfFar3<>(SB), Z9, Z9;   \
	VMULPS      Z8, Z4, Z4;              \
	VADDPS      Z9, Z4, Z4;              \
	STEP(Z5, erfFar4);                   \
	STEP(Z5, erfFar5);                   \
	STEP(Z5, erfFar6);                   \
	VMULPS      Z5, Z4, Z4;              \
	VSUBPS      Z5, Z4, Z0;              \
	EXP;                                 \
	VSUBPS      Z0, Z13, Z0;             \
	VPORD       Z7, Z0, Z0;              \
	VMULPS.BCST erfNear0<>(SB), Z8, Z4;  \
	VADDPS.BCST erfNear1<>(SB), Z4, Z4;  \
	STEP(Z8, erfNear2);                  \
	STEP(Z8, erfNear3);                  \
	STEP(Z8, erfNear4);                  \
	STEP(Z8, erfNear5);                  \
	VMULPS      Z6, Z4, Z4;              \
	VADDPS      Z6, Z4, Z4;              \
	VCMPPS.BCST $30, erfSmall<>(SB), Z5, K1; \
	VBLENDMPS   Z0, Z4, K1, Z0

// NORMAL replaces Z0 by the part of the normal distribution below it. It uses what ERF does.
#define NORMAL \
	VMULPS.BCST rootHalf<>(SB), Z0, Z0; \
	ERF;                                \
	VADDPS      Z13, Z0, Z0;            \
	VMULPS.BCST half<>(SB), Z0, Z0

// func expAVX512(dst, src *float32, n int)
TEXT ·expAVX512(SB), NOSPLIT, $0-24
	START

loop:
	VMOVUPS (SI), Z0
	EXP
	NEXT

done:
	VZEROUPPER
	RET

// func sigmoidAVX512(dst, src *float32, n int)
TEXT ·sigmoidAVX512(SB), NOSPLIT, $0-24
	START

loop:
	VMOVUPS (SI), Z0
	SIGMOID
	NEXT

done:
	VZEROUPPER
	RET

// func tanhAVX512(dst, src *float32, n int)
TEXT ·tanhAVX512(SB), NOSPLIT, $0-24
	START
	VBROADCASTSS two<>(SB), Z12

loop:
	VMOVUPS     (SI), Z4
	TANH
	NEXT

done:
	VZEROUPPER
	RET

// func geluAVX512(dst, src *float32, n int)
TEXT ·geluAVX512(SB), NOSPLIT, $0-24
	START

loop:
	VMOVUPS (SI), Z0
	NORMAL
	VMULPS  (SI), Z0, Z0
	NEXT

done:
	VZEROUPPER
	RET

// func siluAVX512(dst, src *float32, n int)
TEXT ·siluAVX512(SB), NOSPLIT, $0-24
	START

loop:
	VMOVUPS (SI), Z0
	SIGMOID
	VMULPS  (SI), Z0, Z0
	NEXT

done:
	VZEROUPPER
	RET

// func geluBackAVX512(dx, dy, x *float32, n int)
TEXT ·geluBackAVX512(SB), NOSPLIT, $0-32
	STARTBACK

loop:
	VMOVUPS     (SI), Z0
	NORMAL
	VMOVUPS     Z0, Z9
	VMOVUPS     (SI), Z0
	VMULPS      Z0, Z0, Z0
	VMULPS.BCST minusHalf<>(SB), Z0, Z0
	EXP
	VMULPS.BCST density<>(SB), Z0, Z0
	VMULPS      (SI), Z0, Z0
	VADDPS      Z9, Z0, Z0
	NEXTBACK

done:
	VZEROUPPER
	RET

// func siluBackAVX512(dx, dy, x *float32, n int)
TEXT ·siluBackAVX512(SB), NOSPLIT, $0-32
	STARTBACK

loop:
	VMOVUPS (SI), Z0
	SIGMOID
	VSUBPS  Z0, Z13, Z2
	VMULPS  (SI), Z2, Z2
	VADDPS  Z13, Z2, Z2
	VMULPS  Z2, Z0, Z0
	NEXTBACK

done:
	VZEROUPPER
	RET
