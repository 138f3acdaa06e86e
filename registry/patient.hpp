// Reads from disks with a patience that ends: a disk that hangs must hold up neither the start of the daemon nor an edit, nor its end.
//
// A read that hangs cannot be called off, so each piece of work is done on a thread of its own that nobody waits for longer than
// `patience`. What comes later is kept until somebody asks again, and then it is the answer, or, where what counts is how things are now,
// the answer of somebody who has waited in vain once more. Used from any thread; shared by whoever may still read when its owner has gone.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <format>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "common/own_thread.hpp"
#include "common/result.hpp"

namespace registry {

template <class T>
class Patient {
 public:
  using Work = std::function<common::Result<T>()>;

  static constexpr std::size_t kMostHanging = 8;  // threads; beyond that nothing more is read until one has come back

  // What is done, for errors: "reading its header" of one of the "model files".
  struct Words {
    std::string doing, things;
  };

  enum class Late {
    answers,    // what came late is as good as what comes in time
    stands_in,  // it may be out of date: the work is done again, and what came late is only used if that takes long, too
  };

  Patient(std::chrono::milliseconds patience, Words words, Late late = Late::answers)
      : patience_(patience), words_(std::move(words)), late_is_(late) {}

  // Blocks, but not for longer than the patience, and not at all for what kept somebody waiting before. `key` tells this work from any
  // other; `name` stands in errors. ErrorKind: as the work says, or timeout.
  common::Result<T> operator()(const std::string& key, const std::string& name, Work work) {
    std::unique_lock lock(shared_->mutex);
    auto& readings = shared_->readings;
    auto& known = readings[key];
    std::optional<common::Result<T>> earlier;
    if (late_is_ == Late::stands_in && known && known->given_up && known->answer) {
      earlier = std::move(known->answer);
      known.reset();
    }
    if (!known) {
      const auto hanging = std::ranges::count_if(readings, [](const auto& each) { return each.second && !each.second->answer; });
      if (static_cast<std::size_t>(hanging) >= kMostHanging) {
        readings.erase(key);
        return common::fail(common::ErrorKind::timeout,
                            std::format("{} was not read: {} other {} do not answer", name, hanging, words_.things));
      }
      known = std::make_shared<Reading>();
      known->earlier = std::move(earlier);
      if (auto begun = begin(name, std::move(work), known); !begun) {
        readings.erase(key);
        return common::fail(common::ErrorKind::io, std::format("{} was not read: {}", name, begun.error().message()));
      }
    }
    const std::shared_ptr<Reading> reading = known;
    if (!reading->given_up) shared_->answered.wait_for(lock, patience_, [&] { return reading->answer.has_value(); });
    if (!reading->answer) {
      reading->given_up = true;
      if (reading->earlier) return *reading->earlier;
      return common::fail(common::ErrorKind::timeout,
                          std::format("{} does not answer: {} takes long, or its disk hangs", name, words_.doing));
    }
    // Others may have waited for the same one: each takes a copy, the first one clears it away.
    if (auto mine = readings.find(key); mine != readings.end() && mine->second == reading) readings.erase(mine);
    return *reading->answer;
  }

  // How many answers came after the patience of who had asked: when this grows it is worth asking again.
  std::uint64_t late() const { return shared_->late; }

 private:
  struct Reading {
    std::optional<common::Result<T>> answer;
    std::optional<common::Result<T>> earlier;  // of the same work, and late
    bool given_up = false;
  };
  struct Shared {  // with the threads, which may outlive the owner
    std::mutex mutex;
    std::condition_variable answered;
    std::map<std::string, std::shared_ptr<Reading>> readings;  // under way, or not asked for again yet
    std::atomic<std::uint64_t> late = 0;
  };

  // Whatever goes wrong on a thread of its own must end there.
  static common::Result<T> do_safely(const Work& work, const std::string& name) {
    try {
      return work();
    } catch (const std::exception& failure) {
      return common::fail(common::ErrorKind::io, std::format("{}: {}", name, failure.what()));
    }
  }

  common::Result<void> begin(const std::string& name, Work work, std::shared_ptr<Reading> reading) {
    return common::run_on_own_thread([shared = shared_, name, work = std::move(work), reading = std::move(reading)] {
      common::Result<T> answer = do_safely(work, name);
      const std::lock_guard lock(shared->mutex);
      reading->answer = std::move(answer);
      if (reading->given_up) ++shared->late;
      shared->answered.notify_all();
    });
  }

  std::chrono::milliseconds patience_;
  Words words_;
  Late late_is_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace registry
