// The identity of an artifact: "sha256:" over everything of a GGUF file but the weights themselves, and its size.
//
// Hashing tens of gigabytes at every load would cost more than the load; header, metadata, vocabulary and tensor table tell any two
// conversions apart, the size tells a truncated file from a whole one.
#pragma once

#include <string>

#include "common/result.hpp"

namespace worker::engine {

// The first gguf_get_data_offset() bytes, then the file's size as 8 little-endian bytes. ErrorKind: bad_model_file or io.
common::Result<std::string> artifact_digest(const std::string& path);

}  // namespace worker::engine
