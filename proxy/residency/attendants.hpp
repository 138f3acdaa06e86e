// One supervisor::Attendant for each model id that was ever wanted, made when it first is.
//
// Owned by Residency, used on the loop thread.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "common/clock.hpp"
#include "proxy/residency/core.hpp"
#include "proxy/supervisor/attendant.hpp"

namespace proxy::residency {

class Attendants {
 public:
  using Report = std::function<void(const ModelId& model, int run, supervisor::Input what)>;

  // `report` may have orders carried out at once, also by the attendant that it comes from.
  Attendants(boost::asio::any_io_executor executor, common::Clock& clock, supervisor::Launcher& launcher, Report report)
      : executor_(executor), clock_(clock), launcher_(launcher), report_(std::move(report)) {}
  Attendants(const Attendants&) = delete;
  Attendants& operator=(const Attendants&) = delete;

  supervisor::Attendant& of(const ModelId& model);
  // Ends what still listens to workers.
  boost::asio::awaitable<void> shut_down();

 private:
  std::uint64_t held_beside(const ModelId& model) const;

  boost::asio::any_io_executor executor_;
  common::Clock& clock_;
  supervisor::Launcher& launcher_;
  Report report_;
  std::map<ModelId, std::unique_ptr<supervisor::Attendant>> attendants_;
};

}  // namespace proxy::residency
