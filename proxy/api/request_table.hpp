// The inference requests that are under way, for operators: what waits, what runs, for how long, and a way to end one.
//
// Owned by the gateway, used on the loop thread. An Entry lives in the coroutine that serves its request.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.hpp"
#include "common/error.hpp"
#include "common/one_shot.hpp"

namespace proxy::api {

enum class Stage { queued, running };
std::string_view to_string(Stage stage);

struct RequestInfo {
  std::string id;
  std::string path;
  std::string requested;  // the role or id that was asked for
  std::string model;
  bool stream = false;
  common::TimePoint arrived;
  Stage stage = Stage::queued;
  common::TimePoint stage_since;
};

class RequestTable {
 public:
  class Entry {
   public:
    Entry(RequestTable& table, boost::asio::any_io_executor executor, RequestInfo info);
    Entry(const Entry&) = delete;
    ~Entry();

    void enter(Stage stage, common::TimePoint now);
    // Set once an operator has ended the request.
    common::OneShot<bool>& cancelled() { return cancelled_; }
    // Called at most once, at that moment; nothing takes it back.
    void on_cancel(std::function<void()> callback) { on_cancel_ = std::move(callback); }
    const RequestInfo& info() const { return info_; }

   private:
    friend class RequestTable;
    RequestTable& table_;
    RequestInfo info_;
    common::OneShot<bool> cancelled_;
    std::function<void()> on_cancel_;
  };

  std::vector<RequestInfo> list() const;  // in order of arrival
  // Whether there was such a request.
  bool cancel(const std::string& id);

 private:
  std::map<std::uint64_t, Entry*> entries_;  // by arrival
  std::uint64_t last_ = 0;
};

// What the client of a cancelled request is told.
common::Error cancelled_by_operator();

}  // namespace proxy::api
