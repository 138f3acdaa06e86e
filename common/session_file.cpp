#include "common/session_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <format>
#include <new>
#include <system_error>

#include "common/child_process.hpp"
#include "common/json.hpp"
#include "common/worker_defaults.hpp"
#include "common/xxh64.hpp"

namespace common {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kMagic = "PERCHKV1";
constexpr std::uint64_t kSum = 8, kFixed = 8 + 3 * 8;  // bytes of a checksum, and of what comes before the description
constexpr std::uint64_t kLongestDescription = 64 * 1024;
constexpr std::size_t kPiece = std::size_t(4) << 20;  // of a read or a write, after which somebody may have lost patience

using Bytes = std::span<const std::uint8_t>;

std::unexpected<Error> system_failure(const fs::path& file, const char* what) {
  const int code = errno;
  return fail(code == ENOENT ? ErrorKind::not_found : ErrorKind::io,
              std::format("{} cannot be {}: {}", file.string(), what, std::generic_category().message(code)));
}

std::unexpected<Error> damaged(const fs::path& file, const char* what) {
  return fail(ErrorKind::bad_request, std::format("{} is no whole saved conversation: {}", file.string(), what));
}

std::uint64_t number_at(Bytes bytes, std::size_t at) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number |= std::uint64_t(bytes[at + i]) << (8 * i);
  return number;
}

void append(std::vector<std::uint8_t>& bytes, std::uint64_t number) {
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}

std::uint64_t sum_of(Bytes bytes) {
  Xxh64 hash;
  hash.feed(bytes);
  return hash.finish();
}

// --- reading ---

// Open, ours, and nobody else's to read or write.
struct OpenFile {
  Descriptor descriptor;
  std::uint64_t size = 0;
};

Result<OpenFile> open_own(const fs::path& file) {
  // A pipe of this name must not hold anybody up.
  OpenFile open{.descriptor = Descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK))};
  if (!open.descriptor) return system_failure(file, "opened");
  struct stat st{};
  if (::fstat(open.descriptor.get(), &st) != 0) return system_failure(file, "looked at");
  if (!S_ISREG(st.st_mode) || st.st_uid != ::geteuid() || (st.st_mode & 077) != 0)
    return fail(ErrorKind::io, std::format("{} is not a file of this user's alone", file.string()));
  open.size = static_cast<std::uint64_t>(st.st_size);
  return open;
}

// `goes_on` may be empty.
Result<void> read_into(const OpenFile& open, const fs::path& file, std::span<std::uint8_t> space, const GoesOn& goes_on = {}) {
  std::uint64_t done = 0;
  while (!space.empty()) {
    if (goes_on && !goes_on(done)) return fail(ErrorKind::timeout, std::format("the reading of {} was given up", file.string()));
    const ssize_t read = ::read(open.descriptor.get(), space.data(), std::min(space.size(), kPiece));
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) return system_failure(file, "read");
    if (read == 0) return damaged(file, "it ends early");
    space = space.subspan(static_cast<std::size_t>(read));
    done += static_cast<std::uint64_t>(read);
  }
  return {};
}

struct Head {
  SessionHead head;
  Xxh64 sum;  // of everything so far, the first checksum included
};

Result<void> describe(SessionHead& head, const fs::path& file, Bytes text) {
  auto description = parse_json({reinterpret_cast<const char*>(text.data()), text.size()});
  if (!description || !description->is_object()) return damaged(file, "its description is none");
  for (auto [name, into] : {std::pair("key", &head.key), std::pair("model", &head.model), std::pair("owner", &head.owner)}) {
    auto value = description->find(name);
    if (value == description->end() || !value->is_string()) return damaged(file, "its description is not complete");
    *into = value->get<std::string>();
  }
  return {};
}

Result<Head> read_head(const OpenFile& open, const fs::path& file) {
  if (open.size < kFixed + 2 * kSum) return damaged(file, "it is too short");
  std::vector<std::uint8_t> bytes(kFixed);
  if (auto read = read_into(open, file, bytes); !read) return fail(read.error());
  if (!std::equal(kMagic.begin(), kMagic.end(), bytes.begin())) return damaged(file, "it does not begin like one");
  const std::uint64_t described = number_at(bytes, 8), tokens = number_at(bytes, 16), state = number_at(bytes, 24);
  const bool sensible = described <= kLongestDescription && tokens > 0 && tokens <= kMostCells && state <= open.size;
  if (!sensible || open.size != kFixed + described + 4 * tokens + kSum + state + kSum) return damaged(file, "its lengths do not add up");
  bytes.resize(kFixed + described + 4 * tokens + kSum);
  if (auto read = read_into(open, file, std::span(bytes).subspan(kFixed)); !read) return fail(read.error());
  const Bytes all(bytes);
  const std::size_t summed = all.size() - kSum;
  if (sum_of(all.first(summed)) != number_at(all, summed)) return damaged(file, "the checksum of its head is another");
  Head head;
  head.head.state_bytes = state;
  if (auto said = describe(head.head, file, all.subspan(kFixed, described)); !said) return fail(said.error());
  head.head.tokens.resize(tokens);
  for (std::size_t i = 0; i < tokens; ++i) {
    const std::uint8_t* at = bytes.data() + kFixed + described + 4 * i;
    head.head.tokens[i] = static_cast<std::int32_t>(std::uint32_t(at[0]) | std::uint32_t(at[1]) << 8 | std::uint32_t(at[2]) << 16 |
                                                    std::uint32_t(at[3]) << 24);
  }
  head.sum.feed(all);
  return head;
}

// --- writing ---

std::vector<std::uint8_t> encode_head(const SessionHead& head) {
  const std::string description = dump_json(Json{{"key", head.key}, {"model", head.model}, {"owner", head.owner}});
  std::vector<std::uint8_t> bytes(kMagic.begin(), kMagic.end());
  bytes.reserve(kFixed + description.size() + 4 * head.tokens.size() + kSum);
  append(bytes, description.size());
  append(bytes, head.tokens.size());
  append(bytes, head.state_bytes);
  bytes.insert(bytes.end(), description.begin(), description.end());
  for (std::int32_t token : head.tokens) {
    for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint32_t>(token) >> (8 * i)));
  }
  append(bytes, sum_of(bytes));
  return bytes;
}

// `done`: bytes of the file so far.
Result<void> write_all(int descriptor, const fs::path& file, Bytes bytes, Xxh64& sum, std::uint64_t& done, const GoesOn& goes_on) {
  while (!bytes.empty()) {
    if (!goes_on(done)) return fail(ErrorKind::timeout, "the time for saving conversations is over");
    const Bytes piece = bytes.first(std::min(bytes.size(), kPiece));
    const ssize_t written = ::write(descriptor, piece.data(), piece.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_failure(file, "written");
    sum.feed(piece.first(static_cast<std::size_t>(written)));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    done += static_cast<std::uint64_t>(written);
  }
  return {};
}

Result<void> write_parts(int descriptor, const fs::path& file, const SessionHead& head, Bytes state, const GoesOn& goes_on) {
  Xxh64 sum;
  std::uint64_t done = 0;
  const std::vector<std::uint8_t> begin = encode_head(head);
  if (auto written = write_all(descriptor, file, begin, sum, done, goes_on); !written) return written;
  if (auto written = write_all(descriptor, file, state, sum, done, goes_on); !written) return written;
  std::vector<std::uint8_t> end;
  append(end, sum.finish());
  return write_all(descriptor, file, end, sum, done, goes_on);
}

// Each process has its own: two of them may save the same conversation at the same time.
fs::path unfinished(const fs::path& file) {
  return file.parent_path() / std::format("{}.{}{}{}", file.stem().string(), ::getpid(), file.extension().string(), kUnfinished);
}

timespec time_of(fs::file_time_type time) {
  const auto since = std::chrono::file_clock::to_sys(time).time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  return {.tv_sec = static_cast<time_t>(seconds.count()),
          .tv_nsec = static_cast<long>(std::chrono::duration_cast<std::chrono::nanoseconds>(since - seconds).count())};
}

}  // namespace

std::uint64_t session_file_bytes(const SessionHead& head) { return encode_head(head).size() + head.state_bytes + kSum; }

Result<SessionHead> read_session_head(const fs::path& file) {
  auto open = open_own(file);
  if (!open) return fail(open.error());
  auto head = read_head(*open, file);
  if (!head) return fail(head.error());
  return std::move(head->head);
}

Result<Session> read_session(const fs::path& file, const GoesOn& goes_on) {
  auto open = open_own(file);
  if (!open) return fail(open.error());
  auto head = read_head(*open, file);
  if (!head) return fail(head.error());
  Session session{.head = std::move(head->head), .state = {}};
  session.state.size = session.head.state_bytes;
  session.state.bytes.reset(new (std::nothrow) std::uint8_t[session.state.size]);
  if (!session.state.bytes)
    return fail(ErrorKind::insufficient_memory, std::format("no memory for the {} bytes of {}", session.state.size, file.string()));
  if (auto read = read_into(*open, file, {session.state.bytes.get(), session.state.size}, goes_on); !read) return fail(read.error());
  std::array<std::uint8_t, kSum> sum;
  if (auto read = read_into(*open, file, sum); !read) return fail(read.error());
  head->sum.feed(session.state.view());
  if (head->sum.finish() != number_at(sum, 0)) return damaged(file, "its checksum is another");
  return session;
}

Result<void> write_session(const fs::path& file, const SessionHead& head, Bytes state, fs::file_time_type last_used,
                           const GoesOn& goes_on) {
  const fs::path partial = unfinished(file);
  ::unlink(partial.c_str());
  Descriptor descriptor(::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!descriptor) return system_failure(partial, "made");
  auto written = write_parts(descriptor.get(), partial, head, state, goes_on);
  if (written) {
    const timespec times[] = {time_of(last_used), time_of(last_used)};
    ::futimens(descriptor.get(), times);
    if (::rename(partial.c_str(), file.c_str()) != 0) written = system_failure(file, "replaced");
  }
  if (!written) ::unlink(partial.c_str());
  return written;
}

}  // namespace common
