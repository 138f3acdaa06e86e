#include "proxy/cli/doctor.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <format>
#include <iostream>

#include "common/cgroup.hpp"
#include "common/child_environment.hpp"
#include "common/listen_address.hpp"
#include "common/memory_status.hpp"
#include "common/program_folder.hpp"
#include "common/state_files.hpp"
#include "proxy/cli/outcome.hpp"
#include "registry/registry_file.hpp"

namespace proxy::cli {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using common::Json;
using common::Result;

constexpr auto kPatience = std::chrono::seconds(20);
constexpr auto kAnswer = std::chrono::seconds(5);  // of a daemon, which answers this from memory

Result<common::ChildOutput> version_of(const fs::path& worker) {
  asio::io_context loop(1);
  Result<common::ChildOutput> said;
  common::SpawnRequest request{
      .program = worker, .arguments = {"--version"}, .environment = common::worker_environment(), .limits = {.core_bytes = 0}};
  asio::co_spawn(loop, common::run_for_output(std::move(request), kPatience),
                 [&](std::exception_ptr thrown, Result<common::ChildOutput> output) {
                   if (thrown) std::rethrow_exception(thrown);
                   said = std::move(output);
                 });
  loop.run();
  return said;
}

std::uint64_t descriptor_limit() {
  rlimit limit{};
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : 0;
}

MemoryFacts memory_facts() {
  MemoryFacts facts{.physical_bytes = common::physical_memory_bytes(),
                    .limit_bytes = common::memory_limit_bytes(common::system_memory_files())};
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) facts.address_space_bytes = limit.rlim_cur;
  return facts;
}

// Or the nearest folder around it that is there, in which it could be made.
bool may_be_written(fs::path folder) {
  std::error_code missing;
  while (!folder.empty() && !fs::exists(folder, missing) && folder != folder.parent_path()) folder = folder.parent_path();
  return access(folder.c_str(), W_OK) == 0;
}

std::string url_of(const std::string& address) {
  const auto [host, port] = common::split_address(address).value_or(common::HostAndPort{.host = address, .port = ""});
  const bool is_any = host == "0.0.0.0" || host == "::";
  return std::format("http://{}:{}", is_any ? "127.0.0.1" : common::bracketed(host), port);
}

Port probe(const std::string& address) {
  const auto listen = common::parse_listen_address(address);
  if (!listen) return Port::not_allowed;
  asio::io_context loop(1);
  boost::system::error_code ec;
  asio::ip::tcp::acceptor acceptor(loop);
  const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(listen->host), listen->port);
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) acceptor.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(1, ec);
  if (ec == asio::error::address_in_use) return Port::taken;
  return ec ? Port::not_allowed : Port::free;
}

std::vector<Finding> look(const DoctorCall& call) {
  const fs::path worker = call.worker.empty() ? common::beside_this_program("perch-worker") : fs::absolute(call.worker);
  std::vector<Finding> findings;
  const auto add = [&findings](std::vector<Finding> more) { std::ranges::move(more, std::back_inserter(findings)); };
  add({diagnose_worker(worker, version_of(worker), PERCH_VERSION)});
  registry::FactsReader facts(kPatience);
  const auto catalog = registry::load_catalog(call.registry.path, facts);
  add(diagnose_registry(call.registry, catalog));
  if (catalog) add(diagnose_models(*catalog));
  if (catalog) add(diagnose_memory(*catalog, memory_facts()));
  add({diagnose_descriptors(descriptor_limit()), diagnose_cgroup(common::own_cgroup())});
  const fs::path state = common::state_folder();
  add({diagnose_state_folder(state, may_be_written(state))});
  const std::string address = catalog ? catalog->server.listen : registry::Server{}.listen;
  const std::string url = call.url.value_or(url_of(address));
  const auto status = DaemonClient(url, kAnswer).get("/admin/v1/status");
  add(diagnose_daemon(url, status, call.registry.path, PERCH_VERSION));
  const bool nobody_answers = !status && status.error().kind() == common::ErrorKind::io;
  if (nobody_answers && !call.url) add({diagnose_port(address, probe(address))});
  return findings;
}

Json json_of(const std::vector<Finding>& findings) {
  Json list = Json::array();
  for (const Finding& finding : findings)
    list.push_back({{"grade", to_string(finding.grade)},
                    {"subject", finding.subject},
                    {"what", finding.what},
                    {"advice", common::json_or_null(finding.advice)}});
  return {{"findings", std::move(list)}};
}

}  // namespace

int examine(const DoctorCall& call) {
  const std::vector<Finding> findings = look(call);
  const auto wrong = std::ranges::count(findings, Grade::wrong, &Finding::grade);
  const int status = wrong > 0 ? kRefused : 0;
  if (call.json) return print_json(json_of(findings)), status;
  for (const Finding& finding : findings) {
    std::cout << std::format("{:<8} {:<12} {}\n", to_string(finding.grade), finding.subject, finding.what);
    if (!finding.advice.empty()) std::cout << std::format("{:<21} do: {}\n", "", finding.advice);
  }
  const auto warnings = std::ranges::count(findings, Grade::warning, &Finding::grade);
  std::cout << std::format("{} wrong, {} to be warned of\n", wrong, warnings);
  return status;
}

}  // namespace proxy::cli
