//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// func acrossFours(row, from *byte, first, factor *int32, groups, n int, spread *[4][32]byte)
// Pixels of three channels, each of groups of four taps. A pixel is written with one byte more, and read with four.
//
//	DI new pixel     SI the row     R8 first     R9 factor     BX groups left     CX pixels left     R10 old pixel
//	R11 spread     Y0 sums of the even taps and the odd ones     Y11 … Y14 spread     Y15 half, once
TEXT ·acrossFours(SB), NOSPLIT, $0-56
	MOVQ row+0(FP), DI
	MOVQ from+8(FP), SI
	MOVQ first+16(FP), R8
	MOVQ factor+24(FP), R9
	MOVQ groups+32(FP), DX
	MOVQ n+40(FP), CX

	MOVQ         spread+48(FP), R11
	VMOVDQU      (R11), Y11
	VMOVDQU      32(R11), Y12
	VMOVDQU      64(R11), Y13
	VMOVDQU      96(R11), Y14
	MOVL         $const_half, AX
	VMOVD        AX, X15
	VPBROADCASTD X15, X15

pixel:
	MOVLQSX (R8), R10
	ADDQ    $4, R8
	LEAQ    (R10)(R10*2), R10
	ADDQ    SI, R10
	VMOVDQA Y15, Y0
	MOVQ    DX, BX

group:
	VBROADCASTI128 (R10), Y1
	VBROADCASTI128 (R9), Y2
	VPSHUFB        Y11, Y1, Y3
	VPSHUFB        Y12, Y1, Y4
	VPSHUFB        Y13, Y2, Y5
	VPSHUFB        Y14, Y2, Y6
	VPMULLD        Y5, Y3, Y3
	VPMULLD        Y6, Y4, Y4
	VPADDD         Y3, Y0, Y0
	VPADDD         Y4, Y0, Y0
	ADDQ           $12, R10
	ADDQ           $16, R9
	DECQ           BX
	JNE            group

	VEXTRACTI128 $1, Y0, X1
	VPADDD       X1, X0, X0
	VPSRAD       $const_Fraction, X0, X0
	VPACKSSDW    X0, X0, X0
	VPACKUSWB    X0, X0, X0
	VMOVD        X0, (DI)
	ADDQ         $3, DI
	DECQ         CX
	JNE          pixel

	VZEROUPPER
	RET

// func down32(row, from *byte, stride int, factor *int32, taps, n int, order *[8]int32)
// n is a multiple of 32.
//
//	DI new row     SI the first old one     R9 factors     R10 an old row     BX taps done     R8 of so many
//	Y0 … Y3 sums     Y14 order     Y15 half
TEXT ·down32(SB), NOSPLIT, $0-56
	MOVQ row+0(FP), DI
	MOVQ from+8(FP), SI
	MOVQ stride+16(FP), DX
	MOVQ factor+24(FP), R9
	MOVQ taps+32(FP), R8
	MOVQ n+40(FP), CX

	MOVQ         order+48(FP), R11
	VMOVDQU      (R11), Y14
	MOVL         $const_half, AX
	VMOVD        AX, X15
	VPBROADCASTD X15, Y15

columns:
	VMOVDQA Y15, Y0
	VMOVDQA Y15, Y1
	VMOVDQA Y15, Y2
	VMOVDQA Y15, Y3
	MOVQ    SI, R10
	XORQ    BX, BX

tap:
	VPBROADCASTD (R9)(BX*4), Y4
	VPMOVZXBD    (R10), Y5
	VPMOVZXBD    8(R10), Y6
	VPMOVZXBD    16(R10), Y7
	VPMOVZXBD    24(R10), Y8
	VPMULLD      Y4, Y5, Y5
	VPMULLD      Y4, Y6, Y6
	VPMULLD      Y4, Y7, Y7
	VPMULLD      Y4, Y8, Y8
	VPADDD       Y5, Y0, Y0
	VPADDD       Y6, Y1, Y1
	VPADDD       Y7, Y2, Y2
	VPADDD       Y8, Y3, Y3
	ADDQ         DX, R10
	INCQ         BX
	CMPQ         BX, R8
	JLT          tap

	VPSRAD    $const_Fraction, Y0, Y0
	VPSRAD    $const_Fraction, Y1, Y1
	VPSRAD    $const_Fraction, Y2, Y2
	VPSRAD    $const_Fraction, Y3, Y3
	VPACKSSDW Y1, Y0, Y0
	VPACKSSDW Y3, Y2, Y2
	VPACKUSWB Y2, Y0, Y0
	VPERMD    Y0, Y14, Y0
	VMOVDQU   Y0, (DI)
	ADDQ      $32, SI
	ADDQ      $32, DI
	SUBQ      $32, CX
	JNE       columns

	VZEROUPPER
	RET
