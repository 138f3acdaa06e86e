// The GGUF file behind an id, or all files of a split model: what identifies them and what their headers say, read without the weights.
//
// Hashing tens of gigabytes at every load would cost more than the load; header, metadata, vocabulary and tensor table tell any two
// conversions apart, the size tells a truncated file from a whole one. The hash of every byte is made afterwards (content_hash.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/gguf.hpp"
#include "common/result.hpp"

namespace worker::engine {

struct Artifact {
  std::vector<std::string> files;           // in the order of their numbers; the one that was asked for is the first
  std::vector<common::GgufHeader> headers;  // of them
  std::uint64_t parameters = 0;
  // What works on one token: of the experts of a mixture only those that are used. Equal to `parameters` in a dense model.
  std::uint64_t active_parameters = 0;
};

// ErrorKind: bad_model_file (also: a part of a split model is missing) or io.
common::Result<Artifact> inspect(const std::string& path);
// As common::artifact_digest() makes it of these files. Reads their headers once more. ErrorKind: io.
common::Result<std::string> digest_of(const Artifact& artifact);

}  // namespace worker::engine
