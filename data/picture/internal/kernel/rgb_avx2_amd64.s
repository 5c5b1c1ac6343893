//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// Luma and colour differences to red, green and blue, 32 pixels at a time. The words of two lanes are in the order in
// which VPUNPCK gives them and VPACK takes them.
//
//	DI row     SI luma     R8, R9 cb, cr     CX pixels left     R10 weave
//	Y10 zeros     Y11 half     Y12 factors of green     Y13 of blue     Y14 of red     Y15 the zero of a difference, 128

#define BEGIN \
	MOVQ    row+0(FP), DI;            \
	MOVQ    luma+8(FP), SI;           \
	MOVQ    cb+16(FP), R8;            \
	MOVQ    cr+24(FP), R9;            \
	MOVQ    n+32(FP), CX;             \
	MOVQ    t+40(FP), R10;            \
	VPXOR   Y10, Y10, Y10;            \
	VMOVDQU rgbTables_half(R10), Y11;  \
	VMOVDQU rgbTables_green(R10), Y12; \
	VMOVDQU rgbTables_blue(R10), Y13;  \
	VMOVDQU rgbTables_red(R10), Y14;   \
	VMOVDQU rgbTables_zero(R10), Y15;  \
	ADDQ    $rgbTables_weave, R10

// SHARES makes of cb and cr in Y0 and Y1 what they add to luma, in Y2, Y3 and Y4; Y5 and Y6 are for its use. The upper
// word of a product and the highest bit of its lower one are the product shifted by 16 and rounded.
#define SHARES \
	VPSUBW     Y15, Y0, Y0; \
	VPSUBW     Y15, Y1, Y1; \
	VPMULHW    Y14, Y1, Y2; \
	VPMULLW    Y14, Y1, Y5; \
	VPMULHW    Y13, Y0, Y4; \
	VPMULLW    Y13, Y0, Y6; \
	VPSRLW     $15, Y5, Y5; \
	VPSRLW     $15, Y6, Y6; \
	VPADDW     Y1, Y2, Y2;  \
	VPADDW     Y0, Y4, Y4;  \
	VPADDW     Y5, Y2, Y2;  \
	VPADDW     Y0, Y4, Y4;  \
	VPADDW     Y6, Y4, Y4;  \
	VPUNPCKLWD Y1, Y0, Y5;  \
	VPUNPCKHWD Y1, Y0, Y6;  \
	VPMADDWD   Y12, Y5, Y5; \
	VPMADDWD   Y12, Y6, Y6; \
	VPADDD     Y11, Y5, Y5; \
	VPADDD     Y11, Y6, Y6; \
	VPSRAD     $16, Y5, Y5; \
	VPSRAD     $16, Y6, Y6; \
	VPACKSSDW  Y6, Y5, Y3;  \
	VPSUBW     Y1, Y3, Y3

// BOTH adds the luma of Y0 and Y1 to a share of pairs, and clips.
#define BOTH(SHARE, TO) \
	VPUNPCKLWD SHARE, SHARE, Y5; \
	VPUNPCKHWD SHARE, SHARE, Y6; \
	VPADDW     Y0, Y5, Y5;       \
	VPADDW     Y1, Y6, Y6;       \
	VPACKUSWB  Y6, Y5, TO

// PART is one of three parts of 16 pixels, of both lanes.
#define PART(MASK, TO) \
	VPSHUFB MASK+0(R10), Y7, TO;  \
	VPSHUFB MASK+32(R10), Y8, Y5; \
	VPSHUFB MASK+64(R10), Y9, Y6; \
	VPOR    Y5, TO, TO;           \
	VPOR    Y6, TO, TO

// STORE writes the reds, greens and blues in Y7, Y8 and Y9.
#define STORE \
	PART(0, Y0);                    \
	PART(96, Y1);                   \
	PART(192, Y2);                  \
	VMOVDQU      X0, (DI);          \
	VMOVDQU      X1, 16(DI);        \
	VMOVDQU      X2, 32(DI);        \
	VEXTRACTI128 $1, Y0, 48(DI);    \
	VEXTRACTI128 $1, Y1, 64(DI);    \
	VEXTRACTI128 $1, Y2, 80(DI)

// func rgbPairs32(row, luma, cb, cr *byte, n int, t *rgbTables)
// n is a multiple of 32.
TEXT ·rgbPairs32(SB), NOSPLIT, $0-48
	BEGIN

loop:
	VPMOVZXBW  (R8), Y0
	VPMOVZXBW  (R9), Y1
	SHARES
	VMOVDQU    (SI), Y1
	VPUNPCKLBW Y10, Y1, Y0
	VPUNPCKHBW Y10, Y1, Y1
	BOTH(Y2, Y7)
	BOTH(Y3, Y8)
	BOTH(Y4, Y9)
	STORE
	ADDQ       $96, DI
	ADDQ       $32, SI
	ADDQ       $16, R8
	ADDQ       $16, R9
	SUBQ       $32, CX
	JNE        loop

	VZEROUPPER
	RET

// func rgbEach32(row, luma, cb, cr *byte, n int, t *rgbTables)
// n is a multiple of 32.
TEXT ·rgbEach32(SB), NOSPLIT, $0-48
	BEGIN

loop:
	VMOVDQU    (R8), Y0
	VMOVDQU    (R9), Y1
	VPUNPCKLBW Y10, Y0, Y0
	VPUNPCKLBW Y10, Y1, Y1
	SHARES
	VMOVDQU    (SI), Y0
	VPUNPCKLBW Y10, Y0, Y0
	VPADDW     Y0, Y2, Y7
	VPADDW     Y0, Y3, Y8
	VPADDW     Y0, Y4, Y9
	VMOVDQU    (R8), Y0
	VMOVDQU    (R9), Y1
	VPUNPCKHBW Y10, Y0, Y0
	VPUNPCKHBW Y10, Y1, Y1
	SHARES
	VMOVDQU    (SI), Y0
	VPUNPCKHBW Y10, Y0, Y0
	VPADDW     Y0, Y2, Y2
	VPADDW     Y0, Y3, Y3
	VPADDW     Y0, Y4, Y4
	VPACKUSWB  Y2, Y7, Y7
	VPACKUSWB  Y3, Y8, Y8
	VPACKUSWB  Y4, Y9, Y9
	STORE
	ADDQ       $96, DI
	ADDQ       $32, SI
	ADDQ       $32, R8
	ADDQ       $32, R9
	SUBQ       $32, CX
	JNE        loop

	VZEROUPPER
	RET
