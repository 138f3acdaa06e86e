#include "proxy/net/connection_table.hpp"

#include <utility>

namespace proxy::net {

ConnectionTable::Place::Place(ConnectionTable& table, bool reserved) : table_(&table), reserved_(reserved) { ++table_->open_; }

void ConnectionTable::Place::wait(std::function<void()> displace) {
  if (!table_) return;
  busy();
  displace_ = std::move(displace);
  table_->waiting_.push_back(*this);
}

void ConnectionTable::Place::busy() {
  unlink();
  displace_ = nullptr;
}

void ConnectionTable::Place::give_back() {
  if (auto* table = std::exchange(table_, nullptr)) --table->open_;
}

std::unique_ptr<ConnectionTable::Place> ConnectionTable::admit() {
  if (open_ >= limits_.connections) displace_longest_waiting();
  if (open_ >= limits_.connections + limits_.reserved) {
    ++refused_;
    return nullptr;
  }
  ++admitted_;
  return std::make_unique<Place>(*this, /*reserved=*/open_ >= limits_.connections);
}

void ConnectionTable::displace_longest_waiting() {
  if (waiting_.empty()) return;
  Place& place = waiting_.front();
  auto displace = std::exchange(place.displace_, nullptr);
  place.unlink();
  // At once, although the connection's task needs a moment to end: a burst of newcomers must not displace more than it needs.
  place.give_back();
  ++displaced_;
  displace();
}

}  // namespace proxy::net
