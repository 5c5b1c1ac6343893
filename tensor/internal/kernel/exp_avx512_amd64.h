// Exponentials and what is made of them, in AVX-512: macros for exp_avx512_amd64.s and activations_avx512_amd64.s.
//
// Each function is one long chain, and a processor does not look far enough ahead to find the next one by itself. So two
// vectors go through it side by side, step by step. A step is a macro of the registers that one vector has: X its values, A
// to I and the mask K what is formed on the way; AT is how far it is from where SI and DI point, in bytes. A function is a
// macro that takes ONE or BOTH and lists the steps, which are called what it is, and a number.

#define ONE(STEP) STEP(Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, K1, 0)

#define BOTH(STEP) \
	ONE(STEP); \
	STEP(Z16, Z17, Z18, Z19, Z20, Z21, Z22, Z23, Z24, Z25, K2, 64)

#define CONSTANT(NAME, BITS) \
	DATA NAME<>+0(SB)/4, $BITS; \
	GLOBL NAME<>(SB), RODATA|NOPTR, $4

CONSTANT(expMax, 0x42b20000)
CONSTANT(expMin, 0xc2d00000)
CONSTANT(log2e, 0x3fb8aa3b)
CONSTANT(rounder, 0x4b400000)
CONSTANT(ln2Hi, 0x3f318000)
CONSTANT(ln2Lo, 0xb95e8083)
CONSTANT(exp0, 0x3f000000)
CONSTANT(exp1, 0x3e2aaaaa)
CONSTANT(exp2, 0x3d2aa9c1)
CONSTANT(exp3, 0x3c088908)
CONSTANT(exp4, 0x3ab743ce)
CONSTANT(exp5, 0x39506967)
CONSTANT(one, 0x3f800000)
CONSTANT(bias, 0x0000007f)
CONSTANT(signBit, 0x80000000)
CONSTANT(two, 0x40000000)
CONSTANT(small, 0x3f200000)
CONSTANT(tanh0, 0xbeaaaa99)
CONSTANT(tanh1, 0x3e088393)
CONSTANT(tanh2, 0xbd5c1e2d)
CONSTANT(tanh3, 0x3ca9134e)
CONSTANT(tanh4, 0xbbbaf0ea)
CONSTANT(absolute, 0x7fffffff)
CONSTANT(half, 0x3f000000)

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

// BOUNDS loads the bounds of EXP, and 1 to Z13.
#define BOUNDS \
	VBROADCASTSS expMax<>(SB), Z14; \
	VBROADCASTSS expMin<>(SB), Z15; \
	VBROADCASTSS one<>(SB), Z13

#define LOAD(X, A, B, C, D, E, F, G, H, I, K, AT) VMOVUPS AT(SI), X
#define STORE(X, A, B, C, D, E, F, G, H, I, K, AT) VMOVUPS X, AT(DI)

// STOREBACK adds X times dy, at DX, to dx.
#define STOREBACK(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VMULPS  AT(DX), X, X; \
	VADDPS  AT(DI), X, X; \
	VMOVUPS X, AT(DI)

// RUN applies a function to CX values, a multiple of 16, and returns.
#define RUN(FUNCTION, STORE) \
	SUBQ  $32, CX;   \
	JLT   rest;      \
loop:;               \
	BOTH(LOAD);      \
	FUNCTION(BOTH);  \
	BOTH(STORE);     \
	ADDQ  $128, SI;  \
	ADDQ  $128, DI;  \
	ADDQ  $128, DX;  \
	SUBQ  $32, CX;   \
	JGE   loop;      \
rest:;               \
	ADDQ  $32, CX;   \
	JEQ   done;      \
	ONE(LOAD);       \
	FUNCTION(ONE);   \
	ONE(STORE);      \
done:;               \
	VZEROUPPER;      \
	RET

// HORNER takes a polynomial's partial result to the next one: times BY, and a constant more.
#define HORNER(RESULT, BY, C) \
	VMULPS      BY, RESULT, RESULT; \
	VADDPS.BCST C<>(SB), RESULT, RESULT

// EXP replaces X by its exponential, with Z14 = expMax and Z15 = expMin. It uses A, B and C.
#define EXP(EACH) EACH(EXP1); EACH(EXP2); EACH(EXP3); EACH(EXP4)

#define EXP1(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VMINPS      X, Z14, X;           \
	VMAXPS      X, Z15, X;           \
	VMULPS.BCST log2e<>(SB), X, A;   \
	VADDPS.BCST rounder<>(SB), A, A; \
	VPSUBD.BCST rounder<>(SB), A, B; \
	VSUBPS.BCST rounder<>(SB), A, A; \
	VMULPS.BCST ln2Hi<>(SB), A, C;   \
	VSUBPS      C, X, X;             \
	VMULPS.BCST ln2Lo<>(SB), A, C;   \
	VSUBPS      C, X, X

#define EXP2(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VMULPS.BCST exp5<>(SB), X, A; \
	VADDPS.BCST exp4<>(SB), A, A; \
	HORNER(A, X, exp3);           \
	HORNER(A, X, exp2)

#define EXP3(X, A, B, C, D, E, F, G, H, I, K, AT) \
	HORNER(A, X, exp1);  \
	HORNER(A, X, exp0);  \
	VMULPS      X, X, C; \
	VMULPS      C, A, A; \
	VADDPS      X, A, A; \
	VADDPS.BCST one<>(SB), A, A

#define EXP4(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VPSRAD      $1, B, C;         \
	VPSUBD      C, B, B;          \
	VPADDD.BCST bias<>(SB), C, C; \
	VPADDD.BCST bias<>(SB), B, B; \
	VPSLLD      $23, C, C;        \
	VPSLLD      $23, B, B;        \
	VMULPS      C, A, A;          \
	VMULPS      B, A, X

// SIGMOID replaces X by its sigmoid. It uses A to D, and K.
#define SIGMOID(EACH) EACH(SIGMOID1); EXP(EACH); EACH(SIGMOID2)

#define SIGMOID1(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VMOVUPS    X, D;                \
	VPORD.BCST signBit<>(SB), X, X

#define SIGMOID2(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VADDPS        Z13, X, A;           \
	VPTESTMD.BCST signBit<>(SB), D, K; \
	VBLENDMPS     X, Z13, K, B;        \
	VDIVPS        A, B, X

// TANH replaces X by its hyperbolic tangent, with 2 in Z12. It uses A to E, and K.
#define TANH(EACH) EACH(TANH1); EXP(EACH); EACH(TANH2); EACH(TANH3); EACH(TANH4)

#define TANH1(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VMOVAPS     X, D;                 \
	VPANDD.BCST absolute<>(SB), D, E; \
	VADDPS      E, E, X

#define TANH2(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VADDPS      Z13, X, X;         \
	VDIVPS      X, Z12, X;         \
	VSUBPS      X, Z13, X;         \
	VMULPS      E, E, A;           \
	VMULPS.BCST tanh4<>(SB), A, B; \
	VADDPS.BCST tanh3<>(SB), B, B; \
	HORNER(B, A, tanh2)

#define TANH3(X, A, B, C, D, E, F, G, H, I, K, AT) \
	HORNER(B, A, tanh1); \
	HORNER(B, A, tanh0); \
	VMULPS      A, B, B; \
	VMULPS      E, B, B; \
	VADDPS      E, B, B

#define TANH4(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VCMPPS.BCST $1, small<>(SB), E, K; \
	VBLENDMPS   B, X, K, X;            \
	VPANDD.BCST signBit<>(SB), D, A;   \
	VPORD       A, X, X
