//go:build !purego

#include "go_asm.h"
#include "textflag.h"
#include "float_arm64.h"

// The kernels of batch norm in NEON: eight columns at a time, down the rows.
//
//	R0 d     R1 where the columns are     R2 columns left     R3 rows left
//	R4 x, R5 y, R6 dy, R7 dx, R8 add or dadd, which may be nil; strides R9, R10, R11, R12, R13; R14 is scratch
//	V16, V17 scale     V18, V19 shift     V20, V21 mean     V22, V23 s     V24, V25 q     V26, V27 b     V28, V29 c
//	V30 lo     V31 hi     V0, V1 x     V2, V3 dy, or g     V4 and up are scratch

// ROWS points R to the columns of an operand.
#define ROWS(FIELD, R) \
	MOVD FIELD(R0), R; \
	ADD  R1, R, R

// MAYBE is ROWS of one that may be nil.
#define MAYBE(FIELD, R, NONE) \
	MOVD FIELD(R0), R; \
	CBZ  R, NONE; \
	ADD  R1, R, R; \
NONE:

// EACH loads what belongs to the columns.
#define EACH(FIELD, A, B) \
	ROWS(FIELD, R14); \
	VLD1 (R14), [A, B]

#define STRIDE(FIELD, R) \
	MOVD FIELD(R0), R; \
	LSL  $2, R, R

// BEGIN takes d, and goes to done if there are no rows or columns.
#define BEGIN \
	MOVD d+0(FP), R0; \
	MOVD ZR, R1; \
	MOVD ChannelRows_Cols(R0), R2; \
	STRIDE(ChannelRows_XStep, R9); \
	MOVD ChannelRows_Rows(R0), R3; \
	CMP  $0, R3; \
	BLE  done; \
	CMP  $8, R2; \
	BLT  done

// BOUNDS takes lo and hi.
#define BOUNDS \
	ADD   $ChannelRows_Lo, R0, R14; \
	VLD1R (R14), [V30.S4]; \
	ADD   $ChannelRows_Hi, R0, R14; \
	VLD1R (R14), [V31.S4]

// SCALED is x*scale + shift, in V4 and V5.
#define SCALED \
	VMOV  V18.B16, V4.B16; \
	VMOV  V19.B16, V5.B16; \
	VFMLA V0.S4, V16.S4, V4.S4; \
	VFMLA V1.S4, V17.S4, V5.S4

// PASS is g, in V2 and V3, where the result does not come from y or comes from it.
#define PASS(COMPUTED, KNOWN) \
	VLD1.P (R4)(R9), [V0.S4, V1.S4]; \
	VLD1   (R6), [V2.S4, V3.S4]; \
	ADD    R11, R6, R6; \
	CBZ    R5, COMPUTED; \
	VLD1.P (R5)(R10), [V4.S4, V5.S4]; \
	B      KNOWN; \
COMPUTED:; \
	SCALED; \
KNOWN:; \
	FATMOST(6, 4, 30); \
	FATMOST(7, 31, 4); \
	WITHOUT(2, 2, 6); \
	WITHOUT(2, 2, 7); \
	FATMOST(6, 5, 30); \
	FATMOST(7, 31, 5); \
	WITHOUT(3, 3, 6); \
	WITHOUT(3, 3, 7)

// NEXT goes on to the next row, and the next columns.
#define NEXTROW \
	SUBS $1, R3, R3; \
	BNE  row

#define NEXTCOLUMNS \
	ADD  $32, R1, R1; \
	SUB  $8, R2, R2; \
	CMP  $8, R2; \
	BGE  columns

// SUMS takes s and q, PUTSUMS puts them back.
#define SUMS \
	EACH(ChannelRows_Sums, V22.S4, V23.S4); \
	EACH(ChannelRows_Products, V24.S4, V25.S4)

#define PUTSUMS \
	VST1 [V24.S4, V25.S4], (R14); \
	ROWS(ChannelRows_Sums, R14); \
	VST1 [V22.S4, V23.S4], (R14)

// func momentsNEON(d *ChannelRows)
TEXT ·momentsNEON(SB), NOSPLIT, $0-8
	BEGIN

columns:
	ROWS(ChannelRows_X, R4)
	EACH(ChannelRows_Mean, V20.S4, V21.S4)
	SUMS
	MOVD ChannelRows_Rows(R0), R3

row:
	VLD1.P (R4)(R9), [V0.S4, V1.S4]
	FSUB(0, 0, 20)
	FSUB(1, 1, 21)
	FADD(22, 22, 0)
	FADD(23, 23, 1)
	VFMLA  V0.S4, V0.S4, V24.S4
	VFMLA  V1.S4, V1.S4, V25.S4
	NEXTROW
	PUTSUMS
	NEXTCOLUMNS

done:
	RET

// func normNEON(d *ChannelRows)
TEXT ·normNEON(SB), NOSPLIT, $0-8
	BEGIN
	BOUNDS
	STRIDE(ChannelRows_YStep, R10)
	STRIDE(ChannelRows_AddStep, R13)

columns:
	ROWS(ChannelRows_X, R4)
	ROWS(ChannelRows_Y, R5)
	MAYBE(ChannelRows_Add, R8, noadd)
	EACH(ChannelRows_Scale, V16.S4, V17.S4)
	EACH(ChannelRows_Shift, V18.S4, V19.S4)
	MOVD ChannelRows_Rows(R0), R3

row:
	VLD1.P (R4)(R9), [V0.S4, V1.S4]
	SCALED
	CBZ    R8, cut
	VLD1.P (R8)(R13), [V6.S4, V7.S4]
	FADD(4, 4, 6)
	FADD(5, 5, 7)

cut:
	FLESS(6, 4, 30)
	FLESS(7, 5, 30)
	VBIT V6.B16, V30.B16, V4.B16
	VBIT V7.B16, V30.B16, V5.B16
	FLESS(6, 31, 4)
	FLESS(7, 31, 5)
	VBIT V6.B16, V31.B16, V4.B16
	VBIT V7.B16, V31.B16, V5.B16
	VST1 [V4.S4, V5.S4], (R5)
	ADD  R10, R5, R5
	NEXTROW
	NEXTCOLUMNS

done:
	RET

// func normSumsNEON(d *ChannelRows)
TEXT ·normSumsNEON(SB), NOSPLIT, $0-8
	BEGIN
	BOUNDS
	STRIDE(ChannelRows_YStep, R10)
	STRIDE(ChannelRows_DYStep, R11)

columns:
	ROWS(ChannelRows_X, R4)
	MAYBE(ChannelRows_Y, R5, noy)
	ROWS(ChannelRows_DY, R6)
	EACH(ChannelRows_Scale, V16.S4, V17.S4)
	EACH(ChannelRows_Shift, V18.S4, V19.S4)
	EACH(ChannelRows_Mean, V20.S4, V21.S4)
	SUMS
	MOVD ChannelRows_Rows(R0), R3

row:
	PASS(computed, known)
	FADD(22, 22, 2)
	FADD(23, 23, 3)
	FSUB(0, 0, 20)
	FSUB(1, 1, 21)
	VFMLA V0.S4, V2.S4, V24.S4
	VFMLA V1.S4, V3.S4, V25.S4
	NEXTROW
	PUTSUMS
	NEXTCOLUMNS

done:
	RET

// func normBackNEON(d *ChannelRows)
TEXT ·normBackNEON(SB), NOSPLIT, $0-8
	BEGIN
	BOUNDS
	STRIDE(ChannelRows_YStep, R10)
	STRIDE(ChannelRows_DYStep, R11)
	STRIDE(ChannelRows_DXStep, R12)
	STRIDE(ChannelRows_DAddStep, R13)
	MOVBU ChannelRows_SetX(R0), R15
	MOVBU ChannelRows_SetAdd(R0), R16

columns:
	ROWS(ChannelRows_X, R4)
	MAYBE(ChannelRows_Y, R5, noy)
	ROWS(ChannelRows_DY, R6)
	ROWS(ChannelRows_DX, R7)
	MAYBE(ChannelRows_DAdd, R8, noadd)
	EACH(ChannelRows_Scale, V16.S4, V17.S4)
	EACH(ChannelRows_Shift, V18.S4, V19.S4)
	EACH(ChannelRows_B, V26.S4, V27.S4)
	EACH(ChannelRows_C, V28.S4, V29.S4)
	MOVD ChannelRows_Rows(R0), R3

row:
	PASS(computed, known)
	CBZ  R8, input
	VMOV V2.B16, V4.B16
	VMOV V3.B16, V5.B16
	CBNZ R16, put
	VLD1 (R8), [V6.S4, V7.S4]
	FADD(4, 4, 6)
	FADD(5, 5, 7)

put:
	VST1 [V4.S4, V5.S4], (R8)
	ADD  R13, R8, R8
	SUB  R9, R4, R14 // dadd may be x
	VLD1 (R14), [V0.S4, V1.S4]

input:
	VMOV  V28.B16, V4.B16
	VMOV  V29.B16, V5.B16
	VFMLA V0.S4, V26.S4, V4.S4
	VFMLA V1.S4, V27.S4, V5.S4
	VFMLA V2.S4, V16.S4, V4.S4
	VFMLA V3.S4, V17.S4, V5.S4
	CBNZ  R15, set
	VLD1  (R7), [V6.S4, V7.S4]
	FADD(4, 4, 6)
	FADD(5, 5, 7)

set:
	VST1 [V4.S4, V5.S4], (R7)
	ADD  R12, R7, R7
	NEXTROW
	NEXTCOLUMNS

done:
	RET
