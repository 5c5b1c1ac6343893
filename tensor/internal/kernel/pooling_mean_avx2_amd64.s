//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// Means over windows, and their gradients, in order of the windows. Channels are multiples of eight; four vectors of them go
// through the taps side by side, and one by one what is left of these.
//
//	DX windows     CX windows left in all     AX channels left of the window     BX the window's first pixel
//	DI the channels of y     R8 those of the first pixel     R9, R10 those of a row of taps, of a tap
//	R11, R12 taps left of a row, rows left     R13, R15 from one tap, and row of taps, to the next     Y13 the share

#define BEGIN \
	MOVQ         w+0(FP), DX;            \
	MOVQ         Windows_Y(DX), DI;      \
	MOVQ         Windows_X(DX), BX;      \
	MOVQ         Windows_N(DX), CX;      \
	MOVQ         Windows_Pixel(DX), R13; \
	SHLQ         $2, R13;                \
	MOVQ         Windows_Row(DX), R15;   \
	SHLQ         $2, R15;                \
	VBROADCASTSS Windows_Share(DX), Y13

// NEXT goes on to the next window, of the next row if there are no more in this one, and is done after the last.
#define NEXT \
	MOVQ Windows_YStep(DX), R8;   \
	SUBQ Windows_Cols(DX), R8;    \
	LEAQ (DI)(R8*4), DI;          \
	MOVQ Windows_Step(DX), R8;    \
	LEAQ (BX)(R8*4), BX;          \
	DECQ CX;                      \
	JEQ  done;                    \
	DECQ Windows_Left(DX);        \
	JNZ  window;                  \
	MOVQ Windows_Across(DX), R8;  \
	MOVQ R8, Windows_Left(DX);    \
	MOVQ Windows_Down(DX), R8;    \
	LEAQ (BX)(R8*4), BX;          \
	JMP  window

// TAPS does EACH with the pixel at R10, from tap FIRST of the first row on.
#define TAPS(FIRST, ROW, TAP, LAST, EACH) \
	MOVQ R8, R9;                \
	MOVQ Windows_KH(DX), R12;   \
	MOVQ Windows_KW(DX), R11;   \
	MOVQ R9, R10;               \
	FIRST(LAST);                \
	JMP  TAP;                   \
ROW:;                           \
	MOVQ R9, R10;               \
	MOVQ Windows_KW(DX), R11;   \
TAP:;                           \
	EACH;                       \
	ADDQ R13, R10;              \
	DECQ R11;                   \
	JNZ  TAP;                   \
LAST:;                          \
	ADDQ R15, R9;               \
	DECQ R12;                   \
	JNZ  ROW

#define ALL(LAST)
#define SECOND(LAST) ADDQ R13, R10; DECQ R11; JEQ LAST

#define ADDONE VADDPS (R10), Y0, Y0

#define ADDFOUR \
	ADDONE;                  \
	VADDPS 32(R10), Y1, Y1;  \
	VADDPS 64(R10), Y2, Y2;  \
	VADDPS 96(R10), Y3, Y3

// func meanWindowsAVX2(w *Windows)
TEXT ·meanWindowsAVX2(SB), NOSPLIT, $0-8
	BEGIN

window:
	MOVQ Windows_Cols(DX), AX
	MOVQ BX, R8

channels:
	VMOVUPS (R8), Y0
	CMPQ    AX, $32
	JGE     four
	TAPS(SECOND, rowOfOne, tapOfOne, lastOfOne, ADDONE)
	VMULPS  Y0, Y13, Y0
	VMOVUPS Y0, (DI)
	ADDQ    $32, DI
	ADDQ    $32, R8
	SUBQ    $8, AX
	JNZ     channels
	NEXT

four:
	VMOVUPS 32(R8), Y1
	VMOVUPS 64(R8), Y2
	VMOVUPS 96(R8), Y3
	TAPS(SECOND, rowOfFour, tapOfFour, lastOfFour, ADDFOUR)
	VMULPS  Y0, Y13, Y0
	VMULPS  Y1, Y13, Y1
	VMULPS  Y2, Y13, Y2
	VMULPS  Y3, Y13, Y3
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	VMOVUPS Y2, 64(DI)
	VMOVUPS Y3, 96(DI)
	ADDQ    $128, DI
	ADDQ    $128, R8
	SUBQ    $32, AX
	JNZ     channels
	NEXT

done:
	VZEROUPPER
	RET

#define GIVE(AT, G) \
	VADDPS  AT(R10), G, Y4; \
	VMOVUPS Y4, AT(R10)

#define GIVEONE GIVE(0, Y0)
#define GIVEFOUR GIVE(0, Y0); GIVE(32, Y1); GIVE(64, Y2); GIVE(96, Y3)

#define SETONE VMOVUPS Y0, (R10)

#define SETFOUR \
	SETONE;               \
	VMOVUPS Y1, 32(R10);  \
	VMOVUPS Y2, 64(R10);  \
	VMOVUPS Y3, 96(R10)

// func meanWindowsBackAVX2(w *Windows)
TEXT ·meanWindowsBackAVX2(SB), NOSPLIT, $0-8
	BEGIN
	VXORPS Y12, Y12, Y12

window:
	MOVQ Windows_Cols(DX), AX
	MOVQ BX, R8

channels:
	VMULPS (DI), Y13, Y0
	CMPQ   AX, $32
	JGE    four
	CMPB   Windows_Fill(DX), $0
	JNE    setOne
	TAPS(ALL, rowOfOne, tapOfOne, lastOfOne, GIVEONE)

nextOne:
	ADDQ $32, DI
	ADDQ $32, R8
	SUBQ $8, AX
	JNZ  channels
	NEXT

setOne:
	VADDPS Y12, Y0, Y0
	TAPS(ALL, rowOfSet, tapOfSet, lastOfSet, SETONE)
	JMP    nextOne

four:
	VMULPS 32(DI), Y13, Y1
	VMULPS 64(DI), Y13, Y2
	VMULPS 96(DI), Y13, Y3
	CMPB   Windows_Fill(DX), $0
	JNE    setFour
	TAPS(ALL, rowOfFour, tapOfFour, lastOfFour, GIVEFOUR)

nextFour:
	ADDQ $128, DI
	ADDQ $128, R8
	SUBQ $32, AX
	JNZ  channels
	NEXT

setFour:
	VADDPS Y12, Y0, Y0
	VADDPS Y12, Y1, Y1
	VADDPS Y12, Y2, Y2
	VADDPS Y12, Y3, Y3
	TAPS(ALL, rowOfFill, tapOfFill, lastOfFill, SETFOUR)
	JMP    nextFour

done:
	VZEROUPPER
	RET
