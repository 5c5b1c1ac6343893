// What the tiles in NEON have in common: C lies in V8..V31, four to a row, and in memory at R14; R0 is the tile.

// FMLA is FMLA Vn.S4, Vm.S[I], Vd.S4, which the assembler lacks: Vd += Vn * lane I of Vm. VFMLA takes whole vectors alone.
#define FMLA(N, M, I, D) WORD $(0x4f801000 | ((I)&1)<<21 | (M)<<16 | ((I)>>1)<<11 | (N)<<5 | (D))

// FMLAROW multiplies lane I of V with the row of B in V0..V3, for the row of C that begins at vector C.
#define FMLAROW(V, I, C) \
	FMLA(0, V, I, C); \
	FMLA(1, V, I, C+1); \
	FMLA(2, V, I, C+2); \
	FMLA(3, V, I, C+3)

// GET takes a row of the panel of C.
#define GET(I, C0, C1, C2, C3) \
	MOVD (Tile_CRow+8*I)(R0), R17; \
	ADD  R17<<2, R14, R17; \
	VLD1 (R17), [C0, C1, C2, C3]

#define GET1 GET(0, V8.S4, V9.S4, V10.S4, V11.S4)
#define GET2 GET1; GET(1, V12.S4, V13.S4, V14.S4, V15.S4)
#define GET3 GET2; GET(2, V16.S4, V17.S4, V18.S4, V19.S4)
#define GET4 GET3; GET(3, V20.S4, V21.S4, V22.S4, V23.S4)
#define GET5 GET4; GET(4, V24.S4, V25.S4, V26.S4, V27.S4)
#define GET6 GET5; GET(5, V28.S4, V29.S4, V30.S4, V31.S4)

// SET starts a row from V0..V3 instead.
#define SET(I, C0, C1, C2, C3) \
	VMOV V0.B16, C0; \
	VMOV V1.B16, C1; \
	VMOV V2.B16, C2; \
	VMOV V3.B16, C3

#define SET1 SET(0, V8.B16, V9.B16, V10.B16, V11.B16)
#define SET2 SET1; SET(1, V12.B16, V13.B16, V14.B16, V15.B16)
#define SET3 SET2; SET(2, V16.B16, V17.B16, V18.B16, V19.B16)
#define SET4 SET3; SET(3, V20.B16, V21.B16, V22.B16, V23.B16)
#define SET5 SET4; SET(4, V24.B16, V25.B16, V26.B16, V27.B16)
#define SET6 SET5; SET(5, V28.B16, V29.B16, V30.B16, V31.B16)

#define PUT(I, C0, C1, C2, C3) \
	MOVD (Tile_CRow+8*I)(R0), R17; \
	ADD  R17<<2, R14, R17; \
	VST1 [C0, C1, C2, C3], (R17)

#define PUT1 PUT(0, V8.S4, V9.S4, V10.S4, V11.S4)
#define PUT2 PUT1; PUT(1, V12.S4, V13.S4, V14.S4, V15.S4)
#define PUT3 PUT2; PUT(2, V16.S4, V17.S4, V18.S4, V19.S4)
#define PUT4 PUT3; PUT(3, V20.S4, V21.S4, V22.S4, V23.S4)
#define PUT5 PUT4; PUT(4, V24.S4, V25.S4, V26.S4, V27.S4)
#define PUT6 PUT5; PUT(5, V28.S4, V29.S4, V30.S4, V31.S4)
