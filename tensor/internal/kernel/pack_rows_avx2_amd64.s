//go:build !purego

#include "textflag.h"
#include "transpose_avx2_amd64.h"

// The rows of a tile, packed: for every column of the matrix, its values in all of them.

// BELOW points NEXT to the row below PREV, of which there are R9, or to PREV if that is the last.
#define BELOW(N, PREV, NEXT) \
	LEAQ    (PREV)(R8*1), NEXT; \
	CMPQ    R9, $N; \
	CMOVQLT PREV, NEXT

// SIXROWS takes the arguments and points AX, BX, DX, R10, R11 and R12 to rows, or is done. Rows beyond the last are the last.
#define SIXROWS \
	MOVQ  dst+0(FP), DI;     \
	MOVQ  src+8(FP), SI;     \
	MOVQ  stride+16(FP), R8; \
	MOVQ  rows+24(FP), R9;   \
	MOVQ  n+32(FP), CX;      \
	TESTQ CX, CX;            \
	JLE   packed;            \
	SHLQ  $2, R8;            \
	MOVQ  SI, AX;            \
	BELOW(2, AX, BX);        \
	BELOW(3, BX, DX);        \
	BELOW(4, DX, R10);       \
	BELOW(5, R10, R11);      \
	BELOW(6, R11, R12)

// func packRows6AVX2(dst, src *float32, stride, rows, n int)
TEXT ·packRows6AVX2(SB), NOSPLIT, $0-40
	SIXROWS
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

// func packRows8AVX2(dst, src *float32, stride, rows, n int)
TEXT ·packRows8AVX2(SB), NOSPLIT, $0-40
	SIXROWS
	BELOW(7, R12, R13)
	BELOW(8, R13, R15)
	XORL SI, SI

pack:
	// Rows 0..3 in the low halves, 4..7 in the high ones.
	VMOVUPS     (AX)(SI*1), X0
	VINSERTF128 $1, (R11)(SI*1), Y0, Y0
	VMOVUPS     (BX)(SI*1), X1
	VINSERTF128 $1, (R12)(SI*1), Y1, Y1
	VMOVUPS     (DX)(SI*1), X2
	VINSERTF128 $1, (R13)(SI*1), Y2, Y2
	VMOVUPS     (R10)(SI*1), X3
	VINSERTF128 $1, (R15)(SI*1), Y3, Y3
	VMOVUPS     16(AX)(SI*1), X4
	VINSERTF128 $1, 16(R11)(SI*1), Y4, Y4
	VMOVUPS     16(BX)(SI*1), X5
	VINSERTF128 $1, 16(R12)(SI*1), Y5, Y5
	VMOVUPS     16(DX)(SI*1), X6
	VINSERTF128 $1, 16(R13)(SI*1), Y6, Y6
	VMOVUPS     16(R10)(SI*1), X7
	VINSERTF128 $1, 16(R15)(SI*1), Y7, Y7

	TRANSPOSE4(Y0, Y1, Y2, Y3, Y0, Y1, Y2, Y3)
	TRANSPOSE4(Y4, Y5, Y6, Y7, Y4, Y5, Y6, Y7)
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	VMOVUPS Y2, 64(DI)
	VMOVUPS Y3, 96(DI)
	VMOVUPS Y4, 128(DI)
	VMOVUPS Y5, 160(DI)
	VMOVUPS Y6, 192(DI)
	VMOVUPS Y7, 224(DI)
	ADDQ    $256, DI
	ADDQ    $32, SI
	DECQ    CX
	JNZ     pack
	VZEROUPPER

packed:
	RET
