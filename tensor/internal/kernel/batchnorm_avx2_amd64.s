//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// Batch norm, eight channels at a time, row after row of the matrices and by exactly the operations of the
// loops in batchnorm_rows.go.
//
//	DX operands   R11 rows left   CX bytes of a row's whole vectors   AX bytes done
//	SI x   DI y or dx   R8 dy   R9 y as read, or add   R10 dadd     R12, R13, R15 what belongs to a channel
//	Y14, Y15 lo and hi
//
// Where there are registers enough, several rows are taken at a time, which saves passes over what belongs to a
// channel; that of one element stays in the order of the rows.

#define BEGIN \
	MOVQ  d+0(FP), DX; \
	MOVQ  ChannelRows_Rows(DX), R11; \
	MOVQ  ChannelRows_Cols(DX), CX; \
	SHLQ  $2, CX; \
	TESTQ R11, R11; \
	JLE   none; \
	TESTQ CX, CX; \
	JLE   none

#define CUTS \
	VBROADCASTSS ChannelRows_Lo(DX), Y14; \
	VBROADCASTSS ChannelRows_Hi(DX), Y15

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

// MOMENT takes in a row of x.
#define MOMENT(ROW) \
	VMOVUPS     (ROW)(AX*1), Y3; \
	VSUBPS      Y0, Y3, Y3;      \
	VADDPS      Y3, Y1, Y1;      \
	VFMADD231PS Y3, Y3, Y2

#define GETSUMS \
	VMOVUPS (R12)(AX*1), Y0; \
	VMOVUPS (R13)(AX*1), Y1; \
	VMOVUPS (R15)(AX*1), Y2

#define PUTSUMS \
	VMOVUPS Y1, (R13)(AX*1); \
	VMOVUPS Y2, (R15)(AX*1)

// func momentsAVX2(d *ChannelRows)
TEXT ·momentsAVX2(SB), NOSPLIT, $0-8
	BEGIN
	MOVQ ChannelRows_X(DX), SI
	MOVQ ChannelRows_Mean(DX), R12
	MOVQ ChannelRows_Sums(DX), R13
	MOVQ ChannelRows_Products(DX), R15
	MOVQ ChannelRows_XStep(DX), DI
	SHLQ $2, DI
	SUBQ $4, R11
	JLT  rest

four:
	LEAQ (SI)(DI*1), R8
	LEAQ (SI)(DI*2), R9
	LEAQ (R8)(DI*2), R10
	XORL AX, AX

loop4:
	GETSUMS
	MOMENT(SI)
	MOMENT(R8)
	MOMENT(R9)
	MOMENT(R10)
	PUTSUMS
	NEXT(loop4)
	LEAQ (SI)(DI*4), SI
	SUBQ $4, R11
	JGE  four

rest:
	ADDQ $4, R11
	JLE  end

row:
	XORL AX, AX

loop:
	GETSUMS
	MOMENT(SI)
	PUTSUMS
	NEXT(loop)
	ADDQ DI, SI
	NEXTROW(row)

end:
	VZEROUPPER

none:
	RET

// CUT keeps a value between lo and hi, and lets NaN pass.
#define CUT(V) \
	VMAXPS V, Y14, V; \
	VMINPS V, Y15, V

// func normAVX2(d *ChannelRows)
TEXT ·normAVX2(SB), NOSPLIT, $0-8
	BEGIN
	CUTS
	MOVQ  ChannelRows_X(DX), SI
	MOVQ  ChannelRows_Y(DX), DI
	MOVQ  ChannelRows_Add(DX), R9
	MOVQ  ChannelRows_Scale(DX), R12
	MOVQ  ChannelRows_Shift(DX), R13
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
	ON(ChannelRows_XStep, SI)
	ON(ChannelRows_YStep, DI)
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
	ON(ChannelRows_XStep, SI)
	ON(ChannelRows_YStep, DI)
	ON(ChannelRows_AddStep, R9)
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

// PASSX is the gradient at DY in G where what Y6 and Y7 make of the x in X lets it pass.
#define PASSX(X, DY, G) \
	VMOVAPS     Y7, Y4;           \
	VFMADD231PS X, Y6, Y4;        \
	VCMPPS      $6, Y14, Y4, Y5;  \
	VCMPPS      $9, Y15, Y4, Y4;  \
	VANDPS      Y5, Y4, Y4;       \
	VANDPS      (DY)(AX*1), Y4, G

// PRODUCT takes in a row of x and dy.
#define PRODUCT(X, DY) \
	VMOVUPS     (X)(AX*1), Y3; \
	PASSX(Y3, DY, Y8);         \
	VSUBPS      Y0, Y3, Y3;    \
	VADDPS      Y8, Y1, Y1;    \
	VFMADD231PS Y3, Y8, Y2

// func normSumsAVX2(d *ChannelRows)
TEXT ·normSumsAVX2(SB), NOSPLIT, $0-8
	BEGIN
	CUTS
	MOVQ ChannelRows_X(DX), SI
	MOVQ ChannelRows_DY(DX), R8
	MOVQ ChannelRows_Y(DX), R9
	MOVQ ChannelRows_Mean(DX), R12
	MOVQ ChannelRows_Sums(DX), R13
	MOVQ ChannelRows_Products(DX), R15
	TESTQ R9, R9
	JEQ   fromx

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
	ON(ChannelRows_XStep, SI)
	ON(ChannelRows_DYStep, R8)
	ON(ChannelRows_YStep, R9)
	NEXTROW(row)
	VZEROUPPER
	RET

	// R9 scale   R10 shift   DI, BX strides of x and dy   R14 the next row of x, and of dy
fromx:
	MOVQ ChannelRows_Scale(DX), R9
	MOVQ ChannelRows_Shift(DX), R10
	MOVQ ChannelRows_XStep(DX), DI
	MOVQ ChannelRows_DYStep(DX), BX
	MOVQ R11, DX
	SHLQ $2, DI
	SHLQ $2, BX
	SUBQ $2, DX
	JLT  last

two:
	LEAQ (SI)(DI*1), R14
	LEAQ (R8)(BX*1), R11
	XORL AX, AX

loop2:
	GETSUMS
	VMOVUPS (R9)(AX*1), Y6
	VMOVUPS (R10)(AX*1), Y7
	PRODUCT(SI, R8)
	PRODUCT(R14, R11)
	PUTSUMS
	NEXT(loop2)
	LEAQ (SI)(DI*2), SI
	LEAQ (R8)(BX*2), R8
	SUBQ $2, DX
	JGE  two

last:
	ADDQ $2, DX
	JLE  end
	XORL AX, AX

loop1:
	GETSUMS
	VMOVUPS (R9)(AX*1), Y6
	VMOVUPS (R10)(AX*1), Y7
	PRODUCT(SI, R8)
	PUTSUMS
	NEXT(loop1)

end:
	VZEROUPPER

none:
	RET


// BACK is scale*g + (b*x + c) in Y5.
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
#define ONADD ON(ChannelRows_DAddStep, R10)

#define BACKON \
	ON(ChannelRows_XStep, SI);  \
	ON(ChannelRows_DXStep, DI); \
	ON(ChannelRows_DYStep, R8); \
	ON(ChannelRows_YStep, R9)

#define KEEP(TO) VADDPS (TO)(AX*1), Y4, Y4
#define NOKEEP(TO)

#define CHANNEL \
	VMOVUPS (R12)(AX*1), Y6; \
	VMOVUPS (R9)(AX*1), Y7;  \
	VMOVUPS (R13)(AX*1), Y9; \
	VMOVUPS (R15)(AX*1), Y10

#define BACKX(X, DY, TO, KEPT) \
	VMOVUPS     (X)(AX*1), Y3; \
	PASSX(Y3, DY, Y8);         \
	VMOVAPS     Y10, Y4;       \
	VFMADD231PS Y3, Y9, Y4;    \
	VFMADD231PS Y8, Y6, Y4;    \
	KEPT(TO);                  \
	VMOVUPS     Y4, (TO)(AX*1)

// FOLLOW points a register at the row after that at AT.
#define FOLLOW(STRIDE, AT, R) \
	MOVQ STRIDE(DX), R; \
	LEAQ (AT)(R*4), R

// ROWSX goes over all rows without dadd, by x instead of y: R9 shift   R10, R14, BX the next rows of x, dy, dx.
#define ROWSX(KEPT, TWO, LOOP, LAST, LOOP1, END) \
	SUBQ $2, R11;                           \
	JLT  LAST;                              \
TWO:;                                       \
	FOLLOW(ChannelRows_XStep, SI, R10);        \
	FOLLOW(ChannelRows_DYStep, R8, R14);       \
	FOLLOW(ChannelRows_DXStep, DI, BX);        \
	XORL AX, AX;                            \
LOOP:;                                      \
	CHANNEL;                                \
	BACKX(SI, R8, DI, KEPT);                \
	BACKX(R10, R14, BX, KEPT);              \
	NEXT(LOOP);                             \
	FOLLOW(ChannelRows_XStep, R10, SI);        \
	FOLLOW(ChannelRows_DYStep, R14, R8);       \
	FOLLOW(ChannelRows_DXStep, BX, DI);        \
	SUBQ $2, R11;                           \
	JGE  TWO;                               \
LAST:;                                      \
	ADDQ $2, R11;                           \
	JLE  END;                               \
	XORL AX, AX;                            \
LOOP1:;                                     \
	CHANNEL;                                \
	BACKX(SI, R8, DI, KEPT);                \
	NEXT(LOOP1);                            \
END:;                                       \
	VZEROUPPER;                             \
	RET

// func normBackAVX2(d *ChannelRows)
TEXT ·normBackAVX2(SB), NOSPLIT, $0-8
	BEGIN
	CUTS
	MOVQ  ChannelRows_X(DX), SI
	MOVQ  ChannelRows_DX(DX), DI
	MOVQ  ChannelRows_DY(DX), R8
	MOVQ  ChannelRows_Y(DX), R9
	MOVQ  ChannelRows_DAdd(DX), R10
	MOVQ  ChannelRows_Scale(DX), R12
	MOVQ  ChannelRows_B(DX), R13
	MOVQ  ChannelRows_C(DX), R15
	MOVBLZX ChannelRows_SetX(DX), BX
	TESTQ R9, R9
	JEQ   fromx
	TESTQ R10, R10
	JNE   adds
	TESTQ BX, BX
	JNE   setx
	ROWS(ADDX, NOADD, NOADD, NOADD, row1, loop1)

setx:
	ROWS(NOADD, NOADD, NOADD, NOADD, row2, loop2)

adds:
	MOVBLZX ChannelRows_SetAdd(DX), AX
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

fromx: // without dadd
	MOVQ  ChannelRows_Shift(DX), R9
	TESTQ BX, BX
	JNE   fromxset
	ROWSX(KEEP, two7, loop7, last7, row7, end7)

fromxset:
	ROWSX(NOKEEP, two8, loop8, last8, row8, end8)

none:
	RET
