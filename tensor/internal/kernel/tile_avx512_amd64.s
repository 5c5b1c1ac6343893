//go:build !purego

#include "go_asm.h"
#include "textflag.h"
#include "tile_amd64.h"

// The tile in AVX-512: m <= 8 rows by 32 columns.
//
//	DX tile     AX, BX, CX, DI, R8, R9, R10, R14 rows of A     R11 index into all of them     R12 AK0
//	SI B        R13 BK0     R15 counter of k0
//	Z0, Z1 a row of B     Z2..Z7 an element of A each     Z8..Z23 C, two to a row
//
// The counters of k1 and of the panels, and where the panel and the group under way start, are on the stack.
// Sixteen chains hide the latency of the fused multiply-add, and elements of A are broadcast by the load
// ports alone, which leaves both multiplication ports to the chains.

// ROW multiplies one element of A with the row of B.
#define ROW(BASE, A, C0, C1) \
	VBROADCASTSS (BASE)(R11*1), A; \
	VFMADD231PS  Z0, A, C0; \
	VFMADD231PS  Z1, A, C1

#define ROWS1 ROW(AX, Z2, Z8, Z9)
#define ROWS2 ROWS1; ROW(BX, Z3, Z10, Z11)
#define ROWS3 ROWS2; ROW(CX, Z4, Z12, Z13)
#define ROWS4 ROWS3; ROW(DI, Z5, Z14, Z15)
#define ROWS5 ROWS4; ROW(R8, Z6, Z16, Z17)
#define ROWS6 ROWS5; ROW(R9, Z7, Z18, Z19)
#define ROWS7 ROWS6; ROW(R10, Z2, Z20, Z21)
#define ROWS8 ROWS7; ROW(R14, Z3, Z22, Z23)

#define LOAD(M0, M1, C0, C1) \
	VMOVUPS M0, C0; \
	VMOVUPS M1, C1

#define STORE(C0, C1, M0, M1) \
	VMOVUPS C0, M0; \
	VMOVUPS C1, M1

#define AHEAD \
	PREFETCHT0 (SI)(R13*8); \
	PREFETCHT0 64(SI)(R13*8)

// func tileAVX512(t *Tile)
TEXT ·tileAVX512(SB), NOSPLIT, $56-8
#include "tile_avx512_amd64.h"
