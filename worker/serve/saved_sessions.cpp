#include "worker/serve/saved_sessions.hpp"

#include <algorithm>
#include <format>
#include <utility>

#include "common/log.hpp"
#include "common/xxh64.hpp"

namespace worker::serve {

namespace fs = std::filesystem;
namespace log = common::log;
using common::ErrorKind;
using common::Result;
using common::SessionHead;

namespace {

constexpr std::string_view kHashPrefix = "sha256:";
constexpr std::size_t kDigitsOfKey = 16;
constexpr std::uint64_t kTelling = std::uint64_t(64) << 20;  // bytes written, whose time says something about the time of the rest

// The same conversation has the same name, whoever writes it.
std::string name_of(const SessionHead& head) {
  common::Xxh64 hash;
  hash.feed({reinterpret_cast<const std::uint8_t*>(head.owner.data()), head.owner.size()});
  hash.feed({reinterpret_cast<const std::uint8_t*>(head.tokens.data()), head.tokens.size() * sizeof(head.tokens[0])});
  std::string_view key = head.key;
  if (key.starts_with(kHashPrefix)) key.remove_prefix(kHashPrefix.size());
  return std::format("{}-{:016x}", key.substr(0, kDigitsOfKey), hash.finish());
}

bool continues(Tokens longer, Tokens shorter) { return common_prefix(longer, shorter) == shorter.size(); }

// How fast this disk takes bytes, as far as that is known.
class WriteRate {
 public:
  void wrote(std::uint64_t bytes, std::chrono::nanoseconds took) { bytes_ += static_cast<double>(bytes), time_ += took; }
  void add(const WriteRate& other) { bytes_ += other.bytes_, time_ += other.time_; }
  bool allows(std::uint64_t bytes, std::chrono::nanoseconds left) const {  // while nothing is known: whatever there is time for
    if (left.count() <= 0) return false;
    return bytes_ == 0 || static_cast<double>(bytes) / bytes_ * static_cast<double>(time_.count()) <= static_cast<double>(left.count());
  }

 private:
  double bytes_ = 0;
  std::chrono::nanoseconds time_{0};
};

}  // namespace

SavedSessions::SavedSessions(fs::path folder, std::string key, std::string model)
    : folder_(std::move(folder)), key_(std::move(key)), model_(std::move(model)) {
  for (const common::StoredSession& stored : folder_.list()) {
    auto head = common::read_session_head(stored.file);
    if (!head && head.error().kind() == ErrorKind::bad_request) {
      log::warn("{}: it is removed", head.error().message());
      common::remove_session(stored.file);
    }
    if (!head || head->key != key_) continue;
    known_.push_back({.file = stored.file,
                      .owner = std::move(head->owner),
                      .tokens = std::move(head->tokens),
                      .state_bytes = head->state_bytes});
  }
}

const SavedSession* SavedSessions::find(Tokens prompt, std::string_view owner, bool whole) const {
  const SavedSession* best = nullptr;
  std::size_t most = 0;
  for (const SavedSession& session : known_) {
    if (session.owner != owner) continue;
    const std::size_t shared = common_prefix(prompt, session.tokens);
    if (shared == 0 || (whole && (shared < session.tokens.size() || shared == prompt.size()))) continue;
    if (shared > most || (shared == most && session.state_bytes < best->state_bytes)) best = &session, most = shared;
  }
  return best;
}

Result<common::SessionState> SavedSessions::read(const SavedSession& wanted, const common::GoesOn& goes_on) {
  const fs::path file = wanted.file;  // `wanted` may be forgotten below
  auto session = common::read_session(file, goes_on);
  if (!session && session.error().kind() == ErrorKind::timeout) return common::fail(session.error());
  if (!session && session.error().kind() == ErrorKind::bad_request) common::remove_session(file);
  const bool same = session && session->head.key == key_ && session->head.owner == wanted.owner && session->head.tokens == wanted.tokens;
  if (session && !same) session = common::fail(ErrorKind::bad_request, file.string() + " holds another conversation than before");
  if (!session) {
    forget(file);
    return common::fail(session.error());
  }
  common::mark_used(file);
  return std::move(session->state);
}

// The known one that has all of it.
const SavedSession* SavedSessions::holding(const Unsaved& conversation) const {
  auto found = std::ranges::find_if(known_, [&](const SavedSession& session) {
    return session.owner == conversation.owner && continues(session.tokens, conversation.tokens);
  });
  return found == known_.end() ? nullptr : &*found;
}

// Whether this file holds the beginning of that conversation.
bool SavedSessions::supersedes(const Unsaved& by, const fs::path& file) const {
  return std::ranges::any_of(known_, [&](const SavedSession& session) {
    return session.file == file && session.owner == by.owner && continues(by.tokens, session.tokens);
  });
}

void SavedSessions::forget(fs::path file) {
  std::erase_if(known_, [&](const SavedSession& session) { return session.file == file; });
}

// One go of saving: the files as they are meanwhile, and how fast the disk takes them.
class SavedSessions::Saving {
 public:
  Saving(SavedSessions& sessions, const SaveTerms& terms) : sessions_(sessions), terms_(terms), there_(sessions.folder_.list()) {}

  // False: what is worth less need not be tried.
  bool take(const Unsaved& conversation);
  const common::Saved& saved() const { return saved_; }

 private:
  bool is_there(const Unsaved& conversation);
  bool has_room_for(std::uint64_t bytes) const;
  // `leaving`: for which it has room then.
  bool write(const Unsaved& conversation, const SessionHead& head, std::uint64_t bytes, std::vector<fs::path> leaving);
  common::Result<void> write_in_time(const fs::path& file, const SessionHead& head, std::span<const std::uint8_t> state,
                                     std::uint64_t bytes);
  void is_written(const fs::path& file, const SessionHead& head, std::uint64_t bytes);
  void drop(const std::vector<fs::path>& files);

  SavedSessions& sessions_;
  const SaveTerms& terms_;
  std::vector<common::StoredSession> there_;
  WriteRate rate_;
  fs::file_time_type used_ = fs::file_time_type::clock::now();  // earlier with each: the times of the files keep the order
  common::Saved saved_;
};

bool SavedSessions::Saving::take(const Unsaved& conversation) {
  used_ -= std::chrono::milliseconds(1);
  if (conversation.owner.size() > common::kLongestOwner || is_there(conversation)) return true;
  const SessionHead head{.key = sessions_.key_,
                         .model = sessions_.model_,
                         .owner = std::string(conversation.owner),
                         .tokens = {conversation.tokens.begin(), conversation.tokens.end()},
                         .state_bytes = conversation.state_bytes};
  const std::uint64_t bytes = common::session_file_bytes(head);
  // A smaller one may still do.
  if (bytes > terms_.limits.bytes || !rate_.allows(bytes, terms_.left())) return true;
  for (common::StoredSession& one : there_) one.superseded = sessions_.supersedes(conversation, one.file);
  const auto leaving = common::leaving_for(bytes, there_, terms_.limits);
  if (!leaving) return true;  // likewise
  std::vector<fs::path> files;
  for (std::size_t i : *leaving) files.push_back(there_[i].file);
  return has_room_for(bytes) && write(conversation, head, bytes, std::move(files));
}

bool SavedSessions::Saving::is_there(const Unsaved& conversation) {
  const SavedSession* held = sessions_.holding(conversation);
  if (!held) return false;
  auto stored = std::ranges::find(there_, held->file, &common::StoredSession::file);
  if (stored == there_.end()) {  // somebody dropped it
    sessions_.forget(held->file);
    return is_there(conversation);
  }
  std::error_code gone;
  fs::last_write_time(stored->file, used_, gone);
  stored->last_used = used_;
  stored->stays = true;
  return true;
}

// Beside those that are to leave for it: they do so only when it has been written.
bool SavedSessions::Saving::has_room_for(std::uint64_t bytes) const {
  if (sessions_.folder_.free_bytes() >= bytes + terms_.disk_reserve) return true;
  log::warn("conversations are not saved: the disk of {} is nearly full", sessions_.folder_.path().string());
  return false;
}

bool SavedSessions::Saving::write(const Unsaved& conversation, const SessionHead& head, std::uint64_t bytes,
                                  std::vector<fs::path> leaving) {
  const auto before = terms_.left();
  const std::vector<std::uint8_t> state = conversation.state();
  if (state.empty() || state.size() != head.state_bytes) return true;
  const fs::path file = sessions_.folder_.file_named(name_of(head));
  if (auto written = write_in_time(file, head, state, bytes); !written) {
    log::warn("a conversation is not saved: {}", written.error().message());
    return written.error().kind() == ErrorKind::timeout;  // a smaller one may still do
  }
  rate_.wrote(bytes, before - terms_.left());
  is_written(file, head, bytes);
  std::erase(leaving, file);  // it took the place of that one
  drop(leaving);
  return true;
}

// Gives it up as soon as it is plain that it takes too long, so that some time is left for others.
Result<void> SavedSessions::Saving::write_in_time(const fs::path& file, const SessionHead& head, std::span<const std::uint8_t> state,
                                                  std::uint64_t bytes) {
  const auto began = terms_.left();
  WriteRate rate;
  auto goes_on = [&](std::uint64_t done) {
    const auto left = terms_.left();
    rate = WriteRate();
    rate.wrote(done, began - left);
    return done < kTelling ? left.count() > 0 : rate.allows(bytes - done, left);
  };
  auto written = common::write_session(file, head, state, used_, goes_on);
  if (!written && written.error().kind() == ErrorKind::timeout) rate_.add(rate);
  return written;
}

// What was there under its name is gone with that, and so is whatever it holds all of.
void SavedSessions::Saving::is_written(const fs::path& file, const SessionHead& head, std::uint64_t bytes) {
  std::erase_if(there_, [&](const common::StoredSession& one) { return one.file == file; });
  sessions_.forget(file);
  std::vector<fs::path> superseded;
  for (const common::StoredSession& one : there_) {
    if (one.superseded) superseded.push_back(one.file);
  }
  drop(superseded);
  there_.push_back({.file = file, .bytes = bytes, .last_used = used_, .stays = true});
  sessions_.known_.push_back({.file = file, .owner = head.owner, .tokens = head.tokens, .state_bytes = head.state_bytes});
  ++saved_.sessions;
  saved_.bytes += bytes;
}

void SavedSessions::Saving::drop(const std::vector<fs::path>& files) {
  for (const fs::path& file : files) {
    common::remove_session(file);
    sessions_.forget(file);
    std::erase_if(there_, [&](const common::StoredSession& one) { return one.file == file; });
  }
}

common::Saved SavedSessions::save(std::span<const Unsaved> conversations, const SaveTerms& terms) {
  if (conversations.empty() || terms.limits.bytes == 0) return {};
  if (auto ready = folder_.prepare(); !ready) {
    log::warn("{}", ready.error().message());
    return {};
  }
  Saving saving(*this, terms);
  for (const Unsaved& conversation : conversations) {
    if (!saving.take(conversation)) break;
  }
  return saving.saved();
}

std::uint64_t SavedSessions::bytes() const {
  std::uint64_t sum = 0;
  for (const SavedSession& session : known_) sum += session.state_bytes;
  return sum;
}

}  // namespace worker::serve
