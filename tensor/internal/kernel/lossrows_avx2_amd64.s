//go:build !purego

#include "textflag.h"
#include "fold_avx2_amd64.h"

// Functions of losses.go that add up rows.

// EIGHTH has eight differences at AT, times the factor in Y15 as slopes, and their squares added to LOW and HIGH.
#define EIGHTH(AT, LOW, HIGH) \
	VMOVUPS      AT(SI)(AX*4), Y4;     \
	VSUBPS       AT(DX)(AX*4), Y4, Y4; \
	VMULPS       Y15, Y4, Y5;          \
	VMOVUPS      Y5, AT(DI)(AX*4);     \
	VEXTRACTF128 $1, Y4, X6;           \
	VCVTPS2PD    X4, Y4;               \
	VCVTPS2PD    X6, Y6;               \
	VFMADD231PD  Y4, Y4, LOW;          \
	VFMADD231PD  Y6, Y6, HIGH

// func squaredRowsAVX2(sums *float64, slopes, x, y *float32, factor float32, n, rows int)
TEXT ·squaredRowsAVX2(SB), NOSPLIT, $0-56
	MOVQ         sums+0(FP), R8
	MOVQ         slopes+8(FP), DI
	MOVQ         x+16(FP), SI
	MOVQ         y+24(FP), DX
	VBROADCASTSS factor+32(FP), Y15
	MOVQ         n+40(FP), CX
	MOVQ         rows+48(FP), BX

row:
	VXORPD Y0, Y0, Y0
	VXORPD Y1, Y1, Y1
	VXORPD Y2, Y2, Y2
	VXORPD Y3, Y3, Y3
	XORQ   AX, AX

loop:
	EIGHTH(0, Y0, Y1)
	EIGHTH(32, Y2, Y3)
	ADDQ   $16, AX
	CMPQ   AX, CX
	JLT    loop
	FOLD(Y0, Y1, Y2, Y3, X0, X1, X2, X3)
	VMOVSD X0, (R8)
	ADDQ   $8, R8
	LEAQ   (SI)(CX*4), SI
	LEAQ   (DX)(CX*4), DX
	LEAQ   (DI)(CX*4), DI
	DECQ   BX
	JNZ    row
	VZEROUPPER
	RET

// TWO adds two values of each of four rows to SUM, those that come first before the others: rows begin at AT, R8 bytes apart, and
// R9 is three times that.
#define TWO(AT, SUM, A, XA, B, XB, C) \
	VMOVUPD     (AT), XA;                  \
	VMOVUPD     (AT)(R8*1), XB;            \
	VINSERTF128 $1, (AT)(R8*2), A, A;      \
	VINSERTF128 $1, (AT)(R9*1), B, B;      \
	VUNPCKLPD   B, A, C;                   \
	VUNPCKHPD   B, A, A;                   \
	VADDPD      C, SUM, SUM;               \
	VADDPD      A, SUM, SUM;               \
	ADDQ        $16, AT

// func sumRowsAVX2(sums, values *float64, n, cols, rows int)
TEXT ·sumRowsAVX2(SB), NOSPLIT, $0-40
	MOVQ sums+0(FP), DI
	MOVQ values+8(FP), SI
	MOVQ n+16(FP), R8
	MOVQ cols+24(FP), CX
	MOVQ rows+32(FP), BX
	SHLQ $3, R8
	LEAQ (R8)(R8*2), R9

eight:
	VMOVUPD (DI), Y0
	VMOVUPD 32(DI), Y1
	MOVQ    SI, R10
	LEAQ    (SI)(R8*4), R11
	MOVQ    CX, AX

loop:
	TWO(R10, Y0, Y2, X2, Y3, X3, Y4)
	TWO(R11, Y1, Y5, X5, Y6, X6, Y7)
	SUBQ    $2, AX
	JNZ     loop
	VMOVUPD Y0, (DI)
	VMOVUPD Y1, 32(DI)
	ADDQ    $64, DI
	LEAQ    (SI)(R8*8), SI
	SUBQ    $8, BX
	JNZ     eight
	VZEROUPPER
	RET
