// perch-worker: one process that holds one model behind HTTP on a Unix socket. The daemon starts it with two inherited descriptors
// (common/worker_protocol.hpp) and tells it over the control channel what to load; by hand it takes a file and a socket path.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/huge_pages.hpp"
#include "common/log.hpp"
#include "common/sha256.hpp"
#include "worker/engine/backend.hpp"
#include "worker/serve/control.hpp"
#include "worker/serve/http_server.hpp"
#include "worker/serve/loader.hpp"
#include "worker/serve/quit.hpp"

namespace {

using common::WorkerExit;

struct Options {
  std::string model;  // empty: started by the daemon
  std::string socket;
  std::string id;
  std::uint64_t context_tokens = 0;
  std::uint64_t slots = 0;
  bool kv_unified = false;
  std::string cache_type_k, cache_type_v;
  std::string read_mode;
  int threads = 0;
  std::vector<std::string> adapters;  // "FILE" or "FILE=SCALE"
  std::string projector;
  bool vocabulary_only = false;
  bool estimate = false;  // say what a load would take, and end
  bool verbose = false;
  bool json_log = false;

  bool by_hand() const { return !model.empty(); }
};

[[noreturn]] void usage_error(const std::string& message) {
  std::fprintf(stderr, "perch-worker: %s\n", message.c_str());
  std::exit(static_cast<int>(WorkerExit::usage));
}

Options parse_options(int argc, char** argv) {
  Options options;
  CLI::App app("Holds one model behind HTTP on a Unix socket. `perch serve` starts it; by hand, give --model and --socket.",
               "perch-worker");
  auto* model = app.add_option("--model", options.model, "GGUF file to load");
  auto* socket = app.add_option("--socket", options.socket, "Unix socket to listen on (made, and replaced if it exists)");
  socket->needs(model);
  app.add_option("--id", options.id, "model id that answers carry (default: the file's name)")->needs(model);
  app.add_option("--context", options.context_tokens, "context tokens per slot (default: the model's own, at most 8192)")->needs(model);
  app.add_option("--parallel", options.slots, "requests that run at once (default: 4)")->needs(model);
  app.add_flag("--kv-unified", options.kv_unified, "one cache for all requests instead of one each")->needs(model);
  const std::set<std::string> cache_types(std::begin(common::kCacheTypes), std::end(common::kCacheTypes));
  app.add_option("--cache-type-k", options.cache_type_k, "numbers that keys are stored as (default: f16)")
      ->check(CLI::IsMember(cache_types))
      ->needs(model);
  app.add_option("--cache-type-v", options.cache_type_v, "numbers that values are stored as (default: f16)")
      ->check(CLI::IsMember(cache_types))
      ->needs(model);
  app.add_option("--read-mode", options.read_mode, "mapped, buffered, or direct: past the page cache (default: mapped)")
      ->check(CLI::IsMember({"mapped", "buffered", "direct"}))
      ->needs(model);
  app.add_option("--threads", options.threads, "threads to compute with (default: one per processor, fewer for a small model)")
      ->check(CLI::Range(1, 1024));
  app.add_option("--lora", options.adapters, "LoRA adapter to add, FILE or FILE=SCALE (may be given several times)")->needs(model);
  app.add_option("--projector", options.projector, "GGUF file with the vision encoder (\"mmproj\"), for models that see")->needs(model);
  app.add_flag("--vocabulary-only", options.vocabulary_only, "load no weights: count and render, compute nothing")->needs(model);
  app.add_flag("--estimate", options.estimate, "load nothing: write what loading it would take, as a line of JSON, and end")
      ->needs(model)
      ->excludes(socket);
  app.add_flag("--verbose", options.verbose, "show libllama's informational log");
  app.add_flag("--json-log", options.json_log, "log JSON lines");
  app.set_version_flag("--version", PERCH_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    int code = app.exit(e, std::cerr, std::cerr);
    std::exit(code == 0 ? 0 : static_cast<int>(WorkerExit::usage));
  }
  if (options.by_hand() && options.socket.empty() && !options.estimate) usage_error("--model needs --socket (or --estimate)");
  if (options.id.empty()) options.id = std::filesystem::path(options.model).stem().string();
  return options;
}

std::vector<common::AdapterFile> adapters_of(const Options& options) {
  std::vector<common::AdapterFile> adapters;
  for (const std::string& given : options.adapters) {
    common::AdapterFile adapter{.path = given};
    if (auto at = given.rfind('='); at != std::string::npos) {
      const char* end = given.data() + given.size();
      auto [stop, ec] = std::from_chars(given.data() + at + 1, end, adapter.scale);
      if (ec != std::errc() || stop != end) usage_error("--lora " + given + ": what follows = must be a number, the adapter's scale");
      adapter.path = given.substr(0, at);
    }
    adapters.push_back(std::move(adapter));
  }
  return adapters;
}

bool is_socket(int descriptor) {
  struct stat status;
  return fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode);
}

int listen_on(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) usage_error("--socket: the path is too long for a Unix socket");
  std::memcpy(address.sun_path, path.data(), path.size());
  int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
  unlink(path.c_str());
  if (bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(descriptor, SOMAXCONN) != 0) {
    usage_error("--socket " + path + ": " + std::strerror(errno));
  }
  return descriptor;
}

common::Load load_of(const Options& options) {
  return {.model = options.id,
          .path = options.model,
          .context_tokens = options.context_tokens,
          .parallel = options.slots,
          .kv_unified = options.kv_unified,
          .cache_type_k = options.cache_type_k,
          .cache_type_v = options.cache_type_v,
          .adapters = adapters_of(options),
          .projector = options.projector,
          .vocabulary_only = options.vocabulary_only,
          .read_mode = options.read_mode};
}

int estimate(const Options& options) {
  common::log::start("perch-worker", options.json_log ? common::log::Format::json : common::log::Format::text,
                     options.verbose ? spdlog::level::debug : spdlog::level::err);
  worker::engine::start_backend(options.verbose);
  auto estimate = worker::serve::estimate_load(load_of(options), {.threads = options.threads});
  if (!estimate) {
    common::log::error("{}", estimate.error().message());
    worker::serve::quit(worker::serve::exit_code_of(estimate.error().kind()));
  }
  std::cout << common::encode(*estimate) << std::endl;
  worker::serve::quit(WorkerExit::asked_to_stop);
}

int run(const Options& options) {
  if (!options.by_hand() && !(is_socket(common::kControlDescriptor) && is_socket(common::kDataDescriptor))) {
    usage_error("descriptors 3 and 4 are not the daemon's sockets; to run it by hand give --model and --socket (see --help)");
  }
  std::signal(SIGPIPE, SIG_IGN);
  common::log::start("perch-worker",
                     options.json_log    ? common::log::Format::json
                     : options.by_hand() ? common::log::Format::text
                                         : common::log::Format::bare,
                     options.verbose ? spdlog::level::debug : spdlog::level::info);
  worker::engine::start_backend(options.verbose);
  common::start_hashing();

  boost::asio::io_context loop(1);
  worker::serve::HttpServer* reachable = nullptr;
  auto publish = [&](std::shared_ptr<const worker::serve::Served> served, std::function<void()> published) {
    boost::asio::post(loop, [&reachable, served = std::move(served), published = std::move(published)] {
      reachable->serve(served);
      published();
    });
  };
  auto control_descriptor = options.by_hand() ? std::nullopt : std::optional(common::kControlDescriptor);
  worker::serve::Control control(control_descriptor, publish);
  worker::serve::EngineThread engine({.threads = options.threads, .first_decode = options.by_hand()}, control);
  int listening = options.by_hand() ? listen_on(options.socket) : common::kDataDescriptor;
  worker::serve::HttpServer server(loop, engine, listening);
  reachable = &server;

  server.start();
  engine.start();
  control.start(engine);
  if (options.by_hand()) control.load(load_of(options));
  loop.run();
  worker::serve::quit(WorkerExit::internal);  // unreachable: the server never stops accepting
}

}  // namespace

int main(int argc, char** argv) {
  common::restart_with_huge_pages(argv);
  Options options = parse_options(argc, argv);
  try {
    return options.estimate ? estimate(options) : run(options);
  } catch (const std::bad_alloc&) {
    worker::serve::quit(WorkerExit::out_of_memory);
  } catch (const std::exception& e) {
    common::log::error("{}", e.what());
    worker::serve::quit(WorkerExit::internal);
  }
}
