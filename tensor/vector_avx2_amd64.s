//go:build !purego

#include "textflag.h"

// Element-wise functions, eight values at a time, by exactly the operations of the loops in elementwise.go.
// AX counts values; n is a multiple of 8 and may be zero.

#define LOOP(LABEL) \
	ADDQ $8, AX;  \
	CMPQ AX, CX;  \
	JLT  LABEL

// func addAVX2(dst, a, b *float32, n int)
TEXT ·addAVX2(SB), NOSPLIT, $0-32
	MOVQ  dst+0(FP), DI
	MOVQ  a+8(FP), SI
	MOVQ  b+16(FP), DX
	MOVQ  n+24(FP), CX
	XORQ  AX, AX
	TESTQ CX, CX
	JLE   done

loop:
	VMOVUPS (SI)(AX*4), Y0
	VADDPS  (DX)(AX*4), Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(loop)
	VZEROUPPER

done:
	RET

// func mulAVX2(dst, a, b *float32, n int)
TEXT ·mulAVX2(SB), NOSPLIT, $0-32
	MOVQ  dst+0(FP), DI
	MOVQ  a+8(FP), SI
	MOVQ  b+16(FP), DX
	MOVQ  n+24(FP), CX
	XORQ  AX, AX
	TESTQ CX, CX
	JLE   done

loop:
	VMOVUPS (SI)(AX*4), Y0
	VMULPS  (DX)(AX*4), Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(loop)
	VZEROUPPER

done:
	RET

// func scaleAVX2(dst, a *float32, alpha float32, n int)
TEXT ·scaleAVX2(SB), NOSPLIT, $0-32
	MOVQ         dst+0(FP), DI
	MOVQ         a+8(FP), SI
	VBROADCASTSS alpha+16(FP), Y1
	MOVQ         n+24(FP), CX
	XORQ         AX, AX
	TESTQ        CX, CX
	JLE          done

loop:
	VMULPS  (SI)(AX*4), Y1, Y0
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(loop)

done:
	VZEROUPPER
	RET

// func axpyAVX2(dst *float32, alpha float32, x *float32, n int)
TEXT ·axpyAVX2(SB), NOSPLIT, $0-32
	MOVQ         dst+0(FP), DI
	VBROADCASTSS alpha+8(FP), Y1
	MOVQ         x+16(FP), SI
	MOVQ         n+24(FP), CX
	XORQ         AX, AX
	TESTQ        CX, CX
	JLE          done

loop:
	VMULPS  (SI)(AX*4), Y1, Y0
	VADDPS  (DI)(AX*4), Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(loop)

done:
	VZEROUPPER
	RET

#define DOT(AT, SUM) \
	VCVTPS2PD AT(SI)(AX*4), Y4; \
	VCVTPS2PD AT(DX)(AX*4), Y5; \
	VFMADD231PD Y4, Y5, SUM

// func dotAVX2(s *[dotChains]float64, a, b *float32, n int)
TEXT ·dotAVX2(SB), NOSPLIT, $0-32
	MOVQ    s+0(FP), DI
	MOVQ    a+8(FP), SI
	MOVQ    b+16(FP), DX
	MOVQ    n+24(FP), CX
	XORQ    AX, AX
	TESTQ   CX, CX
	JLE     done
	VMOVUPD (DI), Y0
	VMOVUPD 32(DI), Y1
	VMOVUPD 64(DI), Y2
	VMOVUPD 96(DI), Y3

loop:
	DOT(0, Y0)
	DOT(16, Y1)
	DOT(32, Y2)
	DOT(48, Y3)
	ADDQ    $16, AX
	CMPQ    AX, CX
	JLT     loop
	VMOVUPD Y0, (DI)
	VMOVUPD Y1, 32(DI)
	VMOVUPD Y2, 64(DI)
	VMOVUPD Y3, 96(DI)
	VZEROUPPER

done:
	RET
