//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// Windows of a row, one after the other, each eight channels at a time; of the last channels, fewer than eight, no
// others are read or written.
//
//	DX windows     CX windows left in all     AX channels left of the window     BX the window's first pixel
//	DI, SI the eight channels of y and at     R8 those of the first pixel     R9, R10 those of a row of taps, of a tap
//	R11, R12 taps left of a row, rows left     R13, R15 from one tap, and row of taps, to the next
//	Y12 ones in the last channels     Y11 in those under way     Y13 the number of the first tap     Y14 one     Y15 the tap's
//	Y10 zeros backward     Y5, Y6, Y7 the numbers of the taps that follow the first, for windows of two by two
//
// Where 32 channels or more are left, and the windows are not two by two, four vectors of them go through the taps side by
// side: a maximum waits for the one before it. They use Y5 to Y7, which hold no numbers of taps from then on.

// PART is what Y11 must be for the channels that are left.
#define PART(WHOLE) \
	VPCMPEQD Y11, Y11, Y11; \
	CMPQ     AX, $8;        \
	JGE      WHOLE;         \
	VMOVUPS  Y12, Y11;      \
WHOLE:

// BEGIN loads what does not change.
#define BEGIN \
	MOVQ         w+0(FP), DX;              \
	MOVQ         Windows_Y(DX), DI;        \
	MOVQ         Windows_At(DX), SI;       \
	MOVQ         Windows_X(DX), BX;        \
	MOVQ         Windows_N(DX), CX;        \
	MOVQ         Windows_Pixel(DX), R13;   \
	SHLQ         $2, R13;                  \
	MOVQ         Windows_Row(DX), R15;     \
	SHLQ         $2, R15;                  \
	VBROADCASTSS Windows_First(DX), Y13;   \
	MOVL         $0x3f800000, AX;          \
	VMOVD        AX, X14;                  \
	VBROADCASTSS X14, Y14;                 \
	LEAQ         ·firstColumns+32(SB), R8; \
	MOVQ         Windows_Cols(DX), AX;     \
	ANDQ         $7, AX;                   \
	SHLQ         $2, AX;                   \
	SUBQ         AX, R8;                   \
	VMOVUPS      (R8), Y12;                \
	VADDPS       Y14, Y13, Y5;             \
	VADDPS       Y14, Y5, Y6;              \
	VADDPS       Y14, Y6, Y7

// NEXT goes on to the next window, of the next row if there are no more in this one, and is done after the last.
#define NEXT(WINDOW) \
	MOVQ Windows_Cols(DX), AX;    \
	MOVQ Windows_YStep(DX), R8;   \
	SUBQ AX, R8;                  \
	LEAQ (DI)(R8*4), DI;          \
	MOVQ Windows_AtStep(DX), R8;  \
	SUBQ AX, R8;                  \
	LEAQ (SI)(R8*4), SI;          \
	MOVQ Windows_Step(DX), R8;    \
	LEAQ (BX)(R8*4), BX;          \
	DECQ CX;                      \
	JEQ  done;                    \
	DECQ Windows_Left(DX);        \
	JNZ  WINDOW;                  \
	MOVQ Windows_Across(DX), R8;  \
	MOVQ R8, Windows_Left(DX);    \
	MOVQ Windows_Down(DX), R8;    \
	LEAQ (BX)(R8*4), BX;          \
	JMP  WINDOW

// LARGER takes the larger of A and B, and its tap, into A and TA. It uses Y8 and Y9.
#define LARGER(A, TA, B, TB, FROM) \
	VCMPPS    $6, A, B, Y8;         \
	VCMPPS    $7, A, A, Y9;         \
	VANDPS    Y8, Y9, Y8;           \
	VBLENDVPS Y8, B, A, A;          \
	VBLENDVPS Y8, TB, FROM, TA

// TAPS goes through the taps of a window: EACH does what is to be done with the pixel at R10 and the number in Y15. It uses
// Y8.
#define TAPS(ROW, TAP, EACH) \
	VMOVUPS      Y13, Y15;             \
	MOVQ         R8, R9;               \
	MOVQ         Windows_KH(DX), R12;  \
ROW:;                                  \
	MOVQ         R9, R10;              \
	MOVQ         Windows_KW(DX), R11;  \
TAP:;                                  \
	EACH;                              \
	VADDPS       Y14, Y15, Y15;        \
	ADDQ         R13, R10;             \
	DECQ         R11;                  \
	JNZ          TAP;                  \
	VBROADCASTSS Windows_Skip(DX), Y8; \
	VADDPS       Y8, Y15, Y15;         \
	ADDQ         R15, R9;              \
	DECQ         R12;                  \
	JNZ          ROW

// LARGEST takes eight values at AT and the tap's number into BEST and ITS where they are larger. It uses Y8 to Y10.
#define LARGEST(AT, BEST, ITS) \
	VMOVUPS   AT(R10), Y8;         \
	VCMPPS    $6, BEST, Y8, Y9;    \
	VCMPPS    $7, BEST, BEST, Y10; \
	VANDPS    Y9, Y10, Y9;         \
	VBLENDVPS Y9, Y8, BEST, BEST;  \
	VBLENDVPS Y9, Y15, ITS, ITS

#define FOURLARGEST \
	LARGEST(0, Y0, Y4);  \
	LARGEST(32, Y1, Y5); \
	LARGEST(64, Y2, Y6); \
	LARGEST(96, Y3, Y7)

// func maxWindowsAVX2(w *Windows)
TEXT ·maxWindowsAVX2(SB), NOSPLIT, $0-8
	BEGIN

window:
	MOVQ Windows_Cols(DX), AX
	MOVQ BX, R8

channels:
	PART(some)
	CMPB       Windows_Square(DX), $0
	JNE        square
	CMPQ       AX, $32
	JGE        four
	VMASKMOVPS (R8), Y11, Y0
	VMOVUPS    Y13, Y4
	VMOVUPS    Y13, Y15
	MOVQ       R8, R9
	MOVQ       Windows_KH(DX), R12

row:
	MOVQ R9, R10
	MOVQ Windows_KW(DX), R11

tap:
	VMASKMOVPS (R10), Y11, Y1
	VCMPPS     $6, Y0, Y1, Y2
	VCMPPS     $7, Y0, Y0, Y3
	VANDPS     Y2, Y3, Y2
	VBLENDVPS  Y2, Y1, Y0, Y0
	VBLENDVPS  Y2, Y15, Y4, Y4
	VADDPS     Y14, Y15, Y15
	ADDQ       R13, R10
	DECQ       R11
	JNZ        tap
	VBROADCASTSS Windows_Skip(DX), Y2
	VADDPS     Y2, Y15, Y15
	ADDQ       R15, R9
	DECQ       R12
	JNZ        row

found:
	CMPQ    AX, $8
	JLT     last
	VMOVUPS Y0, (DI)
	VMOVUPS Y4, (SI)
	ADDQ    $32, DI
	ADDQ    $32, SI
	ADDQ    $32, R8
	SUBQ    $8, AX
	JNZ     channels
	NEXT(window)

last:
	CMPQ    CX, Windows_Careful(DX)
	JLE     pieces
	VMOVUPS Y0, (DI)
	VMOVUPS Y4, (SI)
	LEAQ    (DI)(AX*4), DI
	LEAQ    (SI)(AX*4), SI
	NEXT(window)

pieces:
	TESTQ        $4, AX
	JEQ          two
	VMOVUPS      X0, (DI)
	VMOVUPS      X4, (SI)
	VEXTRACTF128 $1, Y0, X0
	VEXTRACTF128 $1, Y4, X4
	ADDQ         $16, DI
	ADDQ         $16, SI

two:
	TESTQ     $2, AX
	JEQ       one
	VMOVLPS   X0, (DI)
	VMOVLPS   X4, (SI)
	VPERMILPS $0xee, X0, X0
	VPERMILPS $0xee, X4, X4
	ADDQ      $8, DI
	ADDQ      $8, SI

one:
	TESTQ  $1, AX
	JEQ    next
	VMOVSS X0, (DI)
	VMOVSS X4, (SI)
	ADDQ   $4, DI
	ADDQ   $4, SI

next:
	NEXT(window)

four:
	VMOVUPS (R8), Y0
	VMOVUPS 32(R8), Y1
	VMOVUPS 64(R8), Y2
	VMOVUPS 96(R8), Y3
	VMOVUPS Y13, Y4
	VMOVUPS Y13, Y5
	VMOVUPS Y13, Y6
	VMOVUPS Y13, Y7
	TAPS(rowOfFour, tapOfFour, FOURLARGEST)
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	VMOVUPS Y2, 64(DI)
	VMOVUPS Y3, 96(DI)
	VMOVUPS Y4, (SI)
	VMOVUPS Y5, 32(SI)
	VMOVUPS Y6, 64(SI)
	VMOVUPS Y7, 96(SI)
	ADDQ    $128, DI
	ADDQ    $128, SI
	ADDQ    $128, R8
	SUBQ    $32, AX
	JNZ     channels
	NEXT(window)

square:
	LEAQ       (R8)(R15*1), R9
	VMASKMOVPS (R8), Y11, Y0
	VMASKMOVPS (R8)(R13*1), Y11, Y1
	VMASKMOVPS (R9), Y11, Y2
	VMASKMOVPS (R9)(R13*1), Y11, Y3
	LARGER(Y0, Y4, Y1, Y5, Y13)
	LARGER(Y2, Y3, Y3, Y7, Y6)
	LARGER(Y0, Y4, Y2, Y3, Y4)
	JMP        found

done:
	VZEROUPPER
	RET

// STOP takes the gradient of a tap where it is the maximum.
#define STOP(TAP, TO) \
	VCMPPS  $0, Y4, TAP, Y1; \
	VANDPS  Y0, Y1, Y1;      \
	VADDPS  Y10, Y1, Y1;     \
	VMOVUPS Y1, TO

// ADDSTOP adds to eight gradients at AT what G has for the tap in Y15 where ITS is it, and FILLSTOP sets them. They use Y8.
#define ADDSTOP(AT, G, ITS) \
	VCMPPS  $0, ITS, Y15, Y8; \
	VANDPS  G, Y8, Y8;        \
	VADDPS  AT(R10), Y8, Y8;  \
	VMOVUPS Y8, AT(R10)

#define FILLSTOP(AT, G, ITS) \
	VCMPPS  $0, ITS, Y15, Y8; \
	VANDPS  G, Y8, Y8;        \
	VADDPS  Y10, Y8, Y8;      \
	VMOVUPS Y8, AT(R10)

#define OFFOUR(STOP) \
	STOP(0, Y0, Y4);  \
	STOP(32, Y1, Y5); \
	STOP(64, Y2, Y6); \
	STOP(96, Y3, Y7)

#define ADDFOUR OFFOUR(ADDSTOP)
#define FILLFOUR OFFOUR(FILLSTOP)

// func maxWindowsBackAVX2(w *Windows)
TEXT ·maxWindowsBackAVX2(SB), NOSPLIT, $0-8
	BEGIN
	VXORPS Y10, Y10, Y10

window:
	MOVQ Windows_Cols(DX), AX
	MOVQ BX, R8

channels:
	PART(some)
	VMASKMOVPS (DI), Y11, Y0
	VMASKMOVPS (SI), Y11, Y4
	CMPB       Windows_Square(DX), $0
	JNE        square

general:
	CMPQ       AX, $32
	JGE        four
	VMOVUPS    Y13, Y15
	MOVQ       R8, R9
	MOVQ       Windows_KH(DX), R12

row:
	MOVQ R9, R10
	MOVQ Windows_KW(DX), R11

tap:
	VCMPPS     $0, Y4, Y15, Y2
	VANDPS     Y0, Y2, Y2
	VADDPS     Y14, Y15, Y15
	CMPB       Windows_Fill(DX), $0
	JNE        fill
	VMASKMOVPS (R10), Y11, Y1
	VADDPS     Y1, Y2, Y1
	CMPQ       AX, $8
	JLT        pieces
	VMOVUPS    Y1, (R10)
	JMP        stored

fill:
	VADDPS  Y10, Y2, Y1
	CMPQ    AX, $8
	JGE     whole
	MOVQ    Windows_Left(DX), R14
	CMPQ    R14, Windows_Careful(DX)
	JLE     pieces

whole:
	VMOVUPS Y1, (R10)

stored:
	ADDQ R13, R10
	DECQ R11
	JNZ  tap
	VBROADCASTSS Windows_Skip(DX), Y2
	VADDPS Y2, Y15, Y15
	ADDQ R15, R9
	DECQ R12
	JNZ  row

stopped:
	CMPQ AX, $8
	JLT  last
	ADDQ $32, DI
	ADDQ $32, SI
	ADDQ $32, R8
	SUBQ $8, AX
	JNZ  channels
	NEXT(window)

last:
	LEAQ (DI)(AX*4), DI
	LEAQ (SI)(AX*4), SI
	NEXT(window)

pieces:
	MOVQ         R10, R14
	TESTQ        $4, AX
	JEQ          two
	VMOVUPS      X1, (R14)
	VEXTRACTF128 $1, Y1, X1
	ADDQ         $16, R14

two:
	TESTQ     $2, AX
	JEQ       one
	VMOVLPS   X1, (R14)
	VPERMILPS $0xee, X1, X1
	ADDQ      $8, R14

one:
	TESTQ  $1, AX
	JEQ    stored
	VMOVSS X1, (R14)
	JMP    stored

// Windows of two by two come here only without Fill, and so never go on to stop, which needs Y5 to Y7 as they were.
four:
	VMOVUPS 32(DI), Y1
	VMOVUPS 64(DI), Y2
	VMOVUPS 96(DI), Y3
	VMOVUPS 32(SI), Y5
	VMOVUPS 64(SI), Y6
	VMOVUPS 96(SI), Y7
	CMPB    Windows_Fill(DX), $0
	JNE     fillFour
	TAPS(rowOfFour, tapOfFour, ADDFOUR)
	JMP     nextFour

fillFour:
	TAPS(rowOfFill, tapOfFill, FILLFOUR)

nextFour:
	ADDQ $128, DI
	ADDQ $128, SI
	ADDQ $128, R8
	SUBQ $32, AX
	JNZ  channels
	NEXT(window)

square:
	CMPB Windows_Fill(DX), $0
	JEQ  general
	CMPQ AX, $8
	JGE  stop
	MOVQ Windows_Left(DX), R14
	CMPQ R14, Windows_Careful(DX)
	JLE  general

stop:
	LEAQ (R8)(R15*1), R9
	STOP(Y13, (R8))
	STOP(Y5, (R8)(R13*1))
	STOP(Y6, (R9))
	STOP(Y7, (R9)(R13*1))
	JMP  stopped

done:
	VZEROUPPER
	RET
