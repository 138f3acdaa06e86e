// A server that a command line starts in place of a worker of our own (the registry's runtime "command"), in the words of its entry. Plain
// values and pure functions; proxy/supervisor starts it.
//
// The words may hold placeholders, "${NAME}" with NAME in capitals, which get their values when it is started. There is no shell: one word
// of the list is one argument, whatever is in it. "${" that no name in capitals and "}" follow is left as it is.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace common {

// The placeholders that there are.
inline constexpr const char* kPortPlaceholder = "PORT";      // a free port of 127.0.0.1, for it to listen on
inline constexpr const char* kSocketPlaceholder = "SOCKET";  // the path of a Unix socket, for it to listen on instead
inline constexpr const char* kModelPlaceholder = "MODEL";    // the path of its artifact
inline constexpr const char* kPidPlaceholder = "PID";        // in the command that stops it: its process

struct CommandLine {
  std::vector<std::string> arguments;              // the program first
  std::map<std::string, std::string> environment;  // besides what every worker gets
  std::vector<std::string> pass_environment;       // names of variables of the daemon that it gets as well
  std::string ready_path = "/health";              // it is ready when this answers 200; empty: as soon as it listens
  std::vector<std::string> stop;                   // ends it; empty: SIGTERM does
  std::string served_model_name;                   // what it calls its model; empty: as the registry does
  std::chrono::milliseconds answer_timeout{0};     // it hangs when a request waits so long and no byte of any answer comes; 0: nobody knows

  bool operator==(const CommandLine&) const = default;
};

// The names of the placeholders in a text, in order.
std::vector<std::string> placeholders_in(std::string_view text);
// In all words that it is started with, its environment included.
std::vector<std::string> placeholders_in(const CommandLine& line);
// The text with values in their place. A placeholder without a value stays as it is.
std::string fill_in(std::string_view text, const std::map<std::string, std::string>& values);

}  // namespace common
