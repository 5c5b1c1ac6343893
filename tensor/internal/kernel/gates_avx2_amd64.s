//go:build !purego

#include "textflag.h"
#include "loop_avx2_amd64.h"

// The functions of gates.go, eight values at a time, by exactly the operations of their loops and in their order.
// AX counts values; n is a multiple of 8 and may be zero.

#define ONE(R) \
	VPCMPEQD R, R, R; \
	VPSRLD   $25, R, R; \
	VPSLLD   $23, R, R

// START begins to count, unless there is nothing to do, with ones in Y15.
#define START \
	XORQ  AX, AX;  \
	TESTQ CX, CX;  \
	JLE   done;    \
	ONE(Y15)

// SLOPE multiplies D by V*(1-V) of a sigmoid V, as the loops do: first by V. It uses T.
#define SLOPE(V, D, T) \
	VMULPS V, D, D;   \
	VSUBPS V, Y15, T; \
	VMULPS T, D, D

// BEND multiplies D by 1-V² of a tanh V. It uses T.
#define BEND(V, D, T) \
	VMULPS V, V, T;   \
	VSUBPS T, Y15, T; \
	VMULPS T, D, D

// func addMulAVX2(dst, a, b *float32, n int)
TEXT ·addMulAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), DX
	MOVQ n+24(FP), CX
	START

loop:
	VMOVUPS (SI)(AX*4), Y0
	VMULPS  (DX)(AX*4), Y0, Y0
	VADDPS  (DI)(AX*4), Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(loop)
	VZEROUPPER

done:
	RET

// func mixAVX2(dst, z, a, b *float32, n int)
TEXT ·mixAVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ z+8(FP), SI
	MOVQ a+16(FP), DX
	MOVQ b+24(FP), BX
	MOVQ n+32(FP), CX
	START

loop:
	VMOVUPS (SI)(AX*4), Y0
	VSUBPS  Y0, Y15, Y1
	VMULPS  (DX)(AX*4), Y1, Y1
	VMULPS  (BX)(AX*4), Y0, Y0
	VADDPS  Y0, Y1, Y0
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(loop)
	VZEROUPPER

done:
	RET

// func sumOfProductsAVX2(dst, a, b, c, d *float32, n int)
TEXT ·sumOfProductsAVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), DX
	MOVQ c+24(FP), BX
	MOVQ d+32(FP), R8
	MOVQ n+40(FP), CX
	START

loop:
	VMOVUPS (SI)(AX*4), Y0
	VMULPS  (DX)(AX*4), Y0, Y0
	VMOVUPS (BX)(AX*4), Y1
	VMULPS  (R8)(AX*4), Y1, Y1
	VADDPS  Y1, Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(loop)
	VZEROUPPER

done:
	RET

// func lstmBackAVX2(i, f, u, o, c, t, dh, dc *float32, n int)
TEXT ·lstmBackAVX2(SB), NOSPLIT, $0-72
	MOVQ i+0(FP), DI
	MOVQ f+8(FP), SI
	MOVQ u+16(FP), DX
	MOVQ o+24(FP), BX
	MOVQ c+32(FP), R8
	MOVQ t+40(FP), R9
	MOVQ dh+48(FP), R10
	MOVQ dc+56(FP), R11
	MOVQ n+64(FP), CX
	START

loop:
	VMOVUPS (BX)(AX*4), Y3   // o
	VMOVUPS (R9)(AX*4), Y4   // t
	VMOVUPS (R10)(AX*4), Y5  // dh
	VMULPS  Y3, Y5, Y6
	BEND(Y4, Y6, Y7)
	VADDPS  (R11)(AX*4), Y6, Y6 // d
	VMOVUPS (DI)(AX*4), Y0   // i
	VMOVUPS (SI)(AX*4), Y1   // f
	VMOVUPS (DX)(AX*4), Y2   // g
	VMULPS  Y2, Y6, Y7
	SLOPE(Y0, Y7, Y8)
	VMOVUPS Y7, (DI)(AX*4)
	VMULPS  (R8)(AX*4), Y6, Y7
	SLOPE(Y1, Y7, Y8)
	VMOVUPS Y7, (SI)(AX*4)
	VMULPS  Y0, Y6, Y7
	BEND(Y2, Y7, Y8)
	VMOVUPS Y7, (DX)(AX*4)
	VMULPS  Y4, Y5, Y7
	SLOPE(Y3, Y7, Y8)
	VMOVUPS Y7, (BX)(AX*4)
	VMULPS  Y1, Y6, Y7
	VMOVUPS Y7, (R11)(AX*4)
	LOOP(loop)
	VZEROUPPER

done:
	RET

// func peepholeBackAVX2(i, f, u, o, c, t, dh, dc, wi, wf, wo *float32, n int)
TEXT ·peepholeBackAVX2(SB), NOSPLIT, $0-96
	MOVQ i+0(FP), DI
	MOVQ f+8(FP), SI
	MOVQ u+16(FP), DX
	MOVQ o+24(FP), BX
	MOVQ c+32(FP), R8
	MOVQ t+40(FP), R9
	MOVQ dh+48(FP), R10
	MOVQ dc+56(FP), R11
	MOVQ wi+64(FP), R12
	MOVQ wf+72(FP), R13
	MOVQ wo+80(FP), R15
	MOVQ n+88(FP), CX
	START

loop:
	VMOVUPS (BX)(AX*4), Y3      // o
	VMOVUPS (R9)(AX*4), Y4      // t
	VMOVUPS (R10)(AX*4), Y5     // dh
	VMULPS  Y3, Y5, Y6
	BEND(Y4, Y6, Y7)
	VADDPS  (R11)(AX*4), Y6, Y6
	VMULPS  Y4, Y5, Y4
	SLOPE(Y3, Y4, Y7)           // do
	VMOVUPS Y4, (BX)(AX*4)
	VMULPS  (R15)(AX*4), Y4, Y4
	VADDPS  Y4, Y6, Y6          // d
	VMOVUPS (DI)(AX*4), Y0      // i
	VMOVUPS (SI)(AX*4), Y1      // f
	VMOVUPS (DX)(AX*4), Y2      // g
	VMULPS  Y2, Y6, Y8
	SLOPE(Y0, Y8, Y7)           // di
	VMOVUPS Y8, (DI)(AX*4)
	VMULPS  (R8)(AX*4), Y6, Y9
	SLOPE(Y1, Y9, Y7)           // df
	VMOVUPS Y9, (SI)(AX*4)
	VMULPS  Y0, Y6, Y7
	BEND(Y2, Y7, Y5)
	VMOVUPS Y7, (DX)(AX*4)
	VMULPS  Y1, Y6, Y6
	VMULPS  (R12)(AX*4), Y8, Y8
	VADDPS  Y8, Y6, Y6
	VMULPS  (R13)(AX*4), Y9, Y9
	VADDPS  Y9, Y6, Y6
	VMOVUPS Y6, (R11)(AX*4)
	LOOP(loop)
	VZEROUPPER

done:
	RET

// func tanhSlopeAVX2(dy, y *float32, n int)
TEXT ·tanhSlopeAVX2(SB), NOSPLIT, $0-24
	MOVQ dy+0(FP), DI
	MOVQ y+8(FP), SI
	MOVQ n+16(FP), CX
	START

loop:
	VMOVUPS (DI)(AX*4), Y0
	VMOVUPS (SI)(AX*4), Y1
	BEND(Y1, Y0, Y2)
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(loop)
	VZEROUPPER

done:
	RET

// func gruBackAVX2(r, z, n, dr, dz, du, h, dh *float32, count int)
TEXT ·gruBackAVX2(SB), NOSPLIT, $0-72
	MOVQ r+0(FP), DI
	MOVQ z+8(FP), SI
	MOVQ n+16(FP), DX
	MOVQ dr+24(FP), BX
	MOVQ dz+32(FP), R8
	MOVQ du+40(FP), R9
	MOVQ h+48(FP), R10
	MOVQ dh+56(FP), R11
	MOVQ count+64(FP), CX
	START

loop:
	VMOVUPS (DI)(AX*4), Y0      // r
	VMOVUPS (SI)(AX*4), Y1      // z
	VMOVUPS (DX)(AX*4), Y2      // n
	VMOVUPS (R11)(AX*4), Y3     // d
	VSUBPS  Y1, Y15, Y4
	VMULPS  Y4, Y3, Y4
	BEND(Y2, Y4, Y5)            // gn
	VMULPS  (R9)(AX*4), Y4, Y6
	SLOPE(Y0, Y6, Y5)           // gr
	VMOVUPS (R10)(AX*4), Y7
	VSUBPS  Y2, Y7, Y7
	VMULPS  Y7, Y3, Y7
	SLOPE(Y1, Y7, Y5)           // gz
	VMOVUPS Y6, (DI)(AX*4)
	VMOVUPS Y7, (SI)(AX*4)
	VMOVUPS Y4, (DX)(AX*4)
	VMOVUPS Y6, (BX)(AX*4)
	VMOVUPS Y7, (R8)(AX*4)
	VMULPS  Y0, Y4, Y4
	VMOVUPS Y4, (R9)(AX*4)
	VMULPS  Y1, Y3, Y3
	VMOVUPS Y3, (R11)(AX*4)
	LOOP(loop)
	VZEROUPPER

done:
	RET

// func mixBackAVX2(z, n, h, dh *float32, count int)
TEXT ·mixBackAVX2(SB), NOSPLIT, $0-40
	MOVQ z+0(FP), DI
	MOVQ n+8(FP), SI
	MOVQ h+16(FP), DX
	MOVQ dh+24(FP), BX
	MOVQ count+32(FP), CX
	START

loop:
	VMOVUPS (DI)(AX*4), Y0 // z
	VMOVUPS (SI)(AX*4), Y1 // n
	VMOVUPS (BX)(AX*4), Y2 // d
	VSUBPS  (DX)(AX*4), Y1, Y3
	VMULPS  Y3, Y2, Y3
	SLOPE(Y0, Y3, Y4)
	VMOVUPS Y3, (DI)(AX*4)
	VMULPS  Y0, Y2, Y3
	BEND(Y1, Y3, Y4)
	VMOVUPS Y3, (SI)(AX*4)
	VSUBPS  Y0, Y15, Y3
	VMULPS  Y3, Y2, Y3
	VMOVUPS Y3, (BX)(AX*4)
	LOOP(loop)
	VZEROUPPER

done:
	RET

// func resetBackAVX2(r, d, h, dh *float32, n int)
TEXT ·resetBackAVX2(SB), NOSPLIT, $0-40
	MOVQ r+0(FP), DI
	MOVQ d+8(FP), SI
	MOVQ h+16(FP), DX
	MOVQ dh+24(FP), BX
	MOVQ n+32(FP), CX
	START

loop:
	VMOVUPS (DI)(AX*4), Y0 // r
	VMOVUPS (SI)(AX*4), Y1 // d
	VMULPS  (DX)(AX*4), Y1, Y2
	SLOPE(Y0, Y2, Y3)
	VMOVUPS Y2, (DI)(AX*4)
	VMULPS  Y0, Y1, Y2
	VADDPS  (BX)(AX*4), Y2, Y2
	VMOVUPS Y2, (BX)(AX*4)
	LOOP(loop)
	VZEROUPPER

done:
	RET

// func tanhBackAVX2(dx, dy, y *float32, n int)
TEXT ·tanhBackAVX2(SB), NOSPLIT, $0-32
	MOVQ dx+0(FP), DI
	MOVQ dy+8(FP), SI
	MOVQ y+16(FP), DX
	MOVQ n+24(FP), CX
	START

loop:
	VMOVUPS (SI)(AX*4), Y0
	VMOVUPS (DX)(AX*4), Y1
	BEND(Y1, Y0, Y2)
	VADDPS  (DI)(AX*4), Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(loop)
	VZEROUPPER

done:
	RET

// func sigmoidBackAVX2(dx, dy, y *float32, n int)
TEXT ·sigmoidBackAVX2(SB), NOSPLIT, $0-32
	MOVQ dx+0(FP), DI
	MOVQ dy+8(FP), SI
	MOVQ y+16(FP), DX
	MOVQ n+24(FP), CX
	START

loop:
	VMOVUPS (DX)(AX*4), Y1
	VSUBPS  Y1, Y15, Y2
	VMULPS  Y1, Y2, Y2
	VMULPS  (SI)(AX*4), Y2, Y0
	VADDPS  (DI)(AX*4), Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	LOOP(loop)
	VZEROUPPER

done:
	RET
