//go:build !purego

#include "go_asm.h"
#include "textflag.h"
#include "loop_avx2_amd64.h"

// The optimizers, eight parameters at a time, by exactly the operations of their loops in optimize.go.
// AX counts values; n is a positive multiple of 8.

// LOAD takes the gradient to Y0 and the parameter to Y1. Unless R8 is zero it adds the decay, in Y7, times the
// parameter to the gradient.
#define LOAD(PLAIN) \
	VMOVUPS (DX)(AX*4), Y0;  \
	VMOVUPS (DI)(AX*4), Y1;  \
	TESTQ   R8, R8;         \
	JZ      PLAIN;          \
	VMULPS  Y1, Y7, Y2;     \
	VADDPS  Y2, Y0, Y0

// func sgdAVX2(p, m, grad *float32, n int, lr, momentum, decay float32, decays bool)
TEXT ·sgdAVX2(SB), NOSPLIT, $0-45
	MOVQ         p+0(FP), DI
	MOVQ         m+8(FP), SI
	MOVQ         grad+16(FP), DX
	MOVQ         n+24(FP), CX
	VBROADCASTSS lr+32(FP), Y5
	VBROADCASTSS momentum+36(FP), Y6
	VBROADCASTSS decay+40(FP), Y7
	MOVBQZX      decays+44(FP), R8
	XORQ         AX, AX

loop:
	LOAD(plain)

plain:
	VMULPS  (SI)(AX*4), Y6, Y2
	VADDPS  Y2, Y0, Y0
	VMOVUPS Y0, (SI)(AX*4)
	VMULPS  Y0, Y5, Y0
	VSUBPS  Y0, Y1, Y1
	VMOVUPS Y1, (DI)(AX*4)
	LOOP(loop)
	VZEROUPPER
	RET

// func adamAVX2(p, m, v, grad *float32, n int, c *AdamCoeffs, decays bool)
TEXT ·adamAVX2(SB), NOSPLIT, $0-49
	MOVQ         p+0(FP), DI
	MOVQ         m+8(FP), SI
	MOVQ         v+16(FP), BX
	MOVQ         grad+24(FP), DX
	MOVQ         n+32(FP), CX
	MOVQ         c+40(FP), R9
	MOVBQZX      decays+48(FP), R8
	VBROADCASTSS AdamCoeffs_Decay(R9), Y7
	VBROADCASTSS AdamCoeffs_StepSize(R9), Y8
	VBROADCASTSS AdamCoeffs_Weight1(R9), Y9
	VBROADCASTSS AdamCoeffs_Beta2(R9), Y10
	VBROADCASTSS AdamCoeffs_Weight2(R9), Y11
	VBROADCASTSS AdamCoeffs_Root2(R9), Y12
	VBROADCASTSS AdamCoeffs_Eps(R9), Y13
	XORQ         AX, AX

loop:
	LOAD(plain)

plain:
	VMOVUPS (SI)(AX*4), Y2
	VSUBPS  Y2, Y0, Y3
	VMULPS  Y3, Y9, Y3
	VADDPS  Y3, Y2, Y2              // m
	VMOVUPS Y2, (SI)(AX*4)
	VMULPS  (BX)(AX*4), Y10, Y4
	VMULPS  Y0, Y11, Y3
	VMULPS  Y0, Y3, Y3
	VADDPS  Y3, Y4, Y4              // v
	VMOVUPS Y4, (BX)(AX*4)
	VSQRTPS Y4, Y4
	VDIVPS  Y12, Y4, Y4
	VADDPS  Y13, Y4, Y4
	VMULPS  Y2, Y8, Y2
	VDIVPS  Y4, Y2, Y2
	VSUBPS  Y2, Y1, Y1
	VMOVUPS Y1, (DI)(AX*4)
	LOOP(loop)
	VZEROUPPER
	RET
