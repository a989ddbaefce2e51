#ifdef __AVX512BF16__
#define CRAM_LEVEL avx512_bf16
#include "kernels_body.h"
#endif
