// The right of one request to use a ready worker. Given back when it goes out of scope: on return, on error and on cancellation alike.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/clock.hpp"
#include "common/error.hpp"
#include "common/server_address.hpp"
#include "registry/catalog.hpp"

namespace proxy::residency {

struct LeaseState {
  std::string model;
  std::string run;                     // names the worker process behind it
  std::shared_ptr<const registry::Model> entry;  // of the registry, that the worker was started with
  std::optional<common::TimePoint> waits_since;  // for the next piece of its answer; nothing: it has one in hand, or nobody asks
  std::function<void(bool waits)> listens;       // null: nobody asks
  std::optional<common::Error> ended;  // set when the lease must end early
  std::function<void()> on_ended;
  std::function<void()> release;
};

class Lease {
 public:
  Lease() = default;
  Lease(std::shared_ptr<LeaseState> state, common::ServerAddress data_address, std::string digest)
      : state_(std::move(state)), data_address_(std::move(data_address)), digest_(std::move(digest)) {}
  Lease(Lease&& other) noexcept = default;
  Lease& operator=(Lease&& other) noexcept {
    if (this != &other) {
      reset();
      state_ = std::move(other.state_);
      data_address_ = std::move(other.data_address_);
      digest_ = std::move(other.digest_);
    }
    return *this;
  }
  ~Lease() { reset(); }

  const common::ServerAddress& data_address() const { return data_address_; }
  const std::string& digest() const { return digest_; }  // of the weights behind it

  // Why the lease ended under its holder: its drain deadline passed, or its worker died.
  const std::optional<common::Error>& ended() const { return state_->ended; }
  // Ends it for a reason of the holder's own.
  void end(common::Error why) {
    if (state_->ended) return;
    state_->ended = std::move(why);
    if (auto callback = std::exchange(state_->on_ended, nullptr)) callback();
  }
  const std::string& run() const { return state_->run; }
  // As its worker was started: what the registry says now may have been edited since.
  const registry::Model& model() const { return *state_->entry; }
  // The holder waits for the next piece of its answer from now on; or it has come.
  void listens(bool waits) {
    if (state_->listens) state_->listens(waits);
  }
  // Called at most once, when that happens; must not throw.
  void on_ended(std::function<void()> callback) { state_->on_ended = std::move(callback); }

  void reset() {
    if (!state_) return;
    auto state = std::move(state_);
    state->on_ended = nullptr;
    if (state->release) state->release();
  }

 private:
  std::shared_ptr<LeaseState> state_;
  common::ServerAddress data_address_;
  std::string digest_;
};

}  // namespace proxy::residency
