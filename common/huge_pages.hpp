// Memory in huge pages. A model's every token reads all of its weights, gigabytes of them, and with pages of 4 KiB much of that time goes
// into looking pages up; in pages of 2 MiB one token took a tenth less (docs/measuring.md). libllama asks malloc for the memory, so malloc
// is told: glibc reads GLIBC_TUNABLES when a program starts, and marks what it maps for transparent huge pages (glibc manual, "Memory
// Allocation Tunables"). It has an effect where /sys/kernel/mm/transparent_hugepage/enabled says madvise or always; elsewhere, and without
// glibc, none.
#pragma once

#include <string>

namespace common {

// The entry that a worker's environment needs, NAME=VALUE. Who has set GLIBC_TUNABLES for the daemon has it as it is.
std::string huge_pages_entry();

// Starts this program anew, in the same process, with that entry, unless its environment has GLIBC_TUNABLES. Call it before anything is
// open or started. Returns when there is nothing to do or starting anew fails, which is no reason not to go on.
void restart_with_huge_pages(char** arguments);

}  // namespace common
