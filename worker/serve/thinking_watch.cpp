#include "worker/serve/thinking_watch.hpp"

namespace worker::serve {

std::optional<engine::Token> ThinkingWatch::decided() {
  if (!thinks_ || !config_->limit || tokens_ < *config_->limit || said_ == config_->ending.size()) return std::nullopt;
  return config_->ending[said_++];
}

void ThinkingWatch::saw(std::string_view piece) {
  if (config_->begin.empty() || (!thinks_ && !may_begin_)) return;
  recent_ += piece;
  if (thinks_) {
    ++tokens_;
    if (recent_.find(config_->end) != std::string::npos) {
      thinks_ = may_begin_ = false;
      recent_.clear();
    } else if (recent_.size() > config_->end.size()) {
      recent_.erase(0, recent_.size() - config_->end.size());
    }
    return;
  }
  std::size_t start = recent_.find_first_not_of(" \t\r\n");
  if (start == std::string::npos) return;
  std::string_view words = std::string_view(recent_).substr(start);
  if (words.starts_with(config_->begin)) {
    thinks_ = true;
    recent_ = words.substr(config_->begin.size());
    tokens_ = 1;
  } else if (!std::string_view(config_->begin).starts_with(words)) {
    may_begin_ = false;
  }
}

}  // namespace worker::serve
