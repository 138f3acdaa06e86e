// How models are read from each device, by what a trial measured once and a file keeps. Pure; fit::Desk does the trials.
//
// mapped    through the page cache and mapped from there: what is still cached costs nothing next time, and may be taken back.
// buffered  through the page cache and copied: where a file cannot be mapped.
// direct    past the page cache into the worker's own memory: for what the page cache could not keep anyway, where that is faster.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/json.hpp"
#include "common/page_cache.hpp"

namespace proxy::fit {

enum class ReadMode { mapped, buffered, direct };
std::string_view to_string(ReadMode mode);

// `cache_bytes`: what the page cache could hold at most. Without rates a file is mapped.
ReadMode choose_read_mode(const std::optional<common::ReadRates>& rates, std::uint64_t file_bytes, std::uint64_t cache_bytes);

class ReadTrials {
 public:
  void note(const std::string& device, const common::ReadRates& rates);
  std::optional<common::ReadRates> find(const std::string& device) const;

  common::Json to_json() const;  // for people
  std::string to_text() const;
  static ReadTrials from_text(std::string_view text);  // what cannot be read is left out, and tried again

  static constexpr std::size_t kMost = 64;

 private:
  std::map<std::string, common::ReadRates> devices_;
};

}  // namespace proxy::fit
