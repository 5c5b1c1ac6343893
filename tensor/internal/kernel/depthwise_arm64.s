//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// Depthwise convolutions in NEON, 16 channels at a time.

// MULADD adds the products of V4..V7 and V16..V19 to V0..V3.
#define MULADD \
	VFMLA V4.S4, V16.S4, V0.S4; \
	VFMLA V5.S4, V17.S4, V1.S4; \
	VFMLA V6.S4, V18.S4, V2.S4; \
	VFMLA V7.S4, V19.S4, V3.S4

// BYTES loads a stride, in bytes.
#define BYTES(FIELD, R) \
	MOVD FIELD(R0), R; \
	LSL  $2, R, R

// func depthwiseNEON(d *DepthwiseRow)
//
//	R0 d     R1, R2, R3, R4 y, x, w, start     R5 pixels left     R6, R7 where the channels are, groups left
//	R8..R13 strides of y, x, x along k0 and k1, w along k0 and k1     R14, R15 k0, k1
//	R16, R17 a row of taps in x and w     R19, R20 a tap     R21, R22 counters of k1, k0     R23 the result
TEXT ·depthwiseNEON(SB), NOSPLIT, $0-8
	MOVD d+0(FP), R0
	MOVD DepthwiseRow_Y(R0), R1
	MOVD DepthwiseRow_X(R0), R2
	MOVD DepthwiseRow_W(R0), R3
	MOVD DepthwiseRow_Start(R0), R4
	MOVD DepthwiseRow_N(R0), R5
	BYTES(DepthwiseRow_YStep, R8)
	BYTES(DepthwiseRow_XStep, R9)
	BYTES(DepthwiseRow_XK0, R10)
	BYTES(DepthwiseRow_XK1, R11)
	BYTES(DepthwiseRow_WK0, R12)
	BYTES(DepthwiseRow_WK1, R13)
	MOVD DepthwiseRow_K0(R0), R14
	MOVD DepthwiseRow_K1(R0), R15
	CMP  $0, R5
	BLE  done

pixel:
	MOVD ZR, R6
	MOVD DepthwiseRow_groups(R0), R7

group:
	ADD  R6, R1, R23
	CBZ  R4, fromy
	ADD  R6, R4, R16
	VLD1 (R16), [V0.S4, V1.S4, V2.S4, V3.S4]
	B    ready

fromy:
	VLD1 (R23), [V0.S4, V1.S4, V2.S4, V3.S4]

ready:
	ADD  R6, R2, R16
	ADD  R6, R3, R17
	MOVD R15, R21

row:
	MOVD R16, R19
	MOVD R17, R20
	MOVD R14, R22

tap:
	VLD1.P (R19)(R10), [V4.S4, V5.S4, V6.S4, V7.S4]
	VLD1.P (R20)(R12), [V16.S4, V17.S4, V18.S4, V19.S4]
	MULADD
	SUBS   $1, R22, R22
	BNE    tap
	ADD    R11, R16, R16
	ADD    R13, R17, R17
	SUBS   $1, R21, R21
	BNE    row
	VST1   [V0.S4, V1.S4, V2.S4, V3.S4], (R23)
	ADD    $64, R6, R6
	SUBS   $1, R7, R7
	BNE    group
	ADD    R8, R1, R1
	ADD    R9, R2, R2
	SUBS   $1, R5, R5
	BNE    pixel

done:
	RET

// func depthwiseSumsNEON(d *DepthwiseWeights)
//
//	R0 d     R1, R2 a tap's sums, and the first of x that it meets     R3 dy     R5 pixels     R8, R9 strides of dy and x
//	R10, R11 from tap to tap in x and sums     R12, R13 from row to row of taps     R14, R15 counters of k, k1
//	R16, R17 a row of taps in x and sums     R6, R7 where the channels are, groups left     R19, R20 dy, x
//	R21 pixels left     R23 the sums of a group
TEXT ·depthwiseSumsNEON(SB), NOSPLIT, $0-8
	MOVD d+0(FP), R0
	MOVD DepthwiseWeights_Sums(R0), R17
	MOVD DepthwiseWeights_X(R0), R16
	MOVD DepthwiseWeights_DY(R0), R3
	MOVD DepthwiseWeights_N(R0), R5
	BYTES(DepthwiseWeights_DYStep, R8)
	BYTES(DepthwiseWeights_XStep, R9)
	BYTES(DepthwiseWeights_XTap, R10)
	BYTES(DepthwiseWeights_SumTap, R11)
	BYTES(DepthwiseWeights_XRow, R12)
	BYTES(DepthwiseWeights_SumRow, R13)
	MOVD DepthwiseWeights_TapRows(R0), R15
	CMP  $0, R5
	BLE  done

row:
	MOVD R17, R1
	MOVD R16, R2
	MOVD DepthwiseWeights_Taps(R0), R14

tap:
	MOVD ZR, R6
	MOVD DepthwiseWeights_groups(R0), R7

group:
	ADD  R6, R1, R23
	ADD  R6, R3, R19
	ADD  R6, R2, R20
	MOVD R5, R21
	VLD1 (R23), [V0.S4, V1.S4, V2.S4, V3.S4]

pixel:
	VLD1.P (R19)(R8), [V4.S4, V5.S4, V6.S4, V7.S4]
	VLD1.P (R20)(R9), [V16.S4, V17.S4, V18.S4, V19.S4]
	MULADD
	SUBS   $1, R21, R21
	BNE    pixel
	VST1   [V0.S4, V1.S4, V2.S4, V3.S4], (R23)
	ADD    $64, R6, R6
	SUBS   $1, R7, R7
	BNE    group
	ADD    R11, R1, R1
	ADD    R10, R2, R2
	SUBS   $1, R14, R14
	BNE    tap
	ADD    R13, R17, R17
	ADD    R12, R16, R16
	SUBS   $1, R15, R15
	BNE    row

done:
	RET
