// The tile of products in bfloat16, by float32 instructions that flush subnormal values, on the operands and by the ROWS of
// tile_column_amd64.h. Who includes this also defines ROWS, ZERO, SAVES, FOLDS, HOLDS and RETURNS for all rows of its tile, and
// HELD, the size of their sums.
//
//	DX tile     AX A     SI B     CX k left     R9 half a block     R15 counter     DI C     R8 its stride     R11 sums of even k
//	R14 what will be needed soon

// HALF forms the sums of half a block: of a whole one without a loop.
#define HALF(ONE, WHOLE, DONE) \
	ZERO;                  \
	MOVQ R9, R15;          \
	CMPQ R9, $16;          \
	JEQ  WHOLE;            \
ONE:;                      \
	STEP(ROWS, 0);         \
	ADDQ $(2*WIDE), SI;    \
	ADDQ $TALL, AX;        \
	DECQ R15;              \
	JNZ  ONE;              \
	JMP  DONE;             \
WHOLE:;                    \
	FOUR(0);               \
	FOUR(4);               \
	FOUR(8);               \
	FOUR(12);              \
	ADDQ $(32*WIDE), SI;   \
	ADDQ $(16*TALL), AX;   \
DONE:

#define FOUR(U) \
	STEP(ROWS, (U)); \
	STEP(ROWS, (U+1)); \
	STEP(ROWS, (U+2)); \
	STEP(ROWS, (U+3))

// SAVE keeps a row of sums of even k.
#define SAVE(I, C0, C1) \
	VMOVUPS C0, (2*WIDE*I)(R11); \
	VMOVUPS C1, (2*WIDE*I+WIDE)(R11)

// FOLD adds a row of sums of even k and of odd k to the row of C that is held behind all those sums.
#define FOLD(I, C0, C1) \
	VADDPS  (2*WIDE*I)(R11), C0, C0; \
	VADDPS  (2*WIDE*I+WIDE)(R11), C1, C1; \
	VADDPS  (2*WIDE*I+HELD)(R11), C0, C0; \
	VADDPS  (2*WIDE*I+WIDE+HELD)(R11), C1, C1; \
	VMOVUPS C0, (2*WIDE*I+HELD)(R11); \
	VMOVUPS C1, (2*WIDE*I+WIDE+HELD)(R11)

// HOLD and RETURN copy a row of C at R10 to where it is held, and back: its rows may be so far apart that to load one waits
// for the store of another.
#define HOLD(I) \
	VMOVUPS (R10), B0; \
	VMOVUPS WIDE(R10), B1; \
	VMOVUPS B0, (2*WIDE*I+HELD)(R11); \
	VMOVUPS B1, (2*WIDE*I+WIDE+HELD)(R11); \
	ADDQ    R8, R10

#define RETURN(I) \
	VMOVUPS (2*WIDE*I+HELD)(R11), B0; \
	VMOVUPS (2*WIDE*I+WIDE+HELD)(R11), B1; \
	VMOVUPS B0, (R10); \
	VMOVUPS B1, WIDE(R10); \
	ADDQ    R8, R10

// FETCHROW asks for a row of C of the tile below.
#define FETCHROW \
	PREFETCHT0 (R10); \
	PREFETCHT0 (2*WIDE-64)(R10); \
	ADDQ       R8, R10

// BLOCKS is the whole tile. FTZ and DAZ are set meanwhile, and all else of MXCSR is as at the start of a program.
#define BLOCKS \
	STMXCSR old-8(SP);          \
	MOVL    $0x9fc0, new-4(SP); \
	LDMXCSR new-4(SP);          \
	MOVQ    t+0(FP), DX;        \
	MOVQ    BlockTile_A(DX), AX; \
	MOVQ    BlockTile_B(DX), SI; \
	MOVQ    BlockTile_C(DX), DI; \
	MOVQ    BlockTile_K(DX), CX; \
	MOVQ    BlockTile_CStride(DX), R8; \
	SHLQ    $2, R8;             \
	LEAQ    63(SP), R11;        \
	ANDQ    $~63, R11;          \
	MOVQ    BlockTile_Next(DX), R14; \
	MOVQ    DI, R10;            \
	HOLDS;                      \
	FETCHES;                    \
block:;                        \
	SOONER;                     \
	MOVQ    $32, R9;            \
	CMPQ    CX, R9;             \
	CMOVQLT CX, R9;             \
	SHRQ    $1, R9;             \
	HALF(even, evens, saved);  \
	SAVES;                      \
	HALF(odd, odds, folded);   \
	FOLDS;                      \
	SUBQ    $32, CX;            \
	JG      block;              \
	MOVQ    DI, R10;            \
	RETURNS;                    \
	LDMXCSR old-8(SP);          \
	VZEROUPPER;                 \
	RET
