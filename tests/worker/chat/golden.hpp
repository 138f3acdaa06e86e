// Answers as the families write them, and what they mean. Written by hand after each format's documentation.
#pragma once

#include <string>
#include <vector>

#include "worker/chat/output_parser.hpp"

namespace worker::chat {

struct Golden {
  Family family;
  std::string text;
  std::string parts;  // as tests/worker/chat/transcript.hpp writes them
  ParserCounts counts = {};
  bool in_reasoning = false;
};

const std::vector<Golden>& goldens();

// get_weather(city: string, days: integer, metric: boolean), add(a: number, b: number), write_file(path: string, content: string, tags:
// array), now().
common::Json golden_tools();

}  // namespace worker::chat
