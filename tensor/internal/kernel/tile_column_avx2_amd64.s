//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// Columns of tiles in AVX2 with FMA: of 4 to 6 rows by 16 columns.

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

#define FETCH(I) \
	MOVQ       (Tile_CRow+8*I)(DX), R15; \
	PREFETCHT0 (SI)(R15*4)

#include "tile_column_amd64.h"

// func tileColumnAVX2(t *tile, n, low int)
TEXT ·tileColumnAVX2(SB), NOSPLIT, $24-24
	BEGIN

panel:
	PANEL
	CMPQ SI, $6
	JEQ  first6
	CMPQ SI, $5
	JEQ  first5

	COLUMN(GET4, SET4, FETCH4, ROWS4, KEEP4, PUT4, TAKE4, KEEP4, first4, fresh4, taken4, ready4, inner4, rest4, one4, done4, last4, store4, ended4, first4, taken4)
	COLUMN(GET5, SET5, FETCH5, ROWS5, KEEP5, PUT5, TAKE5, KEEP4, first5, fresh5, taken5, ready5, inner5, rest5, one5, done5, last5, store5, ended5, first4, taken4)
	COLUMN(GET6, SET6, FETCH6, ROWS6, KEEP6, PUT6, TAKE6, KEEP5, first6, fresh6, taken6, ready6, inner6, rest6, one6, done6, last6, store6, ended6, first5, taken5)

next:
	NEXT(panel)
