#include "registry/foreign/llama_swap_groups.hpp"

#include <algorithm>
#include <cctype>
#include <format>
#include <map>
#include <set>
#include <string_view>

#include "registry/foreign/llama_server.hpp"

namespace registry::foreign {
namespace {

struct Group {
  bool swap = true, exclusive = true, persistent = false;
  std::vector<std::string> members;
};

// Of these, the ones that only embed or rerank get a place of their own; the others are given back.
std::vector<std::string> pin_what_embeds(const std::vector<std::string>& models, int line, const std::string& key, Draft& draft) {
  std::vector<std::string> others;
  for (const std::string& id : models) {
    auto command = draft.commands.find(id);
    if (command == draft.commands.end()) continue;
    if (!embeds(command->second)) {
      others.push_back(id);
      continue;
    }
    draft.pin(id);
    const bool is_sized = draft.catalog[id].contains("memory_mib") || draft.catalog[id].contains("artifact");
    draft.note(line, key,
               std::format("{} is pinned: it makes embeddings or scores, and stays loaded beside the resident model{}", id,
                           is_sized ? "" : ", as soon as `memory_mib` says what it needs"));
  }
  return others;
}

std::string listed(const std::vector<std::string>& models) {
  std::string all;
  for (const std::string& id : models) all += (all.empty() ? "" : ", ") + id;
  return all;
}

Group read_group(const Yaml::Entry& entry, const std::string& key, Draft& draft) {
  Group group;
  for (const Yaml::Entry& part : draft.entries(entry, key)) {
    const std::string where = key + "." + part.key;
    if (part.key == "swap") group.swap = draft.flag(part, where).value_or(true);
    else if (part.key == "exclusive") group.exclusive = draft.flag(part, where).value_or(true);
    else if (part.key == "persistent") group.persistent = draft.flag(part, where).value_or(false);
    else if (part.key != "members") draft.leave_out(part.line, where, "llama-swap's key is not known here");
    else {
      for (auto& [id, line] : draft.texts(part, where)) {
        if (draft.catalog.contains(id)) group.members.push_back(std::move(id));
        else draft.leave_out(line, where, std::format("there is no model {}", id));
      }
    }
  }
  return group;
}

void import_group(const Yaml::Entry& entry, const std::string& key, Draft& draft) {
  const Group group = read_group(entry, key, draft);
  const bool takes_turns = group.swap && group.exclusive && !group.persistent;  // as all models of Perch do
  if (takes_turns) return;
  const std::vector<std::string> others = pin_what_embeds(group.members, entry.line, key, draft);
  if (others.empty()) return;
  const auto tell = [&](std::string_view name, const char* what) {
    const Yaml::Entry* part = entry.value.find(name);
    draft.leave_out(part ? part->line : entry.line, std::format("{}.{}", key, name), std::format("{} ({})", what, listed(others)));
  };
  if (group.persistent)
    tell("persistent",
         "a model that generates text leaves when another one's turn has come; policy.min_residency says how long it stays at least");
  if (!group.swap && others.size() > 1) tell("swap", "one model that generates text is resident at a time, so they take turns");
  if (!group.exclusive) tell("exclusive", "one model that generates text is resident at a time, so the others leave for it");
}

using Names = std::map<std::string, std::string>;  // short name to id

Names read_vars(const Yaml::Entry& vars, const std::string& key, Draft& draft) {
  Names names;
  for (const Yaml::Entry& var : draft.entries(vars, key)) {
    auto id = draft.text(var, key + "." + var.key);
    if (!id) continue;
    if (draft.catalog.contains(*id)) names[var.key] = *id;
    else draft.leave_out(var.line, key + "." + var.key, std::format("there is no model {}", *id));
  }
  return names;
}

// Which models may run side by side, by an expression of & and |, brackets and +name, which stands for another set's expression. & binds
// more strongly. What is no such expression gives what was read up to there.
class SetReader {
 public:
  using Together = std::set<std::string>;  // ids

  SetReader(const Names& names, const Names& sets) : names_(names), sets_(sets) {}

  std::vector<Together> read(std::string_view text, int depth = 0) {
    if (depth > kMostDepth) return {};
    return either(text, depth);
  }

 private:
  static constexpr int kMostDepth = 16;
  static constexpr std::size_t kMostTogether = 4096;

  static void skip_blanks(std::string_view& text) { text.remove_prefix(std::min(text.find_first_not_of(" \t\n"), text.size())); }
  static bool take(std::string_view& text, char wanted) {
    skip_blanks(text);
    if (!text.starts_with(wanted)) return false;
    text.remove_prefix(1);
    return true;
  }

  std::vector<Together> either(std::string_view& text, int depth) {
    std::vector<Together> all = both(text, depth);
    while (take(text, '|')) {
      for (Together& more : both(text, depth)) all.push_back(std::move(more));
    }
    return all;
  }

  std::vector<Together> both(std::string_view& text, int depth) {
    std::vector<Together> all = one(text, depth);
    while (take(text, '&')) {
      const std::vector<Together> right = one(text, depth);
      std::vector<Together> products;
      for (const Together& a : all) {
        for (const Together& b : right) {
          if (products.size() == kMostTogether) return products;
          products.push_back(a);
          products.back().insert(b.begin(), b.end());
        }
      }
      all = std::move(products);
    }
    return all;
  }

  std::vector<Together> one(std::string_view& text, int depth) {
    if (--left_ <= 0) return {};
    if (take(text, '(')) {
      auto inner = depth < kMostDepth ? either(text, depth + 1) : std::vector<Together>{};
      take(text, ')');
      return inner;
    }
    const bool is_set = take(text, '+');
    skip_blanks(text);
    const auto is_part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-'; };
    const auto end = std::ranges::find_if_not(text, is_part);
    const std::string name(text.begin(), end);
    text.remove_prefix(name.size());
    const auto& known = is_set ? sets_ : names_;
    auto at = known.find(name);
    if (at == known.end()) return {Together{}};
    return is_set ? read(at->second, depth + 1) : std::vector{Together{at->second}};
  }

  const Names& names_;
  const Names& sets_;
  int left_ = 10'000;  // steps: sets may stand for each other without end
};

void import_sets(const Yaml::Entry& part, const std::string& where, const Names& names, Draft& draft) {
  Names sets;
  for (const Yaml::Entry& set : draft.entries(part, where)) {
    if (auto text = draft.text(set, where + "." + set.key)) sets[set.key] = std::move(*text);
  }
  for (const Yaml::Entry& set : part.value.entries) {
    std::vector<std::string> beside, without_turns;  // those that run beside others; of these, what would have to take turns now
    for (const SetReader::Together& together : SetReader(names, sets).read(sets[set.key])) {
      if (together.size() < 2) continue;
      std::vector<std::string> generating;
      for (const std::string& id : together) {
        if (!std::ranges::contains(beside, id)) beside.push_back(id);
        if (!embeds(draft.commands[id])) generating.push_back(id);
      }
      for (const std::string& id : generating) {
        if (generating.size() > 1 && !std::ranges::contains(without_turns, id)) without_turns.push_back(id);
      }
    }
    pin_what_embeds(beside, set.line, where + "." + set.key, draft);
    if (!without_turns.empty())
      draft.leave_out(set.line, where + "." + set.key,
                      std::format("one model that generates text is resident at a time, so they take turns ({})", listed(without_turns)));
  }
}

}  // namespace

void import_groups(const Yaml::Entry& groups, const std::string& key, Draft& draft) {
  for (const Yaml::Entry& group : draft.entries(groups, key)) import_group(group, key + "." + group.key, draft);
}

void import_matrix(const Yaml::Entry& matrix, const std::string& key, Draft& draft) {
  Names names;
  if (const Yaml::Entry* vars = matrix.value.find("vars")) names = read_vars(*vars, key + ".vars", draft);
  for (const Yaml::Entry& part : draft.entries(matrix, key)) {
    const std::string where = key + "." + part.key;
    if (part.key == "vars") continue;
    if (part.key == "evict_costs") {
      draft.leave_out(part.line, where, "nothing is weighed: turns are bounded by policy.max_wait and policy.min_residency");
    } else if (part.key == "sets") {
      import_sets(part, where, names, draft);
    } else {
      draft.leave_out(part.line, where, "llama-swap's key is not known here");
    }
  }
}

}  // namespace registry::foreign
