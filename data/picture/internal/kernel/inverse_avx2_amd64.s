//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// The inverse cosine transform of one block, eight columns an instruction and then eight rows.
//
//	SI coefficients     DI pixels     DX bytes from row to row     R8 the table of constants
//	Y0 … Y7 what goes into a pass, coefficient 0 to 7 of each column or row

#define C0541 0(R8)
#define C1847 32(R8)
#define C0765 64(R8)
#define C1175 96(R8)
#define C1961 128(R8)
#define C0390 160(R8)
#define C0899 192(R8)
#define C2562 224(R8)
#define C1501 256(R8)
#define C3072 288(R8)
#define C2053 320(R8)
#define C0298 352(R8)
#define FIRSTHALF 384(R8)
#define SECONDHALF 416(R8)

// PASS is evenHalf and oddHalf of inverse.go. Points 0 to 7 are then in Y9, Y11, Y13, Y15, Y8, Y14, Y12 and Y10.
#define PASS(HALF, SHIFT) \
	VPADDD  Y6, Y2, Y8;     \
	VPMULLD C0541, Y8, Y8;  \
	VPMULLD C1847, Y6, Y9;  \
	VPSUBD  Y9, Y8, Y9;     \
	VPMULLD C0765, Y2, Y10; \
	VPADDD  Y8, Y10, Y10;   \
	VPADDD  Y4, Y0, Y2;     \
	VPSUBD  Y4, Y0, Y6;     \
	VPSLLD  $13, Y2, Y2;    \
	VPSLLD  $13, Y6, Y6;    \
	VPADDD  HALF, Y2, Y2;   \
	VPADDD  HALF, Y6, Y6;   \
	VPADDD  Y10, Y2, Y0;    \
	VPSUBD  Y10, Y2, Y8;    \
	VPADDD  Y9, Y6, Y4;     \
	VPSUBD  Y9, Y6, Y2;     \
	VPADDD  Y3, Y7, Y9;     \
	VPADDD  Y1, Y5, Y10;    \
	VPADDD  Y10, Y9, Y11;   \
	VPMULLD C1175, Y11, Y11; \
	VPMULLD C1961, Y9, Y9;  \
	VPMULLD C0390, Y10, Y10; \
	VPSUBD  Y9, Y11, Y9;    \
	VPSUBD  Y10, Y11, Y10;  \
	VPADDD  Y1, Y7, Y11;    \
	VPADDD  Y3, Y5, Y12;    \
	VPMULLD C0899, Y11, Y11; \
	VPMULLD C2562, Y12, Y12; \
	VPMULLD C1501, Y1, Y1;  \
	VPMULLD C3072, Y3, Y3;  \
	VPMULLD C2053, Y5, Y5;  \
	VPMULLD C0298, Y7, Y7;  \
	VPSUBD  Y11, Y10, Y13;  \
	VPSUBD  Y12, Y9, Y14;   \
	VPSUBD  Y12, Y10, Y10;  \
	VPSUBD  Y11, Y9, Y9;    \
	VPADDD  Y13, Y1, Y1;    \
	VPADDD  Y14, Y3, Y3;    \
	VPADDD  Y10, Y5, Y5;    \
	VPADDD  Y9, Y7, Y7;     \
	VPADDD  Y1, Y0, Y9;     \
	VPSUBD  Y1, Y0, Y10;    \
	VPADDD  Y3, Y4, Y11;    \
	VPSUBD  Y3, Y4, Y12;    \
	VPADDD  Y5, Y2, Y13;    \
	VPSUBD  Y5, Y2, Y14;    \
	VPADDD  Y7, Y8, Y15;    \
	VPSUBD  Y7, Y8, Y8;     \
	VPSRAD  SHIFT, Y9, Y9;  \
	VPSRAD  SHIFT, Y10, Y10; \
	VPSRAD  SHIFT, Y11, Y11; \
	VPSRAD  SHIFT, Y12, Y12; \
	VPSRAD  SHIFT, Y13, Y13; \
	VPSRAD  SHIFT, Y14, Y14; \
	VPSRAD  SHIFT, Y15, Y15; \
	VPSRAD  SHIFT, Y8, Y8

// func inverse8x8(pix *byte, stride int, coefficients *[64]int32, factors *[14][8]int32) bool
// It does nothing and gives false where sums might not fit 32 bits. The absolute values of all coefficients together
// bound them: a pass multiplies each by 11370 at most, so the first one gives their sum times 11370/2^11, and those of the
// second one times 11370 again, with half for rounding, fit where the sum is 32000 or less.
TEXT ·inverse8x8(SB), NOSPLIT, $0-33
	MOVQ pix+0(FP), DI
	MOVQ stride+8(FP), DX
	MOVQ coefficients+16(FP), SI
	MOVQ factors+24(FP), R8

	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	VMOVDQU 64(SI), Y2
	VMOVDQU 96(SI), Y3
	VMOVDQU 128(SI), Y4
	VMOVDQU 160(SI), Y5
	VMOVDQU 192(SI), Y6
	VMOVDQU 224(SI), Y7

	VPABSD       Y0, Y8
	VPABSD       Y1, Y9
	VPABSD       Y2, Y10
	VPABSD       Y3, Y11
	VPABSD       Y4, Y12
	VPABSD       Y5, Y13
	VPABSD       Y6, Y14
	VPABSD       Y7, Y15
	VPADDD       Y9, Y8, Y8
	VPADDD       Y11, Y10, Y10
	VPADDD       Y13, Y12, Y12
	VPADDD       Y15, Y14, Y14
	VPADDD       Y10, Y8, Y8
	VPADDD       Y14, Y12, Y12
	VPADDD       Y12, Y8, Y8
	VEXTRACTI128 $1, Y8, X9
	VPADDD       X9, X8, X8
	VPSHUFD      $0x4e, X8, X9
	VPADDD       X9, X8, X8
	VPSHUFD      $0xb1, X8, X9
	VPADDD       X9, X8, X8
	VMOVD        X8, AX
	CMPL         AX, $32000
	JHI          wild

	PASS(FIRSTHALF, $const_firstShift)

	// Columns become rows.
	VPUNPCKLDQ  Y11, Y9, Y0
	VPUNPCKHDQ  Y11, Y9, Y1
	VPUNPCKLDQ  Y15, Y13, Y2
	VPUNPCKHDQ  Y15, Y13, Y3
	VPUNPCKLDQ  Y14, Y8, Y4
	VPUNPCKHDQ  Y14, Y8, Y5
	VPUNPCKLDQ  Y10, Y12, Y6
	VPUNPCKHDQ  Y10, Y12, Y7
	VPUNPCKLQDQ Y2, Y0, Y8
	VPUNPCKHQDQ Y2, Y0, Y9
	VPUNPCKLQDQ Y3, Y1, Y10
	VPUNPCKHQDQ Y3, Y1, Y11
	VPUNPCKLQDQ Y6, Y4, Y12
	VPUNPCKHQDQ Y6, Y4, Y13
	VPUNPCKLQDQ Y7, Y5, Y14
	VPUNPCKHQDQ Y7, Y5, Y15
	VPERM2I128  $0x20, Y12, Y8, Y0
	VPERM2I128  $0x20, Y13, Y9, Y1
	VPERM2I128  $0x20, Y14, Y10, Y2
	VPERM2I128  $0x20, Y15, Y11, Y3
	VPERM2I128  $0x31, Y12, Y8, Y4
	VPERM2I128  $0x31, Y13, Y9, Y5
	VPERM2I128  $0x31, Y14, Y10, Y6
	VPERM2I128  $0x31, Y15, Y11, Y7

	PASS(SECONDHALF, $const_secondShift)

	// Pixels of the columns 0 and 4, 2 and 6, 1 and 5, 3 and 7, clipped, and then row by row.
	VPACKSSDW  Y8, Y9, Y0
	VPACKSSDW  Y14, Y11, Y1
	VPACKSSDW  Y12, Y13, Y2
	VPACKSSDW  Y10, Y15, Y3
	VPACKUSWB  Y2, Y0, Y0
	VPACKUSWB  Y3, Y1, Y1
	VPUNPCKLBW Y1, Y0, Y2
	VPUNPCKHBW Y1, Y0, Y3
	VPUNPCKLWD Y3, Y2, Y0
	VPUNPCKHWD Y3, Y2, Y1
	VPUNPCKLDQ Y1, Y0, Y2
	VPUNPCKHDQ Y1, Y0, Y3

	LEAQ         (DX)(DX*2), R9
	LEAQ         (DI)(DX*4), R10
	VEXTRACTI128 $1, Y2, X4
	VEXTRACTI128 $1, Y3, X5
	VMOVQ        X2, (DI)
	VMOVHPS      X2, (DI)(DX*1)
	VMOVQ        X3, (DI)(DX*2)
	VMOVHPS      X3, (DI)(R9*1)
	VMOVQ        X4, (R10)
	VMOVHPS      X4, (R10)(DX*1)
	VMOVQ        X5, (R10)(DX*2)
	VMOVHPS      X5, (R10)(R9*1)
	VZEROUPPER
	MOVB         $1, ret+32(FP)
	RET

wild:
	VZEROUPPER
	MOVB $0, ret+32(FP)
	RET
