//go:build !purego

#include "textflag.h"
#include "loop_avx2_amd64.h"

// Rectifiers and maxima, eight values at a time. n is a multiple of 8.

// func cutAVX2(dst, src *float32, lo, hi float32, n int)
TEXT ·cutAVX2(SB), NOSPLIT, $0-32
	MOVQ         dst+0(FP), DI
	MOVQ         src+8(FP), SI
	VBROADCASTSS lo+16(FP), Y14
	VBROADCASTSS hi+20(FP), Y15
	MOVQ         n+24(FP), CX
	XORL         AX, AX
	TESTQ        CX, CX
	JLE          done

loop:
	VMOVUPS (SI)(AX*4), Y0
	VMAXPS  Y0, Y14, Y0
	VMINPS  Y0, Y15, Y0
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(loop)

done:
	VZEROUPPER
	RET

// func cutBackAVX2(dx, dy, y *float32, lo, hi float32, n int)
TEXT ·cutBackAVX2(SB), NOSPLIT, $0-40
	MOVQ         dx+0(FP), DI
	MOVQ         dy+8(FP), SI
	MOVQ         y+16(FP), DX
	VBROADCASTSS lo+24(FP), Y14
	VBROADCASTSS hi+28(FP), Y15
	MOVQ         n+32(FP), CX
	XORL         AX, AX
	TESTQ        CX, CX
	JLE          done

loop:
	VMOVUPS (DX)(AX*4), Y1
	VCMPPS  $6, Y14, Y1, Y2
	VCMPPS  $9, Y15, Y1, Y3
	VANDPS  Y2, Y3, Y2
	VANDPS  (SI)(AX*4), Y2, Y0
	VADDPS  (DI)(AX*4), Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(loop)

done:
	VZEROUPPER
	RET

// func maxTapAVX2(best, at, x *float32, tap float32, n int)
TEXT ·maxTapAVX2(SB), NOSPLIT, $0-40
	MOVQ         best+0(FP), DI
	MOVQ         at+8(FP), SI
	MOVQ         x+16(FP), DX
	VBROADCASTSS tap+24(FP), Y15
	MOVQ         n+32(FP), CX
	XORL         AX, AX
	TESTQ        CX, CX
	JLE          done

loop:
	VMOVUPS   (DI)(AX*4), Y0
	VMOVUPS   (DX)(AX*4), Y1
	VCMPPS    $6, Y0, Y1, Y2
	VCMPPS    $7, Y0, Y0, Y3
	VANDPS    Y2, Y3, Y2
	VBLENDVPS Y2, Y1, Y0, Y0
	VMOVUPS   Y0, (DI)(AX*4)
	VMOVUPS   (SI)(AX*4), Y4
	VBLENDVPS Y2, Y15, Y4, Y4
	VMOVUPS   Y4, (SI)(AX*4)
	LOOP(loop)

done:
	VZEROUPPER
	RET

// func maxTapBackAVX2(dx, dy, at *float32, tap float32, n int)
TEXT ·maxTapBackAVX2(SB), NOSPLIT, $0-40
	MOVQ         dx+0(FP), DI
	MOVQ         dy+8(FP), SI
	MOVQ         at+16(FP), DX
	VBROADCASTSS tap+24(FP), Y15
	MOVQ         n+32(FP), CX
	XORL         AX, AX
	TESTQ        CX, CX
	JLE          done

loop:
	VCMPPS  $0, (DX)(AX*4), Y15, Y0
	VANDPS  (SI)(AX*4), Y0, Y0
	VADDPS  (DI)(AX*4), Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(loop)

done:
	VZEROUPPER
	RET
