#pragma once

#include <atto/failure.hpp>

#include "postgres/exchange.hpp"

#include <boost/intrusive/list_hook.hpp>
#include <boost/intrusive/set_hook.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace atto::postgres {

class operation;
class ticket;
using operation_ptr = std::shared_ptr<operation>;
using ticket_ptr = std::shared_ptr<ticket>;
struct session_line;

/// One user of a pool: a store, or a single lease. Written by `pool_books` alone.
struct client {
  std::size_t outstanding = 0;      // tickets that have not ended
  std::vector<ticket_ptr> closing;  // close tickets, which end when no other ticket is left
  bool closed = false;
};

/// Where a ticket stands in the books. Written by `pool_books` alone.
struct books_entry : boost::intrusive::list_base_hook<boost::intrusive::tag<struct outstanding_tag>>,
                     boost::intrusive::list_base_hook<boost::intrusive::tag<struct lease_tag>>,
                     boost::intrusive::set_base_hook<boost::intrusive::tag<struct deadline_tag>> {
  ticket_ptr self;                                      // while it is outstanding
  std::size_t link = 0;                                 // the connection that serves it, or is prepared for it
  std::chrono::steady_clock::time_point waits_since{};  // zero: its wait is over and was counted
};

/// Where an operation stands in the backlog. Written by `backlog` alone.
struct backlog_place : boost::intrusive::list_base_hook<boost::intrusive::tag<struct line_tag>>,
                       boost::intrusive::set_base_hook<boost::intrusive::tag<struct lane_tag>> {
  operation_ptr self;                   // while it waits
  session_line* line = nullptr;         // of its session, while it waits or is in flight
  std::optional<std::size_t> ready_in;  // the lane in which it stands
  bool holds_slow_slot = false;
};

/// What the rounds of an operation have met. Written by `pipeline` alone, but for `patient`.
struct round_record {
  bool single = false;     // its group failed or was lost: it is sent alone
  bool lost = false;       // a round of it was lost with its connection
  bool locked = false;     // its row was locked by another client: it is sent alone, and may wait longer
  int retries = 0;         // after errors and losses that another try may not meet
  bool replicated = true;  // false: the commit of its last round may not have reached the synchronous standby
  bool patient = true;     // false: one try alone is enough
};

/// What waits for the pool, or is served by it. It has no handler: what completes one derives from it.
/// `pool_books` decides what becomes of it; see the state diagram in docs/architecture.md.
class ticket {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  enum class kind {
    operation,  // rounds of statements
    lease,      // waits for an idle connection, to be lent
    close,      // waits until its client has no other ticket left
  };
  enum class stage {
    waiting,   // for a connection; a close ticket, for the end of the others
    sent,      // on a connection; of a lease: its connection is being prepared
    decoding,  // its replies are complete; its connection and its session are free for others
    ended,     // its handler was called, or will be by whoever ended it
  };

  ticket(kind k, std::shared_ptr<client> owner, time_point deadline)
      : what(k), owner_(std::move(owner)), deadline_(deadline) {}
  ticket(const ticket&) = delete;
  ticket& operator=(const ticket&) = delete;
  virtual ~ticket() = default;

  /// Calls the handler with an error.
  virtual void fail(failure f) = 0;
  /// What a failure leaves, for its error text: "nothing was written".
  [[nodiscard]] virtual std::string_view upshot() const noexcept = 0;
  /// True when what was sent for it may have changed data, and its fate is not known.
  [[nodiscard]] virtual bool in_doubt() const noexcept { return false; }

  [[nodiscard]] const std::shared_ptr<client>& owner() const noexcept { return owner_; }
  [[nodiscard]] time_point deadline() const noexcept { return deadline_; }

  const kind what;
  std::uint64_t arrival = 0;  // order among all tickets of the pool; 0: it was never admitted
  stage at = stage::waiting;
  books_entry entry;

 private:
  std::shared_ptr<client> owner_;
  time_point deadline_;
};

/// A ticket for rounds of statements.
class operation : public ticket {
 public:
  operation(std::shared_ptr<client> owner, time_point deadline) : ticket(kind::operation, std::move(owner), deadline) {}

  [[nodiscard]] virtual atto::postgres::exchange& exchange() noexcept = 0;
  /// Calls the handler with the outcome of the exchange, which has ended.
  virtual void complete() = 0;

  [[nodiscard]] std::string_view upshot() const noexcept final {
    const bool writes = const_cast<operation*>(this)->exchange().writes();  // NOLINT: exchange() itself changes nothing
    return writes ? "nothing was written" : "nothing was read";
  }
  [[nodiscard]] bool in_doubt() const noexcept final {
    const bool sent = at == stage::sent || at == stage::decoding;
    if (!sent && !rounds.lost) return false;
    return const_cast<operation*>(this)->exchange().in_doubt();  // NOLINT: exchange() itself changes nothing
  }

  round_record rounds;
  backlog_place place;
};

inline failure unproven() {
  return {errc::replication_unproven,
          "it is committed, but the server broke off its wait for the synchronous standby; a failover may lose it"};
}

/// An operation whose exchange yields a value or none, for a handler. `Completion` is a parameter, so
/// that this header does not know how a handler is called.
template <class Exchange, class Completion>
class operation_of final : public operation {
 public:
  template <class... Argument>
  operation_of(std::shared_ptr<client> owner, time_point deadline, Completion done, Argument&&... argument)
      : operation(std::move(owner), deadline), done_(std::move(done)), exchange_(std::forward<Argument>(argument)...) {}

  [[nodiscard]] atto::postgres::exchange& exchange() noexcept override { return exchange_; }

  void complete() override {
    auto taken = exchange_.take();
    if (taken.has_error()) return done_.fail(std::move(taken).error());
    if (!rounds.replicated && exchange_.writes()) return done_.fail(unproven());
    if constexpr (requires(Completion c) { c.succeed(); }) {
      done_.succeed();
    } else {
      done_.succeed(*std::move(taken));
    }
  }

  void fail(failure f) override { done_.fail(std::move(f)); }

 private:
  Completion done_;
  Exchange exchange_;
};

/// What an operation left behind, without a handler: should it fail, the next of its kind does its work as well.
class errand final : public operation {
 public:
  errand(std::shared_ptr<client> owner, time_point deadline, std::unique_ptr<atto::postgres::exchange> e)
      : operation(std::move(owner), deadline), exchange_(std::move(e)) {
    rounds.patient = false;  // its session waits for it
  }

  [[nodiscard]] atto::postgres::exchange& exchange() noexcept override { return *exchange_; }
  void complete() override {}
  void fail(failure) override {}

 private:
  std::unique_ptr<atto::postgres::exchange> exchange_;
};

/// Waits until its client has no other ticket left.
template <class Completion>
class close_ticket final : public ticket {
 public:
  close_ticket(std::shared_ptr<client> owner, time_point deadline, Completion done)
      : ticket(kind::close, std::move(owner), deadline), done_(std::move(done)) {}

  void fail(failure f) override { done_.fail(std::move(f)); }
  [[nodiscard]] std::string_view upshot() const noexcept override { return "the store stays closed"; }
  void succeed() { done_.succeed(); }

 private:
  Completion done_;
};

/// Waits for an idle connection, to be lent.
template <class Completion>
class lease_ticket final : public ticket {
 public:
  lease_ticket(std::shared_ptr<client> owner, time_point deadline, Completion done)
      : ticket(kind::lease, std::move(owner), deadline), done_(std::move(done)) {}

  void fail(failure f) override { done_.fail(std::move(f)); }
  [[nodiscard]] std::string_view upshot() const noexcept override { return "no connection was lent"; }
  template <class Lease>
  void succeed(Lease l) {
    done_.succeed(std::move(l));
  }

 private:
  Completion done_;
};

}  // namespace atto::postgres
