//go:build !purego

#include "go_asm.h"
#include "textflag.h"
#include "tile_amd64.h"

// The narrow tile in AVX2 with FMA: m <= 8 rows by width <= 8 columns, of which no others are read or written.
//
//	DX tile     AX, BX, CX, DI, R8, R9, R10, R14 rows of A     R11 index into all of them     R12 AK0
//	SI B        R13 BK0     R15 counter of k0
//	Y7 ones in the columns that there are     Y0 a row of B     Y1..Y6 an element of A each     Y8..Y15 C
//
// Eight chains just hide the latency of the fused multiply-add. The counter of k1 and where the group under way
// starts are on the stack, and at the end C, whose rows are then stored piece by piece: a store under a mask takes
// longer than all pieces together.

// ROW multiplies one element of A with the row of B.
#define ROW(BASE, A, C) \
	VBROADCASTSS (BASE)(R11*1), A; \
	VFMADD231PS  Y0, A, C

#define ROWS1 ROW(AX, Y1, Y8)
#define ROWS2 ROWS1; ROW(BX, Y2, Y9)
#define ROWS3 ROWS2; ROW(CX, Y3, Y10)
#define ROWS4 ROWS3; ROW(DI, Y4, Y11)
#define ROWS5 ROWS4; ROW(R8, Y5, Y12)
#define ROWS6 ROWS5; ROW(R9, Y6, Y13)
#define ROWS7 ROWS6; ROW(R10, Y1, Y14)
#define ROWS8 ROWS7; ROW(R14, Y2, Y15)

// BASE points a register at a row of A.
#define BASE(I, R) \
	MOVQ (Tile_ARow+8*I)(DX), R; \
	LEAQ (SI)(R*4), R

#define BASE1 BASE(0, AX)
#define BASE2 BASE1; BASE(1, BX)
#define BASE3 BASE2; BASE(2, CX)
#define BASE4 BASE3; BASE(3, DI)
#define BASE5 BASE4; BASE(4, R8)
#define BASE6 BASE5; BASE(5, R9)
#define BASE7 BASE6; BASE(6, R10)
#define BASE8 BASE7; BASE(7, R14)

// GET takes a row of C, at SI.
#define GET(I, C) \
	MOVQ       (Tile_CRow+8*I)(DX), R15; \
	VMASKMOVPS (SI)(R15*4), Y7, C

#define GET1 GET(0, Y8)
#define GET2 GET1; GET(1, Y9)
#define GET3 GET2; GET(2, Y10)
#define GET4 GET3; GET(3, Y11)
#define GET5 GET4; GET(4, Y12)
#define GET6 GET5; GET(5, Y13)
#define GET7 GET6; GET(6, Y14)
#define GET8 GET7; GET(7, Y15)

// SET starts a row from Y0 instead.
#define SET1 VMOVUPS Y0, Y8
#define SET2 SET1; VMOVUPS Y0, Y9
#define SET3 SET2; VMOVUPS Y0, Y10
#define SET4 SET3; VMOVUPS Y0, Y11
#define SET5 SET4; VMOVUPS Y0, Y12
#define SET6 SET5; VMOVUPS Y0, Y13
#define SET7 SET6; VMOVUPS Y0, Y14
#define SET8 SET7; VMOVUPS Y0, Y15

// KEEP puts C on the stack.
#define KEEP1 VMOVUPS Y8, rows-280(SP)
#define KEEP2 KEEP1; VMOVUPS Y9, rows-248(SP)
#define KEEP3 KEEP2; VMOVUPS Y10, rows-216(SP)
#define KEEP4 KEEP3; VMOVUPS Y11, rows-184(SP)
#define KEEP5 KEEP4; VMOVUPS Y12, rows-152(SP)
#define KEEP6 KEEP5; VMOVUPS Y13, rows-120(SP)
#define KEEP7 KEEP6; VMOVUPS Y14, rows-88(SP)
#define KEEP8 KEEP7; VMOVUPS Y15, rows-56(SP)

#define TILE(BASES, GETS, SETS, ROWS, KEEPS, FROMC, READY, OUTER, INNER) \
	MOVQ Tile_A(DX), SI;      \
	BASES;                    \
	MOVQ Tile_Start(DX), R15; \
	TESTQ R15, R15;           \
	JEQ  FROMC;               \
	VMASKMOVPS (R15), Y7, Y0; \
	SETS;                     \
	JMP  READY;               \
FROMC:;                       \
	MOVQ Tile_C(DX), SI;      \
	GETS;                     \
READY:;                       \
	MOVQ Tile_K1(DX), R15;    \
	MOVQ R15, k1-8(SP);       \
	MOVQ Tile_B(DX), SI;      \
	MOVQ SI, bgroup-16(SP);   \
	XORL R11, R11;            \
	MOVQ R11, agroup-24(SP);  \
OUTER:;                       \
	MOVQ Tile_K0(DX), R15;    \
	PCALIGN $32;              \
INNER:;                       \
	VMASKMOVPS (SI), Y7, Y0;  \
	ROWS;                     \
	ADDQ R12, R11;            \
	ADDQ R13, SI;             \
	DECQ R15;                 \
	JNZ  INNER;               \
	MOVQ Tile_BK1(DX), SI;    \
	SHLQ $2, SI;              \
	ADDQ bgroup-16(SP), SI;   \
	MOVQ SI, bgroup-16(SP);   \
	MOVQ Tile_AK1(DX), R11;   \
	SHLQ $2, R11;             \
	ADDQ agroup-24(SP), R11;  \
	MOVQ R11, agroup-24(SP);  \
	DECQ k1-8(SP);            \
	JNZ  OUTER;               \
	KEEPS;                    \
	JMP  store

// func tileNarrowAVX2(t *Tile)
TEXT ·tileNarrowAVX2(SB), NOSPLIT, $280-8
	MOVQ  t+0(FP), DX
	STRIDES

	// As many ones as there are columns.
	LEAQ    ·firstColumns+32(SB), SI
	MOVQ    Tile_width(DX), R8
	SHLQ    $2, R8
	SUBQ    R8, SI
	VMOVUPS (SI), Y7

	MOVQ Tile_Rows(DX), R10
	BYHEIGHT

m1:
	TILE(BASE1, GET1, SET1, ROWS1, KEEP1, fromc1, ready1, outer1, inner1)

m2:
	TILE(BASE2, GET2, SET2, ROWS2, KEEP2, fromc2, ready2, outer2, inner2)

m3:
	TILE(BASE3, GET3, SET3, ROWS3, KEEP3, fromc3, ready3, outer3, inner3)

m4:
	TILE(BASE4, GET4, SET4, ROWS4, KEEP4, fromc4, ready4, outer4, inner4)

m5:
	TILE(BASE5, GET5, SET5, ROWS5, KEEP5, fromc5, ready5, outer5, inner5)

m6:
	TILE(BASE6, GET6, SET6, ROWS6, KEEP6, fromc6, ready6, outer6, inner6)

m7:
	TILE(BASE7, GET7, SET7, ROWS7, KEEP7, fromc7, ready7, outer7, inner7)

m8:
	TILE(BASE8, GET8, SET8, ROWS8, KEEP8, fromc8, ready8, outer8, inner8)

// The rows go to C in pieces of four, two and one.
//
//	R8 width     R9 rows left     CX their places     BX the row     SI C
store:
	MOVQ Tile_width(DX), R8
	MOVQ Tile_Rows(DX), R9
	LEAQ Tile_CRow(DX), CX
	MOVQ Tile_C(DX), SI
	LEAQ rows-280(SP), BX
	CMPQ R8, $8
	JEQ  whole

row:
	MOVQ    (CX), R15
	LEAQ    (SI)(R15*4), R15
	MOVQ    BX, DI
	TESTQ   $4, R8
	JEQ     two
	VMOVUPS (DI), X0
	VMOVUPS X0, (R15)
	ADDQ    $16, DI
	ADDQ    $16, R15

two:
	TESTQ $2, R8
	JEQ   one
	MOVQ  (DI), R10
	MOVQ  R10, (R15)
	ADDQ  $8, DI
	ADDQ  $8, R15

one:
	TESTQ $1, R8
	JEQ   next
	MOVL  (DI), R10
	MOVL  R10, (R15)

next:
	ADDQ $32, BX
	ADDQ $8, CX
	DECQ R9
	JNZ  row
	VZEROUPPER
	RET

whole:
	MOVQ    (CX), R15
	VMOVUPS (BX), Y0
	VMOVUPS Y0, (SI)(R15*4)
	ADDQ    $32, BX
	ADDQ    $8, CX
	DECQ    R9
	JNZ     whole
	VZEROUPPER
	RET
