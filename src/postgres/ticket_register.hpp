#pragma once

#include "postgres/operation.hpp"

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace atto::postgres {

/// All tickets of a pool that have not ended: whose they are, when they are late, and which close tickets end with the
/// last of their client. It owns them. Decisions only.
class ticket_register {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  ticket_register() = default;
  ~ticket_register();
  ticket_register(const ticket_register&) = delete;
  ticket_register& operator=(const ticket_register&) = delete;

  [[nodiscard]] bool empty() const noexcept { return outstanding_.empty(); }
  /// Precondition: not empty().
  [[nodiscard]] ticket_ptr first() const { return outstanding_.front().self; }

  /// Enters a ticket that has its arrival, the latest of all.
  void add(ticket_ptr t, time_point now);
  /// Any stage to ended: the one place where an admitted ticket ends. Appends to `closed` the close tickets of its
  /// client that waited for nothing else; they have ended, too.
  void end(ticket& t, std::vector<ticket_ptr>& closed);
  /// Ends the close tickets of a client that has no other ticket.
  void end_closing(client& c, std::vector<ticket_ptr>& closed);

  /// time_point::max(): no ticket is ever late.
  [[nodiscard]] time_point next_deadline() const noexcept;
  /// The ticket whose deadline passed first; null: none is late.
  [[nodiscard]] ticket_ptr late(time_point now) const;
  [[nodiscard]] std::vector<ticket_ptr> of_client(const client& c) const;
  /// Those that wait, in the order of their arrival, and arrived not after `latest`; no close tickets.
  [[nodiscard]] std::vector<ticket_ptr> waiting_until(std::uint64_t latest) const;

 private:
  struct by_deadline {
    bool operator()(const books_entry& a, const books_entry& b) const noexcept;
  };

  boost::intrusive::list<
      books_entry,
      boost::intrusive::base_hook<boost::intrusive::list_base_hook<boost::intrusive::tag<outstanding_tag>>>,
      boost::intrusive::constant_time_size<false>>
      outstanding_;  // by arrival
  boost::intrusive::set<
      books_entry, boost::intrusive::base_hook<boost::intrusive::set_base_hook<boost::intrusive::tag<deadline_tag>>>,
      boost::intrusive::compare<by_deadline>, boost::intrusive::constant_time_size<false>>
      deadlines_;
};

}  // namespace atto::postgres
