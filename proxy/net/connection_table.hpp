// The open client connections, and which of them goes when there are too many.
//
// A connection *waits* while it is its client's turn: between requests, and while a head or a body comes in. At the limit a new connection
// takes the place of the one that has waited longest, so clients that send slowly or nothing at all displace each other and nobody else.
// When every connection has a request in hand, a few more are let in and marked reserved, for the pages by which an operator looks after
// the daemon; beyond those, new ones are refused. Used on the loop thread; does no I/O.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <functional>
#include <memory>

#include "common/connection_budget.hpp"

namespace proxy::net {

class ConnectionTable {
 public:
  struct Limits {
    std::size_t connections = common::kMostConnections;
    std::size_t reserved = common::kReservedConnections;  // beyond those
  };

  // One connection's, given back when it goes.
  class Place : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
   public:
    Place(ConnectionTable& table, bool reserved);
    Place(const Place&) = delete;
    ~Place() { give_back(); }

    bool reserved() const { return reserved_; }
    // It is the client's turn until busy(), or until `displace` is called, which has to end the connection.
    void wait(std::function<void()> displace);
    void busy();

   private:
    friend class ConnectionTable;
    void give_back();

    ConnectionTable* table_;  // null once it is given back
    bool reserved_;
    std::function<void()> displace_;
  };

  explicit ConnectionTable(Limits limits) : limits_(limits) {}
  ConnectionTable(const ConnectionTable&) = delete;

  // Nothing: there is no room. The table must outlive its places.
  std::unique_ptr<Place> admit();

  std::size_t open() const { return open_; }
  std::uint64_t admitted() const { return admitted_; }
  std::uint64_t displaced() const { return displaced_; }
  std::uint64_t refused() const { return refused_; }

 private:
  void displace_longest_waiting();

  Limits limits_;
  std::size_t open_ = 0;
  std::uint64_t admitted_ = 0;
  std::uint64_t displaced_ = 0;
  std::uint64_t refused_ = 0;
  boost::intrusive::list<Place, boost::intrusive::constant_time_size<false>> waiting_;  // the longest first
};

}  // namespace proxy::net
