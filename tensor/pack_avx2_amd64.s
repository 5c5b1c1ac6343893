//go:build !purego

#include "textflag.h"

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
