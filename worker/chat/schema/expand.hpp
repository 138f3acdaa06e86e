// Multiplies schemas out into cases. The one place that reads JSON Schema's keywords.
//
// Every keyword of drafts 4 to 2020-12 that asserts something is either carried over or refused by name; annotations and words that JSON
// Schema does not define are ignored, as it demands. Keywords beside a $ref hold too.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "worker/chat/schema/cases.hpp"
#include "worker/chat/schema/refusal.hpp"

namespace worker::chat::schema {

class Expander {
 public:
  // `root` is what "#" refers to; both must outlive the expander.
  Expander(const common::Json& root, Refusal& refusal, WorkLeft& work) : root_(root), refusal_(refusal), work_(work) {}

  // None if the schemas are being multiplied out at this moment (the question came up while answering it), or if questions led to
  // questions too deep. From outside there is always an answer.
  const std::vector<Case>* cases(const Conjunction& schemas);

  Refusal& refusal() { return refusal_; }
  WorkLeft& work() { return work_; }

  // What identifies a conjunction, in whatever order its schemas were met.
  using Key = std::vector<const common::Json*>;
  static Key key_of(const Conjunction& schemas);

 private:
  using Cases = std::vector<Case>;

  Cases apply(const Place& place, Cases cases);
  Cases apply_keywords(const Place& place, Cases cases);
  Cases apply_reference(const Place& place, Cases cases);
  Cases apply_all(const Place& place, Cases cases);
  Cases apply_choice(const Place& place, std::string_view keyword, Cases cases);
  Cases apply_not(const Place& place, Cases cases);
  Cases apply_dependencies(const Place& place, std::string_view keyword, Cases cases);
  Cases capped(Cases cases, const Place& place, std::string_view keyword);
  void check_alternatives(const std::vector<Cases>& branches, const std::string& pointer);

  // In expand_plain.cpp: assertions that change every case in the same way.
  void apply_plain(const Place& place, std::string_view keyword, Cases& cases);
  void apply_type(const Place& place, Cases& cases);
  void apply_values(const Place& place, std::string_view keyword, Cases& cases);
  void apply_number(const Place& place, std::string_view keyword, Cases& cases);
  void apply_count(const Place& place, std::string_view keyword, Cases& cases);
  void apply_text(const Place& place, std::string_view keyword, Cases& cases);
  void apply_items(const Place& place, Cases& cases);
  void apply_members(const Place& place, Cases& cases);
  void apply_required(const Place& place, Cases& cases);
  std::vector<std::string> names(const common::Json& list, const std::string& pointer);
  SharedLanguage regex(std::string_view pattern, const std::string& pointer);

  const common::Json& root_;
  Refusal& refusal_;
  WorkLeft& work_;
  std::map<Key, Cases> known_;
  std::set<Key> in_progress_;
  std::vector<const common::Json*> chain_;  // what is being applied, outermost first
  std::map<std::string, SharedLanguage, std::less<>> regexes_;
};

// "#/properties/a" and "b/c" make "#/properties/a/b~1c".
std::string child_pointer(std::string_view pointer, std::string_view token);

}  // namespace worker::chat::schema
