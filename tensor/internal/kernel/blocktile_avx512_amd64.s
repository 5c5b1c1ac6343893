//go:build !purego

#include "go_asm.h"
#include "textflag.h"

#define WIDE 64
#define TALL 32
#define B0 Z0
#define B1 Z1
#define A0 Z2
#define A1 Z3
#define C0A Z8
#define C0B Z9
#define C1A Z10
#define C1B Z11
#define C2A Z12
#define C2B Z13
#define C3A Z14
#define C3B Z15
#define C4A Z16
#define C4B Z17
#define C5A Z18
#define C5B Z19
#define C6A Z20
#define C6B Z21
#define C7A Z22
#define C7B Z23

#include "tile_column_amd64.h"
#undef HOLD
#include "blocktile_amd64.h"

#define ROWS(U) ROWS8(U)

#define CLEAR(C0, C1) \
	VPXORD C0, C0, C0; \
	VPXORD C1, C1, C1

#define ZERO \
	CLEAR(C0A, C0B); \
	CLEAR(C1A, C1B); \
	CLEAR(C2A, C2B); \
	CLEAR(C3A, C3B); \
	CLEAR(C4A, C4B); \
	CLEAR(C5A, C5B); \
	CLEAR(C6A, C6B); \
	CLEAR(C7A, C7B)

#define SAVES \
	SAVE(0, C0A, C0B); \
	SAVE(1, C1A, C1B); \
	SAVE(2, C2A, C2B); \
	SAVE(3, C3A, C3B); \
	SAVE(4, C4A, C4B); \
	SAVE(5, C5A, C5B); \
	SAVE(6, C6A, C6B); \
	SAVE(7, C7A, C7B)

#define FOLDS \
	FOLD(0, C0A, C0B); \
	FOLD(1, C1A, C1B); \
	FOLD(2, C2A, C2B); \
	FOLD(3, C3A, C3B); \
	FOLD(4, C4A, C4B); \
	FOLD(5, C5A, C5B); \
	FOLD(6, C6A, C6B); \
	FOLD(7, C7A, C7B)

#define FETCHES FETCHROW; FETCHROW; FETCHROW; FETCHROW; FETCHROW; FETCHROW; FETCHROW; FETCHROW

// SOONER asks for a piece of what will be needed soon.
#define SOONER \
	PREFETCHT1 (R14); \
	PREFETCHT1 64(R14); \
	PREFETCHT1 128(R14); \
	PREFETCHT1 192(R14); \
	ADDQ $256, R14

#define HELD 1024
#define HOLDS HOLD(0); HOLD(1); HOLD(2); HOLD(3); HOLD(4); HOLD(5); HOLD(6); HOLD(7)
#define RETURNS RETURN(0); RETURN(1); RETURN(2); RETURN(3); RETURN(4); RETURN(5); RETURN(6); RETURN(7)

// func blockTileAVX512(t *BlockTile)
TEXT ·blockTileAVX512(SB), 0, $2136-8
	BLOCKS
