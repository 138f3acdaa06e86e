#include "worker/serve/loader.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <future>
#include <thread>
#include <utility>

#include "common/log.hpp"
#include "common/memory_status.hpp"
#include "worker/chat/output_parser.hpp"
#include "worker/engine/artifact.hpp"
#include "worker/engine/backend.hpp"
#include "worker/engine/file.hpp"
#include "worker/serve/device_release.hpp"
#include "worker/serve/session_key.hpp"

namespace worker::serve {

using common::ErrorKind;
using common::Result;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto kReportEvery = std::chrono::milliseconds(50);

// Where in the whole load (0 to 1) each stage begins. Reading the file is most of it; libllama's own share of "weights" finds the pages
// cached.
constexpr double kWeightsFrom = 0.01, kMapFrom = 0.60, kProjectorFrom = 0.90, kContextFrom = 0.93, kWarmupFrom = 0.96;

// Progress as the daemon sees it: never falling, every stage at least once, not more often than anyone can look.
class Reporter {
 public:
  Reporter(const ReportProgress& report, const std::atomic<bool>& cancelled) : report_(report), cancelled_(cancelled) {}

  // False: the load has been given up.
  bool at(const char* stage, double fraction) {
    fraction = std::max(fraction, fraction_);
    auto now = Clock::now();
    bool new_stage = stage_ != stage;
    if (new_stage || (fraction > fraction_ && now - reported_ >= kReportEvery)) {
      stage_ = stage;
      fraction_ = fraction;
      reported_ = now;
      report_(common::Loading{.stage = stage_, .fraction = fraction_});
    }
    return !cancelled_.load();
  }

 private:
  const ReportProgress& report_;
  const std::atomic<bool>& cancelled_;
  std::string stage_;
  double fraction_ = 0;
  Clock::time_point reported_{};
};

std::unexpected<common::Error> given_up() { return common::fail(ErrorKind::cancelled, "the load was cancelled"); }

Result<Released> release_devices(const common::DeviceRelease& release, Reporter& reporter) {
  double fraction = 0;
  const auto pause = [&](std::chrono::milliseconds time) {
    std::this_thread::sleep_for(time);
    fraction += (kWeightsFrom - fraction) / 100;  // as long as it waits it is alive
    return reporter.at("release", fraction);
  };
  Released released = await_release(release, {.look = engine::free_on_devices, .pause = pause});
  if (released.given_up) return given_up();
  if (released.wait.missing_bytes > 0)
    common::log::warn("{} MiB on devices were not seen to come back in {:.1f} s; something else may have taken them",
                      released.wait.missing_bytes >> 20, released.wait.seconds);
  return released;
}

engine::ReadMode read_mode_of(const common::Load& load) {
  if (load.read_mode == "buffered") return engine::ReadMode::buffered;
  return load.read_mode == "direct" ? engine::ReadMode::direct : engine::ReadMode::usual;
}

Result<engine::Model> load_weights(const engine::Artifact& artifact, engine::ReadMode mode, Reporter& reporter) {
  auto between = [&reporter](double from, double to) {
    return [&reporter, from, to](double part) { return reporter.at("weights", from + part * (to - from)); };
  };
  // libllama reports its progress itself when it copies, and what goes past the page cache must not go through it.
  if (mode != engine::ReadMode::usual) return engine::Model::load(artifact.files.front(), between(kWeightsFrom, kProjectorFrom), mode);
  const double share = (kMapFrom - kWeightsFrom) / static_cast<double>(artifact.files.size());
  for (std::size_t i = 0; i < artifact.files.size(); ++i) {
    const double from = kWeightsFrom + share * static_cast<double>(i);
    auto read = engine::read_ahead(artifact.files[i], between(from, from + share));
    if (!read) return common::fail(read.error());
  }
  return engine::Model::load(artifact.files.front(), between(kMapFrom, kProjectorFrom));
}

// The first decode pays for lazily made things; better now than in somebody's first request. The daemon's probe is one already, and a
// forward through a large model is a noticeable part of a swap.
Result<void> warm_up(const engine::Model& model, engine::Context& context, bool wanted, Reporter& reporter,
                     const std::atomic<bool>& cancelled) {
  if (!reporter.at("warmup", kWarmupFrom)) return given_up();
  if (!wanted) return {};
  engine::Batch batch(1);
  batch.add(std::max(model.vocabulary().beginning(), 0), 0, 0, true);
  auto outcome = context.decode(batch, [&cancelled] { return cancelled.load(); });
  context.forget_all();
  if (cancelled) return given_up();
  if (outcome != engine::Decoded::ok) return common::fail(ErrorKind::internal, "the first decode of the model failed");
  return {};
}

std::uint64_t context_wanted(const common::Load& load, const engine::Model& model, const LoaderConfig& config) {
  if (load.context_tokens > 0) return load.context_tokens;
  std::uint64_t trained = model.trained_context();
  return trained == 0 ? config.default_context_tokens : std::min(trained, config.default_context_tokens);
}

std::uint64_t slots_wanted(const common::Load& load, const engine::Model& model, const LoaderConfig& config) {
  const std::uint64_t wanted = std::clamp<std::uint64_t>(load.parallel > 0 ? load.parallel : config.default_slots, 1, config.max_slots);
  if (load.parallel > wanted)
    common::log::warn("{}: {} requests at a time instead of {}, which is the most", load.model, wanted, load.parallel);
  if (model.architecture() != common::kOneSequenceOnly || wanted == 1) return wanted;
  common::log::warn("{}: one request at a time instead of {}, since libllama cannot batch this architecture", load.model, wanted);
  return 1;
}

Purpose purpose_of(const common::Load& load, const engine::Model& model) {
  if (load.vocabulary_only) return Purpose::counting;
  switch (model.pooling()) {
    case engine::Pooling::none: return Purpose::generation;
    case engine::Pooling::rank: return Purpose::reranking;
    default: return Purpose::embedding;
  }
}

// All that a load reads.
std::vector<std::string> files_of(const common::Load& load, const engine::Artifact& artifact) {
  std::vector<std::string> files = artifact.files;
  for (const common::AdapterFile& adapter : load.adapters) files.push_back(adapter.path);
  if (!load.projector.empty() && !load.vocabulary_only) files.push_back(load.projector);
  return files;
}

Result<std::string> digest_with_adapters(const engine::Artifact& artifact, const common::Load& load) {
  auto digest = engine::digest_of(artifact);
  return digest ? engine::digest_with(*digest, load.adapters) : std::move(digest);
}

std::shared_ptr<Served> describe(const common::Load& load, engine::Artifact artifact, std::string digest,
                                 std::shared_ptr<engine::Model> shared) {
  shared->vocabulary().show(chat::markers());
  const engine::Vocabulary& words = shared->vocabulary();
  auto family = load.tool_format.empty() ? std::nullopt : chat::family_named(load.tool_format);
  if (!load.tool_format.empty() && !family)
    common::log::warn("tool_format \"{}\" is not known; the chat template decides", load.tool_format);
  auto chat_template = chat::ChatTemplate::parse(shared->chat_template(), words.beginning_text(), words.end_text(), family);
  if (!chat_template) common::log::warn("{}", chat_template.error().message());
  common::Ready facts{.model = load.model,
                      .purpose = purpose_of(load, *shared),
                      .digest = std::move(digest),
                      .architecture = shared->architecture(),
                      .quantization = shared->quantization(),
                      .parameters = artifact.parameters,
                      .active_parameters = artifact.active_parameters};
  std::vector<std::string> files = files_of(load, artifact);
  auto hashes = std::make_shared<engine::ContentHash>(files, engine::hash_memory());
  auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return std::make_shared<Served>(Served{.facts = std::move(facts),
                                         .files = std::move(files),
                                         .hashes = std::move(hashes),
                                         .model = shared,
                                         .chat_template = std::move(chat_template),
                                         .sampling = shared->sampling_defaults(),
                                         .defaults = load.sampling,
                                         .enforced = load.enforced,
                                         .loaded_at = now.time_since_epoch().count()});
}

// Null if none is asked for.
Result<std::shared_ptr<engine::Projector>> load_projector(const common::Load& load, const LoaderConfig& config,
                                                          std::shared_ptr<const engine::Model> model, Reporter& reporter) {
  if (load.projector.empty()) return nullptr;
  if (model->pooling() != engine::Pooling::none)
    return common::fail(ErrorKind::bad_model_file,
                        std::format("projector {}: {} generates no text that images could be part of", load.projector, load.model));
  auto progress = [&reporter](double part) { return reporter.at("projector", kProjectorFrom + part * (kContextFrom - kProjectorFrom)); };
  return engine::Projector::load(load.projector, std::move(model), progress,
                                 {.threads = config.threads, .batch_tokens = static_cast<std::size_t>(config.batch_tokens)});
}

engine::ContextConfig context_config(const common::Load& load, const LoaderConfig& config, const engine::Model& model) {
  engine::ContextConfig wanted{.context_tokens = context_wanted(load, model, config),
                               .slots = slots_wanted(load, model, config),
                               .shared_cells = load.kv_unified && model.pooling() == engine::Pooling::none,
                               .cache_type_k = load.cache_type_k,
                               .cache_type_v = load.cache_type_v,
                               .batch_tokens = config.batch_tokens,
                               .threads = config.threads,
                               .pooling = model.pooling()};
  // An embedding is made of a whole text at once.
  if (model.pooling() != engine::Pooling::none) wanted.batch_tokens = static_cast<int>(std::max<std::uint64_t>(wanted.context_tokens, 1));
  return wanted;
}

// What decodes: made of the weights and the adapters, and tried once.
Result<engine::Context> make_context(const common::Load& load, const LoaderConfig& config, const engine::Model& model, Reporter& reporter,
                                     const std::atomic<bool>& cancelled) {
  if (!reporter.at("context", kContextFrom)) return given_up();
  auto adapters = engine::Adapters::load(model, load.adapters);
  if (!adapters) return common::fail(adapters.error());
  auto context = engine::Context::create(model, context_config(load, config, model), std::move(*adapters));
  if (!context) return common::fail(context.error());
  auto warm = warm_up(model, *context, config.first_decode, reporter, cancelled);
  if (!warm) return common::fail(warm.error());
  return context;
}

Result<LoadedModel> load_vocabulary(const common::Load& load, const engine::Artifact& artifact, const Result<std::string>& digest,
                                    const LoaderConfig& config) {
  if (!digest) return common::fail(digest.error());
  auto model = engine::Model::load_vocabulary(load.path);
  if (!model) return common::fail(model.error());
  std::shared_ptr<Served> served = describe(load, artifact, *digest, std::make_shared<engine::Model>(std::move(*model)));
  served->facts.context_tokens = context_wanted(load, *served->model, config);
  return LoadedModel{.served = std::move(served), .context = std::nullopt};
}

}  // namespace

Result<LoadedModel> load_model(const common::Load& load, const LoaderConfig& config, const ReportProgress& report,
                               const std::atomic<bool>& cancelled) {
  Reporter reporter(report, cancelled);
  if (!reporter.at("open", 0)) return given_up();
  auto artifact = engine::inspect(load.path);
  if (!artifact) return common::fail(artifact.error());
  // What tells the weights apart takes a millisecond to hash, beside the rest of the load.
  std::shared_future<Result<std::string>> digest =
      std::async(std::launch::async, digest_with_adapters, std::cref(*artifact), std::cref(load));
  // What is wrong with an adapter, which is small, is better known before gigabytes are read.
  if (!load.adapters.empty() && !digest.get()) return common::fail(digest.get().error());
  std::string identity = identity_of(files_of(load, *artifact));

  auto released = release_devices(load.release, reporter);
  if (!released) return common::fail(released.error());
  if (!reporter.at("weights", kWeightsFrom)) return given_up();
  if (load.vocabulary_only) return load_vocabulary(load, *artifact, digest.get(), config);
  auto weights = load_weights(*artifact, read_mode_of(load), reporter);
  if (!weights) return common::fail(weights.error());
  auto model = std::make_shared<engine::Model>(std::move(*weights));
  auto projector = load_projector(load, config, model, reporter);
  if (!projector) return common::fail(projector.error());
  auto whole = digest.get();
  if (!whole) return common::fail(whole.error());
  if (*projector) whole = engine::digest_with(*whole, **projector);
  // Reading the chat template and making the context have nothing to do with each other, and each takes some milliseconds.
  auto described = std::async(std::launch::async, describe, std::cref(load), std::move(*artifact), std::move(*whole), model);
  auto context = make_context(load, config, *model, reporter, cancelled);
  if (!context) return common::fail(context.error());

  std::shared_ptr<Served> served = described.get();
  served->identity = std::move(identity);
  served->projector = std::move(*projector);
  served->facts.context_tokens = context->context_tokens();
  served->facts.slots = context->slots();
  served->shares_cells = context->shares_cells();
  served->facts.memory = context->memory(*model, served->projector ? served->projector->bytes() : 0);
  served->facts.devices_before = std::move(released->devices);
  served->facts.device_wait = released->wait;
  if (!reporter.at("warmup", 1)) return given_up();
  return LoadedModel{.served = std::move(served), .context = std::move(*context)};
}

Result<common::Estimate> estimate_load(const common::Load& load, const LoaderConfig& config) {
  auto model = engine::Model::simulate(load.path);
  if (!model) return common::fail(model.error());
  auto context = engine::Context::create(*model, context_config(load, config, *model));
  if (!context) return common::fail(context.error());
  return common::Estimate{.context_tokens = context->context_tokens(),
                          .slots = context->slots(),
                          .memory = context->memory(*model, 0),
                          .process_bytes = common::own_bytes(::getpid())};
}

common::WorkerExit exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::bad_model_file: return common::WorkerExit::bad_model_file;
    case ErrorKind::insufficient_memory: return common::WorkerExit::out_of_memory;
    case ErrorKind::io: return common::WorkerExit::io;
    default: return common::WorkerExit::internal;
  }
}

}  // namespace worker::serve
