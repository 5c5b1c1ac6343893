//go:build !purego

#include "textflag.h"
#include "exp_avx2_amd64.h"

// Exp, Sigmoid, Tanh, Erf and what is made of them, by exactly the operations of their twins in exp.go and erf.go and in
// their order. Multiplications and additions stay apart, so that the bits agree.

EIGHT(erfSmall, 0x3f6d8000)
EIGHT(erfFar0, 0xb7910000)
EIGHT(erfFar1, 0x39c8e7d9)
EIGHT(erfFar2, 0xbb7e8a1c)
EIGHT(erfFar3, 0x3cc6b1a1)
EIGHT(erfFar4, 0xbddaae5c)
EIGHT(erfFar5, 0xbf228550)
EIGHT(erfFar6, 0xbe03ce86)
EIGHT(erfNear0, 0xba1c7000)
EIGHT(erfNear1, 0x3ba38d2c)
EIGHT(erfNear2, 0xbcdb48d9)
EIGHT(erfNear3, 0x3de70e22)
EIGHT(erfNear4, 0xbec09380)
EIGHT(erfNear5, 0x3e0375d4)
EIGHT(rootHalf, 0x3f3504f3)
EIGHT(density, 0x3ecc422a)
EIGHT(half, 0x3f000000)
EIGHT(minusHalf, 0xbf000000)

// BESIDE makes BX the place in the frame, of 288 bytes, where functions keep what does not fit into registers: a vector at
// AT(BX) and one at 128+AT(BX), for each of four.
#define BESIDE \
	LEAQ 31(SP), BX; \
	ANDQ $~31, BX

// ERF replaces X by its error function, and keeps the argument at BX. It uses A and B.
#define ERF(EACH) EACH(ERF1); EACH(ERF2); EXP(EACH); EACH(ERF3); EACH(ERF4)

// |x| in X, and the first steps far from zero in A.
#define ERF1(X, A, B, AT) \
	VMOVUPS X, AT(BX);             \
	VMOVUPS signBit<>(SB), Y13;    \
	VMULPS  X, X, B;               \
	VANDNPS X, Y13, X;             \
	VMULPS  erfFar0<>(SB), X, A;   \
	VADDPS  erfFar1<>(SB), A, A;   \
	VMULPS  erfFar2<>(SB), X, Y12; \
	VADDPS  erfFar3<>(SB), Y12, Y12; \
	VMULPS  B, A, A;               \
	VADDPS  Y12, A, A

#define ERF2(X, A, B, AT) \
	HORNER(A, X, erfFar4); \
	HORNER(A, X, erfFar5); \
	HORNER(A, X, erfFar6); \
	VMULPS X, A, A;        \
	VSUBPS X, A, X

// Near zero, in A, with x in B.
#define ERF3(X, A, B, AT) \
	VMOVUPS AT(BX), B;              \
	VMULPS  B, B, Y13;              \
	VMULPS  erfNear0<>(SB), Y13, A; \
	VADDPS  erfNear1<>(SB), A, A;   \
	HORNER(A, Y13, erfNear2);       \
	HORNER(A, Y13, erfNear3);       \
	HORNER(A, Y13, erfNear4);       \
	HORNER(A, Y13, erfNear5);       \
	VMULPS  B, A, A;                \
	VADDPS  B, A, A

#define ERF4(X, A, B, AT) \
	VMOVUPS   one<>(SB), Y12;             \
	VSUBPS    X, Y12, X;                  \
	VMOVUPS   signBit<>(SB), Y12;         \
	VANDPS    Y12, B, Y13;                \
	VORPS     Y13, X, X;                  \
	VANDNPS   B, Y12, Y12;                \
	VCMPPS    $30, erfSmall<>(SB), Y12, Y12; \
	VBLENDVPS Y12, X, A, X

// NORMAL replaces X by the part of the normal distribution below it. It uses what ERF does.
#define NORMAL(EACH) EACH(NORMAL1); ERF(EACH); EACH(NORMAL2)

#define NORMAL1(X, A, B, AT) VMULPS rootHalf<>(SB), X, X

#define NORMAL2(X, A, B, AT) \
	VADDPS one<>(SB), X, X; \
	VMULPS half<>(SB), X, X

#define TIMES(X, A, B, AT) VMULPS AT(SI), X, X

#define GELU(EACH) NORMAL(EACH); EACH(TIMES)
#define SILU(EACH) SIGMOID(EACH); EACH(TIMES)

// GELUBACK replaces x in X, which is at SI as well, by the derivative of GELU.
#define GELUBACK(EACH) NORMAL(EACH); EACH(GELUBACK1); EXP(EACH); EACH(GELUBACK2)

#define GELUBACK1(X, A, B, AT) \
	VMOVUPS X, 128+AT(BX);    \
	VMOVUPS AT(SI), X;        \
	VMULPS  X, X, X;          \
	VMULPS  minusHalf<>(SB), X, X

#define GELUBACK2(X, A, B, AT) \
	VMULPS density<>(SB), X, X; \
	VMULPS AT(SI), X, X;        \
	VADDPS 128+AT(BX), X, X

// SILUBACK replaces x in X, which is at SI as well, by the derivative of SiLU.
#define SILUBACK(EACH) SIGMOID(EACH); EACH(SILUBACK1)

#define SILUBACK1(X, A, B, AT) \
	VMOVUPS one<>(SB), Y12; \
	VSUBPS  X, Y12, A;      \
	VMULPS  AT(SI), A, A;   \
	VADDPS  Y12, A, A;      \
	VMULPS  A, X, X

// LOGSOFTMAXBACK makes of y in X, which is at SI as well, what goes to dx.
#define LOGSOFTMAXBACK(EACH) EXP(EACH); EACH(LOGSOFTMAXBACK1)

#define LOGSOFTMAXBACK1(X, A, B, AT) \
	VBROADCASTSS by+32(FP), Y12; \
	VMULPS       Y12, X, X;      \
	VADDPS       AT(DX), X, X;   \
	VADDPS       AT(DI), X, X

// func expAVX2(dst, src *float32, n int)
TEXT ·expAVX2(SB), NOSPLIT, $0-24
	START
	RUN(EXP, STORE)

// func sigmoidAVX2(dst, src *float32, n int)
TEXT ·sigmoidAVX2(SB), NOSPLIT, $0-24
	START
	RUN(SIGMOID, STORE)

// func tanhAVX2(dst, src *float32, n int)
TEXT ·tanhAVX2(SB), NOSPLIT, $0-24
	START
	RUN(TANH, STORE)

// func erfAVX2(dst, src *float32, n int)
TEXT ·erfAVX2(SB), NOSPLIT, $288-24
	START
	BESIDE
	RUN(ERF, STORE)

// func geluAVX2(dst, src *float32, n int)
TEXT ·geluAVX2(SB), NOSPLIT, $288-24
	START
	BESIDE
	RUN(GELU, STORE)

// func siluAVX2(dst, src *float32, n int)
TEXT ·siluAVX2(SB), NOSPLIT, $0-24
	START
	RUN(SILU, STORE)

// func geluBackAVX2(dx, dy, x *float32, n int)
TEXT ·geluBackAVX2(SB), NOSPLIT, $288-32
	STARTBACK
	BESIDE
	RUN(GELUBACK, STOREBACK)

// func siluBackAVX2(dx, dy, x *float32, n int)
TEXT ·siluBackAVX2(SB), NOSPLIT, $0-32
	STARTBACK
	RUN(SILUBACK, STOREBACK)

// func logSoftmaxBackAVX2(dx, dy, x *float32, n int, by float32)
TEXT ·logSoftmaxBackAVX2(SB), NOSPLIT, $0-36
	STARTBACK
	RUN(LOGSOFTMAXBACK, STORE)
