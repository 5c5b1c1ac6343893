//go:build !purego

#include "go_asm.h"
#include "textflag.h"
#include "depthwise_amd64.h"

// Depthwise rows in AVX2 with FMA, four pixels at a time, all their channels, 16 of them at a time: so memory is read in
// order.
//
//	DX operands   DI, SI pixels of y and x   R8 weights   R9, R10 pixel stride of x, and three times it
//	BX, CX a row of taps in x and in the weights   AX, R13 a tap   R14 tap stride of x
//	R11 pixels left   R12, R15 counters of k1, k0
//	Y0, Y1 the weights of a tap   Y8..Y15 sums, two to a pixel

// ADDTAP1, ADDTAP2 and ADDTAP4 multiply the inputs of so many pixels with the weights of a tap.
#define ADDTAP1 \
	VMOVUPS     (R13), Y0;      \
	VMOVUPS     32(R13), Y1;    \
	VFMADD231PS (AX), Y0, Y8;   \
	VFMADD231PS 32(AX), Y1, Y9

#define ADDTAP2 \
	ADDTAP1; \
	VFMADD231PS (AX)(R9*1), Y0, Y10;   \
	VFMADD231PS 32(AX)(R9*1), Y1, Y11

#define ADDTAP4 \
	ADDTAP2; \
	VFMADD231PS (AX)(R9*2), Y0, Y12;   \
	VFMADD231PS 32(AX)(R9*2), Y1, Y13; \
	VFMADD231PS (AX)(R10*1), Y0, Y14;  \
	VFMADD231PS 32(AX)(R10*1), Y1, Y15

// FROMY begins with what y holds, and FROMSTART with what start does. AX is the pixel stride of y, BX three times it.
#define FROMY1 VMOVUPS (DI), Y8; VMOVUPS 32(DI), Y9
#define FROMY2 FROMY1; VMOVUPS (DI)(AX*1), Y10; VMOVUPS 32(DI)(AX*1), Y11
#define FROMY4 FROMY2; VMOVUPS (DI)(AX*2), Y12; VMOVUPS 32(DI)(AX*2), Y13; VMOVUPS (DI)(BX*1), Y14; VMOVUPS 32(DI)(BX*1), Y15
#define FROMSTART1 VMOVUPS (CX), Y8; VMOVUPS 32(CX), Y9
#define FROMSTART2 FROMSTART1; VMOVAPS Y8, Y10; VMOVAPS Y9, Y11
#define FROMSTART4 FROMSTART2; VMOVAPS Y8, Y12; VMOVAPS Y9, Y13; VMOVAPS Y8, Y14; VMOVAPS Y9, Y15
#define STOREY1 VMOVUPS Y8, (DI); VMOVUPS Y9, 32(DI)
#define STOREY2 STOREY1; VMOVUPS Y10, (DI)(AX*1); VMOVUPS Y11, 32(DI)(AX*1)
#define STOREY4 STOREY2; VMOVUPS Y12, (DI)(AX*2); VMOVUPS Y13, 32(DI)(AX*2); VMOVUPS Y14, (DI)(BX*1); VMOVUPS Y15, 32(DI)(BX*1)

#define TAPS(ADDTAP, OUTER, INNER) \
	MOVQ SI, BX;                 \
	MOVQ R8, CX;                 \
	MOVQ DepthwiseRow_K1(DX), R12;  \
OUTER:;                          \
	MOVQ BX, AX;                 \
	MOVQ CX, R13;                \
	MOVQ DepthwiseRow_K0(DX), R15;  \
INNER:;                          \
	ADDTAP;                      \
	ADDQ R14, AX;                \
	ADDQ wk0-8(SP), R13;         \
	DECQ R15;                    \
	JNZ  INNER;                  \
	ADDQ xk1-16(SP), BX;         \
	ADDQ wk1-24(SP), CX;         \
	DECQ R12;                    \
	JNZ  OUTER

// PIXELS goes through the channels of some pixels: start-40 is where they begin, if not in y.
#define PIXELS(FETCHES, FROMY, FROMSTART, ADDTAP, STOREY, GROUP, Y, READY, OUTER, INNER) \
	MOVQ DI, y-56(SP);              \
	MOVQ SI, x-64(SP);              \
	MOVQ DepthwiseRow_W(DX), R8;       \
	MOVQ DepthwiseRow_Start(DX), CX;   \
	MOVQ CX, start-40(SP);          \
	MOVQ DepthwiseRow_groups(DX), CX;  \
	MOVQ CX, groups-48(SP);         \
GROUP:;                             \
	FETCHES;                        \
	MOVQ  ys-32(SP), AX;            \
	LEAQ  (AX)(AX*2), BX;           \
	MOVQ  start-40(SP), CX;         \
	TESTQ CX, CX;                   \
	JEQ   Y;                        \
	FROMSTART;                      \
	ADDQ  $64, start-40(SP);        \
	JMP   READY;                    \
Y:;                                 \
	FROMY;                          \
READY:;                             \
	TAPS(ADDTAP, OUTER, INNER);     \
	MOVQ  ys-32(SP), AX;            \
	LEAQ  (AX)(AX*2), BX;           \
	STOREY;                         \
	ADDQ  $64, DI;                  \
	ADDQ  $64, SI;                  \
	ADDQ  $64, R8;                  \
	DECQ  groups-48(SP);            \
	JNZ   GROUP;                    \
	MOVQ  y-56(SP), DI;             \
	MOVQ  x-64(SP), SI

// func depthwiseAVX2(d *DepthwiseRow)
TEXT ·depthwiseAVX2(SB), NOSPLIT, $80-8
	OPERANDS
	MOVQ DepthwiseRow_N(DX), R11
	SUBQ $4, R11
	JLT  rest

four:
	PIXELS(FETCHBOTH, FROMY4, FROMSTART4, ADDTAP4, STOREY4, group4, y4, ready4, outer4, inner4)
	MOVQ ys-32(SP), AX
	LEAQ (DI)(AX*4), DI
	LEAQ (SI)(R9*4), SI
	SUBQ $4, R11
	JGE  four

rest:
	ADDQ $4, R11
	CMPQ R11, $2
	JLT  one
	PIXELS(NOFETCH, FROMY2, FROMSTART2, ADDTAP2, STOREY2, group2, y2, ready2, outer2, inner2)
	MOVQ ys-32(SP), AX
	LEAQ (DI)(AX*2), DI
	LEAQ (SI)(R9*2), SI
	SUBQ $2, R11

one:
	TESTQ R11, R11
	JEQ   done
	PIXELS(NOFETCH, FROMY1, FROMSTART1, ADDTAP1, STOREY1, group1, y1, ready1, outer1, inner1)

done:
	VZEROUPPER
	RET

// Weight gradients, a few pixels at a time, all their channels, 16 of them at a time: DI, SI pixels of dy and x   R9, R10
// their strides   R14 tap stride of x   R11 pixels left   R13 a row of taps in x   R8 those left   BX sums   R12 tap
// stride of sums   R15 bytes of channels done   AX, DX, CX from a pixel to what will be needed soon of x, of x behind the
// next tap, and of dy   Y0, Y1 an element of dy   Y4..Y9 sums, two to a tap

#define SUMTAP1 \
	VMOVUPS     (DI), Y0;       \
	VMOVUPS     32(DI), Y1;     \
	VFMADD231PS (SI), Y0, Y4;   \
	VFMADD231PS 32(SI), Y1, Y5

#define SUMTAP2 \
	SUMTAP1; \
	VFMADD231PS (SI)(R14*1), Y0, Y6;   \
	VFMADD231PS 32(SI)(R14*1), Y1, Y7

#define SUMTAP3 \
	SUMTAP2; \
	VFMADD231PS (SI)(R14*2), Y0, Y8;   \
	VFMADD231PS 32(SI)(R14*2), Y1, Y9

#define LOADSUM1 VMOVUPS (BX), Y4; VMOVUPS 32(BX), Y5
#define LOADSUM2 LOADSUM1; VMOVUPS (BX)(R12*1), Y6; VMOVUPS 32(BX)(R12*1), Y7
#define LOADSUM3 LOADSUM2; VMOVUPS (BX)(R12*2), Y8; VMOVUPS 32(BX)(R12*2), Y9
#define STORESUM1 VMOVUPS Y4, (BX); VMOVUPS Y5, 32(BX)
#define STORESUM2 STORESUM1; VMOVUPS Y6, (BX)(R12*1); VMOVUPS Y7, 32(BX)(R12*1)
#define STORESUM3 STORESUM2; VMOVUPS Y8, (BX)(R12*2); VMOVUPS Y9, 32(BX)(R12*2)

#define AHEAD \
	PREFETCHT1 (SI)(AX*1); \
	PREFETCHT1 (SI)(DX*1); \
	PREFETCHT1 (DI)(CX*1)

#define NOTHING

// SUMS takes up to eight pixels at a time.
#define SUMS(LOADSUM, SUMTAP, STORESUM, AHEAD, CHUNK, PART, GROUP, ROW, LOOP) \
CHUNK:;                        \
	MOVQ left-32(SP), R11;     \
	CMPQ R11, $8;              \
	JLE  PART;                 \
	MOVQ $8, R11;              \
PART:;                         \
	MOVQ R11, part-40(SP);     \
	SUBQ R11, left-32(SP);     \
	XORL R15, R15;             \
GROUP:;                        \
	MOVQ sums-24(SP), BX;      \
	ADDQ R15, BX;              \
	MOVQ x-16(SP), R13;        \
	ADDQ R15, R13;             \
	MOVQ rows-72(SP), R8;      \
ROW:;                          \
	MOVQ dy-8(SP), DI;         \
	ADDQ R15, DI;              \
	MOVQ R13, SI;              \
	MOVQ part-40(SP), R11;     \
	LOADSUM;                   \
LOOP:;                         \
	SUMTAP;                    \
	AHEAD;                     \
	ADDQ R9, DI;               \
	ADDQ R10, SI;              \
	DECQ R11;                  \
	JNZ  LOOP;                 \
	STORESUM;                  \
	ADDQ sk1-48(SP), BX;       \
	ADDQ xk1-56(SP), R13;      \
	DECQ R8;                   \
	JNZ  ROW;                  \
	ADDQ $64, R15;             \
	CMPQ R15, width-64(SP);    \
	JLT  GROUP;                \
	MOVQ part-40(SP), R11;     \
	IMULQ R9, R11;             \
	ADDQ R11, dy-8(SP);        \
	MOVQ part-40(SP), R11;     \
	IMULQ R10, R11;            \
	ADDQ R11, x-16(SP);        \
	CMPQ left-32(SP), $0;      \
	JGT  CHUNK;                \
	VZEROUPPER;                \
	RET

// func depthwiseSumsAVX2(d *DepthwiseWeights)
TEXT ·depthwiseSumsAVX2(SB), NOSPLIT, $72-8
	MOVQ  d+0(FP), DX
	MOVQ  DepthwiseWeights_N(DX), R11
	TESTQ R11, R11
	JLE   none
	MOVQ  R11, left-32(SP)
	MOVQ  DepthwiseWeights_DY(DX), R11
	MOVQ  R11, dy-8(SP)
	MOVQ  DepthwiseWeights_X(DX), R11
	MOVQ  R11, x-16(SP)
	MOVQ  DepthwiseWeights_Sums(DX), R11
	MOVQ  R11, sums-24(SP)
	BYTES(DepthwiseWeights_SumRow, sk1-48(SP))
	BYTES(DepthwiseWeights_XRow, xk1-56(SP))
	MOVQ  DepthwiseWeights_groups(DX), R11
	SHLQ  $6, R11
	MOVQ  R11, width-64(SP)
	MOVQ  DepthwiseWeights_TapRows(DX), R11
	MOVQ  R11, rows-72(SP)
	MOVQ  DepthwiseWeights_DYStep(DX), R9
	MOVQ  DepthwiseWeights_XStep(DX), R10
	MOVQ  DepthwiseWeights_XTap(DX), R14
	MOVQ  DepthwiseWeights_SumTap(DX), R12
	SHLQ  $2, R9
	SHLQ  $2, R10
	SHLQ  $2, R14
	SHLQ  $2, R12
	MOVQ  DepthwiseWeights_Taps(DX), R15
	MOVQ  DepthwiseWeights_AheadX(DX), AX
	MOVQ  DepthwiseWeights_AheadY(DX), CX
	SHLQ  $2, AX
	SHLQ  $2, CX
	LEAQ  (AX)(R14*1), DX
	CMPQ  R15, $2
	JEQ   k2
	JLT   k1
	TESTQ AX, AX
	JNE   ahead
	SUMS(LOADSUM3, SUMTAP3, STORESUM3, NOTHING, chunk3, part3, group3, row3, loop3)

ahead:
	SUMS(LOADSUM3, SUMTAP3, STORESUM3, AHEAD, chunk4, part4, group4, row4, loop4)

k2:
	SUMS(LOADSUM2, SUMTAP2, STORESUM2, NOTHING, chunk2, part2, group2, row2, loop2)

k1:
	SUMS(LOADSUM1, SUMTAP1, STORESUM1, NOTHING, chunk1, part1, group1, row1, loop1)

none:
	RET
