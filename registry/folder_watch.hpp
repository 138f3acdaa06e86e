// Tells within milliseconds that a file may be another one, whoever changed it and however: in place, by renaming, by a switched link, by a
// folder that comes and goes. It only wakes; what has changed is for who is woken to find out, and a poll stands behind it.
//
// Watched are the names that decide what the path means: the file's own in its folder, and each link on the way in that link's folder.
// Linux (inotify(7)); elsewhere, or where the kernel has no watches left, it never wakes.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "common/child_process.hpp"

namespace registry {

// Folder to the names in it that decide what `path` means. A folder that is not there yet is waited for in the one above it. Blocks.
std::map<std::filesystem::path, std::set<std::string>> names_behind(const std::filesystem::path& path);

class FolderWatch {
 public:
  // What is watched: the kernel's number of each folder and the names in it.
  using Watched = std::map<int, std::set<std::string>>;
  using Handle = std::shared_ptr<common::Descriptor>;

  explicit FolderWatch(boost::asio::any_io_executor executor);

  // For arm(), which runs on another thread; null: there is nothing to watch with.
  const Handle& handle() const { return handle_; }
  // Has the kernel watch what decides what `path` means now. Blocks.
  static Watched arm(const Handle& handle, const std::filesystem::path& path);
  // What arm() said. Folders that are not in it any more are forgotten.
  void watch(Watched watched);
  // Returns once one of the names was touched.
  boost::asio::awaitable<void> touched();

 private:
  bool heed(const char* events, std::size_t bytes) const;

  Handle handle_;
  boost::asio::posix::stream_descriptor events_;
  boost::asio::steady_timer never_;
  Watched watched_;
};

}  // namespace registry
