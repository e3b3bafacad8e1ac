#pragma once

#include "postgres/operation.hpp"

#include <boost/intrusive/list.hpp>

#include <algorithm>
#include <cstddef>

namespace atto::postgres {

/// The leases of a pool: which wait, for which one a connection is being prepared, and how many connections are lent.
/// It does not own the tickets. Decisions only.
class lease_queue {
 public:
  /// `most`: connections that may be lent at a time.
  explicit lease_queue(std::size_t most) noexcept : most_(most) {}

  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_count_; }
  /// Connections that are lent, or on their way out or back.
  [[nodiscard]] std::size_t lent() const noexcept { return lent_; }
  /// How many of those that wait may have a connection now.
  [[nodiscard]] std::size_t wanted() const noexcept { return std::min(waiting_count_, most_ - std::min(lent_, most_)); }

  /// New to waiting, by arrival.
  void add(ticket& t);
  /// Waiting to gone: its caller gave up.
  void remove(ticket& t);
  /// Waiting to sent: connection `link` is being prepared for the first one. Precondition: wanted() > 0.
  [[nodiscard]] ticket& take(std::size_t link);
  /// The connection is ready: its ticket, which is off the queue, and has the connection. Null: it was given up.
  [[nodiscard]] ticket_ptr lend(std::size_t link);
  /// The connection is gone: sent to waiting, in its old place, since another connection will do. False: it was given
  /// up.
  [[nodiscard]] bool put_back(std::size_t link);
  /// Sent to gone: its caller gave up, and its connection must be closed.
  void stop_preparing(ticket& t);
  /// A connection that was lent is back, or gone.
  void on_back() noexcept { --lent_; }

 private:
  using entries = boost::intrusive::list<
      books_entry, boost::intrusive::base_hook<boost::intrusive::list_base_hook<boost::intrusive::tag<lease_tag>>>,
      boost::intrusive::constant_time_size<false>>;

  [[nodiscard]] ticket_ptr take_prepared(std::size_t link);

  std::size_t most_;
  entries waiting_;   // by arrival
  entries prepared_;  // with the connection that is being prepared
  std::size_t waiting_count_ = 0;
  std::size_t lent_ = 0;
};

}  // namespace atto::postgres
