//go:build !purego

#include "go_asm.h"
#include "textflag.h"
#include "tile_amd64.h"

// The tile in AVX2 with FMA: m <= 6 rows by 16 columns. Registers are used as in tile_avx512_amd64.s, except
//
//	AX, BX, CX, DI, R8, R9 rows of A     R14, R10 what will be needed soon, and its pace
//	Y0, Y1 a row of B     Y2, Y3 an element of A     Y4..Y15 C, two to a row

// ROW multiplies one element of A with the row of B.
#define ROW(BASE, A, C0, C1) \
	VBROADCASTSS (BASE)(R11*1), A; \
	VFMADD231PS  Y0, A, C0; \
	VFMADD231PS  Y1, A, C1

#define ROWS1 ROW(AX, Y2, Y4, Y5)
#define ROWS2 ROWS1; ROW(BX, Y3, Y6, Y7)
#define ROWS3 ROWS2; ROW(CX, Y2, Y8, Y9)
#define ROWS4 ROWS3; ROW(DI, Y3, Y10, Y11)
#define ROWS5 ROWS4; ROW(R8, Y2, Y12, Y13)
#define ROWS6 ROWS5; ROW(R9, Y3, Y14, Y15)

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

// GET takes a row of the panel of C at SI.
#define GET(I, C0, C1) \
	MOVQ    (Tile_CRow+8*I)(DX), R15; \
	VMOVUPS (SI)(R15*4), C0; \
	VMOVUPS 32(SI)(R15*4), C1

#define GET1 GET(0, Y4, Y5)
#define GET2 GET1; GET(1, Y6, Y7)
#define GET3 GET2; GET(2, Y8, Y9)
#define GET4 GET3; GET(3, Y10, Y11)
#define GET5 GET4; GET(4, Y12, Y13)
#define GET6 GET5; GET(5, Y14, Y15)

// SET starts a row from Y0 and Y1 instead.
#define SET(C0, C1) \
	VMOVUPS Y0, C0; \
	VMOVUPS Y1, C1

#define SET1 SET(Y4, Y5)
#define SET2 SET1; SET(Y6, Y7)
#define SET3 SET2; SET(Y8, Y9)
#define SET4 SET3; SET(Y10, Y11)
#define SET5 SET4; SET(Y12, Y13)
#define SET6 SET5; SET(Y14, Y15)

// FETCH asks for a row of the tile of C that comes next, at R11, since its chains start from there.
#define FETCH(I) \
	MOVQ       (Tile_CRow+8*I)(DX), R15; \
	PREFETCHT0 (R11)(R15*4)

#define FETCH1 FETCH(0)
#define FETCH2 FETCH1; FETCH(1)
#define FETCH3 FETCH2; FETCH(2)
#define FETCH4 FETCH3; FETCH(3)
#define FETCH5 FETCH4; FETCH(4)
#define FETCH6 FETCH5; FETCH(5)

#define PUT(I, C0, C1) \
	MOVQ    (Tile_CRow+8*I)(DX), R15; \
	VMOVUPS C0, (SI)(R15*4); \
	VMOVUPS C1, 32(SI)(R15*4)

#define PUT1 PUT(0, Y4, Y5)
#define PUT2 PUT1; PUT(1, Y6, Y7)
#define PUT3 PUT2; PUT(2, Y8, Y9)
#define PUT4 PUT3; PUT(3, Y10, Y11)
#define PUT5 PUT4; PUT(4, Y12, Y13)
#define PUT6 PUT5; PUT(5, Y14, Y15)

// LOADB takes a row of B, and asks for one a little ahead, and for a piece of what will be needed soon.
#define LOADB \
	VMOVUPS    (SI), Y0; \
	VMOVUPS    32(SI), Y1; \
	PREFETCHT0 (SI)(R13*8); \
	PREFETCHT1 (R14); \
	ADDQ       R10, R14

// NEXTGROUP goes back over the k0 rows of B and elements of A just done, and on by bbs and abs.
#define NEXTGROUP(LOOP) \
	MOVQ Tile_BK1(DX), R15;   \
	SHLQ $2, R15;             \
	ADDQ bgroup-48(SP), R15;  \
	MOVQ R15, bgroup-48(SP);  \
	MOVQ R15, SI;             \
	MOVQ Tile_AK1(DX), R15;   \
	SHLQ $2, R15;             \
	ADDQ agroup-56(SP), R15;  \
	MOVQ R15, agroup-56(SP);  \
	MOVQ R15, R11;            \
	DECQ k1-40(SP);           \
	JNZ  LOOP

#define NEXTPANEL(LOOP) \
	ADDQ $64, c-8(SP);       \
	ADDQ $64, start-24(SP);  \
	MOVQ Tile_BPanel(DX), SI;   \
	SHLQ $2, SI;             \
	ADDQ SI, b-16(SP);       \
	DECQ panels-32(SP);      \
	JG   LOOP

#define TILE(BASES, GETS, SETS, FETCHES, ROWS, PUTS, PANEL, FROMC, READY, OUTER, INNER) \
	MOVQ Tile_A(DX), SI;     \
	BASES;                   \
	MOVQ Tile_Pace(DX), R10; \
	MOVQ Tile_Next(DX), R14; \
	TESTQ R14, R14;          \
	CMOVQEQ Tile_B(DX), R14; \
PANEL:;                      \
	MOVQ c-8(SP), SI;        \
	MOVQ Tile_Start(DX), R15; \
	TESTQ R15, R15;          \
	JEQ  FROMC;              \
	MOVQ start-24(SP), R15;  \
	VMOVUPS (R15), Y0;       \
	VMOVUPS 32(R15), Y1;     \
	SETS;                    \
	JMP  READY;              \
FROMC:;                      \
	GETS;                    \
READY:;                      \
	MOVQ Tile_AheadC(DX), R11; \
	LEAQ (SI)(R11*4), R11;   \
	FETCHES;                 \
	MOVQ Tile_K1(DX), R15;   \
	MOVQ R15, k1-40(SP);     \
	MOVQ b-16(SP), SI;       \
	MOVQ SI, bgroup-48(SP);  \
	XORL R11, R11;           \
	MOVQ R11, agroup-56(SP); \
OUTER:;                      \
	MOVQ Tile_K0(DX), R15;   \
	PCALIGN $32;             \
INNER:;                      \
	LOADB;                   \
	ROWS;                    \
	ADDQ R12, R11;           \
	ADDQ R13, SI;            \
	DECQ R15;                \
	JNZ  INNER;              \
	NEXTGROUP(OUTER);        \
	MOVQ c-8(SP), SI;        \
	PUTS;                    \
	NEXTPANEL(PANEL);        \
	VZEROUPPER;              \
	RET

// func tileAVX2(t *Tile)
TEXT ·tileAVX2(SB), NOSPLIT, $56-8
	MOVQ  t+0(FP), DX
	STRIDES
	OPERANDS
	MOVQ  Tile_Rows(DX), R10
	CMPQ  R10, $6
	JEQ   m6
	CMPQ  R10, $4
	JEQ   m4
	JGT   m5
	CMPQ  R10, $2
	JEQ   m2
	JGT   m3
	CMPQ  R10, $1
	JEQ   m1

none:
	RET

m1:
	TILE(BASE1, GET1, SET1, FETCH1, ROWS1, PUT1, panel1, fromc1, ready1, outer1, inner1)

m2:
	TILE(BASE2, GET2, SET2, FETCH2, ROWS2, PUT2, panel2, fromc2, ready2, outer2, inner2)

m3:
	TILE(BASE3, GET3, SET3, FETCH3, ROWS3, PUT3, panel3, fromc3, ready3, outer3, inner3)

m4:
	TILE(BASE4, GET4, SET4, FETCH4, ROWS4, PUT4, panel4, fromc4, ready4, outer4, inner4)

m5:
	TILE(BASE5, GET5, SET5, FETCH5, ROWS5, PUT5, panel5, fromc5, ready5, outer5, inner5)

m6:
	TILE(BASE6, GET6, SET6, FETCH6, ROWS6, PUT6, panel6, fromc6, ready6, outer6, inner6)
