// The log over HTTP: /logs and /logs/stream as text, as llama-swap has them, and /admin/v1/logs with levels and sources as JSON.
//
// Owned by Admin. What there is to read is in the log book; a reader here holds how far it has come and the piece that is being sent.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <string>

#include "common/clock.hpp"
#include "common/log_book.hpp"
#include "proxy/admin/log_question.hpp"
#include "proxy/net/router.hpp"
#include "registry/store.hpp"

namespace proxy::admin {

class LogPages {
 public:
  LogPages(boost::asio::any_io_executor executor, common::LogBook& book, const registry::Store& store, common::Clock& clock);
  LogPages(const LogPages&) = delete;
  ~LogPages();

  void add_routes(net::Router& router);
  // Streams end after what has been logged so far.
  void close();

 private:
  enum class Form { text, events };
  struct Reading {
    common::LogFilter filter;
    common::LogPosition position;
    Form form = Form::text;
    bool follow = false;  // otherwise it ends where the log ended when it began
  };

  boost::asio::awaitable<void> show_text(net::Exchange& exchange);
  boost::asio::awaitable<void> stream_text(net::Exchange& exchange, std::string source);  // empty: all
  boost::asio::awaitable<void> show_lines(net::Exchange& exchange);
  boost::asio::awaitable<void> stream_lines(net::Exchange& exchange);

  boost::asio::awaitable<void> send(net::Exchange& exchange, Reading reading);
  boost::asio::awaitable<common::Result<void>> write(net::Exchange& exchange, Reading reading);
  boost::asio::awaitable<void> wait(common::LogPosition position);
  common::Result<std::string> name_model(const std::string& name) const;
  common::LogPosition begin_of(const LogQuestion& question) const;

  common::LogBook& book_;
  const registry::Store& store_;
  common::Clock& clock_;
  boost::asio::steady_timer added_;  // never expires: cancelled to wake whoever waits
  bool closing_ = false;
};

}  // namespace proxy::admin
