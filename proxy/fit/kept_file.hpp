// What was measured in earlier runs of the daemon, from the file that it was kept in.
#pragma once

#include <filesystem>
#include <system_error>

#include "common/json.hpp"
#include "common/log.hpp"
#include "common/state_files.hpp"

namespace proxy::fit {

// Nothing known where there is no such file, and where it cannot be read, is damaged or larger than anything that is written there: then
// the log says so, and the next that is kept takes its place. Blocks.
template <class Kept>
Kept read_kept(const std::filesystem::path& file) {
  std::error_code unknown;
  if (file.empty() || std::filesystem::status(file, unknown).type() == std::filesystem::file_type::not_found) return {};
  auto text = common::read_file(file, common::kMostStateBytes);
  if (text) {
    if (auto json = common::parse_json(*text); !json) text = common::fail(json.error());
  }
  if (text) return Kept::from_text(*text);
  common::log::warn("{}: what was measured earlier is not known any more: {}", file.string(), text.error().message());
  return {};
}

}  // namespace proxy::fit
