// Arithmetic on vectors of four float32, which the assembler lacks but for the fused multiply-add: words, with the numbers of
// registers, of which the result's comes first.

#define THREE(OP, D, N, M) WORD $(OP | (M)<<16 | (N)<<5 | (D))
#define FADD(D, N, M) THREE(0x4e20d400, D, N, M)
#define FSUB(D, N, M) THREE(0x4ea0d400, D, N, M)
#define FMUL(D, N, M) THREE(0x6e20dc00, D, N, M)
#define FDIV(D, N, M) THREE(0x6e20fc00, D, N, M)
#define FMIN(D, N, M) THREE(0x4ea0f400, D, N, M) // no number if either is none
#define FMAX(D, N, M) THREE(0x4e20f400, D, N, M)
#define FLESS(D, N, M) THREE(0x6ea0e400, D, M, N) // ones where N < M
#define FATMOST(D, N, M) THREE(0x6e20e400, D, M, N) // ones where N <= M
#define FNEGATIVE(D, N) WORD $(0x4ea0e800 | (N)<<5 | (D)) // ones where N < 0
#define HALVE(D, N) WORD $(0x4f3f0400 | (N)<<5 | (D)) // signed integers, rounded down
#define WITHOUT(D, N, M) THREE(0x4e601c00, D, N, M) // the bits of N that M has not
#define FSQRT(D, N) WORD $(0x6ea1f800 | (N)<<5 | (D))
