//go:build !purego

#include "textflag.h"
#include "loop_avx2_amd64.h"

// Norms along rows, by exactly the operations of the loops in rownorm.go. AX counts values, CX is their number.

// MOMENT takes in four values.
#define MOMENT(AT, SUM, SQUARES) \
	VCVTPS2PD   AT(SI)(AX*4), Y8; \
	VADDPD      Y8, SUM, SUM;     \
	VFMADD231PD Y8, Y8, SQUARES

// func rowMomentsAVX2(s *[2][rowChains]float64, x *float32, n int)
TEXT ·rowMomentsAVX2(SB), NOSPLIT, $0-24
	MOVQ   s+0(FP), DI
	MOVQ   x+8(FP), SI
	MOVQ   n+16(FP), CX
	XORQ   AX, AX
	VXORPD Y0, Y0, Y0
	VXORPD Y1, Y1, Y1
	VXORPD Y2, Y2, Y2
	VXORPD Y3, Y3, Y3
	VXORPD Y4, Y4, Y4
	VXORPD Y5, Y5, Y5
	VXORPD Y6, Y6, Y6
	VXORPD Y7, Y7, Y7
	TESTQ  CX, CX
	JLE    done

loop:
	MOMENT(0, Y0, Y4)
	MOMENT(16, Y1, Y5)
	MOMENT(32, Y2, Y6)
	MOMENT(48, Y3, Y7)
	ADDQ $16, AX
	CMPQ AX, CX
	JLT  loop

done:
	VMOVUPD Y0, (DI)
	VMOVUPD Y1, 32(DI)
	VMOVUPD Y2, 64(DI)
	VMOVUPD Y3, 96(DI)
	VMOVUPD Y4, 128(DI)
	VMOVUPD Y5, 160(DI)
	VMOVUPD Y6, 192(DI)
	VMOVUPD Y7, 224(DI)
	VZEROUPPER
	RET

// func rowNormAVX2(y, x, weight, bias *float32, mean, scale float32, n int)
TEXT ·rowNormAVX2(SB), NOSPLIT, $0-48
	MOVQ         y+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         weight+16(FP), R8
	MOVQ         bias+24(FP), R9
	VBROADCASTSS mean+32(FP), Y15
	VBROADCASTSS scale+36(FP), Y14
	MOVQ         n+40(FP), CX
	XORQ         AX, AX
	TESTQ        CX, CX
	JLE          done

loop:
	VMOVUPS (SI)(AX*4), Y0
	VSUBPS  Y15, Y0, Y0
	VMULPS  Y14, Y0, Y0
	VMULPS  (R8)(AX*4), Y0, Y0
	VADDPS  (R9)(AX*4), Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(loop)

done:
	VZEROUPPER
	RET

// TAKE takes in eight values: Y4 is dy, Y5 h, Y6 g.
#define TAKE(AT, SUM, PRODUCT) \
	VMOVUPS AT(SI)(AX*4), Y5;      \
	VSUBPS  Y15, Y5, Y5;           \
	VMULPS  Y14, Y5, Y5;           \
	VMOVUPS AT(DX)(AX*4), Y4;      \
	VMULPS  AT(R8)(AX*4), Y4, Y6;  \
	VADDPS  Y6, SUM, SUM;          \
	VMULPS  Y5, Y6, Y6;            \
	VADDPS  Y6, PRODUCT, PRODUCT;  \
	VMULPS  Y4, Y5, Y5;            \
	VADDPS  AT(R9)(AX*4), Y5, Y5;  \
	VMOVUPS Y5, AT(R9)(AX*4);      \
	VADDPS  AT(R10)(AX*4), Y4, Y4; \
	VMOVUPS Y4, AT(R10)(AX*4)

// func rowNormSumsAVX2(s *[2][rowChains]float32, dweight, dbias, dy, x, weight *float32, mean, scale float32, n int)
TEXT ·rowNormSumsAVX2(SB), NOSPLIT, $0-64
	MOVQ         s+0(FP), DI
	MOVQ         dweight+8(FP), R9
	MOVQ         dbias+16(FP), R10
	MOVQ         dy+24(FP), DX
	MOVQ         x+32(FP), SI
	MOVQ         weight+40(FP), R8
	VBROADCASTSS mean+48(FP), Y15
	VBROADCASTSS scale+52(FP), Y14
	MOVQ         n+56(FP), CX
	XORQ         AX, AX
	VXORPS       Y0, Y0, Y0
	VXORPS       Y1, Y1, Y1
	VXORPS       Y2, Y2, Y2
	VXORPS       Y3, Y3, Y3
	TESTQ        CX, CX
	JLE          done

loop:
	TAKE(0, Y0, Y2)
	TAKE(32, Y1, Y3)
	ADDQ $16, AX
	CMPQ AX, CX
	JLT  loop

done:
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	VMOVUPS Y2, 64(DI)
	VMOVUPS Y3, 96(DI)
	VZEROUPPER
	RET

// GRADIENT is scale*(dy*weight) + (b*(x-mean) + c) in Y0.
#define GRADIENT \
	VMOVUPS (SI)(AX*4), Y1;     \
	VSUBPS Y12, Y1, Y1;         \
	VMULPS Y14, Y1, Y1;         \
	VADDPS Y15, Y1, Y1;         \
	VMOVUPS (DX)(AX*4), Y0;     \
	VMULPS (R8)(AX*4), Y0, Y0;  \
	VMULPS Y13, Y0, Y0;         \
	VADDPS Y1, Y0, Y0

// func rowNormBackAVX2(dx, dy, x, weight *float32, mean, scale, b, c float32, set bool, n int)
TEXT ·rowNormBackAVX2(SB), NOSPLIT, $0-64
	MOVQ         dx+0(FP), DI
	MOVQ         dy+8(FP), DX
	MOVQ         x+16(FP), SI
	MOVQ         weight+24(FP), R8
	VBROADCASTSS mean+32(FP), Y12
	VBROADCASTSS scale+36(FP), Y13
	VBROADCASTSS b+40(FP), Y14
	VBROADCASTSS c+44(FP), Y15
	MOVBLZX      set+48(FP), BX
	MOVQ         n+56(FP), CX
	XORQ         AX, AX
	TESTQ        CX, CX
	JLE          done
	TESTQ        BX, BX
	JNE          set

add:
	GRADIENT
	VADDPS  (DI)(AX*4), Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(add)
	VZEROUPPER
	RET

set:
	GRADIENT
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(set)

done:
	VZEROUPPER
	RET
