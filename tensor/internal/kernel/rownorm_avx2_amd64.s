//go:build !purego

#include "textflag.h"
#include "fold_avx2_amd64.h"
#include "loop_avx2_amd64.h"

// Norms along rows, by exactly the operations of the loops in rownorm.go. AX counts values, CX is their number.

// MOMENT takes in four values.
#define MOMENT(AT, SUM, SQUARES) \
	VCVTPS2PD   AT(SI)(AX*4), Y8; \
	VADDPD      Y8, SUM, SUM;     \
	VFMADD231PD Y8, Y8, SQUARES

// MOMENTS takes in CX values at SI, and is done then: sums are in Y0 to Y3, those of squares in Y4 to Y7.
#define MOMENTS \
	XORQ   AX, AX;         \
	VXORPD Y0, Y0, Y0;     \
	VXORPD Y1, Y1, Y1;     \
	VXORPD Y2, Y2, Y2;     \
	VXORPD Y3, Y3, Y3;     \
	VXORPD Y4, Y4, Y4;     \
	VXORPD Y5, Y5, Y5;     \
	VXORPD Y6, Y6, Y6;     \
	VXORPD Y7, Y7, Y7;     \
	TESTQ  CX, CX;         \
	JLE    done;           \
loop:;                     \
	MOMENT(0, Y0, Y4);     \
	MOMENT(16, Y1, Y5);    \
	MOMENT(32, Y2, Y6);    \
	MOMENT(48, Y3, Y7);    \
	ADDQ   $16, AX;        \
	CMPQ   AX, CX;         \
	JLT    loop;           \
done:

// func rowMomentsAVX2(s *[2][rowChains]float64, x *float32, n int)
TEXT ·rowMomentsAVX2(SB), NOSPLIT, $0-24
	MOVQ    s+0(FP), DI
	MOVQ    x+8(FP), SI
	MOVQ    n+16(FP), CX
	MOMENTS
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

// func wholeRowMomentsAVX2(x *float32, n int) (sum, squares float64)
TEXT ·wholeRowMomentsAVX2(SB), NOSPLIT, $0-32
	MOVQ   x+0(FP), SI
	MOVQ   n+8(FP), CX
	MOMENTS
	FOLD(Y0, Y1, Y2, Y3, X0, X1, X2, X3)
	FOLD(Y4, Y5, Y6, Y7, X4, X5, X6, X7)
	VMOVSD X0, sum+16(FP)
	VMOVSD X4, squares+24(FP)
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

// TAKEALL takes in CX values, and is done then: sums of g are in Y0 and Y1, those of g*h in Y2 and Y3.
#define TAKEALL \
	XORQ   AX, AX;      \
	VXORPS Y0, Y0, Y0;  \
	VXORPS Y1, Y1, Y1;  \
	VXORPS Y2, Y2, Y2;  \
	VXORPS Y3, Y3, Y3;  \
	TESTQ  CX, CX;      \
	JLE    done;        \
loop:;                  \
	TAKE(0, Y0, Y2);    \
	TAKE(32, Y1, Y3);   \
	ADDQ   $16, AX;     \
	CMPQ   AX, CX;      \
	JLT    loop;        \
done:

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
	TAKEALL
	VMOVUPS      Y0, (DI)
	VMOVUPS      Y1, 32(DI)
	VMOVUPS      Y2, 64(DI)
	VMOVUPS      Y3, 96(DI)
	VZEROUPPER
	RET

// WIDEFOLD adds the sixteen chains of A and B in float64, as FOLD does: the sum is the low value of X4.
#define WIDEFOLD(A, B, XA, XB) \
	VEXTRACTF128 $1, A, X5; \
	VEXTRACTF128 $1, B, X7; \
	VCVTPS2PD    XA, Y4;    \
	VCVTPS2PD    X5, Y5;    \
	VCVTPS2PD    XB, Y6;    \
	VCVTPS2PD    X7, Y7;    \
	FOLD(Y4, Y5, Y6, Y7, X4, X5, X6, X7)

// func wholeRowNormSumsAVX2(dweight, dbias, dy, x, weight *float32, mean, scale float32, n int) (sum, product float64)
TEXT ·wholeRowNormSumsAVX2(SB), NOSPLIT, $0-72
	MOVQ         dweight+0(FP), R9
	MOVQ         dbias+8(FP), R10
	MOVQ         dy+16(FP), DX
	MOVQ         x+24(FP), SI
	MOVQ         weight+32(FP), R8
	VBROADCASTSS mean+40(FP), Y15
	VBROADCASTSS scale+44(FP), Y14
	MOVQ         n+48(FP), CX
	TAKEALL
	WIDEFOLD(Y0, Y1, X0, X1)
	VMOVSD       X4, sum+56(FP)
	WIDEFOLD(Y2, Y3, X2, X3)
	VMOVSD       X4, product+64(FP)
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
