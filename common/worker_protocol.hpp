// The control protocol between the daemon and a worker process (docs/worker-protocol.md): one JSON object a line, both ways, over an
// inherited socketpair. This is all that proxy and worker share.
//
// The worker speaks first (`hello`). Every message is self-contained; an unknown `type` or a missing field is an Error for the reader to
// decide on, never a crash. End-of-file on the worker's side means: exit at once, whatever is going on.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/json.hpp"
#include "common/result.hpp"

namespace common {

inline constexpr int kWorkerProtocolVersion = 1;

// The descriptors that a worker inherits besides 0, 1 and 2.
inline constexpr int kControlDescriptor = 3;  // one end of a Unix stream socketpair
inline constexpr int kDataDescriptor = 4;     // a listening Unix stream socket: HTTP/1.1

// A field of requests on the data socket: whose request it is. A name for an API key, never the key. No caller's own field gets here: the
// daemon makes requests to workers anew.
inline constexpr const char* kOwnerField = "X-Perch-Owner";

// Exit codes of perch-worker, sysexits(3) where one fits.
enum class WorkerExit : int {
  asked_to_stop = 0,
  usage = 64,
  bad_model_file = 65,  // permanent: the same file will fail again
  out_of_memory = 69,   // at load
  internal = 70,
  io = 74,
  sandbox_refused = 77,
};

// --- worker to daemon ---

struct Hello {
  int protocol = kWorkerProtocolVersion;
  std::int64_t pid = 0;
  std::string build;   // Perch version
  std::string engine;  // libllama version and system info
};

// What a load is doing. Every message is progress and re-arms the daemon's stall deadline.
struct Loading {
  std::string stage;    // "open", "release", "weights", "projector", "context", "warmup"
  double fraction = 0;  // of the whole load, 0 to 1, never falling
};

struct DeviceMemory {
  std::string device;  // ggml's device name, "CPU" for host memory
  std::uint64_t weights_bytes = 0;
  std::uint64_t mapped_bytes = 0;  // of the weights: backed by the model's file, so that the kernel may drop and read them again
  std::uint64_t kv_bytes = 0;
  std::uint64_t compute_bytes = 0;
};

// What a device other than the host has free, by its own word (ggml_backend_dev_memory).
struct DeviceFree {
  std::string device;  // ggml's name
  std::uint64_t free_bytes = 0;

  bool operator==(const DeviceFree&) const = default;
};

// How the wait for memory of devices ended that a model which had left was to give back (DeviceRelease).
struct DeviceWait {
  double seconds = 0;
  std::uint64_t missing_bytes = 0;  // of what was wanted, on all of them; 0: it was all there

  bool operator==(const DeviceWait&) const = default;
};

// What a loaded model can be asked for.
enum class Purpose {
  generation,
  embedding,
  reranking,
  counting,  // there is only a vocabulary: nothing is computed
};

std::string_view to_string(Purpose purpose);
// The one of that name; nothing: there is none.
std::optional<Purpose> purpose_called(std::string_view name);

struct Ready {
  std::string model;  // the id given in `load`
  Purpose purpose = Purpose::generation;
  std::string digest;        // of the artifact: "sha256:..." over header, tensor table and size
  std::string architecture;  // "llama", "qwen3moe", ...
  std::string quantization;  // "Q8_0", "Q4_K - Medium", ...
  std::uint64_t parameters = 0;
  std::uint64_t active_parameters = 0;  // that work on one token; fewer in a mixture of experts
  std::uint64_t context_tokens = 0;     // per slot
  std::uint64_t slots = 0;              // how many requests run at once
  std::vector<DeviceMemory> memory;
  std::vector<DeviceFree> devices_before;  // each device that is not the host, as it was when the load began
  DeviceWait device_wait;                  // before that
};

// Every second while a slot is busy. The daemon's watchdog looks at the totals of tokens and of work.
struct Beat {
  std::uint64_t slots_busy = 0;
  std::uint64_t tokens_total = 0;           // generated since start
  std::uint64_t prompt_tokens_total = 0;    // evaluated since start
  std::uint64_t cached_tokens_total = 0;    // prompt tokens that did not need to be
  std::uint64_t calls_repaired_total = 0;   // tool calls that were written badly, with no doubt about what was meant
  std::uint64_t calls_malformed_total = 0;  // ... and with doubt
  std::uint64_t prompt_cache_bytes = 0;     // of prompts kept in main memory now
  std::uint64_t work_total = 0;             // signs of work that were seen in a server that counts no tokens (its runtime is "command")
};

struct LoadCancelled {};  // the answer to `cancel_load`: back to the state after `hello`

struct Saved {  // what was written down just now
  std::uint64_t sessions = 0;
  std::uint64_t bytes = 0;
};

// A conversation was read back from a file, for a request; nobody was served meanwhile.
struct Restored {
  std::uint64_t tokens = 0;
  std::uint64_t bytes = 0;  // of the state
  double seconds = 0;
};

struct Fatal {
  int code = 0;  // the exit code that follows
  std::string message;
};

using FromWorker = std::variant<Hello, Loading, Ready, Beat, LoadCancelled, Saved, Restored, Fatal>;

// What a load would take, by libllama's own reckoning: all that `perch-worker --estimate` writes, in one line on its standard output.
struct Estimate {
  std::uint64_t context_tokens = 0;  // per slot
  std::uint64_t slots = 0;
  std::vector<DeviceMemory> memory;
  std::uint64_t process_bytes = 0;  // the worker's own memory without any of the above: its vocabulary and its tables
};

// --- daemon to worker ---

// A LoRA adapter that is added to a model.
struct AdapterFile {
  std::string path;
  double scale = 1;

  bool operator==(const AdapterFile&) const = default;
};

// What the numbers of a KV cache may be stored as, in ggml's names.
inline constexpr const char* kCacheTypes[] = {"f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"};

// What devices must have free again before a load begins: what they had before the models were loaded that have left since.
struct DeviceRelease {
  std::vector<DeviceFree> wanted;
  std::uint64_t milliseconds = 0;  // then it begins all the same
};

struct Load {
  std::string model;  // the id that answers carry
  std::string path;
  std::uint64_t context_tokens = 0;  // per slot; 0: the model's own, capped by the worker's default
  std::uint64_t parallel = 0;        // slots; 0: the worker's default
  bool kv_unified = false;           // the slots share one cache of context_tokens instead of having one each
  std::string cache_type_k;          // one of kCacheTypes; empty: f16
  std::string cache_type_v;          // likewise
  Json sampling;                     // an object: request fields that hold where the request has none; null: none
  Json enforced;                     // request fields that hold whatever the request says
  std::vector<AdapterFile> adapters;
  std::string projector;                          // GGUF file with the vision encoder; empty: none, the model reads text only
  std::optional<std::uint64_t> prompt_cache_mib;  // main memory for states that slots had to give up; absent: the worker's default
  bool vocabulary_only = false;                   // no weights: counts and renders, and refuses to compute
  std::string tool_format;                        // how the model writes tool calls; empty: found from its chat template
  std::string read_mode;                          // "mapped", "buffered" or "direct" (past the page cache); empty: as libllama likes
  std::string sessions_folder;                    // where conversations are saved to and restored from; empty: they are not
  DeviceRelease release;                          // is waited for first
};
struct CancelLoad {};
// The worker is about to leave: what it has of conversations is to outlive it.
struct SaveSessions {
  std::uint64_t budget_bytes = 0;  // that all files in the folder may have, of whatever model
  std::uint64_t milliseconds = 0;  // after which it must have answered
};
struct RestoreSessions {};
// Memory is short, or has come back. The worker drops what it keeps beyond the limit and says what is left in a `beat`.
struct ShrinkCaches {
  std::optional<std::uint64_t> keep_bytes;  // of prompts in main memory, from now on; absent: as its load said
};
struct Exit {};

using ToWorker = std::variant<Load, CancelLoad, SaveSessions, RestoreSessions, ShrinkCaches, Exit>;

// Without the line break.
std::string encode(const FromWorker& message);
std::string encode(const ToWorker& message);
std::string encode(const Estimate& estimate);
Result<FromWorker> decode_from_worker(std::string_view line);
Result<ToWorker> decode_to_worker(std::string_view line);
Result<Estimate> decode_estimate(std::string_view line);

}  // namespace common
