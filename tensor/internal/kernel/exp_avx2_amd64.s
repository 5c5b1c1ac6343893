//go:build !purego

#include "textflag.h"

// Exp, Sigmoid, Tanh, Erf and what is made of them, eight values at a time, by exactly the operations of their twins
// in exp.go and erf.go and in their order. Multiplications and additions stay apart, so that the bits agree.

// Constants, eight of each; their names are those of exp.go and erf.go.

#define EIGHT(NAME, BITS) \
	DATA NAME<>+0(SB)/8, $(BITS<<32 | BITS);  \
	DATA NAME<>+8(SB)/8, $(BITS<<32 | BITS);  \
	DATA NAME<>+16(SB)/8, $(BITS<<32 | BITS); \
	DATA NAME<>+24(SB)/8, $(BITS<<32 | BITS); \
	GLOBL NAME<>(SB), RODATA|NOPTR, $32

EIGHT(expMax, 0x42b20000)
EIGHT(expMin, 0xc2d00000)
EIGHT(log2e, 0x3fb8aa3b)
EIGHT(rounder, 0x4b400000)
EIGHT(ln2Hi, 0x3f318000)
EIGHT(ln2Lo, 0xb95e8083)
EIGHT(exp0, 0x3f000000)
EIGHT(exp1, 0x3e2aaaaa)
EIGHT(exp2, 0x3d2aa9c1)
EIGHT(exp3, 0x3c088908)
EIGHT(exp4, 0x3ab743ce)
EIGHT(exp5, 0x39506967)
EIGHT(one, 0x3f800000)
EIGHT(bias, 0x0000007f)
EIGHT(signBit, 0x80000000)
EIGHT(two, 0x40000000)
EIGHT(small, 0x3f200000)
EIGHT(tanh0, 0xbeaaaa99)
EIGHT(tanh1, 0x3e088393)
EIGHT(tanh2, 0xbd5c1e2d)
EIGHT(tanh3, 0x3ca9134e)
EIGHT(tanh4, 0xbbbaf0ea)
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

// EXP replaces Y0 by its exponential, with Y14 = expMax and Y15 = expMin. It uses Y1, Y2 and Y3.
// The bounds come as first sources: where x is no number, the second one is the result.
#define EXP \
	VMINPS  Y0, Y14, Y0;            \
	VMAXPS  Y0, Y15, Y0;            \
	VMULPS  log2e<>(SB), Y0, Y1;    \
	VADDPS  rounder<>(SB), Y1, Y1;  \
	VPSUBD  rounder<>(SB), Y1, Y2;  \
	VSUBPS  rounder<>(SB), Y1, Y1;  \
	VMULPS  ln2Hi<>(SB), Y1, Y3;    \
	VSUBPS  Y3, Y0, Y0;             \
	VMULPS  ln2Lo<>(SB), Y1, Y3;    \
	VSUBPS  Y3, Y0, Y0;             \
	VMULPS  exp5<>(SB), Y0, Y1;     \
	VADDPS  exp4<>(SB), Y1, Y1;     \
	VMULPS  Y0, Y1, Y1;             \
	VADDPS  exp3<>(SB), Y1, Y1;     \
	VMULPS  Y0, Y1, Y1;             \
	VADDPS  exp2<>(SB), Y1, Y1;     \
	VMULPS  Y0, Y1, Y1;             \
	VADDPS  exp1<>(SB), Y1, Y1;     \
	VMULPS  Y0, Y1, Y1;             \
	VADDPS  exp0<>(SB), Y1, Y1;     \
	VMULPS  Y0, Y0, Y3;             \
	VMULPS  Y3, Y1, Y1;             \
	VADDPS  Y0, Y1, Y1;             \
	VADDPS  one<>(SB), Y1, Y1;      \
	VPSRAD  $1, Y2, Y3;             \
	VPSUBD  Y3, Y2, Y2;             \
	VPADDD  bias<>(SB), Y3, Y3;     \
	VPADDD  bias<>(SB), Y2, Y2;     \
	VPSLLD  $23, Y3, Y3;            \
	VPSLLD  $23, Y2, Y2;            \
	VMULPS  Y3, Y1, Y1;             \
	VMULPS  Y2, Y1, Y0

// START loads the arguments and the bounds; NEXT goes on to the next eight values.
#define START \
	MOVQ    dst+0(FP), DI;      \
	MOVQ    src+8(FP), SI;      \
	MOVQ    n+16(FP), CX;       \
	VMOVUPS expMax<>(SB), Y14;  \
	VMOVUPS expMin<>(SB), Y15;  \
	SUBQ    $8, CX;             \
	JLT     done

#define NEXT \
	VMOVUPS Y0, (DI);  \
	ADDQ    $32, SI;   \
	ADDQ    $32, DI;   \
	SUBQ    $8, CX;    \
	JGE     loop

// func expAVX2(dst, src *float32, n int)
TEXT ·expAVX2(SB), NOSPLIT, $0-24
	START

loop:
	VMOVUPS (SI), Y0
	EXP
	NEXT

done:
	VZEROUPPER
	RET

// func sigmoidAVX2(dst, src *float32, n int)
TEXT ·sigmoidAVX2(SB), NOSPLIT, $0-24
	START
	VMOVUPS one<>(SB), Y13

loop:
	VMOVUPS   (SI), Y4
	VORPS     signBit<>(SB), Y4, Y0
	EXP
	VADDPS    Y13, Y0, Y1
	VBLENDVPS Y4, Y0, Y13, Y2       // e where x is negative, else 1
	VDIVPS    Y1, Y2, Y0
	NEXT

done:
	VZEROUPPER
	RET

// func tanhAVX2(dst, src *float32, n int)
TEXT ·tanhAVX2(SB), NOSPLIT, $0-24
	START
	VMOVUPS one<>(SB), Y13
	VMOVUPS two<>(SB), Y12
	VMOVUPS signBit<>(SB), Y11

loop:
	VMOVUPS   (SI), Y4
	VANDNPS   Y4, Y11, Y5           // |x|
	VADDPS    Y5, Y5, Y0
	EXP
	VADDPS    Y13, Y0, Y0
	VDIVPS    Y0, Y12, Y0
	VSUBPS    Y0, Y13, Y0           // far from zero
	VMULPS    Y5, Y5, Y1
	VMULPS    tanh4<>(SB), Y1, Y2
	VADDPS    tanh3<>(SB), Y2, Y2
	VMULPS    Y1, Y2, Y2
	VADDPS    tanh2<>(SB), Y2, Y2
	VMULPS    Y1, Y2, Y2
	VADDPS    tanh1<>(SB), Y2, Y2
	VMULPS    Y1, Y2, Y2
	VADDPS    tanh0<>(SB), Y2, Y2
	VMULPS    Y1, Y2, Y2
	VMULPS    Y5, Y2, Y2
	VADDPS    Y5, Y2, Y2            // near zero
	VCMPPS    $1, small<>(SB), Y5, Y1
	VBLENDVPS Y1, Y2, Y0, Y0
	VANDPS    Y4, Y11, Y1
	VORPS     Y1, Y0, Y0
	NEXT

done:
	VZEROUPPER
	RET

// STEP makes Y4 the next of a polynomial's partial results: Y4*BY + C.
#define STEP(BY, C) \
	VMULPS BY, Y4, Y4; \
	VADDPS C<>(SB), Y4, Y4

// ERF replaces Y0 by its error function. It uses Y1 to Y9, and Y14 and Y15 as EXP does.
#define ERF \
	VMOVUPS   Y0, Y6;                  \
	VANDPS    signBit<>(SB), Y0, Y7;   \
	VXORPS    Y7, Y0, Y5;              \
	VMULPS    Y0, Y0, Y8;              \
	VMULPS    erfFar0<>(SB), Y5, Y4;   \
	VADDPS    erfFar1<>(SB), Y4, Y4;   \
	VMULPS    erfFar2<>(SB), Y5, Y9;   \
	VADDPS    erfFar3<>(SB), Y9, Y9;   \
	VMULPS    Y8, Y4, Y4;              \
	VADDPS    Y9, Y4, Y4;              \
	STEP(Y5, erfFar4);                 \
	STEP(Y5, erfFar5);                 \
	STEP(Y5, erfFar6);                 \
	VMULPS    Y5, Y4, Y4;              \
	VSUBPS    Y5, Y4, Y0;              \
	EXP;                               \
	VMOVUPS   one<>(SB), Y1;           \
	VSUBPS    Y0, Y1, Y0;              \
	VORPS     Y7, Y0, Y0;              \
	VMULPS    erfNear0<>(SB), Y8, Y4;  \
	VADDPS    erfNear1<>(SB), Y4, Y4;  \
	STEP(Y8, erfNear2);                \
	STEP(Y8, erfNear3);                \
	STEP(Y8, erfNear4);                \
	STEP(Y8, erfNear5);                \
	VMULPS    Y6, Y4, Y4;              \
	VADDPS    Y6, Y4, Y4;              \
	VCMPPS    $30, erfSmall<>(SB), Y5, Y1; \
	VBLENDVPS Y1, Y0, Y4, Y0

// NORMAL replaces Y0 by the part of the normal distribution below it. It uses what ERF does.
#define NORMAL \
	VMULPS rootHalf<>(SB), Y0, Y0; \
	ERF;                           \
	VADDPS one<>(SB), Y0, Y0;      \
	VMULPS half<>(SB), Y0, Y0

// SIGMOID replaces Y0 by its sigmoid. It uses Y1 to Y4.
#define SIGMOID \
	VMOVUPS   Y0, Y4;               \
	VORPS     signBit<>(SB), Y0, Y0; \
	EXP;                            \
	VMOVUPS   one<>(SB), Y3;        \
	VADDPS    Y3, Y0, Y1;           \
	VBLENDVPS Y4, Y0, Y3, Y2;       \
	VDIVPS    Y1, Y2, Y0

// func erfAVX2(dst, src *float32, n int)
TEXT ·erfAVX2(SB), NOSPLIT, $0-24
	START

loop:
	VMOVUPS (SI), Y0
	ERF
	NEXT

done:
	VZEROUPPER
	RET

// func geluAVX2(dst, src *float32, n int)
TEXT ·geluAVX2(SB), NOSPLIT, $0-24
	START

loop:
	VMOVUPS (SI), Y0
	NORMAL
	VMULPS  (SI), Y0, Y0
	NEXT

done:
	VZEROUPPER
	RET

// func siluAVX2(dst, src *float32, n int)
TEXT ·siluAVX2(SB), NOSPLIT, $0-24
	START

loop:
	VMOVUPS (SI), Y0
	SIGMOID
	VMULPS  (SI), Y0, Y0
	NEXT

done:
	VZEROUPPER
	RET

// STARTBACK loads the bounds; NEXTBACK adds Y0 times dy, at DX, to dx and goes on to the next eight values.
#define STARTBACK \
	VMOVUPS expMax<>(SB), Y14;  \
	VMOVUPS expMin<>(SB), Y15;  \
	SUBQ    $8, CX;             \
	JLT     done

#define NEXTBACK \
	VMULPS (DX), Y0, Y0; \
	VADDPS (DI), Y0, Y0; \
	ADDQ   $32, DX;      \
	NEXT

// func geluBackAVX2(dx, dy, x *float32, n int)
TEXT ·geluBackAVX2(SB), NOSPLIT, $0-32
	MOVQ dx+0(FP), DI
	MOVQ dy+8(FP), DX
	MOVQ x+16(FP), SI
	MOVQ n+24(FP), CX
	STARTBACK

loop:
	VMOVUPS (SI), Y0
	NORMAL
	VMOVUPS Y0, Y9
	VMOVUPS (SI), Y0
	VMULPS  Y0, Y0, Y0
	VMULPS  minusHalf<>(SB), Y0, Y0
	EXP
	VMULPS  density<>(SB), Y0, Y0
	VMULPS  (SI), Y0, Y0
	VADDPS  Y9, Y0, Y0
	NEXTBACK

done:
	VZEROUPPER
	RET

// func siluBackAVX2(dx, dy, x *float32, n int)
TEXT ·siluBackAVX2(SB), NOSPLIT, $0-32
	MOVQ dx+0(FP), DI
	MOVQ dy+8(FP), DX
	MOVQ x+16(FP), SI
	MOVQ n+24(FP), CX
	STARTBACK

loop:
	VMOVUPS (SI), Y0
	SIGMOID
	VMOVUPS one<>(SB), Y1
	VSUBPS  Y0, Y1, Y2
	VMULPS  (SI), Y2, Y2
	VADDPS  Y1, Y2, Y2
	VMULPS  Y2, Y0, Y0
	NEXTBACK

done:
	VZEROUPPER
	RET
