#include "registry/folder_watch.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <deque>

#ifdef __linux__
#include <sys/inotify.h>
#endif

namespace registry {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr int kMostLinks = 40;  // as the kernel

#ifdef __linux__
// Not IN_MODIFY: what is written in place counts once it is closed, and a log beside the file would wake us at each of its lines.
constexpr std::uint32_t kTouches =
    IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
#endif

}  // namespace

std::map<fs::path, std::set<std::string>> names_behind(const fs::path& path) {
  std::map<fs::path, std::set<std::string>> names;
  fs::path at = "/";
  const fs::path start = fs::absolute(path).lexically_normal();
  std::deque<fs::path> rest(start.begin(), start.end());
  for (int links = 0; !rest.empty();) {
    const fs::path part = rest.front();
    rest.pop_front();
    if (part.empty() || part == "/" || part == ".") continue;
    if (part == "..") {
      at = at.parent_path();
      continue;
    }
    std::error_code ec;
    const auto status = fs::symlink_status(at / part, ec);
    if (fs::is_symlink(status)) {
      names[at].insert(part.string());
      const fs::path target = fs::read_symlink(at / part, ec);
      if (ec || ++links > kMostLinks) return names;
      if (target.is_absolute()) at = "/";
      rest.insert(rest.begin(), target.begin(), target.end());
    } else if (rest.empty() || !fs::exists(status)) {
      names[at].insert(part.string());
      return names;
    } else {
      at /= part;
    }
  }
  return names;
}

#ifdef __linux__

FolderWatch::FolderWatch(asio::any_io_executor executor) : events_(executor), never_(executor, asio::steady_timer::time_point::max()) {
  auto handle = std::make_shared<common::Descriptor>(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!*handle) return;
  // Asio owns what it reads from; the other one lives as long as somebody arms it.
  common::Descriptor read(::fcntl(handle->get(), F_DUPFD_CLOEXEC, 0));
  if (!read) return;
  events_.assign(read.release());
  handle_ = std::move(handle);
}

FolderWatch::Watched FolderWatch::arm(const Handle& handle, const fs::path& path) {
  Watched watched;
  if (!handle) return watched;
  for (const auto& [folder, names] : names_behind(path)) {
    // The same folder keeps its number; another one under the same name gets a new one.
    const int number = ::inotify_add_watch(handle->get(), folder.c_str(), kTouches);
    if (number >= 0) watched[number].insert(names.begin(), names.end());
  }
  return watched;
}

void FolderWatch::watch(Watched watched) {
  for (const auto& [number, names] : watched_) {
    if (!watched.contains(number)) ::inotify_rm_watch(handle_->get(), number);
  }
  watched_ = std::move(watched);
}

asio::awaitable<void> FolderWatch::touched() {
  alignas(inotify_event) std::array<char, 4096> space;
  while (handle_) {
    auto [ec, bytes] = co_await events_.async_read_some(asio::buffer(space), asio::as_tuple(asio::use_awaitable));
    if (ec == asio::error::operation_aborted) co_return;
    if (ec) break;
    if (heed(space.data(), bytes)) co_return;
  }
  co_await never_.async_wait(asio::as_tuple(asio::use_awaitable));
}

bool FolderWatch::heed(const char* events, std::size_t bytes) const {
  constexpr std::uint32_t kOfTheFolder = IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT;
  bool matters = false;
  for (std::size_t at = 0; at + sizeof(inotify_event) <= bytes;) {
    inotify_event event;
    std::memcpy(&event, events + at, sizeof event);
    const std::string name = event.len > 0 ? events + at + sizeof event : "";
    at += sizeof event + event.len;
    if (event.mask & kOfTheFolder) matters = true;
    const auto folder = watched_.find(event.wd);
    if (folder != watched_.end() && folder->second.contains(name)) matters = true;
  }
  return matters;
}

#else

FolderWatch::FolderWatch(asio::any_io_executor executor) : events_(executor), never_(executor, asio::steady_timer::time_point::max()) {}
FolderWatch::Watched FolderWatch::arm(const Handle&, const fs::path&) { return {}; }
void FolderWatch::watch(Watched) {}
asio::awaitable<void> FolderWatch::touched() { co_await never_.async_wait(asio::as_tuple(asio::use_awaitable)); }
bool FolderWatch::heed(const char*, std::size_t) const { return false; }

#endif

}  // namespace registry
