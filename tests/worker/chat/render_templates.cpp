// Renders each template of a folder with each conversation of a file, for render_templates.py to compare with Jinja2.
//   render_templates FOLDER CONVERSATIONS.json   prints {"TEMPLATE": ["text" or null for a refusal, ...], ...}
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "worker/chat/chat_template.hpp"

namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

int main(int argc, char** argv) {
  using common::Json;
  if (argc != 3) return 2;
  Json conversations = Json::parse(read(argv[2])), all = Json::object();
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    auto parsed = worker::chat::ChatTemplate::parse(read(entry.path()), "<s>", "</s>");
    if (!parsed) {
      std::cerr << entry.path() << ": " << parsed.error().message() << "\n";
      return 1;
    }
    Json texts = Json::array();
    for (const Json& each : conversations) {
      auto prompt = parsed->render({.messages = each["messages"], .tools = each["tools"], .variables = each["variables"]});
      texts.push_back(prompt ? Json(prompt->text) : Json(nullptr));
    }
    all[entry.path().stem().string()] = Json{{"family", worker::chat::to_string(parsed->family())}, {"texts", texts}};
  }
  std::cout << all.dump() << "\n";
}
