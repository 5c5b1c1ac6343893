//go:build !purego

#include "go_asm.h"
#include "textflag.h"
#include "float_arm64.h"

// The optimizers in NEON, four parameters at a time, by exactly the operations of their loops in optimize.go.
//
//	R0 p     R1 m     R2 v     R3 gradients     R4 n, a positive multiple of 4     R5 the coefficients     R6 whether it decays

// LOAD takes the gradient to V0 and the parameter to V1. Unless R6 is zero it adds the decay, in V31, times the parameter to
// the gradient.
#define LOAD(PLAIN) \
	VLD1.P 16(R3), [V0.S4]; \
	VLD1   (R0), [V1.S4]; \
	CBZ    R6, PLAIN; \
	FMUL(2, 31, 1); \
	FADD(0, 0, 2); \
PLAIN:

#define COEFFICIENT(FIELD, V) \
	ADD   $FIELD, R5, R7; \
	VLD1R (R7), [V]

// func sgdNEON(p, m, grad *float32, n int, lr, momentum, decay float32, decays bool)
TEXT ·sgdNEON(SB), NOSPLIT, $0-45
	MOVD  p+0(FP), R0
	MOVD  m+8(FP), R1
	MOVD  grad+16(FP), R3
	MOVD  n+24(FP), R4
	MOVWU lr+32(FP), R7
	VDUP  R7, V29.S4
	MOVWU momentum+36(FP), R7
	VDUP  R7, V30.S4
	MOVWU decay+40(FP), R7
	VDUP  R7, V31.S4
	MOVBU decays+44(FP), R6

loop:
	LOAD(plain)
	VLD1   (R1), [V2.S4]
	FMUL(2, 30, 2)
	FADD(0, 0, 2)
	VST1.P [V0.S4], 16(R1)
	FMUL(0, 29, 0)
	FSUB(1, 1, 0)
	VST1.P [V1.S4], 16(R0)
	SUBS   $4, R4, R4
	BGT    loop
	RET

// func adamNEON(p, m, v, grad *float32, n int, c *AdamCoeffs, decays bool)
TEXT ·adamNEON(SB), NOSPLIT, $0-49
	MOVD  p+0(FP), R0
	MOVD  m+8(FP), R1
	MOVD  v+16(FP), R2
	MOVD  grad+24(FP), R3
	MOVD  n+32(FP), R4
	MOVD  c+40(FP), R5
	MOVBU decays+48(FP), R6
	COEFFICIENT(AdamCoeffs_Decay, V31.S4)
	COEFFICIENT(AdamCoeffs_StepSize, V30.S4)
	COEFFICIENT(AdamCoeffs_Weight1, V29.S4)
	COEFFICIENT(AdamCoeffs_Beta2, V28.S4)
	COEFFICIENT(AdamCoeffs_Weight2, V27.S4)
	COEFFICIENT(AdamCoeffs_Root2, V26.S4)
	COEFFICIENT(AdamCoeffs_Eps, V25.S4)

loop:
	LOAD(plain)
	VLD1   (R1), [V2.S4]
	FSUB(3, 0, 2)
	FMUL(3, 29, 3)
	FADD(2, 2, 3) // m
	VST1.P [V2.S4], 16(R1)
	VLD1   (R2), [V4.S4]
	FMUL(4, 28, 4)
	FMUL(3, 27, 0)
	FMUL(3, 3, 0)
	FADD(4, 4, 3) // v
	VST1.P [V4.S4], 16(R2)
	FSQRT(4, 4)
	FDIV(4, 4, 26)
	FADD(4, 4, 25)
	FMUL(2, 30, 2)
	FDIV(2, 2, 4)
	FSUB(1, 1, 2)
	VST1.P [V1.S4], 16(R0)
	SUBS   $4, R4, R4
	BGT    loop
	RET
