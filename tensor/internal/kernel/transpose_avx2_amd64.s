//go:build !purego

#include "textflag.h"
#include "transpose_avx2_amd64.h"

// LOADHALVES takes eight rows, 0..3 from SI on in the low halves, 4..7 from BX on in the high ones, R9 bytes apart.
#define LOADHALVES \
	VMOVUPS     (SI), X0; \
	VINSERTF128 $1, (BX), Y0, Y0; \
	VMOVUPS     (SI)(R9*1), X1; \
	VINSERTF128 $1, (BX)(R9*1), Y1, Y1; \
	VMOVUPS     (SI)(R9*2), X2; \
	VINSERTF128 $1, (BX)(R9*2), Y2, Y2; \
	VMOVUPS     (SI)(R11*1), X3; \
	VINSERTF128 $1, (BX)(R11*1), Y3, Y3; \
	VMOVUPS     16(SI), X4; \
	VINSERTF128 $1, 16(BX), Y4, Y4; \
	VMOVUPS     16(SI)(R9*1), X5; \
	VINSERTF128 $1, 16(BX)(R9*1), Y5, Y5; \
	VMOVUPS     16(SI)(R9*2), X6; \
	VINSERTF128 $1, 16(BX)(R9*2), Y6, Y6; \
	VMOVUPS     16(SI)(R11*1), X7; \
	VINSERTF128 $1, 16(BX)(R11*1), Y7, Y7

// func transpose8AVX2(dst, src *float32, dstep, sstep, n int)
TEXT ·transpose8AVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ dstep+16(FP), R8
	MOVQ sstep+24(FP), R9
	MOVQ n+32(FP), CX
	SHLQ $2, R8
	SHLQ $2, R9
	LEAQ (R8)(R8*2), R10
	LEAQ (R9)(R9*2), R11
	TESTQ CX, CX
	JLE  done

loop:
	LEAQ (SI)(R9*4), BX

	PREFETCHT0 512(SI)
	PREFETCHT0 512(SI)(R9*1)
	PREFETCHT0 512(SI)(R9*2)
	PREFETCHT0 512(SI)(R11*1)
	PREFETCHT0 512(BX)
	PREFETCHT0 512(BX)(R9*1)
	PREFETCHT0 512(BX)(R9*2)
	PREFETCHT0 512(BX)(R11*1)

	LOADHALVES
	TRANSPOSE4(Y0, Y1, Y2, Y3, Y0, Y1, Y2, Y3)
	TRANSPOSE4(Y4, Y5, Y6, Y7, Y4, Y5, Y6, Y7)
	VMOVUPS   Y0, (DI)
	VMOVUPS   Y1, (DI)(R8*1)
	VMOVUPS   Y2, (DI)(R8*2)
	VMOVUPS   Y3, (DI)(R10*1)
	LEAQ      (DI)(R8*4), DI
	VMOVUPS   Y4, (DI)
	VMOVUPS   Y5, (DI)(R8*1)
	VMOVUPS   Y6, (DI)(R8*2)
	VMOVUPS   Y7, (DI)(R10*1)
	LEAQ      (DI)(R8*4), DI
	ADDQ      $32, SI
	DECQ      CX
	JNZ       loop

done:
	VZEROUPPER
	RET

// func turnAVX2(dst, src *float32, dstep, sstep, dnext, snext, n int)
TEXT ·turnAVX2(SB), NOSPLIT, $0-56
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ dstep+16(FP), R8
	MOVQ sstep+24(FP), R9
	MOVQ dnext+32(FP), R12
	MOVQ snext+40(FP), R13
	MOVQ n+48(FP), CX
	SHLQ $2, R8
	SHLQ $2, R9
	LEAQ (R8)(R8*2), R10
	LEAQ (R9)(R9*2), R11
	LEAQ (DI)(R8*4), DX
	LEAQ (SI)(R9*4), BX
	TESTQ CX, CX
	JLE  done

loop:
	LOADHALVES
	TRANSPOSE4(Y0, Y1, Y2, Y3, Y0, Y1, Y2, Y3)
	TRANSPOSE4(Y4, Y5, Y6, Y7, Y4, Y5, Y6, Y7)
	VMOVUPS   Y0, (DI)
	VMOVUPS   Y1, (DI)(R8*1)
	VMOVUPS   Y2, (DI)(R8*2)
	VMOVUPS   Y3, (DI)(R10*1)
	VMOVUPS   Y4, (DX)
	VMOVUPS   Y5, (DX)(R8*1)
	VMOVUPS   Y6, (DX)(R8*2)
	VMOVUPS   Y7, (DX)(R10*1)
	LEAQ      (SI)(R13*4), SI
	LEAQ      (BX)(R13*4), BX
	LEAQ      (DI)(R12*4), DI
	LEAQ      (DX)(R12*4), DX
	DECQ      CX
	JNZ       loop

done:
	VZEROUPPER
	RET
