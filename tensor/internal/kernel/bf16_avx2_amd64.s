//go:build !purego

#include "textflag.h"
#include "loop_avx2_amd64.h"

// Rounding to bfloat16, eight values at a time. n is a multiple of 8.

DATA bf16<>+0(SB)/4, $1
DATA bf16<>+4(SB)/4, $0x7fff
DATA bf16<>+8(SB)/4, $0xffff0000
DATA bf16<>+12(SB)/4, $0x400000
GLOBL bf16<>(SB), RODATA|NOPTR, $16

#define CONSTANTS \
	VPBROADCASTD bf16<>+0(SB), Y12;  \
	VPBROADCASTD bf16<>+4(SB), Y13;  \
	VPBROADCASTD bf16<>+8(SB), Y14;  \
	VPBROADCASTD bf16<>+12(SB), Y15; \
	XORQ AX, AX

// ROUND leaves in X the float32 bits of X rounded, as bf16Bits does. A and B are free.
#define ROUND(X, A, B) \
	VCMPPS  $3, X, X, B;  \
	VPSRLD  $16, X, A;    \
	VPAND   Y12, A, A;    \
	VPADDD  Y13, A, A;    \
	VPADDD  X, A, A;      \
	VPOR    Y15, X, X;    \
	VBLENDVPS B, X, A, X; \
	VPAND   Y14, X, X

// func roundBF16AVX2(dst, src *float32, n int)
TEXT ·roundBF16AVX2(SB), NOSPLIT, $0-24
	MOVQ  dst+0(FP), DI
	MOVQ  src+8(FP), SI
	MOVQ  n+16(FP), CX
	TESTQ CX, CX
	JLE   done
	CONSTANTS

loop:
	VMOVUPS (SI)(AX*4), Y0
	ROUND(Y0, Y1, Y2)
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(loop)
	VZEROUPPER

done:
	RET

// func swapBF16AVX2(dst, src *float32, n int)
TEXT ·swapBF16AVX2(SB), NOSPLIT, $0-24
	MOVQ  dst+0(FP), DI
	MOVQ  src+8(FP), SI
	MOVQ  n+16(FP), CX
	TESTQ CX, CX
	JLE   done
	CONSTANTS

loop:
	VMOVUPS (SI)(AX*4), Y0
	ROUND(Y0, Y1, Y2)
	VPERMILPS $0xb1, Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(loop)
	VZEROUPPER

done:
	RET

// func pairRowsAVX2(dst, even, odd *float32, n int)
TEXT ·pairRowsAVX2(SB), NOSPLIT, $0-32
	MOVQ  dst+0(FP), DI
	MOVQ  even+8(FP), SI
	MOVQ  odd+16(FP), DX
	MOVQ  n+24(FP), CX
	TESTQ CX, CX
	JLE   done
	CONSTANTS

loop:
	VMOVUPS (SI)(AX*4), Y0
	VMOVUPS (DX)(AX*4), Y3
	ROUND(Y0, Y1, Y2)
	ROUND(Y3, Y4, Y5)
	VPSRLD  $16, Y0, Y0
	VPOR    Y0, Y3, Y0
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(loop)
	VZEROUPPER

done:
	RET

// func pairBF16AVX2(dst, src *float32, n int)
TEXT ·pairBF16AVX2(SB), NOSPLIT, $0-24
	MOVQ  dst+0(FP), DI
	MOVQ  src+8(FP), SI
	MOVQ  n+16(FP), CX
	TESTQ CX, CX
	JLE   done
	CONSTANTS

loop:
	VMOVUPS (SI), Y0
	VMOVUPS 32(SI), Y3
	ROUND(Y0, Y1, Y2)
	ROUND(Y3, Y4, Y5)
	VSHUFPS $0x88, Y3, Y0, Y1 // even values, odd ones in Y2; quarters 0, 2, 1, 3
	VSHUFPS $0xdd, Y3, Y0, Y2
	VPSRLD  $16, Y1, Y1
	VPOR    Y1, Y2, Y0
	VPERMQ  $0xd8, Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	ADDQ    $64, SI
	LOOP(loop)
	VZEROUPPER

done:
	RET

// func splitRowAVX2(dst, src *float32, n int)
TEXT ·splitRowAVX2(SB), NOSPLIT, $0-24
	MOVQ  dst+0(FP), DI
	MOVQ  src+8(FP), SI
	MOVQ  n+16(FP), CX
	TESTQ CX, CX
	JLE   done
	CONSTANTS
	SHLQ  $1, CX

half:
	// Two times eight values to each half of the block.
	VMOVUPS (SI), Y0
	VMOVUPS 32(SI), Y3
	ROUND(Y0, Y1, Y2)
	ROUND(Y3, Y4, Y5)
	VSHUFPS $0x88, Y3, Y0, Y1
	VSHUFPS $0xdd, Y3, Y0, Y2
	VPERMPD $0xd8, Y1, Y1
	VPERMPD $0xd8, Y2, Y2
	VMOVUPS Y1, (DI)
	VMOVUPS Y2, 64(DI)
	ADDQ    $64, SI
	ADDQ    $32, DI
	XORQ    $1, AX
	JNE     next
	ADDQ    $64, DI

next:
	DECQ CX
	JNZ  half
	VZEROUPPER

done:
	RET
