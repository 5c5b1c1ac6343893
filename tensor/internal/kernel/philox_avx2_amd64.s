//go:build !purego

#include "textflag.h"

// Four counters to a register, a word of each in the lower half of 64 bits: what the upper halves hold is of no matter.
//
//	Y0..Y3 words 0..3 of four counters     Y4..Y7 those of the next four     Y8, Y9 the key     Y10, Y11 what it grows by
//	Y12, Y13 the multipliers     Y14, Y15 for a while     Y14 128, Y15 the scale while bytes become values

DATA philoxConstants<>+0(SB)/4, $0xD2511F53
DATA philoxConstants<>+4(SB)/4, $0xCD9E8D57
DATA philoxConstants<>+8(SB)/4, $0x9E3779B9
DATA philoxConstants<>+12(SB)/4, $0xBB67AE85
DATA philoxConstants<>+16(SB)/8, $0
DATA philoxConstants<>+24(SB)/8, $1
DATA philoxConstants<>+32(SB)/8, $2
DATA philoxConstants<>+40(SB)/8, $3
GLOBL philoxConstants<>(SB), RODATA|NOPTR, $48

// ROUND is a round of four counters.
#define ROUND(C0, C1, C2, C3) \
	VPMULUDQ Y12, C0, Y14; \
	VPMULUDQ Y13, C2, Y15; \
	VPSRLQ   $32, Y15, C0; \
	VPXOR    C1, C0, C0;   \
	VPXOR    Y8, C0, C0;   \
	VPSRLQ   $32, Y14, C2; \
	VPXOR    C3, C2, C2;   \
	VPXOR    Y9, C2, C2;   \
	VMOVDQA  Y15, C1;      \
	VMOVDQA  Y14, C3

#define ROUNDS \
	ROUND(Y0, Y1, Y2, Y3); \
	ROUND(Y4, Y5, Y6, Y7); \
	VPADDD Y10, Y8, Y8;    \
	VPADDD Y11, Y9, Y9

// BYTES leaves the sixteen bytes of four counters at AT on the stack. It uses Y8 and Y9.
#define BYTES(C0, C1, C2, C3, AT) \
	VPSLLQ       $32, C1, C1;        \
	VPBLENDD     $0xaa, C1, C0, C0;  \
	VPSLLQ       $32, C3, C3;        \
	VPBLENDD     $0xaa, C3, C2, C2;  \
	VPUNPCKLQDQ  C2, C0, Y8;         \
	VPUNPCKHQDQ  C2, C0, Y9;         \
	VMOVDQU      X8, bytes-128+AT(SP);      \
	VMOVDQU      X9, bytes-112+AT(SP);      \
	VEXTRACTI128 $1, Y8, bytes-96+AT(SP);   \
	VEXTRACTI128 $1, Y9, bytes-80+AT(SP)

// VALUES turns eight bytes into values.
#define VALUES(FROM, TO) \
	VPMOVZXBD FROM, Y0;     \
	VPSUBD    Y14, Y0, Y0;  \
	VCVTDQ2PS Y0, Y0;       \
	VMULPS    Y15, Y0, Y0;  \
	VMOVUPS   Y0, TO

#define VALUES4(AT) \
	VALUES(bytes-128+AT(SP), 4*AT(DI));     \
	VALUES(bytes-120+AT(SP), 4*AT+32(DI));  \
	VALUES(bytes-112+AT(SP), 4*AT+64(DI));  \
	VALUES(bytes-104+AT(SP), 4*AT+96(DI))

// func byteNoiseAVX2(dst *float32, scale float32, key *[2]uint32, counter *[4]uint32, n int)
TEXT ·byteNoiseAVX2(SB), NOSPLIT, $128-40
	MOVQ dst+0(FP), DI
	MOVQ key+16(FP), AX
	MOVQ counter+24(FP), BX
	MOVQ n+32(FP), CX
	MOVL 8(BX), R8
	VPBROADCASTD philoxConstants<>+0(SB), Y12
	VPBROADCASTD philoxConstants<>+4(SB), Y13
	VPBROADCASTD philoxConstants<>+8(SB), Y10
	VPBROADCASTD philoxConstants<>+12(SB), Y11

loop:
	VPBROADCASTD (BX), Y0
	VMOVDQA      Y0, Y4
	VPBROADCASTD 4(BX), Y1
	VMOVDQA      Y1, Y5
	VPBROADCASTD 12(BX), Y3
	VMOVDQA      Y3, Y7
	VMOVD        R8, X2
	VPBROADCASTD X2, Y2
	VPADDD       philoxConstants<>+16(SB), Y2, Y2
	ADDL         $4, R8
	VMOVD        R8, X6
	VPBROADCASTD X6, Y6
	VPADDD       philoxConstants<>+16(SB), Y6, Y6
	ADDL         $4, R8
	VPBROADCASTD (AX), Y8
	VPBROADCASTD 4(AX), Y9
	ROUNDS
	ROUNDS
	ROUNDS
	ROUNDS
	ROUNDS
	ROUNDS
	ROUNDS
	ROUNDS
	ROUNDS
	ROUNDS
	BYTES(Y0, Y1, Y2, Y3, 0)
	BYTES(Y4, Y5, Y6, Y7, 64)
	MOVL         $128, R9
	VMOVD        R9, X14
	VPBROADCASTD X14, Y14
	VBROADCASTSS scale+8(FP), Y15
	VALUES4(0)
	VALUES4(32)
	VALUES4(64)
	VALUES4(96)
	ADDQ         $512, DI
	SUBQ         $8, CX
	JG           loop
	VZEROUPPER
	RET

// UNIFORM turns the words of four counters into sixteen values at AT. It uses Y8 and Y9, and Y14 has 2^-24.
#define UNIFORM(C0, C1, C2, C3, AT) \
	VPSLLQ       $32, C1, C1;       \
	VPBLENDD     $0xaa, C1, C0, C0; \
	VPSLLQ       $32, C3, C3;       \
	VPBLENDD     $0xaa, C3, C2, C2; \
	VPUNPCKLQDQ  C2, C0, Y8;        \
	VPUNPCKHQDQ  C2, C0, Y9;        \
	VPSRLD       $8, Y8, Y8;        \
	VPSRLD       $8, Y9, Y9;        \
	VCVTDQ2PS    Y8, Y8;            \
	VCVTDQ2PS    Y9, Y9;            \
	VMULPS       Y14, Y8, Y8;       \
	VMULPS       Y14, Y9, Y9;       \
	VMOVUPS      X8, AT(DI);        \
	VMOVUPS      X9, AT+16(DI);     \
	VEXTRACTF128 $1, Y8, AT+32(DI); \
	VEXTRACTF128 $1, Y9, AT+48(DI)

// func uniformsAVX2(dst *float32, key *[2]uint32, counter *[4]uint32, n int)
TEXT ·uniformsAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ key+8(FP), AX
	MOVQ counter+16(FP), BX
	MOVQ n+24(FP), CX
	MOVL (BX), R8
	VPBROADCASTD philoxConstants<>+0(SB), Y12
	VPBROADCASTD philoxConstants<>+4(SB), Y13
	VPBROADCASTD philoxConstants<>+8(SB), Y10
	VPBROADCASTD philoxConstants<>+12(SB), Y11

loop:
	VPBROADCASTD 4(BX), Y1
	VMOVDQA      Y1, Y5
	VPBROADCASTD 8(BX), Y2
	VMOVDQA      Y2, Y6
	VPBROADCASTD 12(BX), Y3
	VMOVDQA      Y3, Y7
	VMOVD        R8, X0
	VPBROADCASTD X0, Y0
	VPADDD       philoxConstants<>+16(SB), Y0, Y0
	ADDL         $4, R8
	VMOVD        R8, X4
	VPBROADCASTD X4, Y4
	VPADDD       philoxConstants<>+16(SB), Y4, Y4
	ADDL         $4, R8
	VPBROADCASTD (AX), Y8
	VPBROADCASTD 4(AX), Y9
	ROUNDS
	ROUNDS
	ROUNDS
	ROUNDS
	ROUNDS
	ROUNDS
	ROUNDS
	ROUNDS
	ROUNDS
	ROUNDS
	MOVL         $0x33800000, R9
	VMOVD        R9, X14
	VPBROADCASTD X14, Y14
	UNIFORM(Y0, Y1, Y2, Y3, 0)
	UNIFORM(Y4, Y5, Y6, Y7, 64)
	ADDQ         $128, DI
	SUBQ         $8, CX
	JG           loop
	VZEROUPPER
	RET
