// The open client connections, and which of them goes when there are too many.
//
// A connection *waits* while it is its client's turn: between requests, and while a head or a body comes in. When all places are taken a
// new connection gets that of the one that has waited longest, so clients that send slowly or nothing at all displace each other and nobody
// else. Nobody is displaced within the grace, in which an honest client has said what it came for: if a rush of newcomers is all there is,
// the next one is kept waiting for that long, in the kernel's queue (and no longer, whoever else has had a word with us since). Some places
// are a reserve: who has a request in hand in it may only do what an operator needs, and is refused anything else. When every place has a
// request in hand, new connections are refused. Used on the loop thread; does no I/O.
#pragma once

#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "common/clock.hpp"
#include "common/connection_budget.hpp"

namespace proxy::net {

class ConnectionTable {
 public:
  struct Limits {
    std::size_t connections = common::kMostConnections;   // with a request in hand
    std::size_t reserved = common::kReservedConnections;  // beyond those
    common::Duration grace = std::chrono::milliseconds(50);
  };

  // One connection's, given back when it goes.
  class Place : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
   public:
    explicit Place(ConnectionTable& table);
    Place(const Place&) = delete;
    ~Place() { give_back(); }

    // It is the client's turn from `now` until busy(), or until `displace` is called, which has to end the connection.
    void wait(common::TimePoint now, std::function<void()> displace);
    void busy();
    // Whether there were as many others with a request in hand as there may be, when it was last said to be busy.
    bool reserved() const { return reserved_; }

   private:
    friend class ConnectionTable;
    void give_back();
    void count(bool in_hand);

    ConnectionTable* table_;  // null once it is given back
    bool in_hand_ = false;
    bool reserved_ = false;
    common::TimePoint waiting_since_;
    std::function<void()> displace_;
  };

  explicit ConnectionTable(Limits limits) : limits_(limits) {}
  ConnectionTable(const ConnectionTable&) = delete;

  // How long a new connection has to be kept waiting until somebody's grace is over. Nothing: admit() can decide now.
  std::optional<common::Duration> until_room(common::TimePoint now) const;
  common::Duration grace() const { return limits_.grace; }
  // Nothing: every place has a request in hand. The table must outlive its places.
  std::unique_ptr<Place> admit();

  std::size_t open() const { return open_; }
  std::uint64_t admitted() const { return admitted_; }
  std::uint64_t displaced() const { return displaced_; }
  std::uint64_t refused() const { return refused_; }

 private:
  bool full() const { return open_ >= limits_.connections + limits_.reserved; }
  void displace_longest_waiting();

  Limits limits_;
  std::size_t open_ = 0;
  std::size_t in_hand_ = 0;
  std::uint64_t admitted_ = 0;
  std::uint64_t displaced_ = 0;
  std::uint64_t refused_ = 0;
  boost::intrusive::list<Place, boost::intrusive::constant_time_size<false>> waiting_;  // the longest first
};

}  // namespace proxy::net
