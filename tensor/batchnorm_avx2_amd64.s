//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// Batch norm, eight channels at a time, row after row of the matrices and by exactly the operations of the
// loops in batchnorm_rows.go.
//
//	DX operands   R11 rows left   CX bytes of a row's whole vectors   AX bytes done
//	SI x   DI y or dx   R8 dy   R9 y as read, or add   R10 dadd     R12, R13, R15 what belongs to a channel
//	Y14, Y15 lo and hi

#define BEGIN \
	MOVQ  d+0(FP), DX; \
	MOVQ  channelRows_rows(DX), R11; \
	MOVQ  channelRows_cols(DX), CX; \
	SHLQ  $2, CX; \
	TESTQ R11, R11; \
	JLE   none; \
	TESTQ CX, CX; \
	JLE   none

#define CUTS \
	VBROADCASTSS channelRows_lo(DX), Y14; \
	VBROADCASTSS channelRows_hi(DX), Y15

// ON goes on to the next row of a matrix.
#define ON(STRIDE, AT) \
	MOVQ STRIDE(DX), BX; \
	LEAQ (AT)(BX*4), AT

#define NEXT(LOOP) \
	ADDQ $32, AX; \
	CMPQ AX, CX;  \
	JLT  LOOP

#define NEXTROW(LOOP) \
	DECQ R11; \
	JNZ  LOOP

// func momentsAVX2(d *channelRows)
TEXT ·momentsAVX2(SB), NOSPLIT, $0-8
	BEGIN
	MOVQ channelRows_x(DX), SI
	MOVQ channelRows_a(DX), R12
	MOVQ channelRows_s(DX), R13
	MOVQ channelRows_q(DX), R15

row:
	XORL AX, AX

loop:
	VMOVUPS     (SI)(AX*1), Y0
	VSUBPS      (R12)(AX*1), Y0, Y0
	VADDPS      (R13)(AX*1), Y0, Y1
	VMOVUPS     Y1, (R13)(AX*1)
	VMOVUPS     (R15)(AX*1), Y2
	VFMADD231PS Y0, Y0, Y2
	VMOVUPS     Y2, (R15)(AX*1)
	NEXT(loop)
	ON(channelRows_xs, SI)
	NEXTROW(row)
	VZEROUPPER

none:
	RET

// CUT keeps a value between lo and hi, and lets NaN pass.
#define CUT(V) \
	VMAXPS V, Y14, V; \
	VMINPS V, Y15, V

// func normAVX2(d *channelRows)
TEXT ·normAVX2(SB), NOSPLIT, $0-8
	BEGIN
	CUTS
	MOVQ  channelRows_x(DX), SI
	MOVQ  channelRows_y(DX), DI
	MOVQ  channelRows_add(DX), R9
	MOVQ  channelRows_a(DX), R12
	MOVQ  channelRows_b(DX), R13
	TESTQ R9, R9
	JNE   addrow

row:
	XORL AX, AX

loop:
	VMOVUPS     (R12)(AX*1), Y0
	VMOVUPS     (R13)(AX*1), Y1
	VFMADD231PS (SI)(AX*1), Y0, Y1
	CUT(Y1)
	VMOVUPS     Y1, (DI)(AX*1)
	NEXT(loop)
	ON(channelRows_xs, SI)
	ON(channelRows_ys, DI)
	NEXTROW(row)
	VZEROUPPER
	RET

addrow:
	XORL AX, AX

addloop:
	VMOVUPS     (R12)(AX*1), Y0
	VMOVUPS     (R13)(AX*1), Y1
	VFMADD231PS (SI)(AX*1), Y0, Y1
	VADDPS      (R9)(AX*1), Y1, Y1
	CUT(Y1)
	VMOVUPS     Y1, (DI)(AX*1)
	NEXT(addloop)
	ON(channelRows_xs, SI)
	ON(channelRows_ys, DI)
	ON(channelRows_adds, R9)
	NEXTROW(addrow)
	VZEROUPPER

none:
	RET

// PASS is the gradient at R8 in G where the result at R9 is neither <= lo nor >= hi, and zero elsewhere.
#define PASS(G) \
	VMOVUPS (R9)(AX*1), Y1;    \
	VCMPPS  $6, Y14, Y1, Y2;   \
	VCMPPS  $9, Y15, Y1, Y3;   \
	VANDPS  Y2, Y3, Y2;        \
	VANDPS  (R8)(AX*1), Y2, G

// func normSumsAVX2(d *channelRows)
TEXT ·normSumsAVX2(SB), NOSPLIT, $0-8
	BEGIN
	CUTS
	MOVQ channelRows_x(DX), SI
	MOVQ channelRows_dy(DX), R8
	MOVQ channelRows_y(DX), R9
	MOVQ channelRows_a(DX), R12
	MOVQ channelRows_s(DX), R13
	MOVQ channelRows_q(DX), R15

row:
	XORL AX, AX

loop:
	PASS(Y0)
	VADDPS      (R13)(AX*1), Y0, Y4
	VMOVUPS     Y4, (R13)(AX*1)
	VMOVUPS     (SI)(AX*1), Y5
	VSUBPS      (R12)(AX*1), Y5, Y5
	VMOVUPS     (R15)(AX*1), Y6
	VFMADD231PS Y5, Y0, Y6
	VMOVUPS     Y6, (R15)(AX*1)
	NEXT(loop)
	ON(channelRows_xs, SI)
	ON(channelRows_dys, R8)
	ON(channelRows_ys, R9)
	NEXTROW(row)
	VZEROUPPER

none:
	RET

// BACK is a*g + (b*x + c) in Y5.
#define BACK \
	VMOVUPS     (R13)(AX*1), Y4;     \
	VMOVUPS     (R15)(AX*1), Y5;     \
	VFMADD231PS (SI)(AX*1), Y4, Y5;  \
	VFMADD231PS (R12)(AX*1), Y0, Y5

#define ADDX VADDPS (DI)(AX*1), Y5, Y5
#define ADDADD VADDPS (R10)(AX*1), Y0, Y6
#define SETADD VMOVAPS Y0, Y6
#define NOADD

// ROWS goes over all rows. FIRST is the gradient of add, if any, and ONADD goes on in it.
#define ROWS(KEEPX, FIRST, PUTADD, ONADD, ROW, LOOP) \
ROW:;                       \
	XORL AX, AX;            \
LOOP:;                      \
	PASS(Y0);               \
	FIRST;                  \
	PUTADD;                 \
	BACK;                   \
	KEEPX;                  \
	VMOVUPS Y5, (DI)(AX*1); \
	NEXT(LOOP);             \
	BACKON;                 \
	ONADD;                  \
	NEXTROW(ROW);           \
	VZEROUPPER;             \
	RET

#define PUTADD VMOVUPS Y6, (R10)(AX*1)
#define ONADD ON(channelRows_dadds, R10)

#define BACKON \
	ON(channelRows_xs, SI);  \
	ON(channelRows_dxs, DI); \
	ON(channelRows_dys, R8); \
	ON(channelRows_ys, R9)

// func normBackAVX2(d *channelRows)
TEXT ·normBackAVX2(SB), NOSPLIT, $0-8
	BEGIN
	CUTS
	MOVQ  channelRows_x(DX), SI
	MOVQ  channelRows_dx(DX), DI
	MOVQ  channelRows_dy(DX), R8
	MOVQ  channelRows_y(DX), R9
	MOVQ  channelRows_dadd(DX), R10
	MOVQ  channelRows_a(DX), R12
	MOVQ  channelRows_b(DX), R13
	MOVQ  channelRows_c(DX), R15
	MOVBLZX channelRows_setX(DX), BX
	TESTQ R10, R10
	JNE   adds
	TESTQ BX, BX
	JNE   setx
	ROWS(ADDX, NOADD, NOADD, NOADD, row1, loop1)

setx:
	ROWS(NOADD, NOADD, NOADD, NOADD, row2, loop2)

adds:
	MOVBLZX channelRows_setAdd(DX), AX
	TESTQ AX, AX
	JNE   setadd
	TESTQ BX, BX
	JNE   setxadds
	ROWS(ADDX, ADDADD, PUTADD, ONADD, row3, loop3)

setxadds:
	ROWS(NOADD, ADDADD, PUTADD, ONADD, row4, loop4)

setadd:
	TESTQ BX, BX
	JNE   setboth
	ROWS(ADDX, SETADD, PUTADD, ONADD, row5, loop5)

setboth:
	ROWS(NOADD, SETADD, PUTADD, ONADD, row6, loop6)

none:
	RET
