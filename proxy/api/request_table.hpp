// The inference requests that are under way: what waits, what runs, for how long, and a way to end one. For operators, and for the end of
// the daemon, which has to wait for what peers still answer.
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
  bool at_peer = false;  // somebody else's machine answers it, so residency knows nothing of it
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
    // Set once somebody has ended the request; why() says then what its client is told.
    common::OneShot<bool>& cancelled() { return cancelled_; }
    const common::Error& why() const { return why_; }
    // Called at most once, at that moment; nothing takes it back.
    void on_cancel(std::function<void()> callback) { on_cancel_ = std::move(callback); }
    const RequestInfo& info() const { return info_; }

   private:
    friend class RequestTable;
    void cancel(common::Error why);

    RequestTable& table_;
    RequestInfo info_;
    common::OneShot<bool> cancelled_;
    common::Error why_;
    std::function<void()> on_cancel_;
  };

  std::vector<RequestInfo> list() const;  // in order of arrival
  // Whether there was such a request.
  bool cancel(const std::string& id, common::Error why);
  bool any_at_peers() const;
  // Those that are there, and those that still come.
  void cancel_those_at_peers(const common::Error& why);

 private:
  std::map<std::uint64_t, Entry*> entries_;  // by arrival
  std::uint64_t last_ = 0;
  std::optional<common::Error> peers_closed_;  // why nothing goes to them any more
};

// What the client of a request is told that an operator ended.
common::Error cancelled_by_operator();

}  // namespace proxy::api
