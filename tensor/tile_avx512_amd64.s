//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// The tile in AVX-512: m <= 8 rows by 32 columns.
//
//	DX tile     CX, BX  rows 0 and 4 of A     R12, R13  row stride of A, and three times it     R8   acs
//	AX A group  SI, R9  B, B group            R14       brs          R10, R15  counters of k1, k0
//	Z0, Z1 a row of B     Z2..Z7 an element of A each     Z8..Z23 C, two to a row
//
// Sixteen chains hide the latency of the fused multiply-add, and elements of A are broadcast by the load
// ports alone, which leaves both multiplication ports to the chains.

// ROW multiplies one element of A with the row of B.
#define ROW(ELEMENT, A, C0, C1) \
	VBROADCASTSS ELEMENT, A; \
	VFMADD231PS  Z0, A, C0;  \
	VFMADD231PS  Z1, A, C1

#define ROWS1 ROW((CX), Z2, Z8, Z9)
#define ROWS2 ROWS1; ROW((CX)(R12*1), Z3, Z10, Z11)
#define ROWS3 ROWS2; ROW((CX)(R12*2), Z4, Z12, Z13)
#define ROWS4 ROWS3; ROW((CX)(R13*1), Z5, Z14, Z15)
#define ROWS5 ROWS4; ROW((BX), Z6, Z16, Z17)
#define ROWS6 ROWS5; ROW((BX)(R12*1), Z7, Z18, Z19)
#define ROWS7 ROWS6; ROW((BX)(R12*2), Z2, Z20, Z21)
#define ROWS8 ROWS7; ROW((BX)(R13*1), Z3, Z22, Z23)

// CADDR points CX and BX at rows 0 and 4 of C, with the row stride in R12 and R13.
#define CADDR \
	MOVQ tile_c(DX), CX;     \
	MOVQ tile_cs(DX), R12;   \
	SHLQ $2, R12;            \
	LEAQ (R12)(R12*2), R13;  \
	LEAQ (CX)(R12*4), BX

#define GET(AT, C0, C1) \
	VMOVUPS AT, C0; \
	VMOVUPS 64+AT, C1

#define GET1 GET(0(CX), Z8, Z9)
#define GET2 GET1; GET(0(CX)(R12*1), Z10, Z11)
#define GET3 GET2; GET(0(CX)(R12*2), Z12, Z13)
#define GET4 GET3; GET(0(CX)(R13*1), Z14, Z15)
#define GET5 GET4; GET(0(BX), Z16, Z17)
#define GET6 GET5; GET(0(BX)(R12*1), Z18, Z19)
#define GET7 GET6; GET(0(BX)(R12*2), Z20, Z21)
#define GET8 GET7; GET(0(BX)(R13*1), Z22, Z23)

// FETCH asks for the tile of C that comes next, since its chains start from there.
#define FETCH(AT) \
	PREFETCHT0 AT; \
	PREFETCHT0 64+AT

#define FETCH1 FETCH(0(R8))
#define FETCH2 FETCH1; FETCH(0(R8)(R12*1))
#define FETCH3 FETCH2; FETCH(0(R8)(R12*2))
#define FETCH4 FETCH3; FETCH(0(R8)(R13*1))
#define FETCH5 FETCH4; FETCH(0(R9))
#define FETCH6 FETCH5; FETCH(0(R9)(R12*1))
#define FETCH7 FETCH6; FETCH(0(R9)(R12*2))
#define FETCH8 FETCH7; FETCH(0(R9)(R13*1))

#define PUT(AT, C0, C1) \
	VMOVUPS C0, AT; \
	VMOVUPS C1, 64+AT

#define PUT1 PUT(0(CX), Z8, Z9)
#define PUT2 PUT1; PUT(0(CX)(R12*1), Z10, Z11)
#define PUT3 PUT2; PUT(0(CX)(R12*2), Z12, Z13)
#define PUT4 PUT3; PUT(0(CX)(R13*1), Z14, Z15)
#define PUT5 PUT4; PUT(0(BX), Z16, Z17)
#define PUT6 PUT5; PUT(0(BX)(R12*1), Z18, Z19)
#define PUT7 PUT6; PUT(0(BX)(R12*2), Z20, Z21)
#define PUT8 PUT7; PUT(0(BX)(R13*1), Z22, Z23)

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
	VMOVUPS     (SI), Z0;       \
	VMOVUPS     64(SI), Z1;     \
	PREFETCHT0  (SI)(R14*8);    \
	PREFETCHT0  64(SI)(R14*8)

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

// func tileAVX512(t *tile)
TEXT ·tileAVX512(SB), NOSPLIT, $0-8
	MOVQ  t+0(FP), DX
	MOVQ  tile_k0(DX), R8
	MOVQ  tile_k1(DX), R9
	TESTQ R8, R8
	JLE   none
	TESTQ R9, R9
	JLE   none
	MOVQ  tile_m(DX), R10
	CMPQ  R10, $8
	JEQ   m8
	CMPQ  R10, $4
	JEQ   m4
	JGT   above4
	CMPQ  R10, $2
	JEQ   m2
	JGT   m3
	CMPQ  R10, $1
	JEQ   m1

none:
	RET

above4:
	CMPQ R10, $6
	JEQ  m6
	JGT  m7
	JMP  m5

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

m7:
	TILE(GET7, FETCH7, ROWS7, PUT7, outer7, inner7)

m8:
	TILE(GET8, FETCH8, ROWS8, PUT8, outer8, inner8)
