//go:build !purego

#include "textflag.h"
#include "loop_avx2_amd64.h"

// The loops of roots.go, eight values at a time: roots and quotients are rounded as single ones are. AX counts values.

// func divAVX2(dst, a, b *float32, n int)
TEXT ·divAVX2(SB), NOSPLIT, $0-32
	MOVQ  dst+0(FP), DI
	MOVQ  a+8(FP), SI
	MOVQ  b+16(FP), DX
	MOVQ  n+24(FP), CX
	XORQ  AX, AX
	TESTQ CX, CX
	JLE   done

loop:
	VMOVUPS (SI)(AX*4), Y0
	VDIVPS  (DX)(AX*4), Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(loop)
	VZEROUPPER

done:
	RET

// func inverseRootsAVX2(dst, src *float32, n int)
TEXT ·inverseRootsAVX2(SB), NOSPLIT, $0-24
	MOVQ         dst+0(FP), DI
	MOVQ         src+8(FP), SI
	MOVQ         n+16(FP), CX
	XORQ         AX, AX
	MOVL         $0x3f800000, R8
	VMOVD        R8, X3
	VBROADCASTSS X3, Y3
	TESTQ        CX, CX
	JLE          done

loop:
	VSQRTPS (SI)(AX*4), Y0
	VSQRTPS Y0, Y1
	VMULPS  Y1, Y0, Y0
	VDIVPS  Y0, Y3, Y0
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(loop)

done:
	VZEROUPPER
	RET
