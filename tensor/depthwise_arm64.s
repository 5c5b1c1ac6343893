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

// func depthwiseNEON(d *depthwise)
//
//	R0 d     R1, R2, R3, R4 y, x, w, start     R5 pixels left     R6, R7 where the channels are, groups left
//	R8..R13 strides of y, x, x along k0 and k1, w along k0 and k1     R14, R15 k0, k1
//	R16, R17 a row of taps in x and w     R19, R20 a tap     R21, R22 counters of k1, k0     R23 the result
TEXT ·depthwiseNEON(SB), NOSPLIT, $0-8
	MOVD d+0(FP), R0
	MOVD depthwise_y(R0), R1
	MOVD depthwise_x(R0), R2
	MOVD depthwise_w(R0), R3
	MOVD depthwise_start(R0), R4
	MOVD depthwise_n(R0), R5
	BYTES(depthwise_ys, R8)
	BYTES(depthwise_xs, R9)
	BYTES(depthwise_xk0, R10)
	BYTES(depthwise_xk1, R11)
	BYTES(depthwise_wk0, R12)
	BYTES(depthwise_wk1, R13)
	MOVD depthwise_k0(R0), R14
	MOVD depthwise_k1(R0), R15
	CMP  $0, R5
	BLE  done

pixel:
	MOVD ZR, R6
	MOVD depthwise_groups(R0), R7

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

// func depthwiseSumsNEON(d *depthwiseSums)
//
//	R0 d     R1, R2 a tap's sums, and the first of x that it meets     R3 dy     R5 pixels     R8, R9 strides of dy and x
//	R10, R11 from tap to tap in x and sums     R12, R13 from row to row of taps     R14, R15 counters of k, k1
//	R16, R17 a row of taps in x and sums     R6, R7 where the channels are, groups left     R19, R20 dy, x
//	R21 pixels left     R23 the sums of a group
TEXT ·depthwiseSumsNEON(SB), NOSPLIT, $0-8
	MOVD d+0(FP), R0
	MOVD depthwiseSums_sums(R0), R17
	MOVD depthwiseSums_x(R0), R16
	MOVD depthwiseSums_dy(R0), R3
	MOVD depthwiseSums_n(R0), R5
	BYTES(depthwiseSums_dys, R8)
	BYTES(depthwiseSums_xs, R9)
	BYTES(depthwiseSums_xk, R10)
	BYTES(depthwiseSums_sk, R11)
	BYTES(depthwiseSums_xk1, R12)
	BYTES(depthwiseSums_sk1, R13)
	MOVD depthwiseSums_k1(R0), R15
	CMP  $0, R5
	BLE  done

row:
	MOVD R17, R1
	MOVD R16, R2
	MOVD depthwiseSums_k(R0), R14

tap:
	MOVD ZR, R6
	MOVD depthwiseSums_groups(R0), R7

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
