// One request and its answer on one connection.
//
// A handler reads the body if it wants it, then either reply()s once or streams: begin(), write() as often as it likes, finish(). Writing
// waits for the client (that is the back-pressure). What is begun and not finished is aborted, never ended cleanly: a cut answer must be
// detectable. Owned by the connection; lives for one handler call.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "proxy/net/message.hpp"

namespace proxy::net {

class ConnectionState;

class Exchange {
 public:
  Exchange(ConnectionState& connection, RequestHead head, std::string id);
  Exchange(const Exchange&) = delete;

  const RequestHead& head() const { return head_; }
  const std::string& id() const { return id_; }  // X-Request-Id of the answer
  // For what has to work under overload: it may be in the reserve (connection_table.hpp).
  void use_reserve() { uses_reserve_ = true; }
  // too_many_connections: as many others as there may be have a request in hand. What read_body() takes time for is looked at again there.
  common::Result<void> admitted() const;
  // On every answer from now on. One of that name that was set before is not any more; an empty value sets none.
  void set_field(std::string name, std::string value) {
    std::erase_if(fields_, [&name](const auto& field) { return field.first == name; });
    if (!value.empty()) fields_.emplace_back(std::move(name), std::move(value));
  }

  // The whole body; payload_too_large past `limit`, request_timeout when it comes too slowly, bad_framing when it is
  // not what its head said, too_many_connections as admitted() has it. Call at most once.
  boost::asio::awaitable<common::Result<std::string>> read_body(std::size_t limit);

  boost::asio::awaitable<void> reply(Answer answer);

  // With `length` the body is sent as exactly that many bytes, otherwise in chunks.
  boost::asio::awaitable<common::Result<void>> begin(unsigned status, Fields fields, std::optional<std::uint64_t> length = std::nullopt);
  boost::asio::awaitable<common::Result<void>> write(std::string_view bytes);
  boost::asio::awaitable<common::Result<void>> finish();
  // Cuts the connection with a reset, so that nobody takes what was sent for the whole.
  void abort();

  // Returns when the client has gone. For running beside the work that is done for it.
  boost::asio::awaitable<common::Result<void>> client_gone();

  bool begun() const { return begun_; }
  unsigned status() const { return status_; }
  std::uint64_t bytes_sent() const { return bytes_sent_; }
  // Whether the connection can take another request: everything was read and everything was sent.
  bool reusable() const { return body_done_ && answer_done_; }

 private:
  boost::asio::awaitable<common::Result<void>> send(std::string head, std::string_view body);
  std::string format_head(unsigned status, const Fields& fields, std::optional<std::uint64_t> length) const;
  bool bodiless() const { return head_.method == "HEAD"; }

  ConnectionState& connection_;
  RequestHead head_;
  std::string id_;
  Fields fields_;
  bool uses_reserve_ = false;
  bool begun_ = false;
  bool chunked_ = false;
  bool body_done_ = false;
  bool answer_done_ = false;
  unsigned status_ = 0;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t left_ = 0;  // of a body of known length
};

}  // namespace proxy::net
