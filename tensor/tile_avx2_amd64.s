//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// The tile in AVX2 with FMA: m <= 6 rows by 16 columns. Registers are used as in tile_avx512_amd64.s, except
//
//	Y0, Y1 a row of B     Y2, Y3 an element of A     Y4..Y15 C, two to a row

// ROW multiplies one element of A with the row of B.
#define ROW(ELEMENT, A, C0, C1) \
	VBROADCASTSS ELEMENT, A; \
	VFMADD231PS  Y0, A, C0;  \
	VFMADD231PS  Y1, A, C1

#define ROWS1 ROW((CX), Y2, Y4, Y5)
#define ROWS2 ROWS1; ROW((CX)(R12*1), Y3, Y6, Y7)
#define ROWS3 ROWS2; ROW((CX)(R12*2), Y2, Y8, Y9)
#define ROWS4 ROWS3; ROW((CX)(R13*1), Y3, Y10, Y11)
#define ROWS5 ROWS4; ROW((BX), Y2, Y12, Y13)
#define ROWS6 ROWS5; ROW((BX)(R12*1), Y3, Y14, Y15)

// CADDR points CX and BX at rows 0 and 4 of C, with the row stride in R12 and R13.
#define CADDR \
	MOVQ tile_c(DX), CX;     \
	MOVQ tile_cs(DX), R12;   \
	SHLQ $2, R12;            \
	LEAQ (R12)(R12*2), R13;  \
	LEAQ (CX)(R12*4), BX

#define GET(AT, C0, C1) \
	VMOVUPS AT, C0; \
	VMOVUPS 32+AT, C1

#define GET1 GET(0(CX), Y4, Y5)
#define GET2 GET1; GET(0(CX)(R12*1), Y6, Y7)
#define GET3 GET2; GET(0(CX)(R12*2), Y8, Y9)
#define GET4 GET3; GET(0(CX)(R13*1), Y10, Y11)
#define GET5 GET4; GET(0(BX), Y12, Y13)
#define GET6 GET5; GET(0(BX)(R12*1), Y14, Y15)

// FETCH asks for the tile of C that comes next, since its chains start from there.
#define FETCH(AT) PREFETCHT0 AT

#define FETCH1 FETCH(0(R8))
#define FETCH2 FETCH1; FETCH(0(R8)(R12*1))
#define FETCH3 FETCH2; FETCH(0(R8)(R12*2))
#define FETCH4 FETCH3; FETCH(0(R8)(R13*1))
#define FETCH5 FETCH4; FETCH(0(R9))
#define FETCH6 FETCH5; FETCH(0(R9)(R12*1))

#define PUT(AT, C0, C1) \
	VMOVUPS C0, AT; \
	VMOVUPS C1, 32+AT

#define PUT1 PUT(0(CX), Y4, Y5)
#define PUT2 PUT1; PUT(0(CX)(R12*1), Y6, Y7)
#define PUT3 PUT2; PUT(0(CX)(R12*2), Y8, Y9)
#define PUT4 PUT3; PUT(0(CX)(R13*1), Y10, Y11)
#define PUT5 PUT4; PUT(0(BX), Y12, Y13)
#define PUT6 PUT5; PUT(0(BX)(R12*1), Y14, Y15)

// START loads the strides, in bytes, and the first group.
#define START \
	MOVQ tile_a(DX), AX;    \
	MOVQ tile_b(DX), R9;    \
	MOVQ tile_k1(DX), R10;  \
	MOVQ tile_ars(DX), R12; \
	MOVQ tile_acs(DX), R8;  \
	MOVQ tile_brs(DX), R14; \
	SHLQ $2, R12;           \
	SHLQ $2, R8;            \
	SHLQ $2, R14;           \
	LEAQ (R12)(R12*2), R13

// GROUP starts over k0.
#define GROUP \
	MOVQ AX, CX;            \
	LEAQ (AX)(R12*4), BX;   \
	MOVQ R9, SI;            \
	MOVQ tile_k0(DX), R15

// LOADB takes a row of B, and asks for one a little ahead.
#define LOADB \
	VMOVUPS     (SI), Y0;       \
	VMOVUPS     32(SI), Y1;     \
	PREFETCHT0  (SI)(R14*8)

#define NEXT(LOOP) \
	ADDQ R8, CX;  \
	ADDQ R8, BX;  \
	ADDQ R14, SI; \
	DECQ R15;     \
	JNZ  LOOP

#define NEXTGROUP(LOOP) \
	MOVQ tile_abs(DX), R11;  \
	LEAQ (AX)(R11*4), AX;    \
	MOVQ tile_bbs(DX), R11;  \
	LEAQ (R9)(R11*4), R9;    \
	DECQ R10;                \
	JNZ  LOOP

#define TILE(GETS, FETCHES, ROWS, PUTS, OUTER, INNER) \
	CADDR;           \
	GETS;            \
	MOVQ tile_ahead(DX), R9; \
	LEAQ (CX)(R9*4), R8; \
	LEAQ (BX)(R9*4), R9; \
	FETCHES;         \
	START;           \
OUTER:;              \
	GROUP;           \
	PCALIGN $32;     \
INNER:;              \
	LOADB;           \
	ROWS;            \
	NEXT(INNER);     \
	NEXTGROUP(OUTER); \
	CADDR;           \
	PUTS;            \
	VZEROUPPER;      \
	RET

// func tileAVX2(t *tile)
TEXT ·tileAVX2(SB), NOSPLIT, $0-8
	MOVQ  t+0(FP), DX
	MOVQ  tile_k0(DX), R8
	MOVQ  tile_k1(DX), R9
	TESTQ R8, R8
	JLE   none
	TESTQ R9, R9
	JLE   none
	MOVQ  tile_m(DX), R10
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
	TILE(GET1, FETCH1, ROWS1, PUT1, outer1, inner1)

m2:
	TILE(GET2, FETCH2, ROWS2, PUT2, outer2, inner2)

m3:
	TILE(GET3, FETCH3, ROWS3, PUT3, outer3, inner3)

m4:
	TILE(GET4, FETCH4, ROWS4, PUT4, outer4, inner4)

m5:
	TILE(GET5, FETCH5, ROWS5, PUT5, outer5, inner5)

m6:
	TILE(GET6, FETCH6, ROWS6, PUT6, outer6, inner6)
