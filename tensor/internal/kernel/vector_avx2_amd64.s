//go:build !purego

#include "textflag.h"
#include "loop_avx2_amd64.h"

// Element-wise functions, eight values at a time, by exactly the operations of the loops in elementwise.go.
// AX counts values; n is a multiple of 8 and may be zero.

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

// func twiceAVX2(dst, a *float32, n int)
TEXT ·twiceAVX2(SB), NOSPLIT, $0-24
	MOVQ   dst+0(FP), DI
	MOVQ   a+8(FP), SI
	MOVQ   n+16(FP), CX
	VXORPS Y1, Y1, Y1
	XORQ   AX, AX
	TESTQ  CX, CX
	JLE    done

loop:
	VMOVUPS (SI)(AX*4), Y0
	VADDPS  Y0, Y1, Y2
	VADDPS  Y0, Y2, Y2
	VMOVUPS Y2, (DI)(AX*4)
	LOOP(loop)

done:
	VZEROUPPER
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

// func sumAVX2(s *[4]float64, x *float32, n int)
TEXT ·sumAVX2(SB), NOSPLIT, $0-24
	MOVQ    s+0(FP), DI
	MOVQ    x+8(FP), SI
	MOVQ    n+16(FP), CX
	XORQ    AX, AX
	TESTQ   CX, CX
	JLE     done
	VMOVUPD (DI), Y0

loop:
	VCVTPS2PD (SI)(AX*4), Y1
	VCVTPS2PD 16(SI)(AX*4), Y2
	VADDPD    Y1, Y0, Y0
	VADDPD    Y2, Y0, Y0
	LOOP(loop)
	VMOVUPD   Y0, (DI)
	VZEROUPPER

done:
	RET

// ROWSUM adds eight values at AT to a row's sum.
#define ROWSUM(AT, SUM) \
	VCVTPS2PD (AT)(AX*4), Y4;   \
	VCVTPS2PD 16(AT)(AX*4), Y5; \
	VADDPD    Y4, SUM, SUM;     \
	VADDPD    Y5, SUM, SUM

// func fourSumsAVX2(s *[4][4]float64, x *float32, stride, n int)
TEXT ·fourSumsAVX2(SB), NOSPLIT, $0-32
	MOVQ    s+0(FP), DI
	MOVQ    x+8(FP), SI
	MOVQ    stride+16(FP), DX
	MOVQ    n+24(FP), CX
	LEAQ    (SI)(DX*4), R8
	LEAQ    (R8)(DX*4), R9
	LEAQ    (R9)(DX*4), R10
	XORQ    AX, AX
	TESTQ   CX, CX
	JLE     done
	VMOVUPD (DI), Y0
	VMOVUPD 32(DI), Y1
	VMOVUPD 64(DI), Y2
	VMOVUPD 96(DI), Y3

loop:
	ROWSUM(SI, Y0)
	ROWSUM(R8, Y1)
	ROWSUM(R9, Y2)
	ROWSUM(R10, Y3)
	LOOP(loop)
	VMOVUPD Y0, (DI)
	VMOVUPD Y1, 32(DI)
	VMOVUPD Y2, 64(DI)
	VMOVUPD Y3, 96(DI)
	VZEROUPPER

done:
	RET

// MORE takes in eight values at AT: their maxima in TOP, and in Y1 whether one was no number.
#define MORE(AT, TOP) \
	VMOVUPS AT(SI)(AX*4), Y2; \
	VCMPPS  $3, Y2, Y2, Y3;   \
	VORPS   Y3, Y1, Y1;       \
	VMAXPS  Y2, TOP, TOP

// func maximumAVX2(x *float32, n int) float32
TEXT ·maximumAVX2(SB), NOSPLIT, $0-20
	MOVQ    x+0(FP), SI
	MOVQ    n+8(FP), CX
	XORQ    AX, AX
	VMOVUPS (SI), Y0
	VMOVAPS Y0, Y4
	VMOVAPS Y0, Y5
	VMOVAPS Y0, Y6
	VXORPS  Y1, Y1, Y1 // of each column, whether there was no number
	SUBQ    $32, CX
	JLT     rest

four:
	MORE(0, Y0)
	MORE(32, Y4)
	MORE(64, Y5)
	MORE(96, Y6)
	ADDQ   $32, AX
	CMPQ   AX, CX
	JLE    four
	VMAXPS Y4, Y0, Y0
	VMAXPS Y6, Y5, Y5
	VMAXPS Y5, Y0, Y0

rest:
	ADDQ $32, CX
	CMPQ AX, CX
	JGE  fold

loop:
	MORE(0, Y0)
	LOOP(loop)

fold:
	VEXTRACTF128 $1, Y0, X2
	VMAXPS       X2, X0, X0
	VPERMILPS    $0x4e, X0, X2
	VMAXPS       X2, X0, X0
	VPERMILPS    $0xb1, X0, X2
	VMAXPS       X2, X0, X0
	VMOVMSKPS    Y1, AX
	TESTL        AX, AX
	JEQ          done
	VPCMPEQD     X0, X0, X0 // all ones are no number

done:
	VMOVSS X0, ret+16(FP)
	VZEROUPPER
	RET

// func subtractAVX2(dst, src *float32, s float32, n int)
TEXT ·subtractAVX2(SB), NOSPLIT, $0-32
	MOVQ         dst+0(FP), DI
	MOVQ         src+8(FP), SI
	VBROADCASTSS s+16(FP), Y1
	MOVQ         n+24(FP), CX
	XORQ         AX, AX
	TESTQ        CX, CX
	JLE          done

loop:
	VMOVUPS (SI)(AX*4), Y0
	VSUBPS  Y1, Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(loop)

done:
	VZEROUPPER
	RET

// func softmaxBackAVX2(dx, dy, y *float32, s float32, n int)
TEXT ·softmaxBackAVX2(SB), NOSPLIT, $0-40
	MOVQ         dx+0(FP), DI
	MOVQ         dy+8(FP), SI
	MOVQ         y+16(FP), DX
	VBROADCASTSS s+24(FP), Y1
	MOVQ         n+32(FP), CX
	XORQ         AX, AX
	TESTQ        CX, CX
	JLE          done

loop:
	VMOVUPS (SI)(AX*4), Y0
	VSUBPS  Y1, Y0, Y0
	VMULPS  (DX)(AX*4), Y0, Y0
	VADDPS  (DI)(AX*4), Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(loop)

done:
	VZEROUPPER
	RET

// func columnSumsAVX2(dst, a *float32, rows, stride, n int)
TEXT ·columnSumsAVX2(SB), NOSPLIT, $0-40
	MOVQ       dst+0(FP), DI
	MOVQ       a+8(FP), SI
	MOVQ       rows+16(FP), CX
	MOVQ       stride+24(FP), R8
	MOVQ       n+32(FP), AX
	TESTQ      CX, CX
	JLE        done
	SHLQ       $2, R8
	SHLQ       $2, AX
	LEAQ       ·firstColumns+32(SB), R9
	SUBQ       AX, R9
	VMOVUPS    (R9), Y1
	VMASKMOVPS (DI), Y1, Y0

row:
	VMASKMOVPS (SI), Y1, Y2
	VADDPS     Y2, Y0, Y0
	ADDQ       R8, SI
	DECQ       CX
	JNZ        row
	VMASKMOVPS Y0, Y1, (DI)
	VZEROUPPER

done:
	RET

// firstColumns has, from 4*n bytes before its middle on, n ones and as many zeros as make eight.
DATA ·firstColumns+0(SB)/8, $0xffffffffffffffff
DATA ·firstColumns+8(SB)/8, $0xffffffffffffffff
DATA ·firstColumns+16(SB)/8, $0xffffffffffffffff
DATA ·firstColumns+24(SB)/8, $0xffffffffffffffff
GLOBL ·firstColumns(SB), RODATA|NOPTR, $64
