#ifdef __AVX2__
#define CRAM_LEVEL avx2
#include "kernels_body.h"
#endif
