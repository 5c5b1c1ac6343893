// What rows of depthwise convolutions have in common in AVX2 and AVX-512. DX points to the operands.

// BYTES puts a stride, in bytes, on the stack.
#define BYTES(FIELD, AT) \
	MOVQ FIELD(DX), AX; \
	SHLQ $2, AX;        \
	MOVQ AX, AT

// OPERANDS loads what stays the same for all pixels but their number: registers as the files list them, the rest on the stack.
#define OPERANDS \
	MOVQ d+0(FP), DX;                          \
	MOVQ (DepthwiseRow_Later+Later_X)(DX), AX; \
	MOVQ AX, laterx-72(SP);                    \
	MOVQ (DepthwiseRow_Later+Later_Y)(DX), AX; \
	MOVQ AX, latery-80(SP);                    \
	BYTES(DepthwiseRow_WK0, wk0-8(SP));        \
	BYTES(DepthwiseRow_XK1, xk1-16(SP));       \
	BYTES(DepthwiseRow_WK1, wk1-24(SP));       \
	BYTES(DepthwiseRow_YStep, ys-32(SP));      \
	MOVQ DepthwiseRow_Y(DX), DI;               \
	MOVQ DepthwiseRow_X(DX), SI;               \
	MOVQ DepthwiseRow_XStep(DX), R9;           \
	SHLQ $2, R9;                               \
	LEAQ (R9)(R9*2), R10;                      \
	MOVQ DepthwiseRow_XK0(DX), R14;            \
	SHLQ $2, R14

// FETCH asks for some lines at AT.
#define FETCH(PACE, AT, LOOP, NONE) \
	MOVQ  PACE(DX), BX; \
	TESTQ BX, BX;       \
	JEQ   NONE;         \
	MOVQ  AT, CX;       \
LOOP:;                  \
	PREFETCHT1 (CX);    \
	ADDQ  $64, CX;      \
	DECQ  BX;           \
	JNZ   LOOP;         \
	MOVQ  CX, AT;       \
NONE:

#define FETCHBOTH \
	FETCH(DepthwiseRow_paceX, laterx-72(SP), linex, nox); \
	FETCH(DepthwiseRow_paceY, latery-80(SP), liney, noy)

#define NOFETCH
