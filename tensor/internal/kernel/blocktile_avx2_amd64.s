//go:build !purego

#include "go_asm.h"
#include "textflag.h"

#define WIDE 32
#define TALL 24
#define B0 Y0
#define B1 Y1
#define A0 Y2
#define A1 Y3
#define C0A Y4
#define C0B Y5
#define C1A Y6
#define C1B Y7
#define C2A Y8
#define C2B Y9
#define C3A Y10
#define C3B Y11
#define C4A Y12
#define C4B Y13
#define C5A Y14
#define C5B Y15

#include "tile_column_amd64.h"
#undef HOLD
#include "blocktile_amd64.h"

#define ROWS(U) ROWS6(U)

#define CLEAR(C0, C1) \
	VXORPS C0, C0, C0; \
	VXORPS C1, C1, C1

#define ZERO \
	CLEAR(C0A, C0B); \
	CLEAR(C1A, C1B); \
	CLEAR(C2A, C2B); \
	CLEAR(C3A, C3B); \
	CLEAR(C4A, C4B); \
	CLEAR(C5A, C5B)

#define SAVES \
	SAVE(0, C0A, C0B); \
	SAVE(1, C1A, C1B); \
	SAVE(2, C2A, C2B); \
	SAVE(3, C3A, C3B); \
	SAVE(4, C4A, C4B); \
	SAVE(5, C5A, C5B)

#define FOLDS \
	FOLD(0, C0A, C0B); \
	FOLD(1, C1A, C1B); \
	FOLD(2, C2A, C2B); \
	FOLD(3, C3A, C3B); \
	FOLD(4, C4A, C4B); \
	FOLD(5, C5A, C5B)

#define FETCHES FETCHROW; FETCHROW; FETCHROW; FETCHROW; FETCHROW; FETCHROW

// SOONER asks for a piece of what will be needed soon.
#define SOONER \
	PREFETCHT1 (R14); \
	PREFETCHT1 64(R14); \
	ADDQ $128, R14

#define HELD 384
#define HOLDS HOLD(0); HOLD(1); HOLD(2); HOLD(3); HOLD(4); HOLD(5)
#define RETURNS RETURN(0); RETURN(1); RETURN(2); RETURN(3); RETURN(4); RETURN(5)

// func blockTileAVX2(t *BlockTile)
TEXT ·blockTileAVX2(SB), 0, $856-8
	BLOCKS
