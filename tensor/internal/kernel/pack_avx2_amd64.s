//go:build !purego

#include "textflag.h"
#include "transpose_avx2_amd64.h"

// Rows of tiles, from a row of a matrix to places step floats apart.

#define PACK(COPY, SIZE) \
	MOVQ  dst+0(FP), DI;   \
	MOVQ  src+8(FP), SI;   \
	MOVQ  n+16(FP), CX;    \
	MOVQ  step+24(FP), DX; \
	SHLQ  $2, DX;          \
	TESTQ CX, CX;          \
	JLE   done;            \
loop:;                     \
	COPY;                  \
	ADDQ  $SIZE, SI;       \
	ADDQ  DX, DI;          \
	DECQ  CX;              \
	JNZ   loop;            \
	VZEROUPPER;            \
done:;                     \
	RET

#define EIGHT(AT, R) \
	VMOVUPS AT(SI), R; \
	VMOVUPS R, AT(DI)

// func packRow6AVX2(dst, src *float32, n, step int)
TEXT ·packRow6AVX2(SB), NOSPLIT, $0-32
	PACK(EIGHT(0, Y0), 24)

// func packRow8AVX2(dst, src *float32, n, step int)
TEXT ·packRow8AVX2(SB), NOSPLIT, $0-32
	PACK(EIGHT(0, Y0), 32)

// func packRow16AVX2(dst, src *float32, n, step int)
TEXT ·packRow16AVX2(SB), NOSPLIT, $0-32
	PACK(EIGHT(0, Y0); EIGHT(32, Y1), 64)

// func packRow32AVX2(dst, src *float32, n, step int)
TEXT ·packRow32AVX2(SB), NOSPLIT, $0-32
	PACK(EIGHT(0, Y0); EIGHT(32, Y1); EIGHT(64, Y2); EIGHT(96, Y3), 128)

// func packColumn16AVX2(dst, src *float32, n, stride int)
TEXT ·packColumn16AVX2(SB), NOSPLIT, $0-32
	MOVQ  dst+0(FP), DI
	MOVQ  src+8(FP), SI
	MOVQ  n+16(FP), CX
	MOVQ  stride+24(FP), DX
	SHLQ  $2, DX
	TESTQ CX, CX
	JLE   done

loop:
	EIGHT(0, Y0)
	EIGHT(32, Y1)
	ADDQ DX, SI
	ADDQ $64, DI
	DECQ CX
	JNZ  loop
	VZEROUPPER

done:
	RET

// func fetchLines(p *float32, n int)
TEXT ·fetchLines(SB), NOSPLIT, $0-16
	MOVQ  p+0(FP), SI
	MOVQ  n+8(FP), CX
	TESTQ CX, CX
	JLE   fetched

line:
	PREFETCHT0 (SI)
	ADDQ       $64, SI
	DECQ       CX
	JNZ        line

fetched:
	RET

// NINE transposes 8 rows of 9 values at SI+AT into 9 rows of 8 at R12+TO, R8 bytes apart.
#define NINE(AT, TO) \
	VMOVUPS     AT+0(SI), X0;            \
	VINSERTF128 $1, AT+144(SI), Y0, Y0;  \
	VMOVUPS     AT+36(SI), X1;           \
	VINSERTF128 $1, AT+180(SI), Y1, Y1;  \
	VMOVUPS     AT+72(SI), X2;           \
	VINSERTF128 $1, AT+216(SI), Y2, Y2;  \
	VMOVUPS     AT+108(SI), X3;          \
	VINSERTF128 $1, AT+252(SI), Y3, Y3;  \
	TRANSPOSE4(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7); \
	MOVQ        R12, R13;                \
	PUTFOUR(TO);                         \
	VMOVUPS     AT+16(SI), X0;           \
	VINSERTF128 $1, AT+160(SI), Y0, Y0;  \
	VMOVUPS     AT+52(SI), X1;           \
	VINSERTF128 $1, AT+196(SI), Y1, Y1;  \
	VMOVUPS     AT+88(SI), X2;           \
	VINSERTF128 $1, AT+232(SI), Y2, Y2;  \
	VMOVUPS     AT+124(SI), X3;          \
	VINSERTF128 $1, AT+268(SI), Y3, Y3;  \
	TRANSPOSE4(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7); \
	PUTFOUR(TO);                         \
	VMOVSS      AT+32(SI), X0;           \
	VINSERTPS   $0x10, AT+68(SI), X0, X0;  \
	VINSERTPS   $0x20, AT+104(SI), X0, X0; \
	VINSERTPS   $0x30, AT+140(SI), X0, X0; \
	VMOVSS      AT+176(SI), X1;          \
	VINSERTPS   $0x10, AT+212(SI), X1, X1; \
	VINSERTPS   $0x20, AT+248(SI), X1, X1; \
	VINSERTPS   $0x30, AT+284(SI), X1, X1; \
	VMOVUPS     X0, TO+0(R13);           \
	VMOVUPS     X1, TO+16(R13)

#define PUTFOUR(TO) \
	VMOVUPS Y4, TO+0(R13);        \
	VMOVUPS Y5, TO+0(R13)(R8*1);  \
	VMOVUPS Y6, TO+0(R13)(R8*2);  \
	VMOVUPS Y7, TO+0(R13)(R10*1); \
	LEAQ    (R13)(R8*4), R13

// func packNineAVX2(dst, src *float32, step, pitch, from, n int)
TEXT ·packNineAVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), R12
	MOVQ src+8(FP), SI
	MOVQ step+16(FP), R8
	MOVQ pitch+24(FP), DX
	MOVQ from+32(FP), R9
	MOVQ n+40(FP), CX
	SHLQ $2, R8
	SHLQ $2, DX
	SHLQ $2, R9
	LEAQ (R8)(R8*2), R10

nine:
	LEAQ       (SI)(R9*2), R11 // the rows after the next
	PREFETCHT0 (R11)
	PREFETCHT0 64(R11)
	PREFETCHT0 128(R11)
	PREFETCHT0 192(R11)
	PREFETCHT0 256(R11)
	PREFETCHT0 320(R11)
	PREFETCHT0 384(R11)
	PREFETCHT0 448(R11)
	PREFETCHT0 512(R11)
	NINE(0, 0)
	NINE(288, 32)
	ADDQ R9, SI
	ADDQ DX, R12
	DECQ CX
	JNZ  nine
	VZEROUPPER
	RET
