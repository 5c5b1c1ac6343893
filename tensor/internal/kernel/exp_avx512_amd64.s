//go:build !purego

#include "textflag.h"
#include "exp_avx512_amd64.h"

// The functions of exp_avx2_amd64.s sixteen values at a time, by the same operations in the same order, for n a multiple of
// 16. They want AVX-512F alone.

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
CONSTANT(minusHalf, 0xbf000000)

// ERF replaces X by its error function. It uses A to I, and K.
#define ERF(EACH) EACH(ERF1); EACH(ERF2); EXP(EACH); EACH(ERF3); EACH(ERF4)

#define ERF1(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VMOVUPS     X, F;                \
	VPANDD.BCST signBit<>(SB), X, G; \
	VPXORD      G, X, E;             \
	VMULPS      X, X, H;             \
	VMULPS.BCST erfFar0<>(SB), E, D; \
	VADDPS.BCST erfFar1<>(SB), D, D; \
	VMULPS.BCST erfFar2<>(SB), E, I; \
	VADDPS.BCST erfFar3<>(SB), I, I; \
	VMULPS      H, D, D;             \
	VADDPS      I, D, D

#define ERF2(X, A, B, C, D, E, F, G, H, I, K, AT) \
	HORNER(D, E, erfFar4); \
	HORNER(D, E, erfFar5); \
	HORNER(D, E, erfFar6); \
	VMULPS      E, D, D;   \
	VSUBPS      E, D, X

#define ERF3(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VSUBPS      X, Z13, X;            \
	VPORD       G, X, X;              \
	VMULPS.BCST erfNear0<>(SB), H, D; \
	VADDPS.BCST erfNear1<>(SB), D, D; \
	HORNER(D, H, erfNear2);           \
	HORNER(D, H, erfNear3)

#define ERF4(X, A, B, C, D, E, F, G, H, I, K, AT) \
	HORNER(D, H, erfNear4);                \
	HORNER(D, H, erfNear5);                \
	VMULPS      F, D, D;                   \
	VADDPS      F, D, D;                   \
	VCMPPS.BCST $30, erfSmall<>(SB), E, K; \
	VBLENDMPS   X, D, K, X

// NORMAL replaces X by the part of the normal distribution below it. It uses what ERF does.
#define NORMAL(EACH) EACH(NORMAL1); ERF(EACH); EACH(NORMAL2)

#define NORMAL1(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VMULPS.BCST rootHalf<>(SB), X, X

#define NORMAL2(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VADDPS      Z13, X, X;        \
	VMULPS.BCST half<>(SB), X, X

#define GELU(EACH) NORMAL(EACH); EACH(TIMESX)

#define TIMESX(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VMULPS AT(SI), X, X

#define SILU(EACH) SIGMOID(EACH); EACH(TIMESX)

#define GELUBACK(EACH) NORMAL(EACH); EACH(GELUBACK1); EXP(EACH); EACH(GELUBACK2)

#define GELUBACK1(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VMOVUPS     X, I;                  \
	VMOVUPS     AT(SI), X;             \
	VMULPS      X, X, X;               \
	VMULPS.BCST minusHalf<>(SB), X, X

#define GELUBACK2(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VMULPS.BCST density<>(SB), X, X; \
	VMULPS      AT(SI), X, X;        \
	VADDPS      I, X, X

#define SILUBACK(EACH) SIGMOID(EACH); EACH(SILUBACK1)

#define SILUBACK1(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VSUBPS X, Z13, B;    \
	VMULPS AT(SI), B, B; \
	VADDPS Z13, B, B;    \
	VMULPS B, X, X

// func expAVX512(dst, src *float32, n int)
TEXT ·expAVX512(SB), NOSPLIT, $0-24
	START
	RUN(EXP, STORE)

// func sigmoidAVX512(dst, src *float32, n int)
TEXT ·sigmoidAVX512(SB), NOSPLIT, $0-24
	START
	RUN(SIGMOID, STORE)

// func tanhAVX512(dst, src *float32, n int)
TEXT ·tanhAVX512(SB), NOSPLIT, $0-24
	START
	VBROADCASTSS two<>(SB), Z12
	RUN(TANH, STORE)

// func geluAVX512(dst, src *float32, n int)
TEXT ·geluAVX512(SB), NOSPLIT, $0-24
	START
	RUN(GELU, STORE)

// func siluAVX512(dst, src *float32, n int)
TEXT ·siluAVX512(SB), NOSPLIT, $0-24
	START
	RUN(SILU, STORE)

// func geluBackAVX512(dx, dy, x *float32, n int)
TEXT ·geluBackAVX512(SB), NOSPLIT, $0-32
	STARTBACK
	RUN(GELUBACK, STOREBACK)

// func siluBackAVX512(dx, dy, x *float32, n int)
TEXT ·siluBackAVX512(SB), NOSPLIT, $0-32
	STARTBACK
	RUN(SILUBACK, STOREBACK)
