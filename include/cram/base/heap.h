// How the process deals with the memory that it frees.
#pragma once

namespace cram {

// Keeps freed memory in the process (glibc; elsewhere nothing happens). A training step frees and
// takes the same large blocks again and again; each trip through the kernel would fault every page
// in anew, which costs a step a fifth of its time and more. For the whole process, so only main()
// calls it, before the first thread.
void keep_freed_memory();

}  // namespace cram
