// `perch doctor`: looks at what a daemon needs, and at the daemon if there is one, and says what to do about what is not as it should be.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "proxy/cli/diagnosis.hpp"

namespace proxy::cli {

struct DoctorCall {
  RegistryFile registry;
  std::filesystem::path worker;    // empty: beside this program
  std::optional<std::string> url;  // nothing: where a daemon of this registry listens
  bool json = false;
};

// 1 when something is wrong.
int examine(const DoctorCall& call);

}  // namespace proxy::cli
