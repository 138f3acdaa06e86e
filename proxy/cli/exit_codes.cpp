#include "proxy/cli/exit_codes.hpp"

namespace proxy::cli {

const std::vector<ExitCode>& exit_codes() {
  static const std::vector<ExitCode> all{{0, "Done."},
                                         {kRefused, "Refused, by the daemon or because of what was found; or the answer is no."},
                                         {kDiffers, "Something differs (registry plan and diff with --exit-code)."},
                                         {kLeftOut, "Something would be left out (import --strict)."},
                                         {kUsage, "Wrong usage."},
                                         {kBadData, "The registry's file is wrong, or would be."},
                                         {kNoInput, "There is no such file, or nothing is kept of it."},
                                         {kUnavailable, "No daemon answers."},
                                         {kCannotWrite, "The registry's file cannot be written."}};
  return all;
}

}  // namespace proxy::cli
