//go:build !purego

#include "textflag.h"

// Weighted sums of rows, 32 columns at a time, and then eight: DI, SI the columns in dst and in the first row   R9 bytes from
// row to row   R8 weights, BX how many   CX columns left   AX, DX, R10 a column in its row, its weight, rows left
// Y0..Y3 sums   Y8 a weight

// MORE adds a row's eight columns at AT.
#define MORE(AT, SUM, BY) \
	VMULPS AT(AX), Y8, BY; \
	VADDPS BY, SUM, SUM

#define FIRST \
	MOVQ         SI, AX;   \
	MOVQ         R8, DX;   \
	MOVQ         BX, R10;  \
	VBROADCASTSS (DX), Y8

#define NEXT \
	ADDQ         R9, AX;   \
	ADDQ         $4, DX;   \
	VBROADCASTSS (DX), Y8

// func weighAVX2(dst, src *float32, step, n int, weights *float32, count int)
TEXT ·weighAVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ step+16(FP), R9
	MOVQ n+24(FP), CX
	MOVQ weights+32(FP), R8
	MOVQ count+40(FP), BX
	SHLQ $2, R9
	SUBQ $32, CX
	JLT  rest

wide:
	FIRST
	VMULPS (AX), Y8, Y0
	VMULPS 32(AX), Y8, Y1
	VMULPS 64(AX), Y8, Y2
	VMULPS 96(AX), Y8, Y3
	DECQ   R10
	JEQ    stored

rows:
	NEXT
	MORE(0, Y0, Y4)
	MORE(32, Y1, Y5)
	MORE(64, Y2, Y6)
	MORE(96, Y3, Y7)
	DECQ R10
	JNE  rows

stored:
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	VMOVUPS Y2, 64(DI)
	VMOVUPS Y3, 96(DI)
	ADDQ    $128, DI
	ADDQ    $128, SI
	SUBQ    $32, CX
	JGE     wide

rest:
	ADDQ $24, CX
	JLT  done

eight:
	FIRST
	VMULPS (AX), Y8, Y0
	DECQ   R10
	JEQ    kept

some:
	NEXT
	MORE(0, Y0, Y4)
	DECQ R10
	JNE  some

kept:
	VMOVUPS Y0, (DI)
	ADDQ    $32, DI
	ADDQ    $32, SI
	SUBQ    $8, CX
	JGE     eight

done:
	VZEROUPPER
	RET
