//go:build !purego

#include "go_asm.h"
#include "textflag.h"
#include "tile_arm64.h"

// The tile in NEON: m <= 6 rows by 16 columns.
//
//	R0 tile     R1..R6 rows of A     R7 B     R8 AK0, R9 BK0     R10, R11 counters of k0, k1
//	R12 start   R13 counter of panels     R14 C     R16 the panel of B     R19, R20 from one k1 to the next in A, B
//	R21 index into all rows of A
//	V0..V3 a row of B     V4..V7 an element of A each     V8..V31 C, four to a row
//
// An element of A is loaded as one value and multiplied from there: a load that fills a vector with it would take one
// of the pipes that multiply as well.

// ROW multiplies one element of A, in lane 0 of the vector V, with the row of B.
#define ROW(R, F, V, C) \
	FMOVS (R)(R21), F; \
	FMLAROW(V, 0, C)

#define ROWS1 ROW(R1, F4, 4, 8)
#define ROWS2 ROWS1; ROW(R2, F5, 5, 12)
#define ROWS3 ROWS2; ROW(R3, F6, 6, 16)
#define ROWS4 ROWS3; ROW(R4, F7, 7, 20)
#define ROWS5 ROWS4; ROW(R5, F4, 4, 24)
#define ROWS6 ROWS5; ROW(R6, F5, 5, 28)

// BASE points a register at a row of A.
#define BASE(I, R) \
	MOVD (Tile_ARow+8*I)(R0), R17; \
	MOVD Tile_A(R0), R; \
	ADD  R17<<2, R, R

#define BASE1 BASE(0, R1)
#define BASE2 BASE1; BASE(1, R2)
#define BASE3 BASE2; BASE(2, R3)
#define BASE4 BASE3; BASE(3, R4)
#define BASE5 BASE4; BASE(4, R5)
#define BASE6 BASE5; BASE(5, R6)

#define TILE(BASES, GETS, SETS, ROWS, PUTS, PANEL, FROMC, READY, OUTER, INNER) \
PANEL:; \
	BASES; \
	MOVD ZR, R21; \
	CBZ  R12, FROMC; \
	VLD1.P 64(R12), [V0.S4, V1.S4, V2.S4, V3.S4]; \
	SETS; \
	B    READY; \
FROMC:; \
	GETS; \
READY:; \
	MOVD R16, R7; \
	MOVD Tile_K1(R0), R11; \
OUTER:; \
	MOVD Tile_K0(R0), R10; \
INNER:; \
	VLD1.P (R7)(R9), [V0.S4, V1.S4, V2.S4, V3.S4]; \
	ROWS; \
	ADD  R8, R21, R21; \
	SUBS $1, R10, R10; \
	BNE  INNER; \
	ADD  R19, R21, R21; \
	ADD  R20, R7, R7; \
	SUBS $1, R11, R11; \
	BNE  OUTER; \
	PUTS; \
	ADD  $64, R14, R14; \
	MOVD Tile_BPanel(R0), R17; \
	ADD  R17<<2, R16, R16; \
	SUBS $1, R13, R13; \
	BGT  PANEL; \
	RET

// func tileNEON(t *Tile)
TEXT ·tileNEON(SB), NOSPLIT, $0-8
	MOVD t+0(FP), R0
	MOVD Tile_K0(R0), R10
	MOVD Tile_K1(R0), R11
	CMP  $0, R10
	BLE  none
	CMP  $0, R11
	BLE  none
	MOVD Tile_AK0(R0), R8
	MOVD Tile_BK0(R0), R9
	LSL  $2, R8, R8
	LSL  $2, R9, R9
	MUL  R10, R8, R17
	MOVD Tile_AK1(R0), R19
	LSL  $2, R19, R19
	SUB  R17, R19, R19
	MUL  R10, R9, R17
	MOVD Tile_BK1(R0), R20
	LSL  $2, R20, R20
	SUB  R17, R20, R20
	MOVD Tile_Start(R0), R12
	MOVD Tile_Panels(R0), R13
	MOVD Tile_C(R0), R14
	MOVD Tile_B(R0), R16
	MOVD Tile_Rows(R0), R17
	CMP  $1, R17
	BEQ  m1
	CMP  $2, R17
	BEQ  m2
	CMP  $3, R17
	BEQ  m3
	CMP  $4, R17
	BEQ  m4
	CMP  $5, R17
	BEQ  m5
	CMP  $6, R17
	BEQ  m6

none:
	RET

m1:
	TILE(BASE1, GET1, SET1, ROWS1, PUT1, panel1, fromc1, ready1, outer1, inner1)

m2:
	TILE(BASE2, GET2, SET2, ROWS2, PUT2, panel2, fromc2, ready2, outer2, inner2)

m3:
	TILE(BASE3, GET3, SET3, ROWS3, PUT3, panel3, fromc3, ready3, outer3, inner3)

m4:
	TILE(BASE4, GET4, SET4, ROWS4, PUT4, panel4, fromc4, ready4, outer4, inner4)

m5:
	TILE(BASE5, GET5, SET5, ROWS5, PUT5, panel5, fromc5, ready5, outer5, inner5)

m6:
	TILE(BASE6, GET6, SET6, ROWS6, PUT6, panel6, fromc6, ready6, outer6, inner6)

// func ceilingNEON(n int)
TEXT ·ceilingNEON(SB), NOSPLIT, $0-8
	MOVD n+0(FP), R0
	VEOR V0.B16, V0.B16, V0.B16

loop:
	VFMLA V0.S4, V0.S4, V1.S4
	VFMLA V0.S4, V0.S4, V2.S4
	VFMLA V0.S4, V0.S4, V3.S4
	VFMLA V0.S4, V0.S4, V4.S4
	VFMLA V0.S4, V0.S4, V5.S4
	VFMLA V0.S4, V0.S4, V6.S4
	VFMLA V0.S4, V0.S4, V7.S4
	VFMLA V0.S4, V0.S4, V8.S4
	VFMLA V0.S4, V0.S4, V9.S4
	VFMLA V0.S4, V0.S4, V10.S4
	VFMLA V0.S4, V0.S4, V11.S4
	VFMLA V0.S4, V0.S4, V12.S4
	SUBS $1, R0, R0
	BGT  loop
	RET
