// Columns of tiles on packed operands: A has TALL bytes for every k, however high a tile is, and B two vectors of WIDE
// bytes. So both are read at fixed places from one register, which leaves little to do beside the multiply-adds;
// processors that share a core with another feel that most.
//
//	AX A     SI B     R13 C     R14, R10 what will be needed soon, and its pace for two k
//	BX tiles of this height left     CX lower ones to come     DI panels left
//	R8 what chains start from, unless it is nil     R9 C's first tile of the panel     R12 from a tile of C to the next
//	B0, B1 a row of B     A0, A1 an element of A     C0A..C7B C, two to a row
//
// Who includes this defines those names, and FETCH(I), which asks for row I of the tile of C that comes next, at SI.

// ROW multiplies one element of A with the row of B.
#define ROW(AT, A, C0, C1) \
	VBROADCASTSS AT(AX), A; \
	VFMADD231PS  B0, A, C0; \
	VFMADD231PS  B1, A, C1

#define ROWS4(U) \
	ROW((TALL*U), A0, C0A, C0B); \
	ROW((TALL*U+4), A1, C1A, C1B); \
	ROW((TALL*U+8), A0, C2A, C2B); \
	ROW((TALL*U+12), A1, C3A, C3B)

#define ROWS5(U) ROWS4(U); ROW((TALL*U+16), A0, C4A, C4B)
#define ROWS6(U) ROWS5(U); ROW((TALL*U+20), A1, C5A, C5B)
#define ROWS7(U) ROWS6(U); ROW((TALL*U+24), A0, C6A, C6B)
#define ROWS8(U) ROWS7(U); ROW((TALL*U+28), A1, C7A, C7B)

#define STEP(ROWS, U) \
	VMOVUPS (2*WIDE*U)(SI), B0; \
	VMOVUPS (2*WIDE*U+WIDE)(SI), B1; \
	ROWS(U)

// SOON asks for a piece of what will be needed soon.
#define SOON \
	PREFETCHT1 (R14); \
	ADDQ       R10, R14

// HOLD points R11 to where the tile of C at SI can be held: one row further than it within 4096 bytes. A load waits for an
// earlier store whose address has the same low 12 bits to be done, and rows of a matrix are often a power of two apart.
// So the next tile's rows are loaded before this one's are stored, and held where those stores do not disturb.
#define HOLD \
	MOVQ Tile_Held(DX), R11; \
	LEAQ (2*WIDE)(SI), R15; \
	SUBQ R11, R15; \
	ANDQ $4095, R15; \
	ADDQ R15, R11

// KEEP holds a row of the tile of C at SI, TAKE takes it.
#define KEEP(I) \
	MOVQ    (Tile_CRow+8*I)(DX), R15; \
	VMOVUPS (SI)(R15*4), B0; \
	VMOVUPS WIDE(SI)(R15*4), B1; \
	VMOVUPS B0, (2*WIDE*I)(R11); \
	VMOVUPS B1, (2*WIDE*I+WIDE)(R11)

#define KEEP4 KEEP(0); KEEP(1); KEEP(2); KEEP(3)
#define KEEP5 KEEP4; KEEP(4)
#define KEEP6 KEEP5; KEEP(5)
#define KEEP7 KEEP6; KEEP(6)
#define KEEP8 KEEP7; KEEP(7)

#define TAKE(I, C0, C1) \
	VMOVUPS (2*WIDE*I)(R11), C0; \
	VMOVUPS (2*WIDE*I+WIDE)(R11), C1

#define TAKE4 TAKE(0, C0A, C0B); TAKE(1, C1A, C1B); TAKE(2, C2A, C2B); TAKE(3, C3A, C3B)
#define TAKE5 TAKE4; TAKE(4, C4A, C4B)
#define TAKE6 TAKE5; TAKE(5, C5A, C5B)
#define TAKE7 TAKE6; TAKE(6, C6A, C6B)
#define TAKE8 TAKE7; TAKE(7, C7A, C7B)

// GET takes a row of C.
#define GET(I, C0, C1) \
	MOVQ    (Tile_CRow+8*I)(DX), R15; \
	VMOVUPS (R13)(R15*4), C0; \
	VMOVUPS WIDE(R13)(R15*4), C1

#define GET4 GET(0, C0A, C0B); GET(1, C1A, C1B); GET(2, C2A, C2B); GET(3, C3A, C3B)
#define GET5 GET4; GET(4, C4A, C4B)
#define GET6 GET5; GET(5, C5A, C5B)
#define GET7 GET6; GET(6, C6A, C6B)
#define GET8 GET7; GET(7, C7A, C7B)

// SET starts a row from B0 and B1 instead.
#define SET(C0, C1) \
	VMOVUPS B0, C0; \
	VMOVUPS B1, C1

#define SET4 SET(C0A, C0B); SET(C1A, C1B); SET(C2A, C2B); SET(C3A, C3B)
#define SET5 SET4; SET(C4A, C4B)
#define SET6 SET5; SET(C5A, C5B)
#define SET7 SET6; SET(C6A, C6B)
#define SET8 SET7; SET(C7A, C7B)

#define FETCH4 FETCH(0); FETCH(1); FETCH(2); FETCH(3)
#define FETCH5 FETCH4; FETCH(4)
#define FETCH6 FETCH5; FETCH(5)
#define FETCH7 FETCH6; FETCH(6)
#define FETCH8 FETCH7; FETCH(7)

#define PUT(I, C0, C1) \
	MOVQ    (Tile_CRow+8*I)(DX), R15; \
	VMOVUPS C0, (R13)(R15*4); \
	VMOVUPS C1, WIDE(R13)(R15*4)

#define PUT4 PUT(0, C0A, C0B); PUT(1, C1A, C1B); PUT(2, C2A, C2B); PUT(3, C3A, C3B)
#define PUT5 PUT4; PUT(4, C4A, C4B)
#define PUT6 PUT5; PUT(5, C5A, C5B)
#define PUT7 PUT6; PUT(6, C6A, C6B)
#define PUT8 PUT7; PUT(7, C7A, C7B)

// COLUMN is the tiles of one height. Tiles of one row less follow, at LOWER, or LOWERTAKEN if C of the first of them is
// held. The last tile of a panel asks for the first of the next one.
#define COLUMN(GETS, SETS, FETCHES, ROWS, KEEPS, PUTS, TAKES, LOWERKEEPS, FIRST, FRESH, TAKEN, READY, INNER, REST, ONE, DONE, LAST, STORE, ENDED, LOWER, LOWERTAKEN) \
FIRST:;                       \
	TESTQ R8, R8;             \
	JNE  FRESH;               \
	GETS;                     \
	JMP  READY;               \
FRESH:;                       \
	VMOVUPS (R8), B0;         \
	VMOVUPS WIDE(R8), B1;     \
	SETS;                     \
	JMP  READY;               \
TAKEN:;                       \
	TAKES;                    \
READY:;                       \
	LEAQ (R13)(R12*1), SI;    \
	LEAQ (BX)(CX*1), R15;     \
	LEAQ (2*WIDE)(R9), R11;   \
	CMPQ R15, $1;             \
	CMOVQEQ R11, SI;          \
	FETCHES;                  \
	MOVQ b-8(SP), SI;         \
	MOVQ Tile_K0(DX), R15;    \
	SHRQ $2, R15;             \
	JEQ  REST;                \
	PCALIGN $32;              \
INNER:;                       \
	SOON;                     \
	STEP(ROWS, 0);            \
	STEP(ROWS, 1);            \
	SOON;                     \
	STEP(ROWS, 2);            \
	STEP(ROWS, 3);            \
	ADDQ $(8*WIDE), SI;       \
	ADDQ $(4*TALL), AX;       \
	DECQ R15;                 \
	JNZ  INNER;               \
REST:;                        \
	MOVQ Tile_K0(DX), R15;    \
	ANDQ $3, R15;             \
	JEQ  DONE;                \
ONE:;                         \
	STEP(ROWS, 0);            \
	ADDQ $(2*WIDE), SI;       \
	ADDQ $TALL, AX;           \
	DECQ R15;                 \
	JNZ  ONE;                 \
DONE:;                        \
	MOVQ Tile_NextDown(DX), R14; \
	SHLQ $2, R14;             \
	ADDQ next-16(SP), R14;    \
	MOVQ R14, next-16(SP);    \
	MOVQ Tile_ADown(DX), AX;  \
	SHLQ $2, AX;              \
	ADDQ a-24(SP), AX;        \
	MOVQ AX, a-24(SP);        \
	LEAQ (R13)(R12*1), SI;    \
	CMPQ Tile_Held(DX), $0;   \
	JEQ  STORE;               \
	CMPQ BX, $1;              \
	JLE  LAST;                \
	HOLD;                     \
	KEEPS;                    \
STORE:;                       \
	PUTS;                     \
	MOVQ SI, R13;             \
	DECQ BX;                  \
	JLE  ENDED;               \
	CMPQ Tile_Held(DX), $0;   \
	JEQ  FIRST;               \
	JMP  TAKEN;               \
LAST:;                        \
	TESTQ CX, CX;             \
	JEQ  STORE;               \
	HOLD;                     \
	LOWERKEEPS;               \
	JMP  STORE;               \
ENDED:;                       \
	TESTQ CX, CX;             \
	JEQ  next;                \
	MOVQ CX, BX;              \
	XORL CX, CX;              \
	MOVQ (Tile_CRow+8)(DX), R15; \
	SHLQ $2, R15;             \
	SUBQ R15, R12;            \
	CMPQ Tile_Held(DX), $0;   \
	JEQ  LOWER;               \
	JMP  LOWERTAKEN

// BEGIN takes the operands.
#define BEGIN \
	MOVQ  t+0(FP), DX;          \
	MOVQ  Tile_Pace(DX), R10;   \
	SHLQ  $1, R10;              \
	MOVQ  Tile_C(DX), R9;       \
	MOVQ  Tile_B(DX), R14;      \
	MOVQ  Tile_Start(DX), R8;   \
	MOVQ  Tile_Panels(DX), DI

// PANEL begins the panel of B at R14, and leaves the height of its first tiles in SI. What will be needed soon is the next
// panel, and after the last one what the tile says.
#define PANEL \
	MOVQ  R14, b-8(SP);         \
	MOVQ  Tile_Next(DX), SI;    \
	TESTQ SI, SI;               \
	CMOVQNE SI, R14;            \
	MOVQ  Tile_BPanel(DX), SI;     \
	SHLQ  $2, SI;               \
	ADDQ  b-8(SP), SI;          \
	CMPQ  DI, $1;               \
	CMOVQGT SI, R14;            \
	MOVQ  R14, next-16(SP);     \
	MOVQ  Tile_A(DX), AX;       \
	MOVQ  AX, a-24(SP);         \
	MOVQ  R9, R13;              \
	MOVQ  Tile_CDown(DX), R12;  \
	SHLQ  $2, R12;              \
	MOVQ  n+8(FP), BX;          \
	MOVQ  low+16(FP), CX;       \
	MOVQ  Tile_Rows(DX), SI

// NEXT goes on to the next panel, at LOOP, or returns after the last.
#define NEXT(LOOP) \
	ADDQ $(2*WIDE), R9;         \
	MOVQ Tile_BPanel(DX), R14;     \
	SHLQ $2, R14;               \
	ADDQ b-8(SP), R14;          \
	MOVQ Tile_StartPanel(DX), SI;    \
	LEAQ (R8)(SI*4), R8;        \
	DECQ DI;                    \
	JG   LOOP;                  \
	VZEROUPPER;                 \
	RET
