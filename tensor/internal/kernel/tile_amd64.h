// What the kernels of the tile have in common. DX is the tile.

// STRIDES leaves the strides of A and B along k in R12 and R13, in bytes. Without any k it goes to none.
#define STRIDES \
	MOVQ  Tile_K0(DX), R8;   \
	MOVQ  Tile_K1(DX), R9;   \
	TESTQ R8, R8;            \
	JLE   none;              \
	TESTQ R9, R9;            \
	JLE   none;              \
	MOVQ  Tile_AK0(DX), R12; \
	MOVQ  Tile_BK0(DX), R13; \
	SHLQ  $2, R12;           \
	SHLQ  $2, R13

// OPERANDS puts C, B, the start and the number of panels on the stack.
#define OPERANDS \
	MOVQ  Tile_C(DX), R8;      \
	MOVQ  R8, c-8(SP);         \
	MOVQ  Tile_B(DX), R8;      \
	MOVQ  R8, b-16(SP);        \
	MOVQ  Tile_Start(DX), R8;  \
	MOVQ  R8, start-24(SP);    \
	MOVQ  Tile_Panels(DX), R8; \
	MOVQ  R8, panels-32(SP)

// BYHEIGHT goes to the tile of as many rows as R10 says, m1 to m8. With none there is nothing to do.
#define BYHEIGHT \
	CMPQ R10, $8; \
	JEQ  m8;      \
	CMPQ R10, $4; \
	JEQ  m4;      \
	JGT  above4;  \
	CMPQ R10, $2; \
	JEQ  m2;      \
	JGT  m3;      \
	CMPQ R10, $1; \
	JEQ  m1;      \
none:;         \
	RET;          \
above4:;       \
	CMPQ R10, $6; \
	JEQ  m6;      \
	JGT  m7;      \
	JMP  m5
