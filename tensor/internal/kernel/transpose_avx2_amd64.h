// TRANSPOSE4 transposes four by four values within each half of A to D, into E to H, which may be A to D. It uses Y8 to Y11.
#define TRANSPOSE4(A, B, C, D, E, F, G, H) \
	VUNPCKLPS B, A, Y8;   \
	VUNPCKHPS B, A, Y9;   \
	VUNPCKLPS D, C, Y10;  \
	VUNPCKHPS D, C, Y11;  \
	VUNPCKLPD Y10, Y8, E; \
	VUNPCKHPD Y10, Y8, F; \
	VUNPCKLPD Y11, Y9, G; \
	VUNPCKHPD Y11, Y9, H
