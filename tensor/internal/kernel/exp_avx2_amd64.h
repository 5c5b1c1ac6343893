// Exponentials and what is made of them, in AVX2: macros for exp_avx2_amd64.s.
//
// Each function is one long chain, and a processor does not look far enough ahead to find the next one by itself. So four
// vectors go through it side by side, step by step. A step is a macro of the registers that one vector has: X its values, A
// and B what is formed on the way; AT is how far it is from where SI, DI, DX and BX point, in bytes. Y12 and Y13 are for use
// within a step. A function is a macro that takes ONE or FOUR and lists the steps, which are called what it is, and a number.

#define ONE(STEP) STEP(Y0, Y4, Y8, 0)

#define FOUR(STEP) \
	ONE(STEP);             \
	STEP(Y1, Y5, Y9, 32);  \
	STEP(Y2, Y6, Y10, 64); \
	STEP(Y3, Y7, Y11, 96)

// Constants, eight of each; their names are those of exp.go and erf.go.

#define EIGHT(NAME, BITS) \
	DATA NAME<>+0(SB)/8, $(BITS<<32 | BITS);  \
	DATA NAME<>+8(SB)/8, $(BITS<<32 | BITS);  \
	DATA NAME<>+16(SB)/8, $(BITS<<32 | BITS); \
	DATA NAME<>+24(SB)/8, $(BITS<<32 | BITS); \
	GLOBL NAME<>(SB), RODATA|NOPTR, $32

EIGHT(expMax, 0x42b20000)
EIGHT(expMin, 0xc2d00000)
EIGHT(log2e, 0x3fb8aa3b)
EIGHT(rounder, 0x4b400000)
EIGHT(ln2Hi, 0x3f318000)
EIGHT(ln2Lo, 0xb95e8083)
EIGHT(exp0, 0x3f000000)
EIGHT(exp1, 0x3e2aaaaa)
EIGHT(exp2, 0x3d2aa9c1)
EIGHT(exp3, 0x3c088908)
EIGHT(exp4, 0x3ab743ce)
EIGHT(exp5, 0x39506967)
EIGHT(one, 0x3f800000)
EIGHT(bias, 0x0000007f)
EIGHT(signBit, 0x80000000)
EIGHT(two, 0x40000000)
EIGHT(small, 0x3f200000)
EIGHT(tanh0, 0xbeaaaa99)
EIGHT(tanh1, 0x3e088393)
EIGHT(tanh2, 0xbd5c1e2d)
EIGHT(tanh3, 0x3ca9134e)
EIGHT(tanh4, 0xbbbaf0ea)

#define START \
	MOVQ dst+0(FP), DI; \
	MOVQ src+8(FP), SI; \
	MOVQ n+16(FP), CX;  \
	BOUNDS

#define STARTBACK \
	MOVQ dx+0(FP), DI; \
	MOVQ dy+8(FP), DX; \
	MOVQ x+16(FP), SI; \
	MOVQ n+24(FP), CX; \
	BOUNDS

#define BOUNDS \
	VMOVUPS expMax<>(SB), Y14; \
	VMOVUPS expMin<>(SB), Y15

#define LOAD(X, A, B, AT) VMOVUPS AT(SI), X
#define STORE(X, A, B, AT) VMOVUPS X, AT(DI)

// STOREBACK adds X times dy, at DX, to dx.
#define STOREBACK(X, A, B, AT) \
	VMULPS  AT(DX), X, X; \
	VADDPS  AT(DI), X, X; \
	VMOVUPS X, AT(DI)

// RUN applies a function to CX values, a multiple of 8, and returns.
#define RUN(FUNCTION, STORE) \
	SUBQ $32, CX;   \
	JLT  rest;      \
loop:;              \
	FOUR(LOAD);     \
	FUNCTION(FOUR); \
	FOUR(STORE);    \
	ADDQ $128, SI;  \
	ADDQ $128, DI;  \
	ADDQ $128, DX;  \
	SUBQ $32, CX;   \
	JGE  loop;      \
rest:;              \
	ADDQ $32, CX;   \
	JEQ  done;      \
single:;            \
	ONE(LOAD);      \
	FUNCTION(ONE);  \
	ONE(STORE);     \
	ADDQ $32, SI;   \
	ADDQ $32, DI;   \
	ADDQ $32, DX;   \
	SUBQ $8, CX;    \
	JNE  single;    \
done:;              \
	VZEROUPPER;     \
	RET

// HORNER takes a polynomial's partial result to the next one: times BY, and a constant more.
#define HORNER(RESULT, BY, C) \
	VMULPS BY, RESULT, RESULT; \
	VADDPS C<>(SB), RESULT, RESULT

// EXP replaces X by its exponential, with Y14 = expMax and Y15 = expMin. It uses A and B. The bounds come as first sources:
// where x is no number, the second one is the result.
#define EXP(EACH) EACH(EXP1); EACH(EXP2); EACH(EXP3); EACH(EXP4); EACH(EXP5)

#define EXP1(X, A, B, AT) \
	VMINPS X, Y14, X;           \
	VMAXPS X, Y15, X;           \
	VMULPS log2e<>(SB), X, A;   \
	VADDPS rounder<>(SB), A, A; \
	VPSUBD rounder<>(SB), A, B; \
	VSUBPS rounder<>(SB), A, A

#define EXP2(X, A, B, AT) \
	VMULPS ln2Hi<>(SB), A, Y12; \
	VSUBPS Y12, X, X;           \
	VMULPS ln2Lo<>(SB), A, Y13; \
	VSUBPS Y13, X, X

#define EXP3(X, A, B, AT) \
	VMULPS exp5<>(SB), X, A; \
	VADDPS exp4<>(SB), A, A; \
	HORNER(A, X, exp3);      \
	HORNER(A, X, exp2)

#define EXP4(X, A, B, AT) \
	HORNER(A, X, exp1);     \
	HORNER(A, X, exp0);     \
	VMULPS X, X, Y12;       \
	VMULPS Y12, A, A;       \
	VADDPS X, A, A;         \
	VADDPS one<>(SB), A, A

#define EXP5(X, A, B, AT) \
	VPSRAD $1, B, Y12;           \
	VPSUBD Y12, B, B;            \
	VPADDD bias<>(SB), Y12, Y12; \
	VPADDD bias<>(SB), B, B;     \
	VPSLLD $23, Y12, Y12;        \
	VPSLLD $23, B, B;            \
	VMULPS Y12, A, A;            \
	VMULPS B, A, X

// SIGMOID replaces X by its sigmoid: the values are at SI still. It uses A and B.
#define SIGMOID(EACH) EACH(SIGMOID1); EXP(EACH); EACH(SIGMOID2)

#define SIGMOID1(X, A, B, AT) VORPS signBit<>(SB), X, X

// e where x is negative, else 1, by 1 + e.
#define SIGMOID2(X, A, B, AT) \
	VMOVUPS   one<>(SB), Y12;  \
	VMOVUPS   AT(SI), Y13;     \
	VADDPS    Y12, X, A;       \
	VBLENDVPS Y13, X, Y12, B;  \
	VDIVPS    A, B, X

// TANH replaces X by its hyperbolic tangent: the values are at SI still. It uses A and B.
#define TANH(EACH) EACH(TANH1); EXP(EACH); EACH(TANH2); EACH(TANH3); EACH(TANH4)

// Twice |x|.
#define TANH1(X, A, B, AT) \
	VMOVUPS signBit<>(SB), Y12; \
	VANDNPS X, Y12, X;          \
	VADDPS  X, X, X

// Far from zero.
#define TANH2(X, A, B, AT) \
	VMOVUPS one<>(SB), Y12; \
	VMOVUPS two<>(SB), Y13; \
	VADDPS  Y12, X, X;      \
	VDIVPS  X, Y13, X;      \
	VSUBPS  X, Y12, X

// Near zero, in A, with |x| in B.
#define TANH3(X, A, B, AT) \
	VMOVUPS signBit<>(SB), Y12;  \
	VANDNPS AT(SI), Y12, B;      \
	VMULPS  B, B, Y13;           \
	VMULPS  tanh4<>(SB), Y13, A; \
	VADDPS  tanh3<>(SB), A, A;   \
	HORNER(A, Y13, tanh2);       \
	HORNER(A, Y13, tanh1);       \
	HORNER(A, Y13, tanh0);       \
	VMULPS  Y13, A, A;           \
	VMULPS  B, A, A;             \
	VADDPS  B, A, A

#define TANH4(X, A, B, AT) \
	VCMPPS    $1, small<>(SB), B, Y13; \
	VBLENDVPS Y13, A, X, X;            \
	VMOVUPS   signBit<>(SB), Y12;      \
	VANDPS    AT(SI), Y12, Y12;        \
	VORPS     Y12, X, X
