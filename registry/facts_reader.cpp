#include "registry/facts_reader.hpp"

#include <algorithm>
#include <exception>
#include <format>

#include "common/own_thread.hpp"

namespace registry {

using common::ErrorKind;
using common::fail;
using common::Result;

namespace {

// Whatever goes wrong on a thread of its own must end there.
Result<ModelFacts> read_safely(const FactsReader::Read& read, const std::filesystem::path& artifact) {
  try {
    return read(artifact);
  } catch (const std::exception& failure) {
    return fail(ErrorKind::io, std::format("{}: {}", artifact.string(), failure.what()));
  }
}

}  // namespace

FactsReader::FactsReader(std::chrono::milliseconds patience, Read read) : patience_(patience), read_(std::move(read)) {}

Result<void> FactsReader::begin(const std::filesystem::path& artifact, std::shared_ptr<Reading> reading) {
  return common::run_on_own_thread([shared = shared_, read = read_, artifact, reading = std::move(reading)] {
    Result<ModelFacts> answer = read_safely(read, artifact);
    const std::lock_guard lock(shared->mutex);
    reading->answer = std::move(answer);
    if (reading->given_up) ++shared->late;
    shared->answered.notify_all();
  });
}

Result<ModelFacts> FactsReader::operator()(const std::filesystem::path& artifact, const std::string& identity) {
  const std::string key = artifact.string() + '\n' + identity;
  std::unique_lock lock(shared_->mutex);
  auto& readings = shared_->readings;
  auto& known = readings[key];
  if (!known) {
    const auto hanging = std::ranges::count_if(readings, [](const auto& each) { return each.second && !each.second->answer; });
    if (static_cast<std::size_t>(hanging) >= kMostHanging) {
      readings.erase(key);
      return fail(ErrorKind::timeout, std::format("{} was not read: {} other model files do not answer", artifact.string(), hanging));
    }
    known = std::make_shared<Reading>();
    if (auto begun = begin(artifact, known); !begun) {
      readings.erase(key);
      return fail(ErrorKind::io, std::format("{} was not read: {}", artifact.string(), begun.error().message()));
    }
  }
  const std::shared_ptr<Reading> reading = known;
  if (!reading->given_up) shared_->answered.wait_for(lock, patience_, [&] { return reading->answer.has_value(); });
  if (!reading->answer) {
    reading->given_up = true;
    return fail(ErrorKind::timeout, artifact.string() + " does not answer: reading its header takes long, or its disk hangs");
  }
  // Others may have waited for the same one: each takes a copy, the first one clears it away.
  if (auto mine = readings.find(key); mine != readings.end() && mine->second == reading) readings.erase(mine);
  return *reading->answer;
}

}  // namespace registry
