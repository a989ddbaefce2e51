#ifdef __AVX512F__
#define CRAM_LEVEL avx512
#include "kernels_body.h"
#endif
