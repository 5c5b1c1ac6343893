//go:build !purego

#include "textflag.h"

// Sums of slices, eight numbers an instruction. Addition rounds each number by
// itself, so these have the bits of the loops in fold.go.

// func add1AVX2(dst, s, a *float32, n int)
// dst[i] = s[i] + a[i]; n is a multiple of 8.
TEXT ·add1AVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ s+8(FP), SI
	MOVQ a+16(FP), R8
	MOVQ n+24(FP), CX
	XORQ AX, AX
	SUBQ $32, CX
	JLT  tail

loop:
	VMOVUPS (SI)(AX*4), Y0
	VMOVUPS 32(SI)(AX*4), Y1
	VMOVUPS 64(SI)(AX*4), Y2
	VMOVUPS 96(SI)(AX*4), Y3
	VADDPS  (R8)(AX*4), Y0, Y0
	VADDPS  32(R8)(AX*4), Y1, Y1
	VADDPS  64(R8)(AX*4), Y2, Y2
	VADDPS  96(R8)(AX*4), Y3, Y3
	VMOVUPS Y0, (DI)(AX*4)
	VMOVUPS Y1, 32(DI)(AX*4)
	VMOVUPS Y2, 64(DI)(AX*4)
	VMOVUPS Y3, 96(DI)(AX*4)
	ADDQ    $32, AX
	CMPQ    AX, CX
	JLE     loop

tail:
	ADDQ $32, CX

eight:
	CMPQ    AX, CX
	JGE     done
	VMOVUPS (SI)(AX*4), Y0
	VADDPS  (R8)(AX*4), Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	ADDQ    $8, AX
	JMP     eight

done:
	VZEROUPPER
	RET

// func add2AVX2(dst, s, a, b *float32, n int)
// dst[i] = (s[i] + a[i]) + b[i]; n is a multiple of 8.
TEXT ·add2AVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ s+8(FP), SI
	MOVQ a+16(FP), R8
	MOVQ b+24(FP), R9
	MOVQ n+32(FP), CX
	XORQ AX, AX
	SUBQ $16, CX
	JLT  tail

loop:
	VMOVUPS (SI)(AX*4), Y0
	VMOVUPS 32(SI)(AX*4), Y1
	VADDPS  (R8)(AX*4), Y0, Y0
	VADDPS  32(R8)(AX*4), Y1, Y1
	VADDPS  (R9)(AX*4), Y0, Y0
	VADDPS  32(R9)(AX*4), Y1, Y1
	VMOVUPS Y0, (DI)(AX*4)
	VMOVUPS Y1, 32(DI)(AX*4)
	ADDQ    $16, AX
	CMPQ    AX, CX
	JLE     loop

tail:
	ADDQ    $16, CX
	CMPQ    AX, CX
	JGE     done
	VMOVUPS (SI)(AX*4), Y0
	VADDPS  (R8)(AX*4), Y0, Y0
	VADDPS  (R9)(AX*4), Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)

done:
	VZEROUPPER
	RET

// func add4AVX2(dst, s, a, b, c, d *float32, n int)
// dst[i] = (((s[i] + a[i]) + b[i]) + c[i]) + d[i]; n is a multiple of 8.
TEXT ·add4AVX2(SB), NOSPLIT, $0-56
	MOVQ dst+0(FP), DI
	MOVQ s+8(FP), SI
	MOVQ a+16(FP), R8
	MOVQ b+24(FP), R9
	MOVQ c+32(FP), R10
	MOVQ d+40(FP), R11
	MOVQ n+48(FP), CX
	XORQ AX, AX
	SUBQ $16, CX
	JLT  tail

loop:
	VMOVUPS (SI)(AX*4), Y0
	VMOVUPS 32(SI)(AX*4), Y1
	VADDPS  (R8)(AX*4), Y0, Y0
	VADDPS  32(R8)(AX*4), Y1, Y1
	VADDPS  (R9)(AX*4), Y0, Y0
	VADDPS  32(R9)(AX*4), Y1, Y1
	VADDPS  (R10)(AX*4), Y0, Y0
	VADDPS  32(R10)(AX*4), Y1, Y1
	VADDPS  (R11)(AX*4), Y0, Y0
	VADDPS  32(R11)(AX*4), Y1, Y1
	VMOVUPS Y0, (DI)(AX*4)
	VMOVUPS Y1, 32(DI)(AX*4)
	ADDQ    $16, AX
	CMPQ    AX, CX
	JLE     loop

tail:
	ADDQ    $16, CX
	CMPQ    AX, CX
	JGE     done
	VMOVUPS (SI)(AX*4), Y0
	VADDPS  (R8)(AX*4), Y0, Y0
	VADDPS  (R9)(AX*4), Y0, Y0
	VADDPS  (R10)(AX*4), Y0, Y0
	VADDPS  (R11)(AX*4), Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)

done:
	VZEROUPPER
	RET

DATA ·halfBias+0(SB)/4, $0x00007fff
GLOBL ·halfBias(SB), RODATA|NOPTR, $4
DATA ·halfQuiet+0(SB)/4, $0x00400000
GLOBL ·halfQuiet(SB), RODATA|NOPTR, $4

// ROUND rounds the float32s of Y to bfloat16, nearest, ties to even; what is
// not a number stays one. T, U, V are scratch; Y13 = halfBias, Y14 = halfQuiet.
#define ROUND(Y, T, U, V) \
	VCMPPS    $3, Y, Y, V    \
	VPOR      Y14, Y, U       \
	VPSRLD    $16, Y, T      \
	VPSLLD    $31, T, T      \
	VPSRLD    $31, T, T      \
	VPADDD    Y13, T, T      \
	VPADDD    Y, T, T        \
	VBLENDVPS V, U, T, Y     \
	VPSRLD    $16, Y, Y      \
	VPSLLD    $16, Y, Y

// func roundAddAVX2(dst, s, a *float32, n int)
// dst[i] = round(s[i] + a[i]); n is a multiple of 8.
TEXT ·roundAddAVX2(SB), NOSPLIT, $0-32
	MOVQ         dst+0(FP), DI
	MOVQ         s+8(FP), SI
	MOVQ         a+16(FP), R8
	MOVQ         n+24(FP), CX
	VPBROADCASTD ·halfBias(SB), Y13
	VPBROADCASTD ·halfQuiet(SB), Y14
	XORQ         AX, AX
	SUBQ         $16, CX
	JLT          tail

loop:
	VMOVUPS (SI)(AX*4), Y0
	VMOVUPS 32(SI)(AX*4), Y4
	VADDPS  (R8)(AX*4), Y0, Y0
	VADDPS  32(R8)(AX*4), Y4, Y4
	ROUND(Y0, Y1, Y2, Y3)
	ROUND(Y4, Y5, Y6, Y7)
	VMOVUPS Y0, (DI)(AX*4)
	VMOVUPS Y4, 32(DI)(AX*4)
	ADDQ    $16, AX
	CMPQ    AX, CX
	JLE     loop

tail:
	ADDQ    $16, CX
	CMPQ    AX, CX
	JGE     done
	VMOVUPS (SI)(AX*4), Y0
	VADDPS  (R8)(AX*4), Y0, Y0
	ROUND(Y0, Y1, Y2, Y3)
	VMOVUPS Y0, (DI)(AX*4)

done:
	VZEROUPPER
	RET

// func roundAVX2(dst, s *float32, n int)
// dst[i] = round(s[i]); n is a multiple of 8.
TEXT ·roundAVX2(SB), NOSPLIT, $0-24
	MOVQ         dst+0(FP), DI
	MOVQ         s+8(FP), SI
	MOVQ         n+16(FP), CX
	VPBROADCASTD ·halfBias(SB), Y13
	VPBROADCASTD ·halfQuiet(SB), Y14
	XORQ         AX, AX

loop:
	CMPQ    AX, CX
	JGE     done
	VMOVUPS (SI)(AX*4), Y0
	ROUND(Y0, Y1, Y2, Y3)
	VMOVUPS Y0, (DI)(AX*4)
	ADDQ    $8, AX
	JMP     loop

done:
	VZEROUPPER
	RET

// func packAVX2(dst *uint16, s *float32, n int)
// dst[i] = the upper half of s[i]; n is a multiple of 8.
TEXT ·packAVX2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ s+8(FP), SI
	MOVQ n+16(FP), CX
	XORQ AX, AX

loop:
	CMPQ         AX, CX
	JGE          done
	VMOVDQU      (SI)(AX*4), Y0
	VPSRLD       $16, Y0, Y0
	VEXTRACTI128 $1, Y0, X1
	VPACKUSDW    X1, X0, X0
	VMOVDQU      X0, (DI)(AX*2)
	ADDQ         $8, AX
	JMP          loop

done:
	VZEROUPPER
	RET

// func unpackAVX2(dst *float32, s *uint16, n int)
// dst[i] = the number whose upper half is s[i]; n is a multiple of 8.
TEXT ·unpackAVX2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ s+8(FP), SI
	MOVQ n+16(FP), CX
	XORQ AX, AX

loop:
	CMPQ      AX, CX
	JGE       done
	VPMOVZXWD (SI)(AX*2), Y0
	VPSLLD    $16, Y0, Y0
	VMOVDQU   Y0, (DI)(AX*4)
	ADDQ      $8, AX
	JMP       loop

done:
	VZEROUPPER
	RET

// func streamAVX2(dst, s *float32, n int)
// dst[i] = s[i], past the caches; dst is aligned to 32 bytes, n a multiple of 32.
TEXT ·streamAVX2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ s+8(FP), SI
	MOVQ n+16(FP), CX
	XORQ AX, AX

loop:
	CMPQ     AX, CX
	JGE      done
	VMOVUPS  (SI)(AX*4), Y0
	VMOVUPS  32(SI)(AX*4), Y1
	VMOVUPS  64(SI)(AX*4), Y2
	VMOVUPS  96(SI)(AX*4), Y3
	VMOVNTPS Y0, (DI)(AX*4)
	VMOVNTPS Y1, 32(DI)(AX*4)
	VMOVNTPS Y2, 64(DI)(AX*4)
	VMOVNTPS Y3, 96(DI)(AX*4)
	ADDQ     $32, AX
	JMP      loop

done:
	SFENCE
	VZEROUPPER
	RET

// CRCS carries the sums A, B, C on over the same eight bytes of three stretches of P.
#define CRCS(AT, P, A, B, C) \
	CRC32Q AT(P)(AX*1), A      \
	CRC32Q AT+2048(P)(AX*1), B \
	CRC32Q AT+4096(P)(AX*1), C

// func tallyAddAVX2(dst, s, a *float32, sums *[6]uint32)
// dst[i] = s[i] + a[i] for 3 stretches of 512 numbers. sums are carried on over
// those of s, and then over those of dst. The steps of a sum wait for each
// other, those of six do not.
TEXT ·tallyAddAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ s+8(FP), SI
	MOVQ a+16(FP), DX
	MOVQ sums+24(FP), CX
	MOVL 0(CX), R8
	MOVL 4(CX), R9
	MOVL 8(CX), R10
	MOVL 12(CX), R11
	MOVL 16(CX), R12
	MOVL 20(CX), R13
	XORQ AX, AX

loop:
	VMOVUPS (SI)(AX*1), Y0
	VMOVUPS 2048(SI)(AX*1), Y1
	VMOVUPS 4096(SI)(AX*1), Y2
	CRCS(0, SI, R8, R9, R10)
	CRCS(8, SI, R8, R9, R10)
	CRCS(16, SI, R8, R9, R10)
	CRCS(24, SI, R8, R9, R10)
	VADDPS  (DX)(AX*1), Y0, Y0
	VADDPS  2048(DX)(AX*1), Y1, Y1
	VADDPS  4096(DX)(AX*1), Y2, Y2
	VMOVUPS Y0, (DI)(AX*1)
	VMOVUPS Y1, 2048(DI)(AX*1)
	VMOVUPS Y2, 4096(DI)(AX*1)
	CRCS(0, DI, R11, R12, R13)
	CRCS(8, DI, R11, R12, R13)
	CRCS(16, DI, R11, R12, R13)
	CRCS(24, DI, R11, R12, R13)
	ADDQ    $32, AX
	CMPQ    AX, $2048
	JLT     loop
	MOVL    R8, 0(CX)
	MOVL    R9, 4(CX)
	MOVL    R10, 8(CX)
	MOVL    R11, 12(CX)
	MOVL    R12, 16(CX)
	MOVL    R13, 20(CX)
	VZEROUPPER
	RET
