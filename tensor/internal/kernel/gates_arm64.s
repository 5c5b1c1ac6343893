//go:build !purego

#include "textflag.h"
#include "float_arm64.h"

// The loops of gates.go in NEON, four values at a time and by exactly their operations. R9 counts values, V31 is one.

#define BEGIN(N) \
	MOVD N, R9; \
	CMP  $0, R9; \
	BLE  done; \
	MOVD $0x3f800000, R10; \
	VDUP R10, V31.S4

#define NEXT \
	SUBS $4, R9, R9; \
	BGT  loop

// SLOPE multiplies D by V*(1-V) of a sigmoid V, as the loops do: first by V. It uses T.
#define SLOPE(V, D, T) \
	FMUL(D, D, V);  \
	FSUB(T, 31, V); \
	FMUL(D, D, T)

// BEND multiplies D by 1-V² of a tanh V. It uses T.
#define BEND(V, D, T) \
	FMUL(T, V, V);  \
	FSUB(T, 31, T); \
	FMUL(D, D, T)

// func addMulNEON(dst, a, b *float32, n int)
TEXT ·addMulNEON(SB), NOSPLIT, $0-32
	MOVD dst+0(FP), R0
	MOVD a+8(FP), R1
	MOVD b+16(FP), R2
	BEGIN(n+24(FP))

loop:
	VLD1.P 16(R1), [V1.S4]
	VLD1.P 16(R2), [V2.S4]
	VLD1   (R0), [V0.S4]
	FMUL(1, 1, 2)
	FADD(0, 0, 1)
	VST1.P [V0.S4], 16(R0)
	NEXT

done:
	RET

// func mixNEON(dst, z, a, b *float32, n int)
TEXT ·mixNEON(SB), NOSPLIT, $0-40
	MOVD dst+0(FP), R0
	MOVD z+8(FP), R1
	MOVD a+16(FP), R2
	MOVD b+24(FP), R3
	BEGIN(n+32(FP))

loop:
	VLD1.P 16(R1), [V1.S4]
	VLD1.P 16(R2), [V2.S4]
	VLD1.P 16(R3), [V3.S4]
	FSUB(0, 31, 1)
	FMUL(0, 0, 2)
	FMUL(1, 1, 3)
	FADD(0, 0, 1)
	VST1.P [V0.S4], 16(R0)
	NEXT

done:
	RET

// func sumOfProductsNEON(dst, a, b, c, d *float32, n int)
TEXT ·sumOfProductsNEON(SB), NOSPLIT, $0-48
	MOVD dst+0(FP), R0
	MOVD a+8(FP), R1
	MOVD b+16(FP), R2
	MOVD c+24(FP), R3
	MOVD d+32(FP), R4
	BEGIN(n+40(FP))

loop:
	VLD1.P 16(R1), [V1.S4]
	VLD1.P 16(R2), [V2.S4]
	VLD1.P 16(R3), [V3.S4]
	VLD1.P 16(R4), [V4.S4]
	FMUL(1, 1, 2)
	FMUL(3, 3, 4)
	FADD(0, 1, 3)
	VST1.P [V0.S4], 16(R0)
	NEXT

done:
	RET

// func lstmBackNEON(i, f, u, o, c, t, dh, dc *float32, n int)
TEXT ·lstmBackNEON(SB), NOSPLIT, $0-72
	MOVD i+0(FP), R0
	MOVD f+8(FP), R1
	MOVD u+16(FP), R2
	MOVD o+24(FP), R3
	MOVD c+32(FP), R4
	MOVD t+40(FP), R5
	MOVD dh+48(FP), R6
	MOVD dc+56(FP), R7
	BEGIN(n+64(FP))

loop:
	VLD1   (R0), [V0.S4]
	VLD1   (R1), [V1.S4]
	VLD1   (R2), [V2.S4]
	VLD1   (R3), [V3.S4]
	VLD1.P 16(R4), [V4.S4]
	VLD1.P 16(R5), [V5.S4]
	VLD1.P 16(R6), [V6.S4]
	VLD1   (R7), [V7.S4]
	FMUL(17, 6, 3)
	BEND(5, 17, 16)
	FADD(7, 7, 17) // d

	FMUL(16, 7, 2)
	SLOPE(0, 16, 17)
	VST1.P [V16.S4], 16(R0)

	FMUL(16, 7, 4)
	SLOPE(1, 16, 17)
	VST1.P [V16.S4], 16(R1)

	FMUL(16, 7, 0)
	BEND(2, 16, 17)
	VST1.P [V16.S4], 16(R2)

	FMUL(16, 6, 5)
	SLOPE(3, 16, 17)
	VST1.P [V16.S4], 16(R3)

	FMUL(7, 7, 1)
	VST1.P [V7.S4], 16(R7)
	NEXT

done:
	RET

// func gruBackNEON(r, z, n, dr, dz, du, h, dh *float32, count int)
TEXT ·gruBackNEON(SB), NOSPLIT, $0-72
	MOVD r+0(FP), R0
	MOVD z+8(FP), R1
	MOVD n+16(FP), R2
	MOVD dr+24(FP), R3
	MOVD dz+32(FP), R4
	MOVD du+40(FP), R5
	MOVD h+48(FP), R6
	MOVD dh+56(FP), R7
	BEGIN(count+64(FP))

loop:
	VLD1   (R0), [V0.S4]
	VLD1   (R1), [V1.S4]
	VLD1   (R2), [V2.S4]
	VLD1   (R5), [V5.S4]
	VLD1.P 16(R6), [V6.S4]
	VLD1   (R7), [V7.S4]
	FSUB(16, 31, 1) // 1-z
	FMUL(17, 7, 16)
	BEND(2, 17, 18) // dn

	FMUL(18, 17, 5)
	SLOPE(0, 18, 19) // dr

	FSUB(19, 6, 2)
	FMUL(19, 7, 19)
	FMUL(19, 19, 1)
	FMUL(19, 19, 16) // dz

	FMUL(5, 17, 0)
	FMUL(7, 7, 1)
	VST1.P [V18.S4], 16(R0)
	VST1.P [V19.S4], 16(R1)
	VST1.P [V17.S4], 16(R2)
	VST1.P [V18.S4], 16(R3)
	VST1.P [V19.S4], 16(R4)
	VST1.P [V5.S4], 16(R5)
	VST1.P [V7.S4], 16(R7)
	NEXT

done:
	RET
