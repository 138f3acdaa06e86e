// The exit statuses of perch, and what each of them means.
#pragma once

#include <vector>

namespace proxy::cli {

// sysexits(3) where it has a word for it.
inline constexpr int kRefused = 1;
inline constexpr int kDiffers = 2;
inline constexpr int kLeftOut = 3;
inline constexpr int kUsage = 64;
inline constexpr int kBadData = 65;
inline constexpr int kNoInput = 66;
inline constexpr int kUnavailable = 69;
inline constexpr int kCannotWrite = 73;

struct ExitCode {
  int code = 0;
  const char* meaning = "";
};
// All of them, for the help and the manual.
const std::vector<ExitCode>& exit_codes();

}  // namespace proxy::cli
