//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// Tiles of products in bfloat16 on AMX, whose instructions the assembler lacks: 32 rows by 32 columns are four tiles of 16x16.
// It leaves no state behind in the tile registers, so that nobody has to save any.
//
//	TMM0, TMM1 C, rows 0 to 15; TMM2, TMM3 rows 16 to 31     TMM4, TMM5 A, rows 0 to 15 and 16 to 31     TMM6, TMM7 B
//	BX, R12 A     R8 its stride     SI, R10 B     CX its stride     DI, R9, R11, R13 C     DX its stride     R15 blocks left
//	AX rows left     R14 tile

#define CONFIGURE BYTE $0xc4; BYTE $0xc2; BYTE $0x78; BYTE $0x49; BYTE $0x45; BYTE $0x00 // LDTILECFG (R13)
#define RELEASE BYTE $0xc4; BYTE $0xe2; BYTE $0x78; BYTE $0x49; BYTE $0xc0 // TILERELEASE
#define GETC0 BYTE $0xc4; BYTE $0xe2; BYTE $0x7b; BYTE $0x4b; BYTE $0x04; BYTE $0x17 // TILELOADD (DI)(DX*1), TMM0
#define PUTC0 BYTE $0xc4; BYTE $0xe2; BYTE $0x7a; BYTE $0x4b; BYTE $0x04; BYTE $0x17 // TILESTORED TMM0, (DI)(DX*1)
#define GETC1 BYTE $0xc4; BYTE $0xc2; BYTE $0x7b; BYTE $0x4b; BYTE $0x0c; BYTE $0x11 // TILELOADD (R9)(DX*1), TMM1
#define PUTC1 BYTE $0xc4; BYTE $0xc2; BYTE $0x7a; BYTE $0x4b; BYTE $0x0c; BYTE $0x11 // TILESTORED TMM1, (R9)(DX*1)
#define GETC2 BYTE $0xc4; BYTE $0xc2; BYTE $0x7b; BYTE $0x4b; BYTE $0x14; BYTE $0x13 // TILELOADD (R11)(DX*1), TMM2
#define PUTC2 BYTE $0xc4; BYTE $0xc2; BYTE $0x7a; BYTE $0x4b; BYTE $0x14; BYTE $0x13 // TILESTORED TMM2, (R11)(DX*1)
#define GETC3 BYTE $0xc4; BYTE $0xc2; BYTE $0x7b; BYTE $0x4b; BYTE $0x5c; BYTE $0x15; BYTE $0x00 // TILELOADD (R13)(DX*1), TMM3
#define PUTC3 BYTE $0xc4; BYTE $0xc2; BYTE $0x7a; BYTE $0x4b; BYTE $0x5c; BYTE $0x15; BYTE $0x00 // TILESTORED TMM3, (R13)(DX*1)
#define GETA0 BYTE $0xc4; BYTE $0xa2; BYTE $0x7b; BYTE $0x4b; BYTE $0x24; BYTE $0x03 // TILELOADD (BX)(R8*1), TMM4
#define GETA1 BYTE $0xc4; BYTE $0x82; BYTE $0x7b; BYTE $0x4b; BYTE $0x2c; BYTE $0x04 // TILELOADD (R12)(R8*1), TMM5
#define GETB0 BYTE $0xc4; BYTE $0xe2; BYTE $0x7b; BYTE $0x4b; BYTE $0x34; BYTE $0x0e // TILELOADD (SI)(CX*1), TMM6
#define GETB1 BYTE $0xc4; BYTE $0xc2; BYTE $0x7b; BYTE $0x4b; BYTE $0x3c; BYTE $0x0a // TILELOADD (R10)(CX*1), TMM7
#define DOT0 BYTE $0xc4; BYTE $0xe2; BYTE $0x4a; BYTE $0x5c; BYTE $0xc4 // TDPBF16PS TMM6, TMM4, TMM0
#define DOT1 BYTE $0xc4; BYTE $0xe2; BYTE $0x42; BYTE $0x5c; BYTE $0xcc // TDPBF16PS TMM7, TMM4, TMM1
#define DOT2 BYTE $0xc4; BYTE $0xe2; BYTE $0x4a; BYTE $0x5c; BYTE $0xd5 // TDPBF16PS TMM6, TMM5, TMM2
#define DOT3 BYTE $0xc4; BYTE $0xe2; BYTE $0x42; BYTE $0x5c; BYTE $0xdd // TDPBF16PS TMM7, TMM5, TMM3

// SHAPE configures the registers for AX rows, 32 at most.
#define SHAPE \
	MOVQ    $32, R15;     \
	CMPQ    AX, R15;      \
	CMOVQLT AX, R15;      \
	SHLQ    $6, R15;      \
	MOVQ    BlockTile_config(R14), R13; \
	LEAQ    -64(R13)(R15*1), R13; \
	CONFIGURE

// PLACES points to four tiles from DI on, whose stride is DX.
#define PLACES \
	LEAQ 64(DI), R9; \
	MOVQ DX, R11;    \
	SHLQ $4, R11;    \
	LEAQ (R9)(R11*1), R13; \
	ADDQ DI, R11

// TOWRITE is PREFETCHW of a row of C at R9, and of the row below it.
#define TOWRITE \
	BYTE $0x41; BYTE $0x0f; BYTE $0x0d; BYTE $0x09; \
	BYTE $0x41; BYTE $0x0f; BYTE $0x0d; BYTE $0x49; BYTE $0x40; \
	BYTE $0x41; BYTE $0x0f; BYTE $0x0d; BYTE $0x0c; BYTE $0x11; \
	BYTE $0x41; BYTE $0x0f; BYTE $0x0d; BYTE $0x4c; BYTE $0x11; BYTE $0x40

// AHEAD asks for four rows of C.
#define AHEAD \
	TOWRITE; \
	LEAQ (R9)(DX*2), R9; \
	TOWRITE; \
	LEAQ (R9)(DX*2), R9

// func blockTilesAMX(t *BlockTile)
TEXT ·blockTilesAMX(SB), NOSPLIT, $16-8
	MOVQ t+0(FP), R14
	MOVQ BlockTile_Rows(R14), AX
	SHAPE
	MOVQ BlockTile_A(R14), BX
	MOVQ BlockTile_AStride(R14), R8
	SHLQ $2, R8
	MOVQ $128, CX
	MOVQ BlockTile_C(R14), DI

tile:
	MOVQ BX, a-8(SP)
	MOVQ DI, c-16(SP)
	MOVQ R8, R12
	SHLQ $4, R12
	ADDQ BX, R12
	MOVQ BlockTile_B(R14), SI
	LEAQ 64(SI), R10
	MOVQ BlockTile_CStride(R14), DX
	SHLQ $2, DX

	// The next tile of C is below, or beside the first.
	MOVQ DX, R9
	SHLQ $5, R9
	ADDQ DI, R9
	MOVQ BlockTile_C(R14), R11
	ADDQ $128, R11
	CMPQ AX, $32
	CMOVQLE R11, R9
	AHEAD
	AHEAD
	AHEAD
	AHEAD
	AHEAD
	AHEAD
	AHEAD
	AHEAD

	// Sums start from C, or every row of them from one.
	XORL R15, R15
	MOVQ BlockTile_Start(R14), R11
	TESTQ R11, R11
	CMOVQNE R11, DI
	CMOVQNE R15, DX
	PLACES
	MOVQ BlockTile_K(R14), R15
	SHRQ $5, R15
	GETC0
	GETC1
	CMPQ AX, $16
	JLE  low
	GETC2
	GETC3

high:
	GETA0
	GETB0
	DOT0
	GETB1
	DOT1
	GETA1
	DOT2
	DOT3
	ADDQ $64, BX
	ADDQ $64, R12
	ADDQ $2048, SI
	ADDQ $2048, R10
	DECQ R15
	JNZ  high
	JMP  done

low:
	GETA0
	GETB0
	DOT0
	GETB1
	DOT1
	ADDQ $64, BX
	ADDQ $2048, SI
	ADDQ $2048, R10
	DECQ R15
	JNZ  low

done:
	MOVQ BlockTile_CStride(R14), DX
	SHLQ $2, DX
	MOVQ c-16(SP), DI
	PLACES
	PUTC0
	PUTC1
	CMPQ AX, $16
	JLE  stored
	PUTC2
	PUTC3
	SUBQ $32, AX
	JLE  stored
	MOVQ a-8(SP), BX
	MOVQ R8, R12
	SHLQ $5, R12
	ADDQ R12, BX
	SHLQ $5, DX
	ADDQ DX, DI
	CMPQ AX, $32
	JGE  tile
	SHAPE
	JMP  tile

stored:
	RELEASE
	RET
