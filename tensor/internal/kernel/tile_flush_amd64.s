//go:build !purego

#include "textflag.h"

// Tiles for bfloat16 in float32 instructions, which take and leave subnormal values as zeros meanwhile.

// FLUSH calls a tile with FTZ and DAZ set in MXCSR, and everything else there as it is at the start of a program.
#define FLUSH(TILE) \
	STMXCSR old-8(SP);       \
	MOVL    $0x9fc0, new-4(SP); \
	LDMXCSR new-4(SP);       \
	MOVQ    t+0(FP), AX;     \
	MOVQ    AX, 0(SP);       \
	CALL    TILE(SB);        \
	LDMXCSR old-8(SP);       \
	RET

// func tileAVX2Flush(t *Tile)
TEXT ·tileAVX2Flush(SB), NOSPLIT, $16-8
	FLUSH(·tileAVX2)

// func tileAVX512Flush(t *Tile)
TEXT ·tileAVX512Flush(SB), NOSPLIT, $16-8
	FLUSH(·tileAVX512)
