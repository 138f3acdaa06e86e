#include "registry/model_names.hpp"

#include <algorithm>
#include <cctype>
#include <format>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "common/json.hpp"
#include "common/names.hpp"
#include "registry/split_name.hpp"

namespace registry {
namespace {

constexpr std::string_view kExtension = ".gguf";
constexpr std::string_view kDynamic = "UD";  // before a type, in the names of those that are quantized layer by layer ("UD-Q4_K_XL")

using common::lower;

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

bool is_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

// What an id may not be made of: it stands in headers, logs and JSON.
std::string problem_with(std::string_view name) {
  if (std::ranges::any_of(name, [](unsigned char c) { return std::iscntrl(c); })) return "its name has control characters";
  const auto read_back = common::parse_json(common::dump_json(std::string(name)));
  if (!read_back || read_back->get<std::string>() != name) return "its name is not UTF-8";
  return {};
}

// A file by the parts of its name.
struct Part {
  std::string file;    // as given
  std::string folder;  // up to the name, with the slash at its end; empty: none
  std::string stem;    // without the extension and the number of a part
  std::optional<SplitName> split;
};

Part part_of(std::string file) {
  const auto slash = file.rfind('/');
  const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
  Part part{
      .file = file, .folder = file.substr(0, begin), .stem = file.substr(begin, file.size() - begin - kExtension.size()), .split = {}};
  part.split = split_name(part.stem);
  if (part.split) part.stem = part.split->name;
  return part;
}

// What stands behind the last '-' or '.' of a stem; the whole of one that has none.
std::string_view ending(std::string_view stem) {
  const auto at = stem.find_last_of("-.");
  return at == std::string_view::npos ? stem : stem.substr(at + 1);
}

// "Q4_K_M" of "Qwen3-8B-Q4_K_M", "UD-Q4_K_XL" of "Qwen3-8B-UD-Q4_K_XL"; empty: the name does not end in a word.
std::string tag_of(std::string_view stem) {
  const std::string_view word = ending(stem);
  if (!is_word(word)) return {};
  std::string tag = upper(word);
  if (word.size() < stem.size()) {
    const std::string_view rest = stem.substr(0, stem.size() - word.size() - 1);
    if (upper(ending(rest)) == kDynamic) tag = std::format("{}-{}", kDynamic, tag);
  }
  return tag;
}

bool is_type(std::string_view tag) {
  constexpr std::string_view kBegins[] = {"Q", "IQ", "TQ", "F", "BF", "FP", "MXFP", "NVFP"};
  return std::ranges::any_of(kBegins, [tag](std::string_view begin) {
    return tag.size() > begin.size() && tag.starts_with(begin) && std::isdigit(static_cast<unsigned char>(tag[begin.size()]));
  });
}

// A stem in lower case without the type that it ends in: that of all quantizations of one model.
std::string base_of(std::string_view stem) {
  const std::string tag = tag_of(stem);
  const std::string_view type = tag.starts_with(std::format("{}-", kDynamic)) ? std::string_view(tag).substr(kDynamic.size() + 1) : tag;
  if (!is_type(type) || tag.size() >= stem.size()) return lower(stem);
  return lower(stem.substr(0, stem.size() - tag.size() - 1));
}

constexpr std::string_view kProjectorMark = "mmproj";

bool is_projector(const Part& part) { return lower(part.stem).contains(kProjectorMark); }

// What a projector's name says of its model: "big" of "mmproj-big-F16" and of "big-mmproj-F16".
std::string base_of_projector(const Part& part) {
  std::string base = base_of(part.stem);
  const auto at = base.find(kProjectorMark);
  if (at == std::string::npos) return {};  // it was all that the name had besides a type
  base.erase(at, kProjectorMark.size());
  while (!base.empty() && std::string_view("-._").contains(base.front())) base.erase(base.begin());
  while (!base.empty() && std::string_view("-._").contains(base.back())) base.pop_back();
  return base;
}

// 16 bits are what projectors are made in; which file has which kind, its name tells.
auto preference(const Part& projector) {
  const std::string tag = tag_of(projector.stem);
  return std::tuple(tag == "F16" ? 0 : tag == "BF16" ? 1 : 2, projector.file);
}

struct Sorted {
  std::vector<Part> models, projectors;
  NamedFiles named;  // with what is neither
};

// Models are whole ones and first parts.
Sorted sort_out(std::vector<std::string> files) {
  Sorted sorted;
  std::ranges::sort(files);
  std::set<std::string> first_parts;
  const auto all_parts = [](const Part& part) { return std::format("{}{}/{}", part.folder, part.stem, part.split->parts); };
  std::vector<Part> later_parts;
  for (std::string& file : files) {
    if (const std::string problem = problem_with(file); !problem.empty()) {
      sorted.named.left_out.push_back({file, problem});
      continue;
    }
    Part part = part_of(std::move(file));
    if (part.stem.empty() || lower(part.stem).contains("imatrix")) continue;
    if (is_projector(part)) {
      sorted.projectors.push_back(std::move(part));
    } else if (part.split && part.split->number != 1) {
      later_parts.push_back(std::move(part));
    } else {
      if (part.split) first_parts.insert(all_parts(part));
      sorted.models.push_back(std::move(part));
    }
  }
  for (const Part& part : later_parts) {
    if (!first_parts.insert(all_parts(part)).second) continue;  // it is there, or was complained of
    sorted.named.left_out.push_back(
        {part.file, std::format("it is part {} of {}, and the first part, {}-00001-of-{:05}{}, is missing", part.split->number,
                                part.split->parts, part.stem, part.split->parts, kExtension)});
  }
  return sorted;
}

void leave_out_lonely(const std::vector<Part>& projectors, const std::set<std::string>& taken, const char* why, NamedFiles& named) {
  for (const Part& projector : projectors) {
    if (!taken.contains(projector.file)) named.left_out.push_back({projector.file, why});
  }
}

constexpr const char* kNobodys =
    "it is a projector, and which of the models beside it it belongs to its name does not tell: name it as \"projector\" in that model's "
    "entry";
constexpr const char* kAlone = "it is a projector, and there is no model beside it";

}  // namespace

bool is_gguf_name(std::string_view name) { return !name.starts_with('.') && lower(name).ends_with(kExtension); }

bool is_unfinished_name(std::string_view name) {
  const std::string low = lower(name);
  constexpr std::string_view kEndings[] = {".part", ".incomplete", ".downloadinprogress", ".crdownload"};
  return low.contains(kExtension) && std::ranges::any_of(kEndings, [&](std::string_view end) { return low.ends_with(end); });
}

NamedFiles name_plain(std::vector<std::string> files) {
  Sorted sorted = sort_out(std::move(files));
  std::set<std::string> bases, taken;
  for (const Part& model : sorted.models) bases.insert(base_of(model.stem));
  for (const Part& model : sorted.models) {
    NamedFile named{.id = lower(model.stem), .file = model.file, .projector = {}};
    const Part* best = nullptr;
    for (const Part& projector : sorted.projectors) {
      const std::string base = base_of_projector(projector);
      const bool is_its = bases.size() == 1 || base == base_of(model.stem) || base == lower(model.stem);
      if (is_its) taken.insert(projector.file);
      if (is_its && (!best || preference(projector) < preference(*best))) best = &projector;
    }
    if (best) named.projector = best->file;
    sorted.named.models.push_back(std::move(named));
  }
  leave_out_lonely(sorted.projectors, taken, sorted.models.empty() ? kAlone : kNobodys, sorted.named);
  return std::move(sorted.named);
}

NamedFiles name_repository(const std::string& repository, std::vector<std::string> files) {
  if (const std::string problem = problem_with(repository); !problem.empty())
    return {.models = {}, .left_out = {{".", problem}}, .notices = {}};
  Sorted sorted = sort_out(std::move(files));
  std::map<std::string, std::vector<const Part*>> by_tag;
  for (const Part& model : sorted.models) by_tag[tag_of(model.stem)].push_back(&model);
  const auto whole_name = [&](const Part& model) { return std::format("{}:{}{}{}", repository, model.folder, model.stem, kExtension); };
  std::set<std::string> taken;
  for (const Part& model : sorted.models) {
    const std::string tag = tag_of(model.stem);
    const bool is_alone = by_tag[tag].size() == 1 && !tag.empty();
    NamedFile named{.id = is_alone ? std::format("{}:{}", repository, tag) : whole_name(model), .file = model.file, .projector = {}};
    // In its own folder, or else in one above.
    const Part* best = nullptr;
    for (const Part& projector : sorted.projectors) {
      if (!model.folder.starts_with(projector.folder)) continue;
      taken.insert(projector.file);
      const bool is_nearer = best && projector.folder.size() > best->folder.size();
      const bool is_better = best && projector.folder == best->folder && preference(projector) < preference(*best);
      if (!best || is_nearer || is_better) best = &projector;
    }
    if (best) named.projector = best->file;
    sorted.named.models.push_back(std::move(named));
  }
  std::map<std::string, int> files_of;
  for (const NamedFile& each : sorted.named.models) ++files_of[each.id];
  std::erase_if(sorted.named.models, [&](const NamedFile& each) {
    if (files_of[each.id] == 1) return false;
    sorted.named.left_out.push_back({each.file, std::format("its id would be {}, and so would that of another file beside it", each.id)});
    return true;
  });
  for (const auto& [tag, models] : by_tag) {
    if (models.size() < 2 || tag.empty()) continue;
    std::string all;
    for (const Part* model : models) all += (all.empty() ? "" : " and ") + whole_name(*model);
    sorted.named.notices.push_back(
        std::format("{}:{} could mean {} files, so it means none of them: they are called {}", repository, tag, models.size(), all));
  }
  leave_out_lonely(sorted.projectors, taken, kAlone, sorted.named);
  return std::move(sorted.named);
}

}  // namespace registry
