#include "proxy/net/connection_table.hpp"

#include <utility>

namespace proxy::net {

ConnectionTable::Place::Place(ConnectionTable& table) : table_(&table) { ++table_->open_; }

void ConnectionTable::Place::wait(common::TimePoint now, std::function<void()> displace) {
  if (!table_) return;
  unlink();
  count(false);
  waiting_since_ = now;
  displace_ = std::move(displace);
  table_->waiting_.push_back(*this);
}

void ConnectionTable::Place::busy() {
  if (!table_) return;
  unlink();
  displace_ = nullptr;
  count(true);
  reserved_ = table_->in_hand_ > table_->limits_.connections;
}

void ConnectionTable::Place::count(bool in_hand) {
  if (in_hand == in_hand_) return;
  in_hand ? ++table_->in_hand_ : --table_->in_hand_;
  in_hand_ = in_hand;
}

void ConnectionTable::Place::give_back() {
  if (!table_) return;
  unlink();
  count(false);
  --std::exchange(table_, nullptr)->open_;
}

std::optional<common::Duration> ConnectionTable::until_room(common::TimePoint now) const {
  if (!full() || waiting_.empty()) return std::nullopt;
  const common::TimePoint over = waiting_.front().waiting_since_ + limits_.grace;
  return over > now ? std::optional(over - now) : std::nullopt;
}

std::unique_ptr<ConnectionTable::Place> ConnectionTable::admit() {
  if (full()) displace_longest_waiting();
  if (full()) {
    ++refused_;
    return nullptr;
  }
  ++admitted_;
  return std::make_unique<Place>(*this);
}

void ConnectionTable::displace_longest_waiting() {
  if (waiting_.empty()) return;
  Place& place = waiting_.front();
  auto displace = std::exchange(place.displace_, nullptr);
  // At once, although the connection's task needs a moment to end: a burst of newcomers must not displace more than it needs.
  place.give_back();
  ++displaced_;
  displace();
}

}  // namespace proxy::net
