#define CRAM_LEVEL baseline
#include "kernels_body.h"
