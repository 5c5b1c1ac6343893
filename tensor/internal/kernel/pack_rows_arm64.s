//go:build !purego

#include "textflag.h"

// The rows of a tile, packed: for every column of the matrix, its values in all six of them.

// BELOW points NEXT to the row below PREV, of which there are R3, or to PREV if that is the last.
#define BELOW(N, PREV, NEXT) \
	ADD  R2, PREV, NEXT; \
	CMP  $N, R3; \
	CSEL LT, PREV, NEXT, NEXT

// COLUMN stores a column: four values of A, and half of B.
#define COLUMN(A, B) \
	VST1.P [A.S4], 16(R0); \
	VST1.P [B.D1], 8(R0)

// func packRows6NEON(dst, src *float32, stride, rows, n int)
TEXT ·packRows6NEON(SB), NOSPLIT, $0-40
	MOVD dst+0(FP), R0
	MOVD src+8(FP), R4
	MOVD stride+16(FP), R2
	MOVD rows+24(FP), R3
	MOVD n+32(FP), R1
	CMP  $0, R1
	BLE  done
	LSL  $2, R2, R2
	BELOW(2, R4, R5)
	BELOW(3, R5, R6)
	BELOW(4, R6, R7)
	BELOW(5, R7, R8)
	BELOW(6, R8, R9)

pack:
	VLD1.P 16(R4), [V0.S4]
	VLD1.P 16(R5), [V1.S4]
	VLD1.P 16(R6), [V2.S4]
	VLD1.P 16(R7), [V3.S4]
	VLD1.P 16(R8), [V4.S4]
	VLD1.P 16(R9), [V5.S4]

	// Columns 0 and 2, and 1 and 3, of two rows; and then of four.
	VTRN1 V1.S4, V0.S4, V6.S4
	VTRN2 V1.S4, V0.S4, V7.S4
	VTRN1 V3.S4, V2.S4, V16.S4
	VTRN2 V3.S4, V2.S4, V17.S4
	VTRN1 V16.D2, V6.D2, V0.D2
	VTRN2 V16.D2, V6.D2, V2.D2
	VTRN1 V17.D2, V7.D2, V1.D2
	VTRN2 V17.D2, V7.D2, V3.D2

	// Columns 0 and 1, and 2 and 3, of the last two rows.
	VZIP1 V5.S4, V4.S4, V6.S4
	VZIP2 V5.S4, V4.S4, V7.S4
	VDUP  V6.D[1], V16.D2
	VDUP  V7.D[1], V17.D2
	COLUMN(V0, V6)
	COLUMN(V1, V16)
	COLUMN(V2, V7)
	COLUMN(V3, V17)
	SUBS  $1, R1, R1
	BNE   pack

done:
	RET
