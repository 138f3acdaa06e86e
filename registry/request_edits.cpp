#include "registry/request_edits.hpp"

#include <format>

namespace registry {

// By these two it is decided what is done with a request.
std::string problem_with_edited_field(std::string_view name) {
  if (name.empty()) return "a field has a name";
  if (name == "model" || name == "stream") return std::format("\"{}\" stays what the caller says: who answers and how depends on it", name);
  return {};
}

common::Json read_set_fields(SectionReader& entry) {
  if (!entry.has("set_fields")) return nullptr;
  common::Json fields = entry.object("set_fields");
  for (const auto& [name, value] : fields.items()) {
    if (const std::string problem = problem_with_edited_field(name); !problem.empty()) entry.refuse("set_fields", problem);
  }
  return fields;
}

RequestEdits read_request_edits(SectionReader& entry) {
  RequestEdits edits{.set_fields = read_set_fields(entry)};
  if (!entry.has("strip_fields")) return edits;
  edits.strip_fields = entry.texts("strip_fields");
  for (const std::string& name : edits.strip_fields) {
    if (const std::string problem = problem_with_edited_field(name); !problem.empty()) entry.refuse("strip_fields", problem);
  }
  return edits;
}

}  // namespace registry
