//go:build !purego

#include "textflag.h"

// The sixteen chains of Dot, eight to a register. AX counts values, CX is their number.

// func dotAVX512(s *[dotChains]float64, a, b *float32, n int)
TEXT ·dotAVX512(SB), NOSPLIT, $0-32
	MOVQ    s+0(FP), DI
	MOVQ    a+8(FP), SI
	MOVQ    b+16(FP), DX
	MOVQ    n+24(FP), CX
	XORQ    AX, AX
	TESTQ   CX, CX
	JLE     done
	VMOVUPD (DI), Z0
	VMOVUPD 64(DI), Z1

loop:
	VCVTPS2PD   (SI)(AX*4), Z2
	VCVTPS2PD   (DX)(AX*4), Z3
	VCVTPS2PD   32(SI)(AX*4), Z4
	VCVTPS2PD   32(DX)(AX*4), Z5
	VFMADD231PD Z2, Z3, Z0        // the products are exact
	VFMADD231PD Z4, Z5, Z1
	ADDQ        $16, AX
	CMPQ        AX, CX
	JLT         loop
	VMOVUPD     Z0, (DI)
	VMOVUPD     Z1, 64(DI)
	VZEROUPPER

done:
	RET

// func sumsAVX512(s *[dotChains]float64, x *float32, n int)
TEXT ·sumsAVX512(SB), NOSPLIT, $0-24
	MOVQ    s+0(FP), DI
	MOVQ    x+8(FP), SI
	MOVQ    n+16(FP), CX
	XORQ    AX, AX
	TESTQ   CX, CX
	JLE     done
	VMOVUPD (DI), Z0
	VMOVUPD 64(DI), Z1

loop:
	VCVTPS2PD (SI)(AX*4), Z2
	VCVTPS2PD 32(SI)(AX*4), Z3
	VADDPD    Z2, Z0, Z0
	VADDPD    Z3, Z1, Z1
	ADDQ      $16, AX
	CMPQ      AX, CX
	JLT       loop
	VMOVUPD   Z0, (DI)
	VMOVUPD   Z1, 64(DI)
	VZEROUPPER

done:
	RET
