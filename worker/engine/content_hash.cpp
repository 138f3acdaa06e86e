#include "worker/engine/content_hash.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <span>
#include <thread>

#include "common/log.hpp"
#include "common/sha256.hpp"
#include "worker/engine/file.hpp"

namespace worker::engine {

namespace fs = std::filesystem;

namespace {

constexpr auto kLookAgain = std::chrono::milliseconds(100);
constexpr std::uint64_t kWorthRemembering = std::uint64_t(64) << 20;  // bytes; less is hashed again in the time it takes to look

std::string read_word(const fs::path& path) {
  std::ifstream file(path);
  std::string word;
  file >> word;
  return word;
}

// Whole or not at all, whoever else does the same at the same time.
void write_word(const fs::path& path, const std::string& word) {
  std::error_code ec;
  fs::create_directories(path.parent_path(), ec);
  fs::path building = path;
  building += "." + std::to_string(getpid());
  if (std::ofstream(building) << word << '\n') fs::rename(building, path, ec);
  if (ec) fs::remove(building, ec);
}

}  // namespace

fs::path hash_memory() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache && *cache) return fs::path(cache) / "perch" / "hashes";
  const char* home = std::getenv("HOME");
  return home && *home ? fs::path(home) / ".cache" / "perch" / "hashes" : fs::path();
}

ContentHash::ContentHash(std::vector<std::string> files, fs::path memory) : files_(std::move(files)), memory_(std::move(memory)) {}

void ContentHash::start(std::function<bool()> busy) {
  std::thread([this, busy = std::move(busy)] { run(busy); }).detach();
}

std::optional<std::vector<std::string>> ContentHash::result() const {
  if (!done_) return std::nullopt;
  return hashes_;
}

void ContentHash::run(const std::function<bool()>& busy) {
  for (const std::string& file : files_) hashes_.push_back(hash_of(file, busy));
  done_ = true;
}

std::string ContentHash::hash_of(const std::string& path, const std::function<bool()>& busy) const {
  auto file = File::open(path);
  if (!file) return "";
  fs::path kept;
  if (!memory_.empty() && file->size() >= kWorthRemembering) {
    common::Sha256 name;
    name.feed(file->identity());
    kept = memory_ / name.finish().substr(sizeof "sha256:" - 1);
    if (std::string known = read_word(kept); known.starts_with("sha256:")) return known;
  }
  common::Sha256 hash;
  auto take = [&](std::span<const char> bytes) {
    while (busy()) std::this_thread::sleep_for(kLookAgain);
    hash.feed(bytes);
  };
  auto read = file->read_through(file->size(), take);
  if (!read) {
    common::log::warn("not hashed: {}", read.error().message());
    return "";
  }
  std::string made = hash.finish();
  if (!kept.empty()) write_word(kept, made);
  return made;
}

}  // namespace worker::engine
