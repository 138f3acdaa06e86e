#include "proxy/supervisor/program_finder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <format>
#include <string_view>

#include "common/child_process.hpp"
#include "common/own_thread.hpp"

namespace proxy::supervisor {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using common::ErrorKind;
using common::fail;
using common::Result;

namespace {

constexpr const char* kUsualPath = "/usr/local/bin:/usr/bin:/bin";
constexpr auto kPause = std::chrono::milliseconds(1);

std::string folders_in(const std::vector<std::string>& environment) {
  std::string folders = kUsualPath;
  for (const std::string& entry : environment) {
    if (entry.starts_with("PATH=")) folders = entry.substr(entry.find('=') + 1);
  }
  return folders;
}

// What may not be read may still be started.
void read_beginning(const fs::path& program) {
  const common::Descriptor file(::open(program.c_str(), O_RDONLY | O_CLOEXEC));
  char bytes[4096];
  if (file) static_cast<void>(!::read(file.get(), bytes, sizeof(bytes)));
}

}  // namespace

Result<fs::path> find_program(const std::string& name, const std::vector<std::string>& environment) {
  if (name.contains('/')) return fs::path(name);
  const std::string folders = folders_in(environment);
  std::string_view rest = folders;
  while (!rest.empty()) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
    const fs::path file = fs::path(folder) / name;
    std::error_code no_file;
    if (!folder.empty() && fs::is_regular_file(file, no_file) && ::access(file.c_str(), X_OK) == 0) return file;
  }
  return fail(ErrorKind::io, std::format("there is no program {} in {}", name, folders));
}

struct ProgramFinder::Look {
  std::atomic<bool> over = false;
  Result<fs::path> found;  // once it is over
};

std::shared_ptr<ProgramFinder::Look> ProgramFinder::begin(const std::string& name, const std::vector<std::string>& environment) {
  auto look = std::make_shared<Look>();
  auto begun = common::run_on_own_thread([look, name, environment] {
    try {
      look->found = find_program(name, environment);
      if (look->found) read_beginning(*look->found);
    } catch (const std::exception& failure) {
      look->found = fail(ErrorKind::io, failure.what());
    }
    look->over = true;
  });
  if (!begun) {
    look->found = fail(begun.error());
    look->over = true;
  }
  return look;
}

asio::awaitable<Result<fs::path>> ProgramFinder::find(std::string name, std::vector<std::string> environment) {
  const std::string key = name + '\n' + folders_in(environment);
  const auto looks = looks_;  // this object may go meanwhile
  const auto give_up = std::chrono::steady_clock::now() + patience_;
  std::shared_ptr<Look> look = (*looks)[key];
  if (!look || look->over) look = (*looks)[key] = begin(name, environment);
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor);
  while (!look->over && std::chrono::steady_clock::now() < give_up) {
    timer.expires_after(kPause);
    co_await timer.async_wait(asio::use_awaitable);
  }
  if (!look->over)
    co_return fail(ErrorKind::timeout, std::format("the program {} does not answer: reading it takes long, or its disk hangs", name));
  if (auto mine = looks->find(key); mine != looks->end() && mine->second == look) looks->erase(mine);
  co_return look->found;
}

}  // namespace proxy::supervisor
