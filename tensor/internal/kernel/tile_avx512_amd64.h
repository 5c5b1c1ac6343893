// The body of the tiles in AVX-512, whose ROWS1 to ROWS8 multiply elements of one to eight rows of A with the row of B
// in Z0 and Z1, whose LOAD and STORE move the two halves of a row, and whose AHEAD asks for what B has a little ahead of SI.
// See tile_avx512_amd64.s.

// BASE points a register at a row of A.
#define BASE(I, R) \
	MOVQ (Tile_ARow+8*I)(DX), R; \
	LEAQ (SI)(R*4), R

#define BASE1 BASE(0, AX)
#define BASE2 BASE1; BASE(1, BX)
#define BASE3 BASE2; BASE(2, CX)
#define BASE4 BASE3; BASE(3, DI)
#define BASE5 BASE4; BASE(4, R8)
#define BASE6 BASE5; BASE(5, R9)
#define BASE7 BASE6; BASE(6, R10)
#define BASE8 BASE7; BASE(7, R14)

// GET takes a row of the panel of C at SI.
#define GET(I, C0, C1) \
	MOVQ (Tile_CRow+8*I)(DX), R15; \
	LOAD((SI)(R15*4), 64(SI)(R15*4), C0, C1)

#define GET1 GET(0, Z8, Z9)
#define GET2 GET1; GET(1, Z10, Z11)
#define GET3 GET2; GET(2, Z12, Z13)
#define GET4 GET3; GET(3, Z14, Z15)
#define GET5 GET4; GET(4, Z16, Z17)
#define GET6 GET5; GET(5, Z18, Z19)
#define GET7 GET6; GET(6, Z20, Z21)
#define GET8 GET7; GET(7, Z22, Z23)

// SET starts a row from Z0 and Z1 instead.
#define SET(C0, C1) \
	VMOVUPS Z0, C0; \
	VMOVUPS Z1, C1

#define SET1 SET(Z8, Z9)
#define SET2 SET1; SET(Z10, Z11)
#define SET3 SET2; SET(Z12, Z13)
#define SET4 SET3; SET(Z14, Z15)
#define SET5 SET4; SET(Z16, Z17)
#define SET6 SET5; SET(Z18, Z19)
#define SET7 SET6; SET(Z20, Z21)
#define SET8 SET7; SET(Z22, Z23)

// FETCH asks for a row of the tile of C that comes next, at R11, since its chains start from there.
#define FETCH(I) \
	MOVQ       (Tile_CRow+8*I)(DX), R15; \
	PREFETCHT0 (R11)(R15*4); \
	PREFETCHT0 64(R11)(R15*4)

#define FETCH1 FETCH(0)
#define FETCH2 FETCH1; FETCH(1)
#define FETCH3 FETCH2; FETCH(2)
#define FETCH4 FETCH3; FETCH(3)
#define FETCH5 FETCH4; FETCH(4)
#define FETCH6 FETCH5; FETCH(5)
#define FETCH7 FETCH6; FETCH(6)
#define FETCH8 FETCH7; FETCH(7)

#define PUT(I, C0, C1) \
	MOVQ (Tile_CRow+8*I)(DX), R15; \
	STORE(C0, C1, (SI)(R15*4), 64(SI)(R15*4))

#define PUT1 PUT(0, Z8, Z9)
#define PUT2 PUT1; PUT(1, Z10, Z11)
#define PUT3 PUT2; PUT(2, Z12, Z13)
#define PUT4 PUT3; PUT(3, Z14, Z15)
#define PUT5 PUT4; PUT(4, Z16, Z17)
#define PUT6 PUT5; PUT(5, Z18, Z19)
#define PUT7 PUT6; PUT(6, Z20, Z21)
#define PUT8 PUT7; PUT(7, Z22, Z23)

// LOADB takes a row of B.
#define LOADB \
	LOAD((SI), 64(SI), Z0, Z1); \
	AHEAD

// NEXTGROUP goes back over the k0 rows of B and elements of A just done, and on by bbs and abs.
#define NEXTGROUP(LOOP) \
	MOVQ Tile_BK1(DX), R15;   \
	SHLQ $2, R15;             \
	ADDQ bgroup-48(SP), R15;  \
	MOVQ R15, bgroup-48(SP);  \
	MOVQ R15, SI;             \
	MOVQ Tile_AK1(DX), R15;   \
	SHLQ $2, R15;             \
	ADDQ agroup-56(SP), R15;  \
	MOVQ R15, agroup-56(SP);  \
	MOVQ R15, R11;            \
	DECQ k1-40(SP);           \
	JNZ  LOOP

#define NEXTPANEL(LOOP) \
	ADDQ $128, c-8(SP);       \
	ADDQ $128, start-24(SP);  \
	MOVQ Tile_BPanel(DX), SI;   \
	SHLQ $2, SI;             \
	ADDQ SI, b-16(SP);       \
	DECQ panels-32(SP);      \
	JG   LOOP

#define TILE(BASES, GETS, SETS, FETCHES, ROWS, PUTS, PANEL, FROMC, READY, OUTER, INNER) \
	MOVQ Tile_A(DX), SI;     \
	BASES;                   \
PANEL:;                      \
	MOVQ c-8(SP), SI;        \
	MOVQ Tile_Start(DX), R15; \
	TESTQ R15, R15;          \
	JEQ  FROMC;              \
	MOVQ start-24(SP), R15;  \
	LOAD((R15), 64(R15), Z0, Z1); \
	SETS;                    \
	JMP  READY;              \
FROMC:;                      \
	GETS;                    \
READY:;                      \
	MOVQ Tile_AheadC(DX), R11; \
	LEAQ (SI)(R11*4), R11;   \
	FETCHES;                 \
	MOVQ Tile_K1(DX), R15;   \
	MOVQ R15, k1-40(SP);     \
	MOVQ b-16(SP), SI;       \
	MOVQ SI, bgroup-48(SP);  \
	XORL R11, R11;           \
	MOVQ R11, agroup-56(SP); \
OUTER:;                      \
	MOVQ Tile_K0(DX), R15;   \
	PCALIGN $32;             \
INNER:;                      \
	LOADB;                   \
	ROWS;                    \
	ADDQ R12, R11;           \
	ADDQ R13, SI;            \
	DECQ R15;                \
	JNZ  INNER;              \
	NEXTGROUP(OUTER);        \
	MOVQ c-8(SP), SI;        \
	PUTS;                    \
	NEXTPANEL(PANEL);        \
	VZEROUPPER;              \
	RET

	MOVQ  t+0(FP), DX
	STRIDES
	OPERANDS
	MOVQ  Tile_Rows(DX), R10
	BYHEIGHT

m1:
	TILE(BASE1, GET1, SET1, FETCH1, ROWS1, PUT1, panel1, fromc1, ready1, outer1, inner1)

m2:
	TILE(BASE2, GET2, SET2, FETCH2, ROWS2, PUT2, panel2, fromc2, ready2, outer2, inner2)

m3:
	TILE(BASE3, GET3, SET3, FETCH3, ROWS3, PUT3, panel3, fromc3, ready3, outer3, inner3)

m4:
	TILE(BASE4, GET4, SET4, FETCH4, ROWS4, PUT4, panel4, fromc4, ready4, outer4, inner4)

m5:
	TILE(BASE5, GET5, SET5, FETCH5, ROWS5, PUT5, panel5, fromc5, ready5, outer5, inner5)

m6:
	TILE(BASE6, GET6, SET6, FETCH6, ROWS6, PUT6, panel6, fromc6, ready6, outer6, inner6)

m7:
	TILE(BASE7, GET7, SET7, FETCH7, ROWS7, PUT7, panel7, fromc7, ready7, outer7, inner7)

m8:
	TILE(BASE8, GET8, SET8, FETCH8, ROWS8, PUT8, panel8, fromc8, ready8, outer8, inner8)
