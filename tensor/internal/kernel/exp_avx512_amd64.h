// Exponentials and what is made of them, in AVX-512: macros for exp_avx512_amd64.s and activations_avx512_amd64.s.

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

// EXP replaces Z0 by its exponential, with Z14 = expMax and Z15 = expMin. It uses Z1, Z2 and Z3.
#define EXP \
	VMINPS  Z0, Z14, Z0;            \
	VMAXPS  Z0, Z15, Z0;            \
	VMULPS.BCST log2e<>(SB), Z0, Z1;    \
	VADDPS.BCST rounder<>(SB), Z1, Z1;  \
	VPSUBD.BCST rounder<>(SB), Z1, Z2;  \
	VSUBPS.BCST rounder<>(SB), Z1, Z1;  \
	VMULPS.BCST ln2Hi<>(SB), Z1, Z3;    \
	VSUBPS  Z3, Z0, Z0;             \
	VMULPS.BCST ln2Lo<>(SB), Z1, Z3;    \
	VSUBPS  Z3, Z0, Z0;             \
	VMULPS.BCST exp5<>(SB), Z0, Z1;     \
	VADDPS.BCST exp4<>(SB), Z1, Z1;     \
	VMULPS  Z0, Z1, Z1;             \
	VADDPS.BCST exp3<>(SB), Z1, Z1;     \
	VMULPS  Z0, Z1, Z1;             \
	VADDPS.BCST exp2<>(SB), Z1, Z1;     \
	VMULPS  Z0, Z1, Z1;             \
	VADDPS.BCST exp1<>(SB), Z1, Z1;     \
	VMULPS  Z0, Z1, Z1;             \
	VADDPS.BCST exp0<>(SB), Z1, Z1;     \
	VMULPS  Z0, Z0, Z3;             \
	VMULPS  Z3, Z1, Z1;             \
	VADDPS  Z0, Z1, Z1;             \
	VADDPS.BCST one<>(SB), Z1, Z1;      \
	VPSRAD  $1, Z2, Z3;             \
	VPSUBD  Z3, Z2, Z2;             \
	VPADDD.BCST bias<>(SB), Z3, Z3;     \
	VPADDD.BCST bias<>(SB), Z2, Z2;     \
	VPSLLD  $23, Z3, Z3;            \
	VPSLLD  $23, Z2, Z2;            \
	VMULPS  Z3, Z1, Z1;             \
	VMULPS  Z2, Z1, Z0

#define START \
	MOVQ         dst+0(FP), DI;      \
	MOVQ         src+8(FP), SI;      \
	MOVQ         n+16(FP), CX;       \
	BOUNDS

#define STARTBACK \
	MOVQ         dx+0(FP), DI; \
	MOVQ         dy+8(FP), DX; \
	MOVQ         x+16(FP), SI; \
	MOVQ         n+24(FP), CX; \
	BOUNDS

// BOUNDS loads the bounds of EXP, and 1 to Z13.
#define BOUNDS \
	VBROADCASTSS expMax<>(SB), Z14; \
	VBROADCASTSS expMin<>(SB), Z15; \
	VBROADCASTSS one<>(SB), Z13;    \
	SUBQ         $16, CX;           \
	JLT          done

#define NEXT \
	VMOVUPS Z0, (DI);  \
	ADDQ    $64, SI;   \
	ADDQ    $64, DI;   \
	SUBQ    $16, CX;   \
	JGE     loop

// NEXTBACK adds Z0 times dy, at DX, to dx and goes on.
#define NEXTBACK \
	VMULPS (DX), Z0, Z0; \
	VADDPS (DI), Z0, Z0; \
	ADDQ   $64, DX;      \
	NEXT

// SIGMOID replaces Z0 by its sigmoid. It uses Z1 to Z4 and K1.
#define SIGMOID \
	VMOVUPS       Z0, Z4;                    \
	VPORD.BCST    signBit<>(SB), Z0, Z0;     \
	EXP;                                     \
	VADDPS        Z13, Z0, Z1;               \
	VPTESTMD.BCST signBit<>(SB), Z4, K1;     \
	VBLENDMPS     Z0, Z13, K1, Z2;           \
	VDIVPS        Z1, Z2, Z0

// TANH makes Z0 the hyperbolic tangent of Z4, with 2 in Z12. It uses Z1, Z2, Z3 and Z5, and K1.
#define TANH \
	VPANDD.BCST absolute<>(SB), Z4, Z5;   \
	VADDPS      Z5, Z5, Z0;               \
	EXP;                                  \
	VADDPS      Z13, Z0, Z0;              \
	VDIVPS      Z0, Z12, Z0;              \
	VSUBPS      Z0, Z13, Z0;              \
	VMULPS      Z5, Z5, Z1;               \
	VMULPS.BCST tanh4<>(SB), Z1, Z2;      \
	VADDPS.BCST tanh3<>(SB), Z2, Z2;      \
	VMULPS      Z1, Z2, Z2;               \
	VADDPS.BCST tanh2<>(SB), Z2, Z2;      \
	VMULPS      Z1, Z2, Z2;               \
	VADDPS.BCST tanh1<>(SB), Z2, Z2;      \
	VMULPS      Z1, Z2, Z2;               \
	VADDPS.BCST tanh0<>(SB), Z2, Z2;      \
	VMULPS      Z1, Z2, Z2;               \
	VMULPS      Z5, Z2, Z2;               \
	VADDPS      Z5, Z2, Z2;               \
	VCMPPS.BCST $1, small<>(SB), Z5, K1;  \
	VBLENDMPS   Z2, Z0, K1, Z0;           \
	VPANDD.BCST signBit<>(SB), Z4, Z1;    \
	VPORD       Z1, Z0, Z0
