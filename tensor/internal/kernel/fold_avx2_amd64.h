// FOLD adds the sixteen chains of A, B, C and D in pairs of neighbours, those in pairs, and so on, as inPairs does: the sum is
// the low value of XA. XA to XD are the low halves of A to D.
#define FOLD(A, B, C, D, XA, XB, XC, XD) \
	VHADDPD      B, A, A;    \
	VHADDPD      D, C, C;    \
	VEXTRACTF128 $1, A, XB;  \
	VEXTRACTF128 $1, C, XD;  \
	VADDPD       XB, XA, XA; \
	VADDPD       XD, XC, XC; \
	VHADDPD      XC, XA, XA; \
	VPERMILPD    $1, XA, XB; \
	VADDSD       XB, XA, XA
