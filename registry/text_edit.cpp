#include "registry/text_edit.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/json.hpp"
#include "registry/registry_file.hpp"

namespace registry {
namespace {

using common::ErrorKind;
using common::fail;
using common::Json;
using common::Result;

constexpr std::string_view kSpace = " \t\r\n";

// Bytes [begin, end) of the text.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct Member {
  std::string key;
  Span name;  // with its quotes
  Span value;
};

struct Object {
  Span all;  // from brace to brace
  std::vector<Member> members;
};

// Finds where things stand in a text that is valid JSON: nothing here has to look for mistakes.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Object object(std::size_t brace) const {
    Object found{.all = {.begin = brace, .end = brace}, .members = {}};
    std::size_t at = after_space(brace + 1);
    while (text_[at] != '}') {
      Member member;
      member.name = {.begin = at, .end = after_string(at)};
      // By the parser: a key may be written with escapes.
      member.key = Json::parse(text_.substr(at, member.name.end - at)).get<std::string>();
      const std::size_t colon = after_space(member.name.end);
      member.value.begin = after_space(colon + 1);
      member.value.end = after_value(member.value.begin);
      at = after_space(member.value.end);
      if (text_[at] == ',') at = after_space(at + 1);
      found.members.push_back(std::move(member));
    }
    found.all.end = at + 1;
    return found;
  }

  // Of the whole text, behind a byte order mark if there is one.
  std::size_t first_brace() const { return text_.find('{'); }

 private:
  std::size_t after_space(std::size_t at) const { return std::min(text_.find_first_not_of(kSpace, at), text_.size()); }
  std::size_t after_string(std::size_t quote) const {
    std::size_t at = quote + 1;
    while (text_[at] != '"') at += text_[at] == '\\' ? 2 : 1;
    return at + 1;
  }
  std::size_t after_value(std::size_t at) const {
    if (text_[at] == '"') return after_string(at);
    if (text_[at] != '{' && text_[at] != '[') return std::min(text_.find_first_of(" \t\r\n,]}", at), text_.size());
    int depth = 0;
    do {
      if (text_[at] == '"') {
        at = after_string(at);
        continue;
      }
      if (text_[at] == '{' || text_[at] == '[') ++depth;
      if (text_[at] == '}' || text_[at] == ']') --depth;
      ++at;
    } while (depth > 0);
    return at;
  }

  std::string_view text_;
};

std::string quoted(const std::string& text) { return Json(text).dump(); }

std::string_view between(std::string_view text, std::size_t begin, std::size_t end) { return text.substr(begin, end - begin); }

std::string replaced(std::string_view text, Span what, std::string_view by) {
  return std::string(text.substr(0, what.begin)).append(by).append(text.substr(what.end));
}

// The space that stands before a member: a line break and the indentation, a blank, or nothing.
std::string lead_of(std::string_view text, const Member& member) {
  const std::size_t before = text.find_last_not_of(kSpace, member.name.begin - 1);
  return std::string(between(text, before + 1, member.name.begin));
}

// What stands between a name and its value.
std::string colon_of(std::string_view text, const Member& member) {
  return std::string(between(text, member.name.end, member.value.begin));
}

bool breaks_lines(std::string_view lead) { return lead.contains('\n'); }

// Only the last line break of it, with the indentation after it.
std::string one_break(std::string_view lead) {
  std::size_t at = lead.rfind('\n');
  if (at > 0 && lead[at - 1] == '\r') --at;
  return std::string(lead.substr(at));
}

// After the last member, in its style.
std::string with_member(std::string_view text, const Object& object, const std::string& key, const std::string& value) {
  if (object.members.empty()) return replaced(text, object.all, "{" + quoted(key) + ": " + value + "}");
  const Member& last = object.members.back();
  const std::string colon = colon_of(text, last);
  std::string lead = lead_of(text, last);
  if (breaks_lines(lead)) lead = one_break(lead);
  // `{"a": 1}` is no example of what stands after a comma.
  if (lead.empty() && object.members.size() == 1 && colon.size() > 1) lead = " ";
  return replaced(text, {.begin = last.value.end, .end = last.value.end}, "," + lead + quoted(key) + colon + value);
}

// An object with one member, as a value in an object whose members begin with `lead`.
std::string object_with(const std::string& lead, const std::string& colon, const std::string& key, const std::string& value) {
  if (!breaks_lines(lead)) return "{" + quoted(key) + colon + value + "}";
  const std::string line = one_break(lead);
  const std::string unit = line.substr(line.rfind('\n') + 1);  // the members of the document are indented once
  return "{" + line + unit + quoted(key) + colon + value + line + "}";
}

const Member* find(const Object& object, std::string_view key) {
  auto at = std::ranges::find(object.members, key, &Member::key);
  return at == object.members.end() ? nullptr : &*at;
}

std::string without_member(std::string_view text, const Object& object, std::size_t index) {
  const Member& member = object.members[index];
  // A comma goes with it: the one before, for the first member the one after.
  if (index > 0) return replaced(text, {.begin = object.members[index - 1].value.end, .end = member.value.end}, "");
  const bool is_only = object.members.size() == 1;
  return replaced(text, {.begin = member.name.begin, .end = is_only ? member.value.end : object.members[1].name.begin}, "");
}

Result<Object> document_in(std::string_view text) {
  auto parsed = common::parse_json(text);
  if (!parsed) return fail(ErrorKind::bad_request, "registry: " + parsed.error().message());
  if (!parsed->is_object()) return fail(ErrorKind::bad_request, "registry: the file must hold one JSON object");
  const Scanner scanner(text);
  return scanner.object(scanner.first_brace());
}

bool is_ours(const std::string& key) { return std::ranges::contains(kSections, key); }

// Key and value of each section of other tools, as they are written.
std::vector<std::pair<std::string, std::string_view>> foreign_sections(std::string_view text, const Object& document) {
  std::vector<std::pair<std::string, std::string_view>> sections;
  for (const Member& member : document.members) {
    if (!is_ours(member.key)) sections.emplace_back(member.key, between(text, member.value.begin, member.value.end));
  }
  return sections;
}

}  // namespace

Result<std::string> set_role(std::string_view text, const std::string& role, const std::string& id) {
  auto found = document_in(text);
  if (!found) return fail(found.error());
  const Object& document = *found;
  if (document.members.empty())
    return replaced(text, document.all, "{\n  \"models\": {\n    " + quoted(role) + ": " + quoted(id) + "\n  }\n}");
  const Member* models = find(document, "models");
  const Member& example = models ? *models : document.members.back();
  const std::string only = object_with(lead_of(text, example), colon_of(text, example), role, quoted(id));
  if (!models) return with_member(text, document, "models", only);
  if (text[models->value.begin] != '{') return fail(ErrorKind::bad_request, "registry: /models: an object is expected");
  const Object roles = Scanner(text).object(models->value.begin);
  if (const Member* member = find(roles, role)) return replaced(text, member->value, quoted(id));
  return roles.members.empty() ? replaced(text, roles.all, only) : with_member(text, roles, role, quoted(id));
}

Result<std::string> restore_sections(std::string_view text, std::string_view old) {
  auto old_document = document_in(old);
  if (!old_document) return fail(old_document.error());
  auto document = document_in(text);
  if (!document || foreign_sections(text, *document) == foreign_sections(old, *old_document)) return std::string(old);
  std::string now(text);
  for (const char* section : kSections) {
    const Object object = Scanner(now).object(Scanner(now).first_brace());
    const Member *present = find(object, section), *before = find(*old_document, section);
    if (!before && !present) continue;
    if (!before) {
      now = without_member(now, object, static_cast<std::size_t>(present - object.members.data()));
      continue;
    }
    const std::string value(between(old, before->value.begin, before->value.end));
    now = present ? replaced(now, present->value, value) : with_member(now, object, section, value);
  }
  return now;
}

}  // namespace registry
