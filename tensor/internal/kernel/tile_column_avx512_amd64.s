//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// Columns of tiles in AVX-512: of 4 to 8 rows by 32 columns.

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

#define FETCH(I) \
	MOVQ       (Tile_CRow+8*I)(DX), R15; \
	PREFETCHT0 (SI)(R15*4); \
	PREFETCHT0 64(SI)(R15*4)

#include "tile_column_amd64.h"

// func tileColumnAVX512(t *tile, n, low int)
TEXT ·tileColumnAVX512(SB), NOSPLIT, $24-24
	BEGIN

panel:
	PANEL
	CMPQ SI, $8
	JEQ  first8
	CMPQ SI, $7
	JEQ  first7
	CMPQ SI, $6
	JEQ  first6
	CMPQ SI, $5
	JEQ  first5

	COLUMN(GET4, SET4, FETCH4, ROWS4, KEEP4, PUT4, TAKE4, KEEP4, first4, fresh4, taken4, ready4, inner4, rest4, one4, done4, last4, store4, ended4, first4, taken4)
	COLUMN(GET5, SET5, FETCH5, ROWS5, KEEP5, PUT5, TAKE5, KEEP4, first5, fresh5, taken5, ready5, inner5, rest5, one5, done5, last5, store5, ended5, first4, taken4)
	COLUMN(GET6, SET6, FETCH6, ROWS6, KEEP6, PUT6, TAKE6, KEEP5, first6, fresh6, taken6, ready6, inner6, rest6, one6, done6, last6, store6, ended6, first5, taken5)
	COLUMN(GET7, SET7, FETCH7, ROWS7, KEEP7, PUT7, TAKE7, KEEP6, first7, fresh7, taken7, ready7, inner7, rest7, one7, done7, last7, store7, ended7, first6, taken6)
	COLUMN(GET8, SET8, FETCH8, ROWS8, KEEP8, PUT8, TAKE8, KEEP7, first8, fresh8, taken8, ready8, inner8, rest8, one8, done8, last8, store8, ended8, first7, taken7)

next:
	NEXT(panel)
