//go:build !purego

#include "textflag.h"
#include "float_arm64.h"

// Exp, Sigmoid and Tanh in NEON, four values at a time, by exactly the operations of their twins in exp.go and in their
// order. Multiplications and additions stay apart, so that the bits agree.

// Constants, whose names are those of exp.go, and the registers that hold each in all four places.
DATA constants<>+0(SB)/4, $0x42b20000 // expMax
DATA constants<>+4(SB)/4, $0xc2d00000 // expMin
DATA constants<>+8(SB)/4, $0x3fb8aa3b // log2e
DATA constants<>+12(SB)/4, $0x4b400000 // rounder
DATA constants<>+16(SB)/4, $0x3f318000 // ln2Hi
DATA constants<>+20(SB)/4, $0xb95e8083 // ln2Lo
DATA constants<>+24(SB)/4, $0x3f000000 // exp0
DATA constants<>+28(SB)/4, $0x3e2aaaaa // exp1
DATA constants<>+32(SB)/4, $0x3d2aa9c1 // exp2
DATA constants<>+36(SB)/4, $0x3c088908 // exp3
DATA constants<>+40(SB)/4, $0x3ab743ce // exp4
DATA constants<>+44(SB)/4, $0x39506967 // exp5
DATA constants<>+48(SB)/4, $0x3f800000 // one
DATA constants<>+52(SB)/4, $0x0000007f // bias
DATA constants<>+56(SB)/4, $0x80000000 // signBit
DATA constants<>+60(SB)/4, $0x40000000 // two
DATA constants<>+64(SB)/4, $0x3f200000 // small
DATA constants<>+68(SB)/4, $0xbeaaaa99 // tanh0
DATA constants<>+72(SB)/4, $0x3e088393 // tanh1
DATA constants<>+76(SB)/4, $0xbd5c1e2d // tanh2
DATA constants<>+80(SB)/4, $0x3ca9134e // tanh3
DATA constants<>+84(SB)/4, $0xbbbaf0ea // tanh4
GLOBL constants<>(SB), RODATA|NOPTR, $88

#define ExpMax 16
#define ExpMin 17
#define Log2e 18
#define Rounder 19
#define Ln2Hi 20
#define Ln2Lo 21
#define Exp0 22
#define Exp1 23
#define Exp2 24
#define Exp3 25
#define Exp4 26
#define Exp5 27
#define One 28
#define Bias 29
#define SignBit 30
#define Two 9
#define Small 10
#define Tanh0 11
#define Tanh1 12
#define Tanh2 13
#define Tanh3 14
#define Tanh4 15

#define LOADEXP \
	MOVD    $constants<>(SB), R3; \
	VLD1R.P 4(R3), [V16.S4]; \
	VLD1R.P 4(R3), [V17.S4]; \
	VLD1R.P 4(R3), [V18.S4]; \
	VLD1R.P 4(R3), [V19.S4]; \
	VLD1R.P 4(R3), [V20.S4]; \
	VLD1R.P 4(R3), [V21.S4]; \
	VLD1R.P 4(R3), [V22.S4]; \
	VLD1R.P 4(R3), [V23.S4]; \
	VLD1R.P 4(R3), [V24.S4]; \
	VLD1R.P 4(R3), [V25.S4]; \
	VLD1R.P 4(R3), [V26.S4]; \
	VLD1R.P 4(R3), [V27.S4]; \
	VLD1R.P 4(R3), [V28.S4]; \
	VLD1R.P 4(R3), [V29.S4]; \
	VLD1R.P 4(R3), [V30.S4]

#define LOADTANH \
	VLD1R.P 4(R3), [V9.S4]; \
	VLD1R.P 4(R3), [V10.S4]; \
	VLD1R.P 4(R3), [V11.S4]; \
	VLD1R.P 4(R3), [V12.S4]; \
	VLD1R.P 4(R3), [V13.S4]; \
	VLD1R.P 4(R3), [V14.S4]; \
	VLD1R.P 4(R3), [V15.S4]

// EXP replaces V0 by its exponential. It uses V1, V2 and V3.
#define EXP \
	FMIN(0, 0, ExpMax); \
	FMAX(0, 0, ExpMin); \
	FMUL(1, 0, Log2e); \
	FADD(1, 1, Rounder); \
	VSUB V19.S4, V1.S4, V2.S4; \
	FSUB(1, 1, Rounder); \
	FMUL(3, 1, Ln2Hi); \
	FSUB(0, 0, 3); \
	FMUL(3, 1, Ln2Lo); \
	FSUB(0, 0, 3); \
	FMUL(1, Exp5, 0); \
	FADD(1, 1, Exp4); \
	FMUL(1, 1, 0); \
	FADD(1, 1, Exp3); \
	FMUL(1, 1, 0); \
	FADD(1, 1, Exp2); \
	FMUL(1, 1, 0); \
	FADD(1, 1, Exp1); \
	FMUL(1, 1, 0); \
	FADD(1, 1, Exp0); \
	FMUL(3, 0, 0); \
	FMUL(1, 1, 3); \
	FADD(0, 1, 0); \
	FADD(0, 0, One); \
	HALVE(1, 2); \
	VSUB V1.S4, V2.S4, V2.S4; \
	VADD V29.S4, V1.S4, V1.S4; \
	VADD V29.S4, V2.S4, V2.S4; \
	VSHL $23, V1.S4, V1.S4; \
	VSHL $23, V2.S4, V2.S4; \
	FMUL(0, 0, 1); \
	FMUL(0, 0, 2)

// ARGS takes the operands and all constants of EXP, and goes to done unless there is something to do.
#define ARGS \
	MOVD dst+0(FP), R0; \
	MOVD src+8(FP), R1; \
	MOVD n+16(FP), R2; \
	CMP  $0, R2; \
	BLE  done; \
	LOADEXP

// NEXT goes on to the next four values.
#define NEXT \
	VST1.P [V0.S4], 16(R0); \
	SUBS $4, R2, R2; \
	BGT  loop

// func expNEON(dst, src *float32, n int)
TEXT ·expNEON(SB), NOSPLIT, $0-24
	ARGS

loop:
	VLD1.P 16(R1), [V0.S4]
	EXP
	NEXT

done:
	RET

// func sigmoidNEON(dst, src *float32, n int)
TEXT ·sigmoidNEON(SB), NOSPLIT, $0-24
	ARGS

loop:
	VLD1.P 16(R1), [V4.S4]
	VORR   V30.B16, V4.B16, V0.B16
	EXP
	FNEGATIVE(5, 4)
	VBSL   V28.B16, V0.B16, V5.B16 // e where x < 0, else one
	FADD(0, 0, One)
	FDIV(0, 5, 0)
	NEXT

done:
	RET

// func tanhNEON(dst, src *float32, n int)
TEXT ·tanhNEON(SB), NOSPLIT, $0-24
	ARGS
	LOADTANH

loop:
	VLD1.P 16(R1), [V4.S4]
	VAND   V30.B16, V4.B16, V5.B16 // the sign
	VEOR   V5.B16, V4.B16, V4.B16
	FADD(0, 4, 4)
	EXP
	FADD(0, 0, One)
	FDIV(0, Two, 0)
	FSUB(0, One, 0)

	// Near zero.
	FMUL(6, 4, 4)
	FMUL(7, Tanh4, 6)
	FADD(7, 7, Tanh3)
	FMUL(7, 7, 6)
	FADD(7, 7, Tanh2)
	FMUL(7, 7, 6)
	FADD(7, 7, Tanh1)
	FMUL(7, 7, 6)
	FADD(7, 7, Tanh0)
	FMUL(7, 7, 6)
	FMUL(7, 7, 4)
	FADD(7, 7, 4)
	FLESS(6, 4, Small)
	VBIT   V6.B16, V7.B16, V0.B16
	VORR   V5.B16, V0.B16, V0.B16
	NEXT

done:
	RET
