#include "common/name_lookup.hpp"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <format>
#include <memory>
#include <utility>

#include "common/own_work.hpp"

namespace common {

namespace asio = boost::asio;
using Endpoints = asio::ip::tcp::resolver::results_type;

namespace {

std::atomic<int> lookups = 0;

struct Lookup {
  Lookup() { ++lookups; }
  Lookup(const Lookup&) = delete;
  ~Lookup() { --lookups; }
};

Result<Endpoints> resolve(const std::string& host, const std::string& port) {
  asio::io_context unused(1);
  asio::ip::tcp::resolver resolver(unused);
  boost::system::error_code problem;
  auto found = resolver.resolve(host, port, problem);
  if (problem) return fail(ErrorKind::io, problem.message());
  return found;
}

}  // namespace

asio::awaitable<Result<Endpoints>> look_up(std::string host, std::string port) {
  auto lookup = std::make_shared<Lookup>();  // the thread's, as long as it runs
  if (lookups > kMostLookups)
    co_return fail(ErrorKind::timeout, std::format("{} is not looked up: {} other lookups do not come back", host, lookups - 1));
  OwnWork<Endpoints> work([lookup = std::move(lookup), host = std::move(host), port = std::move(port)] { return resolve(host, port); });
  auto looking = work.outcome();
  auto found = co_await std::move(looking);
  if (!found) co_return fail(found.error().kind(), "looking the address up: " + found.error().message());
  co_return found;
}

}  // namespace common
