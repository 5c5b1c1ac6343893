// LOOP goes on to the next eight values, of which AX counts and CX holds the number, and back to LABEL if there are any.
#define LOOP(LABEL) \
	ADDQ $8, AX; \
	CMPQ AX, CX; \
	JLT  LABEL
