//go:build !purego

#include "go_asm.h"
#include "textflag.h"
#include "transpose_avx2_amd64.h"

// A column of tiles in AVX2 with FMA, on packed operands: A has 6 values for every k, whatever m is, and B 16. So
// both are read at fixed places from one register, which leaves little to do beside the multiply-adds; processors
// that share a core with another feel that most.
//
//	AX A     SI B     R13 C     R14, R10 what will be needed soon, and its pace for two k
//	Y0, Y1 a row of B     Y2, Y3 an element of A     Y4..Y15 C, two to a row

#define ROW(AT, A, C0, C1) \
	VBROADCASTSS AT(AX), A; \
	VFMADD231PS  Y0, A, C0; \
	VFMADD231PS  Y1, A, C1

#define ROWS4(U) \
	ROW((24*U), Y2, Y4, Y5); \
	ROW((24*U+4), Y3, Y6, Y7); \
	ROW((24*U+8), Y2, Y8, Y9); \
	ROW((24*U+12), Y3, Y10, Y11)

#define ROWS5(U) ROWS4(U); ROW((24*U+16), Y2, Y12, Y13)
#define ROWS6(U) ROWS5(U); ROW((24*U+20), Y3, Y14, Y15)

#define STEP(ROWS, U) \
	VMOVUPS (64*U)(SI), Y0; \
	VMOVUPS (64*U+32)(SI), Y1; \
	ROWS(U)

// SOON asks for a piece of what will be needed soon.
#define SOON \
	PREFETCHT1 (R14); \
	ADDQ       R10, R14

// HOLD points R11 to where the tile of C at SI can be held: 64 bytes further than it within 4096. A load waits for an
// earlier store whose address has the same low 12 bits to be done, and rows of a matrix are often a power of two apart.
// So the next tile's rows are loaded before this one's are stored, and held where those stores do not disturb.
#define HOLD \
	MOVQ tile_hold(DX), R11; \
	LEAQ 64(SI), R15; \
	SUBQ R11, R15; \
	ANDQ $4095, R15; \
	ADDQ R15, R11

// KEEP holds a row of the tile of C at SI, TAKE takes it.
#define KEEP(I) \
	MOVQ    (tile_crows+8*I)(DX), R15; \
	VMOVUPS (SI)(R15*4), Y0; \
	VMOVUPS 32(SI)(R15*4), Y1; \
	VMOVUPS Y0, (64*I)(R11); \
	VMOVUPS Y1, (64*I+32)(R11)

#define KEEP4 KEEP(0); KEEP(1); KEEP(2); KEEP(3)
#define KEEP5 KEEP4; KEEP(4)
#define KEEP6 KEEP5; KEEP(5)

#define TAKE(I, C0, C1) \
	VMOVUPS (64*I)(R11), C0; \
	VMOVUPS (64*I+32)(R11), C1

#define TAKE4 TAKE(0, Y4, Y5); TAKE(1, Y6, Y7); TAKE(2, Y8, Y9); TAKE(3, Y10, Y11)
#define TAKE5 TAKE4; TAKE(4, Y12, Y13)
#define TAKE6 TAKE5; TAKE(5, Y14, Y15)

// GET takes a row of C.
#define GET(I, C0, C1) \
	MOVQ    (tile_crows+8*I)(DX), R15; \
	VMOVUPS (R13)(R15*4), C0; \
	VMOVUPS 32(R13)(R15*4), C1

#define GET4 GET(0, Y4, Y5); GET(1, Y6, Y7); GET(2, Y8, Y9); GET(3, Y10, Y11)
#define GET5 GET4; GET(4, Y12, Y13)
#define GET6 GET5; GET(5, Y14, Y15)

// SET starts a row from Y0 and Y1 instead.
#define SET(C0, C1) \
	VMOVUPS Y0, C0; \
	VMOVUPS Y1, C1

#define SET4 SET(Y4, Y5); SET(Y6, Y7); SET(Y8, Y9); SET(Y10, Y11)
#define SET5 SET4; SET(Y12, Y13)
#define SET6 SET5; SET(Y14, Y15)

// FETCH asks for a row of the tile of C that comes next, at SI.
#define FETCH(I) \
	MOVQ       (tile_crows+8*I)(DX), R15; \
	PREFETCHT0 (SI)(R15*4)

#define FETCH4 FETCH(0); FETCH(1); FETCH(2); FETCH(3)
#define FETCH5 FETCH4; FETCH(4)
#define FETCH6 FETCH5; FETCH(5)

#define PUT(I, C0, C1) \
	MOVQ    (tile_crows+8*I)(DX), R15; \
	VMOVUPS C0, (R13)(R15*4); \
	VMOVUPS C1, 32(R13)(R15*4)

#define PUT4 PUT(0, Y4, Y5); PUT(1, Y6, Y7); PUT(2, Y8, Y9); PUT(3, Y10, Y11)
#define PUT5 PUT4; PUT(4, Y12, Y13)
#define PUT6 PUT5; PUT(5, Y14, Y15)

#define COLUMN(GETS, SETS, FETCHES, ROWS, KEEPS, PUTS, TAKES, FIRST, FRESH, READY, INNER, REST, ONE, DONE, STORE) \
FIRST:;                       \
	CMPQ tile_start(DX), $0;  \
	JNE  FRESH;               \
	GETS;                     \
	JMP  READY;               \
FRESH:;                       \
	MOVQ tile_start(DX), R15; \
	VMOVUPS (R15), Y0;        \
	VMOVUPS 32(R15), Y1;      \
	SETS;                     \
READY:;                       \
	MOVQ tile_cstep(DX), SI;  \
	LEAQ (R13)(SI*4), SI;     \
	FETCHES;                  \
	MOVQ tile_b(DX), SI;      \
	MOVQ tile_k0(DX), R15;    \
	SHRQ $2, R15;             \
	JEQ  REST;                \
	PCALIGN $32;              \
INNER:;                       \
	SOON;                     \
	STEP(ROWS, 0);            \
	STEP(ROWS, 1);            \
	SOON;                     \
	STEP(ROWS, 2);            \
	STEP(ROWS, 3);            \
	ADDQ $256, SI;            \
	ADDQ $96, AX;             \
	DECQ R15;                 \
	JNZ  INNER;               \
REST:;                        \
	MOVQ tile_k0(DX), R15;    \
	ANDQ $3, R15;             \
	JEQ  DONE;                \
ONE:;                         \
	STEP(ROWS, 0);            \
	ADDQ $64, SI;             \
	ADDQ $24, AX;             \
	DECQ R15;                 \
	JNZ  ONE;                 \
DONE:;                        \
	MOVQ tile_nstep(DX), R14; \
	SHLQ $2, R14;             \
	ADDQ next-16(SP), R14;    \
	MOVQ R14, next-16(SP);    \
	MOVQ tile_astep(DX), AX;  \
	SHLQ $2, AX;              \
	ADDQ a-24(SP), AX;        \
	MOVQ AX, a-24(SP);        \
	MOVQ tile_cstep(DX), SI;  \
	LEAQ (R13)(SI*4), SI;     \
	CMPQ tile_hold(DX), $0;   \
	JEQ  STORE;               \
	CMPQ tiles-8(SP), $1;     \
	JLE  STORE;               \
	HOLD;                     \
	KEEPS;                    \
STORE:;                       \
	PUTS;                     \
	MOVQ SI, R13;             \
	DECQ tiles-8(SP);         \
	JLE  none;                \
	CMPQ tile_hold(DX), $0;   \
	JEQ  FIRST;               \
	TAKES;                    \
	JMP  READY

// func tileColumnAVX2(t *tile, n int)
TEXT ·tileColumnAVX2(SB), NOSPLIT, $24-16
	MOVQ  t+0(FP), DX
	MOVQ  n+8(FP), R8
	MOVQ  R8, tiles-8(SP)
	MOVQ  tile_pace(DX), R10
	SHLQ  $1, R10
	MOVQ  tile_next(DX), R14
	TESTQ R14, R14
	CMOVQEQ tile_b(DX), R14
	MOVQ  R14, next-16(SP)
	MOVQ  tile_a(DX), AX
	MOVQ  AX, a-24(SP)
	MOVQ  tile_c(DX), R13
	MOVQ  tile_m(DX), SI
	CMPQ  SI, $6
	JEQ   first6
	CMPQ  SI, $5
	JEQ   first5

	COLUMN(GET4, SET4, FETCH4, ROWS4, KEEP4, PUT4, TAKE4, first4, fresh4, ready4, inner4, rest4, one4, done4, store4)
	COLUMN(GET5, SET5, FETCH5, ROWS5, KEEP5, PUT5, TAKE5, first5, fresh5, ready5, inner5, rest5, one5, done5, store5)
	COLUMN(GET6, SET6, FETCH6, ROWS6, KEEP6, PUT6, TAKE6, first6, fresh6, ready6, inner6, rest6, one6, done6, store6)

none:
	VZEROUPPER
	RET

// func packRowsAVX2(dst, src *float32, stride, rows, n int)
TEXT ·packRowsAVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ stride+16(FP), R8
	MOVQ rows+24(FP), R9
	MOVQ n+32(FP), CX
	TESTQ CX, CX
	JLE  packed
	SHLQ $2, R8

	// Rows beyond the last are the last.
	MOVQ SI, AX
	LEAQ (SI)(R8*1), BX
	CMPQ R9, $2
	CMOVQLT AX, BX
	LEAQ (BX)(R8*1), DX
	CMPQ R9, $3
	CMOVQLT BX, DX
	LEAQ (DX)(R8*1), R10
	CMPQ R9, $4
	CMOVQLT DX, R10
	LEAQ (R10)(R8*1), R11
	CMPQ R9, $5
	CMOVQLT R10, R11
	LEAQ (R11)(R8*1), R12
	CMPQ R9, $6
	CMOVQLT R11, R12
	XORL SI, SI

pack:
	// Rows 0..3 in the low halves, 4 and 5 in the high ones.
	VMOVUPS     (AX)(SI*1), X0
	VINSERTF128 $1, (R11)(SI*1), Y0, Y0
	VMOVUPS     (BX)(SI*1), X1
	VINSERTF128 $1, (R12)(SI*1), Y1, Y1
	VMOVUPS     (DX)(SI*1), X2
	VMOVUPS     (R10)(SI*1), X3
	VMOVUPS     16(AX)(SI*1), X4
	VINSERTF128 $1, 16(R11)(SI*1), Y4, Y4
	VMOVUPS     16(BX)(SI*1), X5
	VINSERTF128 $1, 16(R12)(SI*1), Y5, Y5
	VMOVUPS     16(DX)(SI*1), X6
	VMOVUPS     16(R10)(SI*1), X7

	TRANSPOSE4(Y0, Y1, Y2, Y3, Y0, Y1, Y2, Y3)
	TRANSPOSE4(Y4, Y5, Y6, Y7, Y4, Y5, Y6, Y7)

	// Eight values at a time, of which the last two are overwritten.
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 24(DI)
	VMOVUPS Y2, 48(DI)
	VMOVUPS Y3, 72(DI)
	VMOVUPS Y4, 96(DI)
	VMOVUPS Y5, 120(DI)
	VMOVUPS Y6, 144(DI)
	VMOVUPS Y7, 168(DI)
	ADDQ    $192, DI
	ADDQ    $32, SI
	DECQ    CX
	JNZ     pack
	VZEROUPPER

packed:
	RET
