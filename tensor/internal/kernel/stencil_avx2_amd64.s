//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// Weighted sums of pixels, one output after another, 32 channels at a time, and then eight.
//
//	DX stencil     R11 its outputs left     R12, R13 where the first pixel and the number of pixels of the output stand
//	R8 its weights     BX pixels     DI, SI the channels in y and in the first pixel     CX channels left
//	R9 bytes from pixel to pixel     AX, R10, R14 a channel in its pixel, its weight, pixels left
//	Y0..Y3 sums     Y8 a weight

// MORE adds a pixel's eight channels at AT.
#define MORE(AT, SUM, BY) \
	VMULPS AT(AX), Y8, BY; \
	VADDPS BY, SUM, SUM

#define FIRST \
	MOVQ         SI, AX;    \
	MOVQ         R8, R10;   \
	MOVQ         BX, R14;   \
	VBROADCASTSS (R10), Y8

#define NEXT \
	ADDQ         R9, AX;    \
	ADDQ         $4, R10;   \
	VBROADCASTSS (R10), Y8

// func stencilAVX2(s *Stencil, y, x *float32, yStep, xStep, cols int, add bool)
TEXT ·stencilAVX2(SB), NOSPLIT, $0-49
	MOVQ s+0(FP), DX
	MOVQ y+8(FP), DI
	MOVQ xStep+32(FP), R9
	SHLQ $2, R9
	MOVQ Stencil_First+8(DX), R11
	MOVQ Stencil_First(DX), R12
	MOVQ Stencil_Count(DX), R13
	MOVQ Stencil_Weights(DX), R8

output:
	MOVQ  (R12), SI
	IMULQ R9, SI
	ADDQ  x+16(FP), SI
	MOVQ  (R13), BX
	MOVQ  cols+40(FP), CX
	SUBQ  $32, CX
	JLT   rest

wide:
	FIRST
	VMULPS (AX), Y8, Y0
	VMULPS 32(AX), Y8, Y1
	VMULPS 64(AX), Y8, Y2
	VMULPS 96(AX), Y8, Y3
	DECQ   R14
	JEQ    whole

pixels:
	NEXT
	MORE(0, Y0, Y4)
	MORE(32, Y1, Y5)
	MORE(64, Y2, Y6)
	MORE(96, Y3, Y7)
	DECQ R14
	JNE  pixels

whole:
	CMPB   add+48(FP), $0
	JEQ    store
	VADDPS (DI), Y0, Y0
	VADDPS 32(DI), Y1, Y1
	VADDPS 64(DI), Y2, Y2
	VADDPS 96(DI), Y3, Y3

store:
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
	JLT  next

eight:
	FIRST
	VMULPS (AX), Y8, Y0
	DECQ   R14
	JEQ    kept

some:
	NEXT
	MORE(0, Y0, Y4)
	DECQ R14
	JNE  some

kept:
	CMPB   add+48(FP), $0
	JEQ    keep
	VADDPS (DI), Y0, Y0

keep:
	VMOVUPS Y0, (DI)
	ADDQ    $32, DI
	ADDQ    $32, SI
	SUBQ    $8, CX
	JGE     eight

next:
	MOVQ yStep+24(FP), AX
	SUBQ cols+40(FP), AX
	LEAQ (DI)(AX*4), DI
	LEAQ (R8)(BX*4), R8
	ADDQ $8, R12
	ADDQ $8, R13
	DECQ R11
	JNE  output
	VZEROUPPER
	RET
