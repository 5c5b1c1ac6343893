//go:build !purego

#include "textflag.h"

// The loops of losses.go, four values at a time. AX counts values, CX is their number.

#define FOUR(NAME, BITS) \
	DATA NAME<>+0(SB)/8, $BITS;  \
	DATA NAME<>+8(SB)/8, $BITS;  \
	DATA NAME<>+16(SB)/8, $BITS; \
	DATA NAME<>+24(SB)/8, $BITS; \
	GLOBL NAME<>(SB), RODATA|NOPTR, $32

FOUR(one, 0x3ff0000000000000)
FOUR(half, 0x3fe0000000000000)
FOUR(signBit, 0x8000000000000000)
FOUR(fraction, 0x000fffffffffffff)
FOUR(rootHalf, 0x3fe6a09e667f3bcd)
FOUR(ln2, 0x3fe62e42fefa39ef)
FOUR(leastNormal, 0x0010000000000000)
FOUR(mostNormal, 0x7fe0000000000000)
FOUR(counter, 0x4330000000000000)      // 2^52: with an integer in its low bits it is their sum
FOUR(counted, 0x43300000000003fe)      // 2^52 + 1022
FOUR(part25, 0x3fa47ae147ae147b)
FOUR(part23, 0x3fa642c8590b2164)
FOUR(part21, 0x3fa8618618618618)
FOUR(part19, 0x3faaf286bca1af28)
FOUR(part17, 0x3fae1e1e1e1e1e1e)
FOUR(part15, 0x3fb1111111111111)
FOUR(part13, 0x3fb3b13b13b13b14)
FOUR(part11, 0x3fb745d1745d1746)
FOUR(part9, 0x3fbc71c71c71c71c)
FOUR(part7, 0x3fc2492492492492)
FOUR(part5, 0x3fc999999999999a)
FOUR(part3, 0x3fd5555555555555)

// func huberTermsAVX2(terms *float64, slopes, x, y *float32, beta, part float64, n int)
TEXT ·huberTermsAVX2(SB), NOSPLIT, $0-56
	MOVQ         terms+0(FP), R8
	MOVQ         slopes+8(FP), DI
	MOVQ         x+16(FP), SI
	MOVQ         y+24(FP), DX
	VBROADCASTSD beta+32(FP), Y15
	VBROADCASTSD part+40(FP), Y12
	MOVQ         n+48(FP), CX
	VXORPD       signBit<>(SB), Y15, Y14
	VMOVUPD      half<>(SB), Y13
	XORQ         AX, AX
	TESTQ        CX, CX
	JLE          done

loop:
	VCVTPS2PD  (SI)(AX*4), Y0
	VCVTPS2PD  (DX)(AX*4), Y1
	VSUBPD     Y1, Y0, Y0         // d
	VMINPD     Y0, Y15, Y1        // the bounds come as first sources: NaN passes
	VMAXPD     Y1, Y14, Y1        // c
	VFNMADD231PD Y13, Y1, Y0    // d - c/2: halving is exact
	VMULPD     Y1, Y0, Y0
	VMOVUPD    Y0, (R8)(AX*8)
	VMULPD     Y12, Y1, Y1
	VCVTPD2PSY Y1, X1
	VMOVUPS    X1, (DI)(AX*4)
	ADDQ       $4, AX
	CMPQ       AX, CX
	JLT        loop

done:
	VZEROUPPER
	RET

// func logisticTermsAVX2(terms, ones *float64, e, x, y *float32, part float64, n int)
TEXT ·logisticTermsAVX2(SB), NOSPLIT, $0-56
	MOVQ         terms+0(FP), R8
	MOVQ         ones+8(FP), R9
	MOVQ         e+16(FP), DI
	MOVQ         x+24(FP), SI
	MOVQ         y+32(FP), DX
	VBROADCASTSD part+40(FP), Y12
	MOVQ         n+48(FP), CX
	VMOVUPD      one<>(SB), Y15
	VMOVUPD      signBit<>(SB), Y14
	VMOVUPD      half<>(SB), Y13
	XORQ         AX, AX
	TESTQ        CX, CX
	JLE          done

loop:
	VCVTPS2PD  (SI)(AX*4), Y0     // x
	VCVTPS2PD  (DX)(AX*4), Y1
	VCVTPS2PD  (DI)(AX*4), Y2     // e
	VSUBPD     Y1, Y15, Y1        // 1 - y
	VMULPD     Y0, Y1, Y3
	VANDNPD    Y0, Y14, Y4        // |x|
	VSUBPD     Y0, Y4, Y4
	VMULPD     Y13, Y4, Y4
	VADDPD     Y4, Y3, Y3
	VMOVUPD    Y3, (R8)(AX*8)
	VADDPD     Y2, Y15, Y5        // 1 + e
	VMOVUPD    Y5, (R9)(AX*8)
	VSUBPD     Y2, Y15, Y6
	VANDNPD    Y6, Y14, Y6
	VANDPD     Y0, Y14, Y7
	VORPD      Y7, Y6, Y6         // 1 - e with the sign of x
	VSUBPD     Y6, Y5, Y6
	VMULPD     Y13, Y6, Y6
	VDIVPD     Y5, Y6, Y6
	VSUBPD     Y6, Y1, Y1
	VMULPD     Y12, Y1, Y1
	VCVTPD2PSY Y1, X1
	VMOVUPS    X1, (DI)(AX*4)
	ADDQ       $4, AX
	CMPQ       AX, CX
	JLT        loop

done:
	VZEROUPPER
	RET

// STEP makes Y4 the next of the polynomial's partial results in Y3.
#define STEP(C) \
	VMULPD Y3, Y4, Y4; \
	VADDPD C<>(SB), Y4, Y4

// func logsAVX2(dst, src *float64, n int) (done int)
TEXT ·logsAVX2(SB), NOSPLIT, $0-32
	MOVQ    dst+0(FP), DI
	MOVQ    src+8(FP), SI
	MOVQ    n+16(FP), CX
	VMOVUPD one<>(SB), Y15
	VMOVUPD leastNormal<>(SB), Y14
	VMOVUPD mostNormal<>(SB), Y13
	VMOVUPD counter<>(SB), Y12
	XORQ    AX, AX
	TESTQ   CX, CX
	JLE     done

loop:
	VMOVUPD   (SI)(AX*8), Y0
	VPSUBQ    Y14, Y0, Y1             // from 0 to below mostNormal where x is a normal number above zero
	VPCMPGTQ  Y1, Y13, Y2
	VPANDN    Y2, Y1, Y2              // and its sign bit is not set
	VMOVMSKPD Y2, BX
	CMPQ      BX, $15
	JNE       done
	VPSRLQ    $52, Y0, Y1
	VPOR      Y12, Y1, Y1
	VSUBPD    counted<>(SB), Y1, Y1   // k
	VPAND     fraction<>(SB), Y0, Y0
	VPOR      half<>(SB), Y0, Y0      // f
	VCMPPD    $1, rootHalf<>(SB), Y0, Y2
	VADDPD    Y0, Y0, Y3
	VBLENDVPD Y2, Y3, Y0, Y0
	VANDPD    Y15, Y2, Y2
	VSUBPD    Y2, Y1, Y1
	VSUBPD    Y15, Y0, Y2
	VADDPD    Y15, Y0, Y3
	VDIVPD    Y3, Y2, Y2              // s
	VMULPD    Y2, Y2, Y3
	VMOVUPD   part25<>(SB), Y4
	STEP(part23)
	STEP(part21)
	STEP(part19)
	STEP(part17)
	STEP(part15)
	STEP(part13)
	STEP(part11)
	STEP(part9)
	STEP(part7)
	STEP(part5)
	STEP(part3)
	VMULPD    Y4, Y3, Y4
	VADDPD    Y2, Y2, Y2
	VMULPD    Y2, Y4, Y4
	VADDPD    Y2, Y4, Y4
	VMULPD    ln2<>(SB), Y1, Y1
	VADDPD    Y4, Y1, Y1
	VMOVUPD   Y1, (DI)(AX*8)
	ADDQ      $4, AX
	CMPQ      AX, CX
	JLT       loop

done:
	MOVQ AX, done+24(FP)
	VZEROUPPER
	RET
