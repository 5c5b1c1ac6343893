//go:build !purego

#include "go_asm.h"
#include "textflag.h"
#include "tile_arm64.h"

// A column of tiles in NEON, of 4 to 6 rows, on packed operands: A has 6 values for every k, whatever m is, and B 16.
// So A takes three loads for two k.
//
//	R0 tile     R1 A     R7 B     R14 C     R12 start     R13 tiles     R10 counter of k0
//	R2, R3 what will be needed soon, and its pace for two k     R4 C of the next tile     R17 free
//	R6 the next tile's A     R8 the next tile's R2     R9, R11, R15 from one tile to the next in A, next and C
//	V0..V3 a row of B     V4..V6 two k of A     V8..V31 C, four to a row

// LOADB takes the row of B at AT.
#define LOADB(AT) \
	FLDPQ AT(R7), (F0, F1); \
	FLDPQ (AT+32)(R7), (F2, F3)

#define EVEN4 FMLAROW(4, 0, 8); FMLAROW(4, 1, 12); FMLAROW(4, 2, 16); FMLAROW(4, 3, 20)
#define EVEN5 EVEN4; FMLAROW(5, 0, 24)
#define EVEN6 EVEN5; FMLAROW(5, 1, 28)

#define ODD4 FMLAROW(5, 2, 8); FMLAROW(5, 3, 12); FMLAROW(6, 0, 16); FMLAROW(6, 1, 20)
#define ODD5 ODD4; FMLAROW(6, 2, 24)
#define ODD6 ODD5; FMLAROW(6, 3, 28)

// FETCH asks for a row of the tile of C that comes next.
#define FETCH(I) \
	MOVD (Tile_CRow+8*I)(R0), R17; \
	ADD  R17<<2, R4, R17; \
	PRFM (R17), PLDL1KEEP

#define FETCH4 FETCH(0); FETCH(1); FETCH(2); FETCH(3)
#define FETCH5 FETCH4; FETCH(4)
#define FETCH6 FETCH5; FETCH(5)

#define COLUMN(GETS, SETS, FETCHES, EVEN, ODD, PUTS, TILE, FROMC, READY, TWO, LAST, DONE) \
TILE:; \
	CBZ  R12, FROMC; \
	VLD1 (R12), [V0.S4, V1.S4, V2.S4, V3.S4]; \
	SETS; \
	B    READY; \
FROMC:; \
	GETS; \
READY:; \
	ADD  R15, R14, R4; \
	FETCHES; \
	ADD  R9, R1, R6; \
	ADD  R11, R2, R8; \
	MOVD Tile_B(R0), R7; \
	MOVD Tile_K0(R0), R10; \
	SUBS $2, R10, R10; \
	BLT  LAST; \
TWO:; \
	LOADB(0); \
	FLDPQ (R1), (F4, F5); \
	FMOVQ 32(R1), F6; \
	EVEN; \
	LOADB(64); \
	PRFM (R2), PLDL2KEEP; \
	ADD  R3, R2, R2; \
	ODD; \
	ADD  $128, R7, R7; \
	ADD  $48, R1, R1; \
	SUBS $2, R10, R10; \
	BGE  TWO; \
LAST:; \
	CMN  $1, R10; \
	BNE  DONE; \
	LOADB(0); \
	FMOVQ (R1), F4; \
	FMOVD 16(R1), F5; \
	EVEN; \
DONE:; \
	PUTS; \
	MOVD R6, R1; \
	MOVD R8, R2; \
	MOVD R4, R14; \
	SUBS $1, R13, R13; \
	BGT  TILE; \
	RET

// func tileColumnNEON(t *tile, n int)
TEXT ·tileColumnNEON(SB), NOSPLIT, $0-16
	MOVD t+0(FP), R0
	MOVD n+8(FP), R13
	MOVD Tile_A(R0), R1
	MOVD Tile_C(R0), R14
	MOVD Tile_Start(R0), R12
	MOVD Tile_Pace(R0), R3
	LSL  $1, R3, R3
	MOVD Tile_Next(R0), R2
	CBNZ R2, steps
	MOVD Tile_B(R0), R2

steps:
	MOVD Tile_ADown(R0), R9
	MOVD Tile_NextDown(R0), R11
	MOVD Tile_CDown(R0), R15
	LSL  $2, R9, R9
	LSL  $2, R11, R11
	LSL  $2, R15, R15
	MOVD Tile_Rows(R0), R17
	CMP  $6, R17
	BEQ  tile6
	CMP  $5, R17
	BEQ  tile5

	COLUMN(GET4, SET4, FETCH4, EVEN4, ODD4, PUT4, tile4, fromc4, ready4, two4, last4, done4)

	COLUMN(GET5, SET5, FETCH5, EVEN5, ODD5, PUT5, tile5, fromc5, ready5, two5, last5, done5)

	COLUMN(GET6, SET6, FETCH6, EVEN6, ODD6, PUT6, tile6, fromc6, ready6, two6, last6, done6)
