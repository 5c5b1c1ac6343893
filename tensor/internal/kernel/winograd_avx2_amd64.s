//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// The transforms of Winograd (winograd_plain.go), 8 channels at a time. DX is the operands, or
//
//	R8 R9 a plane and three of them, in bytes     DI BX CX SI rows of a patch of planes
//	R11 R10 bytes of the channels done, and of all     R12..R15, AX pixels

// PLANES sets R9, and BX, CX and SI from DI and R8, which counts floats.
#define PLANES \
	SHLQ $2, R8;         \
	LEAQ (R8)(R8*2), R9; \
	LEAQ (DI)(R8*4), BX; \
	LEAQ (BX)(R8*4), CX; \
	LEAQ (CX)(R8*4), SI

// ONWARDS goes to the next channels.
#define ONWARDS(LOOP) \
	ADDQ $32, DI;  \
	ADDQ $32, BX;  \
	ADDQ $32, CX;  \
	ADDQ $32, SI;  \
	ADDQ $32, R11; \
	CMPQ R11, R10; \
	JLT  LOOP

#define PUT4(P, A, B, C, D) \
	VMOVUPS A, (P);       \
	VMOVUPS B, (P)(R8*1); \
	VMOVUPS C, (P)(R8*2); \
	VMOVUPS D, (P)(R9*1)

// FIND sets R to where pixel I begins: offset I from BASE, or OFF where that is negative. R15 is lost.
#define FIND(AT, I, BASE, OFF, R) \
	MOVQ    (AT+8*I)(DX), R15; \
	LEAQ    (BASE)(R15*4), R;  \
	TESTQ   R15, R15;          \
	CMOVQLT OFF, R

#define KEEP(I) \
	FIND(PatchIn_At, I, SI, R13, R12); \
	MOVQ R12, (8*I)(SP)

// PATCHROW computes row Y of d B in D0..D3. T0 and T1 are lost.
#define PATCHROW(Y, D0, D1, D2, D3, T0, T1) \
	MOVQ    (32*Y)(SP), R12;       \
	MOVQ    (32*Y+8)(SP), R13;     \
	MOVQ    (32*Y+16)(SP), R14;    \
	MOVQ    (32*Y+24)(SP), R15;    \
	VMOVUPS (R13)(R11*1), T0;      \
	VMOVUPS (R14)(R11*1), T1;      \
	VMOVUPS (R12)(R11*1), D0;      \
	VSUBPS  T1, D0, D0;            \
	VADDPS  T1, T0, D1;            \
	VSUBPS  T0, T1, D2;            \
	VSUBPS  (R15)(R11*1), T0, D3

// ALL4 applies OP to four registers: C = B op A.
#define ALL4(OP, A0, A1, A2, A3, B0, B1, B2, B3, C0, C1, C2, C3) \
	OP A0, B0, C0; \
	OP A1, B1, C1; \
	OP A2, B2, C2; \
	OP A3, B3, C3

// func patchAVX2(p *patchIn, n int)
TEXT ·patchAVX2(SB), NOSPLIT, $128-16
	MOVQ p+0(FP), DX
	MOVQ n+8(FP), R10
	MOVQ PatchIn_X(DX), SI
	MOVQ PatchIn_Zero(DX), R13
	KEEP(0); KEEP(1); KEEP(2); KEEP(3)
	KEEP(4); KEEP(5); KEEP(6); KEEP(7)
	KEEP(8); KEEP(9); KEEP(10); KEEP(11)
	KEEP(12); KEEP(13); KEEP(14); KEEP(15)
	MOVQ PatchIn_V(DX), DI
	MOVQ PatchIn_Plane(DX), R8
	PLANES
	SHLQ $2, R10
	XORL R11, R11

patch:
	PATCHROW(1, Y0, Y1, Y2, Y3, Y12, Y13)
	PATCHROW(2, Y4, Y5, Y6, Y7, Y14, Y15)
	ALL4(VADDPS, Y4, Y5, Y6, Y7, Y0, Y1, Y2, Y3, Y8, Y9, Y10, Y11)
	PUT4(BX, Y8, Y9, Y10, Y11)
	ALL4(VSUBPS, Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11)
	PUT4(CX, Y8, Y9, Y10, Y11)
	PATCHROW(0, Y8, Y9, Y10, Y11, Y12, Y13)
	ALL4(VSUBPS, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y8, Y9, Y10, Y11)
	PUT4(DI, Y8, Y9, Y10, Y11)
	PATCHROW(3, Y8, Y9, Y10, Y11, Y12, Y13)
	ALL4(VSUBPS, Y8, Y9, Y10, Y11, Y0, Y1, Y2, Y3, Y8, Y9, Y10, Y11)
	PUT4(SI, Y8, Y9, Y10, Y11)
	ONWARDS(patch)
	VZEROUPPER
	RET

// SPREAD puts A, A+B, A-B and B.
#define SPREAD(P, A, B) \
	VADDPS B, A, Y14; \
	VSUBPS B, A, Y15; \
	PUT4(P, A, Y14, Y15, B)

// func gradientsAVX2(p *patchIn, n int)
TEXT ·gradientsAVX2(SB), NOSPLIT, $0-16
	MOVQ p+0(FP), DX
	MOVQ n+8(FP), R10
	MOVQ PatchIn_X(DX), SI
	MOVQ PatchIn_Zero(DX), DI
	FIND(PatchIn_At, 0, SI, DI, R12)
	FIND(PatchIn_At, 1, SI, DI, R13)
	FIND(PatchIn_At, 2, SI, DI, R14)
	FIND(PatchIn_At, 3, SI, DI, AX)
	MOVQ PatchIn_V(DX), DI
	MOVQ PatchIn_Plane(DX), R8
	PLANES
	SHLQ $2, R10
	XORL R11, R11

gradients:
	VMOVUPS (R12)(R11*1), Y0
	VMOVUPS (R13)(R11*1), Y1
	VMOVUPS (R14)(R11*1), Y2
	VMOVUPS (AX)(R11*1), Y3
	VADDPS  Y2, Y0, Y4
	VADDPS  Y3, Y1, Y5
	VSUBPS  Y2, Y0, Y6
	VSUBPS  Y3, Y1, Y7
	SPREAD(DI, Y0, Y1)
	SPREAD(BX, Y4, Y5)
	SPREAD(CX, Y6, Y7)
	SPREAD(SI, Y2, Y3)
	ONWARDS(gradients)
	VZEROUPPER
	RET

// ACROSS computes a row of m A.
#define ACROSS(P, LEFT, RIGHT) \
	VMOVUPS (P)(R8*1), Y14;          \
	VMOVUPS (P)(R8*2), Y15;          \
	VADDPS  (P), Y14, LEFT;          \
	VADDPS  Y15, LEFT, LEFT;         \
	VSUBPS  Y15, Y14, RIGHT;         \
	VSUBPS  (P)(R9*1), RIGHT, RIGHT

// FINISH computes AT of rows A to D in A and B.
#define FINISH(A, B, C, D) \
	VADDPS A, B, A; \
	VADDPS C, A, A; \
	VSUBPS C, B, B; \
	VSUBPS D, B, B

// START adds the pixel at R to Y, and LEAVE puts Y there.
#define START(R, Y) VADDPS (R)(R11*1), Y, Y

#define LEAVE(R, Y) VMOVUPS Y, (R)(R11*1)

// func outputsAVX2(p *patchOut, n int)
TEXT ·outputsAVX2(SB), NOSPLIT, $0-16
	MOVQ p+0(FP), DX
	MOVQ n+8(FP), R10
	MOVQ PatchOut_Y(DX), SI
	MOVQ PatchOut_Waste(DX), DI
	FIND(PatchOut_At, 0, SI, DI, R12)
	FIND(PatchOut_At, 1, SI, DI, R13)
	FIND(PatchOut_At, 2, SI, DI, R14)
	FIND(PatchOut_At, 3, SI, DI, AX)
	MOVQ PatchOut_M(DX), DI
	MOVQ PatchOut_Plane(DX), R8
	MOVQ PatchOut_Start(DX), DX
	MOVQ AX, R15
	PLANES
	SHLQ $2, R10
	XORL R11, R11

outputs:
	ACROSS(DI, Y0, Y1)
	ACROSS(BX, Y2, Y3)
	ACROSS(CX, Y4, Y5)
	ACROSS(SI, Y6, Y7)
	FINISH(Y0, Y2, Y4, Y6)
	FINISH(Y1, Y3, Y5, Y7)
	TESTQ DX, DX
	JEQ   own
	VMOVUPS (DX)(R11*1), Y8
	VADDPS Y8, Y0, Y0
	VADDPS Y8, Y1, Y1
	VADDPS Y8, Y2, Y2
	VADDPS Y8, Y3, Y3
	JMP   leave

own:
	START(R12, Y0)
	START(R13, Y1)
	START(R14, Y2)
	START(R15, Y3)

leave:
	LEAVE(R12, Y0)
	LEAVE(R13, Y1)
	LEAVE(R14, Y2)
	LEAVE(R15, Y3)
	ONWARDS(outputs)
	VZEROUPPER
	RET

DATA half<>+0(SB)/4, $0.5
GLOBL half<>(SB), RODATA|NOPTR, $4

// KERNELROW computes a row of g GT in D0..D3: AX is the row's first tap, R14 and R15 once and twice the step. Y13 is ½.
#define KERNELROW(D0, D1, D2, D3) \
	VMOVUPS (AX), D0;         \
	VMOVUPS (AX)(R14*1), Y12; \
	VMOVUPS (AX)(R15*1), D3;  \
	HALVES(D0, Y12, D3, D1, D2)

// HALVES computes (A+C)±B, halved, in D1 and D2.
#define HALVES(A, B, C, D1, D2) \
	VADDPS C, A, D1;    \
	VSUBPS B, D1, D2;   \
	VADDPS B, D1, D1;   \
	VMULPS Y13, D1, D1; \
	VMULPS Y13, D2, D2

// TAPPLANES prepares for taps R14 values apart, nine of them, and PLANES.
#define TAPPLANES \
	VBROADCASTSS half<>(SB), Y13; \
	SHLQ $2, R14;                 \
	LEAQ (R14)(R14*1), R15;       \
	LEAQ (R14)(R14*2), R13;       \
	PLANES;                       \
	SHLQ $2, R10;                 \
	XORL R11, R11

// KERNELCOLUMN puts the column of G (g GT) that follows from A, B and C.
#define KERNELCOLUMN(P0, P1, P2, P3, A, B, C) \
	HALVES(A, B, C, Y14, Y15); \
	VMOVUPS A, P0;             \
	VMOVUPS Y14, P1;           \
	VMOVUPS Y15, P2;           \
	VMOVUPS C, P3

// func kernelsAVX2(dst, src *float32, plane, from, n int)
TEXT ·kernelsAVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), R12
	MOVQ plane+16(FP), R8
	MOVQ from+24(FP), R14
	MOVQ n+32(FP), R10
	TAPPLANES

kernels:
	LEAQ (R12)(R11*1), AX
	KERNELROW(Y0, Y1, Y2, Y3)
	ADDQ R13, AX
	KERNELROW(Y4, Y5, Y6, Y7)
	ADDQ R13, AX
	KERNELROW(Y8, Y9, Y10, Y11)
	KERNELCOLUMN((DI), (BX), (CX), (SI), Y0, Y4, Y8)
	KERNELCOLUMN((DI)(R8*1), (BX)(R8*1), (CX)(R8*1), (SI)(R8*1), Y1, Y5, Y9)
	KERNELCOLUMN((DI)(R8*2), (BX)(R8*2), (CX)(R8*2), (SI)(R8*2), Y2, Y6, Y10)
	KERNELCOLUMN((DI)(R9*1), (BX)(R9*1), (CX)(R9*1), (SI)(R9*1), Y3, Y7, Y11)
	ONWARDS(kernels)
	VZEROUPPER
	RET

// TAPS computes (B+C)/2+A, (B-C)/2 and (B+C)/2-D in A, B and C.
#define TAPS(A, B, C, D) \
	VADDPS C, B, Y12;     \
	VSUBPS C, B, B;       \
	VMULPS Y13, Y12, Y12; \
	VMULPS Y13, B, B;     \
	VADDPS A, Y12, A;     \
	VSUBPS D, Y12, C

// TAPROW computes a row of m G'.
#define TAPROW(P, A, B, C) \
	VMOVUPS (P), A;         \
	VMOVUPS (P)(R8*1), B;   \
	VMOVUPS (P)(R8*2), C;   \
	VMOVUPS (P)(R9*1), Y14; \
	TAPS(A, B, C, Y14)

#define PUT3(A, B, C) \
	VMOVUPS A, (AX);        \
	VMOVUPS B, (AX)(R14*1); \
	VMOVUPS C, (AX)(R15*1)

// func tapsAVX2(dst, src *float32, to, plane, n int)
TEXT ·tapsAVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), R12
	MOVQ src+8(FP), DI
	MOVQ to+16(FP), R14
	MOVQ plane+24(FP), R8
	MOVQ n+32(FP), R10
	TAPPLANES

taps:
	TAPROW(DI, Y0, Y1, Y2)
	TAPROW(BX, Y3, Y4, Y5)
	TAPROW(CX, Y6, Y7, Y8)
	TAPROW(SI, Y9, Y10, Y11)
	TAPS(Y0, Y3, Y6, Y9)
	TAPS(Y1, Y4, Y7, Y10)
	TAPS(Y2, Y5, Y8, Y11)
	LEAQ (R12)(R11*1), AX
	PUT3(Y0, Y1, Y2)
	ADDQ R13, AX
	PUT3(Y3, Y4, Y5)
	ADDQ R13, AX
	PUT3(Y6, Y7, Y8)
	ONWARDS(taps)
	VZEROUPPER
	RET
