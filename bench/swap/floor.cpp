// swap_floor: what no swap can do without, and nothing else. A process that is up, its backends initialised and no weights in it, loads a
// model when it is told to and makes one token; or ends. `deploy/bench swap` holds the daemon's swaps against it. Plain libllama, with what
// a worker asks of it (worker/engine/model.cpp, context.cpp), so that the difference is ours alone.
//
//   stdin    load THREADS CONTEXT SLOTS TOKEN,TOKEN,... PATH
//            exit (or end of file)
//   stdout   up
//            first TOKEN WEIGHTS_MS CONTEXT_MS DECODE_MS
#include <llama.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/worker_defaults.hpp"

namespace {

using Clock = std::chrono::steady_clock;

struct Order {
  int threads = 0;
  std::uint32_t context_tokens = 0, slots = 0;
  std::vector<llama_token> prompt;
  std::string path;
};

struct Held {
  struct FreeModel {
    void operator()(llama_model* model) const { llama_model_free(model); }
  };
  struct FreeContext {
    void operator()(llama_context* context) const { llama_free(context); }
  };
  std::unique_ptr<llama_model, FreeModel> model;
  std::unique_ptr<llama_context, FreeContext> context;
};

Order parse(std::istringstream line) {
  Order order;
  std::string tokens;
  line >> order.threads >> order.context_tokens >> order.slots >> tokens >> std::ws;
  std::getline(line, order.path);
  std::istringstream list(tokens);
  for (std::string token; std::getline(list, token, ',');) order.prompt.push_back(std::stoi(token));
  if (order.path.empty() || order.prompt.empty()) throw std::runtime_error("load THREADS CONTEXT SLOTS TOKEN,TOKEN,... PATH");
  return order;
}

llama_context_params params_for(const Order& order) {
  llama_context_params params = llama_context_default_params();
  params.n_ctx = order.context_tokens * order.slots;
  params.n_seq_max = order.slots;
  params.n_batch = common::kBatchTokens;
  params.n_ubatch = params.n_batch;
  params.n_outputs_max = std::max<std::uint32_t>(order.slots, common::kLeastOutputs);
  params.n_threads = order.threads;
  params.n_threads_batch = order.threads;
  params.kv_unified = false;
  params.swa_full = true;
  params.no_perf = true;
  return params;
}

llama_token likeliest(const Held& held) {
  const float* logits = llama_get_logits_ith(held.context.get(), -1);
  const int words = llama_vocab_n_tokens(llama_model_get_vocab(held.model.get()));
  return static_cast<llama_token>(std::max_element(logits, logits + words) - logits);
}

double milliseconds(Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

Held load(Order order) {
  const auto began = Clock::now();
  Held held;
  held.model.reset(llama_model_load_from_file(order.path.c_str(), llama_model_default_params()));
  if (!held.model) throw std::runtime_error(order.path + ": no model");
  const auto weights = Clock::now();
  held.context.reset(llama_init_from_model(held.model.get(), params_for(order)));
  if (!held.context) throw std::runtime_error(order.path + ": no context");
  const auto context = Clock::now();
  if (llama_decode(held.context.get(), llama_batch_get_one(order.prompt.data(), static_cast<std::int32_t>(order.prompt.size()))) != 0)
    throw std::runtime_error(order.path + ": no first token");
  const llama_token token = likeliest(held);
  const auto decoded = Clock::now();
  std::cout << "first " << token << ' ' << milliseconds(weights - began) << ' ' << milliseconds(context - weights) << ' '
            << milliseconds(decoded - context) << std::endl;
  return held;
}

void obey() {
  Held held;
  for (std::string line; std::getline(std::cin, line) && line != "exit";) {
    std::istringstream words(line);
    std::string verb;
    words >> verb;
    if (verb != "load" || held.model) throw std::runtime_error("not now: " + line);
    held = load(parse(std::move(words)));
  }
  // The kernel takes back what the process has, which is quicker than giving it back piece by piece.
  ::_exit(0);
}

}  // namespace

int main() {
  try {
    llama_log_set(
        [](ggml_log_level level, const char* text, void*) {
          if (level == GGML_LOG_LEVEL_ERROR) std::cerr << text;
        },
        nullptr);
    ggml_backend_load_all();
    llama_backend_init();
    std::cout << "up" << std::endl;
    obey();
  } catch (const std::exception& failure) {
    std::cerr << "swap_floor: " << failure.what() << '\n';
    return 1;
  }
}
