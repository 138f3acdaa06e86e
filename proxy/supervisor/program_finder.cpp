#include "proxy/supervisor/program_finder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <format>
#include <string_view>

#include "common/child_process.hpp"

namespace proxy::supervisor {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace asio::experimental::awaitable_operators;
using common::ErrorKind;
using common::fail;
using common::Result;

namespace {

constexpr const char* kUsualPath = "/usr/local/bin:/usr/bin:/bin";

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

ProgramFinder::Look ProgramFinder::begin(const std::string& name, const std::vector<std::string>& environment) {
  return Look([name, environment] {
    auto found = find_program(name, environment);
    if (found) read_beginning(*found);
    return found;
  });
}

asio::awaitable<Result<fs::path>> ProgramFinder::find(std::string name, std::vector<std::string> environment) {
  std::erase_if(looks_, [](const auto& look) { return look.second.is_over(); });
  const std::string key = name + '\n' + folders_in(environment);
  auto under_way = looks_.find(key);
  if (under_way == looks_.end()) under_way = looks_.emplace(key, begin(name, environment)).first;
  auto looking = under_way->second.outcome();
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer patience(executor, patience_);
  auto giving_up = patience.async_wait(asio::use_awaitable);
  auto first = co_await (std::move(looking) || std::move(giving_up));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return fail(ErrorKind::timeout, std::format("the program {} does not answer: reading it takes long, or its disk hangs", name));
}

}  // namespace proxy::supervisor
