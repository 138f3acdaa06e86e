#include "worker/chat/emitter.hpp"

#include <algorithm>
#include <utility>

#include "worker/chat/stop_strings.hpp"

namespace worker::chat {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

// Takes out every marker, and those that appear where the ends come together.
std::string strip(std::string text, const std::vector<std::string>& markers) {
  bool found = true;
  while (found) {
    found = false;
    for (const std::string& marker : markers) {
      for (std::size_t at = text.find(marker); at != std::string::npos; at = text.find(marker)) {
        text.erase(at, marker.size());
        found = true;
      }
    }
  }
  return text;
}

}  // namespace

Emitter::Emitter(bool exact, std::vector<std::string> strays) : exact_(exact), strays_(std::move(strays)) {}

// What may still become a marker with the next bytes waits, so what was passed on never ends with the beginning of one.
std::string Emitter::without_strays(std::string_view text, bool all) {
  if (strays_.empty()) return std::string(text);
  std::string whole = strip(std::exchange(held_, {}) + std::string(text), strays_);
  if (all) return whole;
  std::size_t keep = 0;
  for (const std::string& marker : strays_) keep = std::max(keep, partial_match(whole, marker));
  held_ = whole.substr(whole.size() - keep);
  whole.resize(whole.size() - keep);
  return whole;
}

void Emitter::content(std::string_view text) { emit(Kind::content, without_strays(text, false)); }

void Emitter::reasoning(std::string_view text) { emit(Kind::reasoning, text); }

void Emitter::markup() {
  space_.clear();
  skip_space_ = true;
}

void Emitter::separate() { separate_[0] = separate_[1] = true; }

// White space at the end waits: whether it is text shows only with what follows.
void Emitter::emit(Kind kind, std::string_view text) {
  if (skip_space_) {
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    if (text.empty()) return;
    skip_space_ = false;
  }
  std::string whole = kind == kind_ ? std::exchange(space_, {}) : std::string();
  kind_ = kind;
  space_.clear();
  whole += text;
  if (kind == Kind::reasoning || !exact_) {
    std::size_t end = whole.find_last_not_of(kSpace);
    std::size_t sure = end == std::string::npos ? 0 : end + 1;
    space_ = whole.substr(sure);
    whole.resize(sure);
  }
  if (whole.empty()) return;
  bool& before = kind == Kind::reasoning ? thought_ : said_;
  if (std::exchange(separate_[kind == Kind::reasoning], false) && before) whole.insert(0, kind == Kind::reasoning ? "\n" : "\n\n");
  before = true;
  if (kind == Kind::reasoning) {
    if (!parts_.empty() && std::holds_alternative<Reasoning>(parts_.back())) {
      std::get<Reasoning>(parts_.back()).text += whole;
    } else {
      parts_.emplace_back(Reasoning{std::move(whole)});
    }
  } else if (!parts_.empty() && std::holds_alternative<Content>(parts_.back())) {
    std::get<Content>(parts_.back()).text += whole;
  } else {
    parts_.emplace_back(Content{std::move(whole)});
  }
}

void Emitter::begin_call(std::string name, std::string id) {
  markup();
  in_call_ = true;
  parts_.emplace_back(CallStart{.index = calls_++, .id = std::move(id), .name = std::move(name)});
}

void Emitter::arguments(std::string_view text) {
  if (text.empty()) return;
  auto* last = parts_.empty() ? nullptr : std::get_if<CallArguments>(&parts_.back());
  if (last && last->index == calls_ - 1) {
    last->text += text;
  } else {
    parts_.emplace_back(CallArguments{.index = calls_ - 1, .text = std::string(text)});
  }
}

void Emitter::end_call(bool repaired) {
  in_call_ = false;
  ++calls_ended_;
  mended_ = repaired;
  if (repaired) ++counts_.repaired;
  markup();
}

void Emitter::mend() {
  if (calls_ended_ > 0 && !std::exchange(mended_, true)) ++counts_.repaired;
}

void Emitter::malformed(std::string raw) {
  ++counts_.malformed;
  MalformedCall call{.raw = std::move(raw)};
  call.text = strip(call.raw, strays_);
  if (std::exchange(in_call_, false)) call.index = calls_ - 1;
  parts_.emplace_back(std::move(call));
  markup();
}

void Emitter::finish() {
  emit(Kind::content, without_strays({}, true));
  if (kind_ == Kind::content && !space_.empty() && !skip_space_) {
    parts_.emplace_back(Content{std::exchange(space_, {})});
  }
  space_.clear();
}

std::vector<Part> Emitter::take() { return std::exchange(parts_, {}); }

}  // namespace worker::chat
