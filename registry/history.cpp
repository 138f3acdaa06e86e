#include "registry/history.hpp"

#include <algorithm>
#include <charconv>
#include <format>
#include <optional>
#include <ranges>
#include <tuple>

#include "common/state_files.hpp"
#include "registry/registry_file.hpp"

namespace registry {
namespace {

namespace fs = std::filesystem;
using common::ErrorKind;
using common::fail;
using common::Result;
using std::chrono::milliseconds;
using std::chrono::sys_time;

constexpr std::string_view kScheme = "xxh64:";
constexpr std::string_view kSuffix = ".json";

// 00000012-00000014-1767225600000-0123456789abcdef.json: first and last generation, time, digest.
std::string name_of(const HistoryEntry& entry) {
  return std::format("{:08}-{:08}-{}-{}{}", entry.first, entry.last, entry.time.time_since_epoch().count(),
                     entry.digest.substr(kScheme.size()), kSuffix);
}

template <class Number>
bool take(std::string_view& text, Number& number) {
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc() || end == text.data() + text.size() || *end != '-') return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return true;
}

std::optional<HistoryEntry> entry_of(const fs::path& file) {
  const std::string name = file.filename().string();
  std::string_view rest = name;
  if (!rest.ends_with(kSuffix)) return std::nullopt;
  rest.remove_suffix(kSuffix.size());
  HistoryEntry entry{.file = file};
  std::int64_t time = 0;
  if (!take(rest, entry.first) || !take(rest, entry.last) || !take(rest, time) || rest.size() != 16) return std::nullopt;
  entry.time = sys_time<milliseconds>(milliseconds(time));
  entry.digest = std::string(kScheme).append(rest);
  return entry;
}

}  // namespace

std::vector<HistoryEntry> History::list() const {
  std::vector<HistoryEntry> entries;
  std::error_code ec;
  for (fs::directory_iterator it(folder_, ec), end; !ec && it != end; it.increment(ec)) {
    if (auto entry = entry_of(it->path())) entries.push_back(std::move(*entry));
  }
  std::ranges::sort(entries, {}, [](const HistoryEntry& each) { return std::tuple(each.last, each.time, each.first); });
  return entries;
}

Result<HistoryEntry> History::at(std::uint64_t generation) const {
  const auto entries = list();
  for (const HistoryEntry& entry : entries | std::views::reverse) {
    if (entry.first <= generation && generation <= entry.last) return entry;
  }
  if (entries.empty()) return fail(ErrorKind::not_found, std::format("there is no history yet in {}", folder_.string()));
  return fail(ErrorKind::not_found,
              std::format("generation {} is not kept; there are {} to {}", generation, entries.front().first, entries.back().last));
}

Result<std::string> History::text_of(const HistoryEntry& entry) {
  auto text = read_text(entry.file);
  if (text && digest_of(*text) != entry.digest)
    return fail(ErrorKind::io, std::format("{} is not what was written: it has another digest than its name says", entry.file.string()));
  return text;
}

Result<void> History::keep(std::string_view text, const std::string& digest, std::uint64_t generation, sys_time<milliseconds> now) {
  auto entries = list();
  if (!entries.empty() && entries.back().digest == digest) {
    HistoryEntry newest = entries.back();
    if (generation <= newest.last) return {};
    newest.last = generation;
    std::error_code ec;
    fs::rename(newest.file, folder_ / name_of(newest), ec);
    if (ec) return fail(ErrorKind::io, std::format("{} cannot be renamed: {}", newest.file.string(), ec.message()));
    return {};
  }
  const HistoryEntry fresh{.first = generation, .last = generation, .time = now, .digest = digest, .file = {}};
  if (auto written = common::replace_file(folder_ / name_of(fresh), text); !written) return written;
  for (std::size_t i = 0; i + kept_ < entries.size() + 1; ++i) {
    std::error_code gone_already;
    fs::remove(entries[i].file, gone_already);
  }
  return {};
}

fs::path history_folder(const fs::path& state, const fs::path& file) {
  return state / "registry" / digest_of(fs::absolute(file).lexically_normal().string()).substr(kScheme.size());
}

}  // namespace registry
