// The process-wide part of libllama: its backends, its version and its log.
//
// libllama's log goes into ours; what it says at error level is also kept, because that is where the reason of a failed load is.
#pragma once

#include <string>
#include <vector>

#include "common/worker_protocol.hpp"

namespace worker::engine {

// Once, before anything else in this module. `verbose` shows libllama's informational lines, which are debug lines otherwise.
void start_backend(bool verbose);

// "libllama 0.7.0; devices: CPU (AMD EPYC ...)"
std::string describe_backend();
// The same, and which file libllama was loaded from: two builds of one version are two.
std::string engine_build();

// What each device with memory of its own has free, by its own word. Asking may be the first use of a device in this process.
std::vector<common::DeviceFree> free_on_devices();

// What libllama has complained about since the last forget_complaints(), the last few lines in order, joined by "; ".
void forget_complaints();
std::string complaints();

// While set, errors are debug lines: libllama calls a decode that we ended ourselves a failure.
void expect_complaints(bool expected);

}  // namespace worker::engine
