//go:build !purego

#include "textflag.h"
#include "exp_avx512_amd64.h"

// ELU, softplus and the gradient of a logarithmic softmax, by the operations that package tensor makes them of, in the same
// order, for n a multiple of 16.

CONSTANT(ln2, 0x3f317218)
CONSTANT(softplus0, 0x3e1d89d9)
CONSTANT(softplus1, 0x3e3a2e8c)
CONSTANT(softplus2, 0x3e638e39)
CONSTANT(softplus3, 0x3e924925)
CONSTANT(softplus4, 0x3ecccccd)
CONSTANT(softplus5, 0x3f2aaaab)
CONSTANT(above, 0x00000001)     // the least number above zero

// ELU has zero in Z10 and alpha in Z11. Bounds come as first sources: NaN passes.
#define ELU(EACH) EACH(ELU1); TANH(EACH); EACH(ELU2); EXP(EACH); EACH(ELU3)

#define ELU1(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VMOVAPS     X, F;             \
	VMINPS      F, Z10, G;        \
	VMULPS.BCST half<>(SB), G, X

#define ELU2(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VMOVAPS X, H; \
	VMOVAPS G, X

#define ELU3(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VADDPS Z13, X, X; \
	VMULPS H, X, X;   \
	VMULPS Z11, X, X; \
	VMAXPS F, Z10, A; \
	VADDPS X, A, X

// SOFTPLUS has zero in Z10, beta in Z11 and its inverse in Z12.
#define SOFTPLUS(EACH) EACH(SOFTPLUS1); SIGMOID(EACH); EACH(SOFTPLUS2); EACH(SOFTPLUS3)

#define SOFTPLUS1(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VMAXPS      X, Z10, E;       \
	VMINPS      X, Z10, X;       \
	VSUBPS      E, X, X;         \
	VMULPS      Z11, X, X;       \
	VSUBPS.BCST ln2<>(SB), X, X

#define SOFTPLUS2(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VMULPS      X, X, F;               \
	VMULPS.BCST softplus0<>(SB), F, G; \
	VADDPS.BCST softplus1<>(SB), G, G; \
	HORNER(G, F, softplus2);           \
	HORNER(G, F, softplus3);           \
	VMULPS      F, G, G

#define SOFTPLUS3(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VADDPS.BCST softplus4<>(SB), G, G; \
	HORNER(G, F, softplus5);           \
	HORNER(G, F, two);                 \
	VMULPS      Z12, G, G;             \
	VMULPS      G, X, X;               \
	VADDPS      X, E, X

#define SOFTPLUSBACK(EACH) EACH(TIMESBETA); SIGMOID(EACH)

#define TIMESBETA(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VMULPS Z11, X, X

// LOGSOFTMAXBACK has the factor of the exponential in Z11.
#define LOGSOFTMAXBACK(EACH) EXP(EACH); EACH(LOGSOFTMAXBACK1)

#define LOGSOFTMAXBACK1(X, A, B, C, D, E, F, G, H, I, K, AT) \
	VMULPS Z11, X, X;    \
	VADDPS AT(DX), X, X; \
	VADDPS AT(DI), X, X

// func eluAVX512(dst, src *float32, n int, alpha float32)
TEXT ·eluAVX512(SB), NOSPLIT, $0-28
	START
	VBROADCASTSS two<>(SB), Z12
	VBROADCASTSS alpha+24(FP), Z11
	VPXORD       Z10, Z10, Z10
	RUN(ELU, STORE)

// func eluBackAVX512(dx, dy, x *float32, n int, alpha float32)
TEXT ·eluBackAVX512(SB), NOSPLIT, $0-36
	STARTBACK
	VBROADCASTSS alpha+32(FP), Z11
	VBROADCASTSS above<>(SB), Z12
	VPXORD       Z10, Z10, Z10
	SUBQ         $16, CX
	JLT          done

loop:
	VMOVUPS   (SI), Z1
	VMOVUPS   (DX), Z2
	VCMPPS    $6, Z10, Z1, K1        // not <= 0
	VCMPPS    $9, Z12, Z1, K2        // not > 0
	VADDPS    Z11, Z1, Z3
	VMULPS    Z2, Z3, Z3
	VMOVAPS.Z Z2, K1, Z2
	VMOVAPS.Z Z3, K2, Z3
	VADDPS    (DI), Z2, Z0
	VADDPS    Z3, Z0, Z0
	VMOVUPS   Z0, (DI)
	ADDQ      $64, SI
	ADDQ      $64, DX
	ADDQ      $64, DI
	SUBQ      $16, CX
	JGE       loop

done:
	VZEROUPPER
	RET

// func softplusAVX512(dst, src *float32, n int, beta, inverse float32)
TEXT ·softplusAVX512(SB), NOSPLIT, $0-32
	START
	VBROADCASTSS beta+24(FP), Z11
	VBROADCASTSS inverse+28(FP), Z12
	VPXORD       Z10, Z10, Z10
	RUN(SOFTPLUS, STORE)

// func softplusBackAVX512(dx, dy, x *float32, n int, beta float32)
TEXT ·softplusBackAVX512(SB), NOSPLIT, $0-36
	STARTBACK
	VBROADCASTSS beta+32(FP), Z11
	RUN(SOFTPLUSBACK, STOREBACK)

// func logSoftmaxBackAVX512(dx, dy, x *float32, n int, by float32)
TEXT ·logSoftmaxBackAVX512(SB), NOSPLIT, $0-36
	STARTBACK
	VBROADCASTSS by+32(FP), Z11
	RUN(LOGSOFTMAXBACK, STORE)
