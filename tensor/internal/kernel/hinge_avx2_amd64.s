//go:build !purego

#include "textflag.h"
#include "loop_avx2_amd64.h"

// The loops of hinge.go, eight values at a time. AX counts values, CX is their number.

#define EIGHT(NAME, BITS) \
	DATA NAME<>+0(SB)/8, $(BITS<<32 | BITS);  \
	DATA NAME<>+8(SB)/8, $(BITS<<32 | BITS);  \
	DATA NAME<>+16(SB)/8, $(BITS<<32 | BITS); \
	DATA NAME<>+24(SB)/8, $(BITS<<32 | BITS); \
	GLOBL NAME<>(SB), RODATA|NOPTR, $32

EIGHT(three, 0x40400000)
EIGHT(minusThree, 0xc0400000)
EIGHT(six, 0x40c00000)
EIGHT(sixth, 0x3e2aaaab)

#define START(LEN) \
	MOVQ   dst+0(FP), DI;  \
	MOVQ   src+8(FP), SI;  \
	MOVQ   n+LEN(FP), CX;  \
	BEGIN

#define STARTBACK(LEN) \
	MOVQ   dx+0(FP), DI;   \
	MOVQ   dy+8(FP), DX;   \
	MOVQ   x+16(FP), SI;   \
	MOVQ   n+LEN(FP), CX;  \
	BEGIN

// BEGIN has zero in Y15 and the bends' places in the registers before it.
#define BEGIN \
	VXORPS  Y15, Y15, Y15;         \
	VMOVUPS three<>(SB), Y14;      \
	VMOVUPS minusThree<>(SB), Y13; \
	VMOVUPS six<>(SB), Y12;        \
	VMOVUPS sixth<>(SB), Y11;      \
	XORQ    AX, AX;                \
	TESTQ   CX, CX;                \
	JLE     done

#define END \
	LOOP(loop); \
done:;          \
	VZEROUPPER; \
	RET

// HARD is the hard sigmoid of Y0 in Y1. The bounds come as first sources: NaN passes.
#define HARD \
	VADDPS Y14, Y0, Y1; \
	VMAXPS Y1, Y15, Y1; \
	VMINPS Y1, Y12, Y1; \
	VMULPS Y11, Y1, Y1

// BEND keeps V where Y0 is neither <= -3 nor >= 3, and makes it zero elsewhere.
#define BEND(V) \
	VCMPPS $6, Y13, Y0, Y3; \
	VCMPPS $9, Y14, Y0, Y4; \
	VANDPS Y3, Y4, Y3;      \
	VANDPS Y3, V, V

// ADD adds Y1 times dy to dx.
#define ADD \
	VMULPS  (DX)(AX*4), Y1, Y1; \
	VADDPS  (DI)(AX*4), Y1, Y1; \
	VMOVUPS Y1, (DI)(AX*4)

// func leakyReLUAVX2(dst, src *float32, slope float32, n int)
TEXT ·leakyReLUAVX2(SB), NOSPLIT, $0-32
	VBROADCASTSS slope+16(FP), Y10
	START(24)

loop:
	VMOVUPS   (SI)(AX*4), Y0
	VMULPS    Y0, Y10, Y1
	VCMPPS    $30, Y15, Y0, Y2
	VBLENDVPS Y2, Y0, Y1, Y1
	VMOVUPS   Y1, (DI)(AX*4)
	END

// func leakyReLUBackAVX2(dx, dy, x *float32, slope float32, n int)
TEXT ·leakyReLUBackAVX2(SB), NOSPLIT, $0-40
	VBROADCASTSS slope+24(FP), Y10
	STARTBACK(32)

loop:
	VMOVUPS   (SI)(AX*4), Y0
	VMOVUPS   (DX)(AX*4), Y5
	VMULPS    Y5, Y10, Y1
	VCMPPS    $30, Y15, Y0, Y2
	VBLENDVPS Y2, Y5, Y1, Y1
	VADDPS    (DI)(AX*4), Y1, Y1
	VMOVUPS   Y1, (DI)(AX*4)
	END

// func hardSigmoidAVX2(dst, src *float32, n int)
TEXT ·hardSigmoidAVX2(SB), NOSPLIT, $0-24
	START(16)

loop:
	VMOVUPS (SI)(AX*4), Y0
	HARD
	VMOVUPS Y1, (DI)(AX*4)
	END

// func hardSigmoidBackAVX2(dx, dy, x *float32, n int)
TEXT ·hardSigmoidBackAVX2(SB), NOSPLIT, $0-32
	STARTBACK(24)

loop:
	VMOVUPS (SI)(AX*4), Y0
	VMOVAPS Y11, Y1
	BEND(Y1)
	ADD
	END

// func hardSwishAVX2(dst, src *float32, n int)
TEXT ·hardSwishAVX2(SB), NOSPLIT, $0-24
	START(16)

loop:
	VMOVUPS (SI)(AX*4), Y0
	HARD
	VMULPS  Y0, Y1, Y1
	VMOVUPS Y1, (DI)(AX*4)
	END

// func hardSwishBackAVX2(dx, dy, x *float32, n int)
TEXT ·hardSwishBackAVX2(SB), NOSPLIT, $0-32
	STARTBACK(24)

loop:
	VMOVUPS (SI)(AX*4), Y0
	HARD
	VMULPS  Y0, Y11, Y5
	BEND(Y5)
	VADDPS  Y5, Y1, Y1
	ADD
	END
