//go:build !purego

#include "go_asm.h"
#include "textflag.h"
#include "tile_amd64.h"

// The tile of pairs in AVX-512 BF16: that of tile_avx512_amd64.s, with two values of k in every word of A and B.

// DOT is VDPBF16PS B, A, C, which the assembler lacks. C += the product of the upper halves, and then of the lower.
// EVEX.512.F3.0F38.W0 52 /r: P0 holds the upper bits of C's number (0x72 for 8 to 15, 0xe2 for 16 to 23), P1 is 0x7e
// for B in Z0 and 0x76 for Z1, and the last byte is 0xc0 + 8*(C's number mod 8) + A's number.
#define DOT(P0, P1, MODRM) \
	BYTE $0x62; BYTE $P0; BYTE $P1; BYTE $0x48; BYTE $0x52; BYTE $MODRM

// ROW multiplies one pair of A with the row of B.
#define ROW(BASE, A, P0, C0, C1) \
	VBROADCASTSS (BASE)(R11*1), A; \
	DOT(P0, 0x7e, C0); \
	DOT(P0, 0x76, C1)

#define ROWS1 ROW(AX, Z2, 0x72, 0xc2, 0xca)
#define ROWS2 ROWS1; ROW(BX, Z3, 0x72, 0xd3, 0xdb)
#define ROWS3 ROWS2; ROW(CX, Z4, 0x72, 0xe4, 0xec)
#define ROWS4 ROWS3; ROW(DI, Z5, 0x72, 0xf5, 0xfd)
#define ROWS5 ROWS4; ROW(R8, Z6, 0xe2, 0xc6, 0xce)
#define ROWS6 ROWS5; ROW(R9, Z7, 0xe2, 0xd7, 0xdf)
#define ROWS7 ROWS6; ROW(R10, Z2, 0xe2, 0xe2, 0xea)
#define ROWS8 ROWS7; ROW(R14, Z3, 0xe2, 0xf3, 0xfb)

#define LOAD(M0, M1, C0, C1) \
	VMOVUPS M0, C0; \
	VMOVUPS M1, C1

#define STORE(C0, C1, M0, M1) \
	VMOVUPS C0, M0; \
	VMOVUPS C1, M1

#define AHEAD \
	PREFETCHT0 (SI)(R13*8); \
	PREFETCHT0 64(SI)(R13*8)

// func tileAVX512BF16(t *Tile)
TEXT ·tileAVX512BF16(SB), NOSPLIT, $56-8
#include "tile_avx512_amd64.h"
