//go:build !purego

#include "go_asm.h"
#include "textflag.h"
#include "depthwise_amd64.h"

// The rows of depthwise_avx2_amd64.s in AVX-512, eight pixels at a time, all their channels, 16 of them at a time. So each
// row of weights that is loaded serves eight multiply-adds, which are as many as hide one's latency.
//
//	DX operands   DI, SI pixels of y and x   R8 weights   R9, R10 pixel stride of x, and three times it
//	BX, CX a row of taps in x and in the weights   AX, R11 a tap, at the first pixel and at the fifth   R13 its weights
//	R14 tap stride of x   R12, R15 counters of k1, k0
//	Z0 the weights of a tap   Z8..Z15 sums, one to a pixel

// ADDTAP1 to ADDTAP8 multiply the inputs of so many pixels with the weights of a tap.
#define ADDTAP1 \
	VMOVUPS     (R13), Z0;    \
	VFMADD231PS (AX), Z0, Z8

#define ADDTAP2 \
	ADDTAP1; \
	VFMADD231PS (AX)(R9*1), Z0, Z9

#define ADDTAP4 \
	ADDTAP2; \
	VFMADD231PS (AX)(R9*2), Z0, Z10;  \
	VFMADD231PS (AX)(R10*1), Z0, Z11

#define ADDTAP8 \
	ADDTAP4; \
	VFMADD231PS (R11), Z0, Z12;        \
	VFMADD231PS (R11)(R9*1), Z0, Z13;  \
	VFMADD231PS (R11)(R9*2), Z0, Z14;  \
	VFMADD231PS (R11)(R10*1), Z0, Z15

// FROMY begins with what y holds, and FROMSTART with what start does. AX is the pixel stride of y, BX three times it, R11
// the fifth pixel of y.
#define FROMY1 VMOVUPS (DI), Z8
#define FROMY2 FROMY1; VMOVUPS (DI)(AX*1), Z9
#define FROMY4 FROMY2; VMOVUPS (DI)(AX*2), Z10; VMOVUPS (DI)(BX*1), Z11
#define FROMY8 FROMY4; VMOVUPS (R11), Z12; VMOVUPS (R11)(AX*1), Z13; VMOVUPS (R11)(AX*2), Z14; VMOVUPS (R11)(BX*1), Z15
#define FROMSTART1 VMOVUPS (CX), Z8
#define FROMSTART2 FROMSTART1; VMOVAPS Z8, Z9
#define FROMSTART4 FROMSTART2; VMOVAPS Z8, Z10; VMOVAPS Z8, Z11
#define FROMSTART8 FROMSTART4; VMOVAPS Z8, Z12; VMOVAPS Z8, Z13; VMOVAPS Z8, Z14; VMOVAPS Z8, Z15
#define STOREY1 VMOVUPS Z8, (DI)
#define STOREY2 STOREY1; VMOVUPS Z9, (DI)(AX*1)
#define STOREY4 STOREY2; VMOVUPS Z10, (DI)(AX*2); VMOVUPS Z11, (DI)(BX*1)
#define STOREY8 STOREY4; VMOVUPS Z12, (R11); VMOVUPS Z13, (R11)(AX*1); VMOVUPS Z14, (R11)(AX*2); VMOVUPS Z15, (R11)(BX*1)

#define TAPS(ADDTAP, OUTER, INNER) \
	MOVQ SI, BX;                   \
	MOVQ R8, CX;                   \
	MOVQ DepthwiseRow_K1(DX), R12; \
OUTER:;                            \
	MOVQ BX, AX;                   \
	LEAQ (BX)(R9*4), R11;          \
	MOVQ CX, R13;                  \
	MOVQ DepthwiseRow_K0(DX), R15; \
INNER:;                            \
	ADDTAP;                        \
	ADDQ R14, AX;                  \
	ADDQ R14, R11;                 \
	ADDQ wk0-8(SP), R13;           \
	DECQ R15;                      \
	JNZ  INNER;                    \
	ADDQ xk1-16(SP), BX;           \
	ADDQ wk1-24(SP), CX;           \
	DECQ R12;                      \
	JNZ  OUTER

// ATY has AX, BX and R11 for FROMY and STOREY.
#define ATY \
	MOVQ ys-32(SP), AX;      \
	LEAQ (AX)(AX*2), BX;     \
	LEAQ (DI)(AX*4), R11

// PIXELS goes through the channels of COUNT pixels, and on to those behind them: start-40 is where they begin, if not in y.
#define PIXELS(COUNT, FETCHES, FROMY, FROMSTART, ADDTAP, STOREY, GROUP, Y, READY, OUTER, INNER) \
	MOVQ DI, y-56(SP);                \
	MOVQ SI, x-64(SP);                \
	MOVQ DepthwiseRow_W(DX), R8;      \
	MOVQ DepthwiseRow_Start(DX), CX;  \
	MOVQ CX, start-40(SP);            \
	MOVQ DepthwiseRow_groups(DX), CX; \
	MOVQ CX, groups-48(SP);           \
GROUP:;                               \
	FETCHES;                          \
	MOVQ  start-40(SP), CX;           \
	TESTQ CX, CX;                     \
	JEQ   Y;                          \
	FROMSTART;                        \
	ADDQ  $64, start-40(SP);          \
	JMP   READY;                      \
Y:;                                   \
	ATY;                              \
	FROMY;                            \
READY:;                               \
	TAPS(ADDTAP, OUTER, INNER);       \
	ATY;                              \
	STOREY;                           \
	ADDQ  $64, DI;                    \
	ADDQ  $64, SI;                    \
	ADDQ  $64, R8;                    \
	DECQ  groups-48(SP);              \
	JNZ   GROUP;                      \
	MOVQ  y-56(SP), DI;               \
	MOVQ  x-64(SP), SI;               \
	MOVQ  ys-32(SP), AX;              \
	IMULQ $COUNT, AX;                 \
	ADDQ  AX, DI;                     \
	MOVQ  R9, AX;                     \
	IMULQ $COUNT, AX;                 \
	ADDQ  AX, SI;                     \
	SUBQ  $COUNT, left-88(SP)

// func depthwiseAVX512(d *DepthwiseRow)
TEXT ·depthwiseAVX512(SB), NOSPLIT, $88-8
	OPERANDS
	MOVQ DepthwiseRow_N(DX), AX
	MOVQ AX, left-88(SP)

eight:
	CMPQ left-88(SP), $8
	JLT  four
	PIXELS(8, FETCHBOTH, FROMY8, FROMSTART8, ADDTAP8, STOREY8, group8, y8, ready8, outer8, inner8)
	JMP  eight

four:
	CMPQ left-88(SP), $4
	JLT  two
	PIXELS(4, NOFETCH, FROMY4, FROMSTART4, ADDTAP4, STOREY4, group4, y4, ready4, outer4, inner4)

two:
	CMPQ left-88(SP), $2
	JLT  one
	PIXELS(2, NOFETCH, FROMY2, FROMSTART2, ADDTAP2, STOREY2, group2, y2, ready2, outer2, inner2)

one:
	CMPQ left-88(SP), $1
	JLT  done
	PIXELS(1, NOFETCH, FROMY1, FROMSTART1, ADDTAP1, STOREY1, group1, y1, ready1, outer1, inner1)

done:
	VZEROUPPER
	RET

// The gradient of the weights of 16 channels, eight taps at a time: DI a pixel of dy   SI, R13 the same of x, at the first
// tap and at the fifth   R9, R10 pixel strides   R14, R15 tap stride of x, and three times it   BX, CX sums of the first tap
// and of the fifth   R12, AX tap stride of sums, and three times it   R8 taps left   R11 pixels left
// Z0 an element of dy   Z8..Z15 sums

#define SUMTAP1 \
	VMOVUPS     (DI), Z0;    \
	VFMADD231PS (SI), Z0, Z8

#define SUMTAP4 \
	SUMTAP1; \
	VFMADD231PS (SI)(R14*1), Z0, Z9;  \
	VFMADD231PS (SI)(R14*2), Z0, Z10; \
	VFMADD231PS (SI)(R15*1), Z0, Z11

#define SUMTAP8 \
	SUMTAP4; \
	VFMADD231PS (R13), Z0, Z12;        \
	VFMADD231PS (R13)(R14*1), Z0, Z13; \
	VFMADD231PS (R13)(R14*2), Z0, Z14; \
	VFMADD231PS (R13)(R15*1), Z0, Z15

#define LOADSUM1 VMOVUPS (BX), Z8
#define LOADSUM4 LOADSUM1; VMOVUPS (BX)(R12*1), Z9; VMOVUPS (BX)(R12*2), Z10; VMOVUPS (BX)(AX*1), Z11
#define LOADSUM8 LOADSUM4; VMOVUPS (CX), Z12; VMOVUPS (CX)(R12*1), Z13; VMOVUPS (CX)(R12*2), Z14; VMOVUPS (CX)(AX*1), Z15
#define STORESUM1 VMOVUPS Z8, (BX)
#define STORESUM4 STORESUM1; VMOVUPS Z9, (BX)(R12*1); VMOVUPS Z10, (BX)(R12*2); VMOVUPS Z11, (BX)(AX*1)
#define STORESUM8 STORESUM4; VMOVUPS Z12, (CX); VMOVUPS Z13, (CX)(R12*1); VMOVUPS Z14, (CX)(R12*2); VMOVUPS Z15, (CX)(AX*1)

// SUMS adds all pixels to the sums of COUNT taps, and goes on to those behind them.
#define SUMS(COUNT, LOADSUM, SUMTAP, STORESUM, LOOP) \
	LEAQ  (BX)(R12*4), CX;               \
	LOADSUM;                             \
	MOVQ  DepthwiseWeights_DY(DX), DI;   \
	MOVQ  x-8(SP), SI;                   \
	LEAQ  (SI)(R14*4), R13;              \
	MOVQ  DepthwiseWeights_N(DX), R11;   \
LOOP:;                                   \
	SUMTAP;                              \
	ADDQ  R9, DI;                        \
	ADDQ  R10, SI;                       \
	ADDQ  R10, R13;                      \
	DECQ  R11;                           \
	JNZ   LOOP;                          \
	STORESUM;                            \
	MOVQ  R12, CX;                       \
	IMULQ $COUNT, CX;                    \
	ADDQ  CX, BX;                        \
	MOVQ  R14, CX;                       \
	IMULQ $COUNT, CX;                    \
	ADDQ  CX, x-8(SP);                   \
	SUBQ  $COUNT, R8

// func depthwiseSumsAVX512(d *DepthwiseWeights)
TEXT ·depthwiseSumsAVX512(SB), NOSPLIT, $8-8
	MOVQ  d+0(FP), DX
	CMPQ  DepthwiseWeights_N(DX), $0
	JLE   none
	MOVQ  DepthwiseWeights_X(DX), AX
	MOVQ  AX, x-8(SP)
	MOVQ  DepthwiseWeights_Sums(DX), BX
	MOVQ  DepthwiseWeights_Taps(DX), R8
	IMULQ DepthwiseWeights_TapRows(DX), R8
	MOVQ  DepthwiseWeights_DYStep(DX), R9
	MOVQ  DepthwiseWeights_XStep(DX), R10
	MOVQ  DepthwiseWeights_XTap(DX), R14
	MOVQ  DepthwiseWeights_SumTap(DX), R12
	SHLQ  $2, R9
	SHLQ  $2, R10
	SHLQ  $2, R14
	SHLQ  $2, R12
	LEAQ  (R14)(R14*2), R15
	LEAQ  (R12)(R12*2), AX

eight:
	CMPQ R8, $8
	JLT  four
	SUMS(8, LOADSUM8, SUMTAP8, STORESUM8, loop8)
	JMP  eight

four:
	CMPQ R8, $4
	JLT  one
	SUMS(4, LOADSUM4, SUMTAP4, STORESUM4, loop4)

one:
	CMPQ R8, $1
	JLT  done
	SUMS(1, LOADSUM1, SUMTAP1, STORESUM1, loop1)
	JMP  one

done:
	VZEROUPPER

none:
	RET
