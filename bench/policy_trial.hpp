// One policy under one traffic: a daemon of its own with the policy's numbers in its registry, warmed up, and a crowd that asks it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bench/traffic.hpp"
#include "bench/trial.hpp"
#include "common/json.hpp"

namespace bench {

struct PolicyNumbers {
  bool first_come = false;
  std::chrono::milliseconds max_wait{20'000};
  std::optional<std::chrono::milliseconds> min_residency;  // nothing: the daemon's own choice
};

struct ModelFile {
  std::string id;
  std::filesystem::path artifact;
};

struct PolicyTrial {
  std::filesystem::path perch;
  std::filesystem::path worker;   // empty: the daemon's own choice
  std::vector<ModelFile> models;  // that contend
  Pattern pattern = Pattern::random;
  int tokens = 16;  // of each answer
  common::Duration length{0};
};

// The registry that the daemon gets. Pure.
common::Json registry_of(const std::vector<ModelFile>& models, const PolicyNumbers& numbers);

// Throws std::runtime_error with one clear line when it cannot measure.
boost::asio::awaitable<Trial> try_policy(PolicyTrial trial, PolicyNumbers numbers);

}  // namespace bench
