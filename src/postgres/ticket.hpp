#pragma once

#include <atto/failure.hpp>

#include "postgres/exchange.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace atto::postgres {

class close_ticket;
struct session_line;

/// One user of a pool: a store, or the pool itself for its leases. Runs on the pool's strand.
struct client {
  std::size_t outstanding = 0;                         // tickets that have not ended
  std::vector<std::shared_ptr<close_ticket>> closing;  // to be told when there are none
  bool closed = false;
};

/// What waits for the pool, or is served by it. Runs on the pool's strand, after its making.
class ticket {
 public:
  enum class stage { waiting, sent, ended };

  ticket(std::shared_ptr<client> owner, std::chrono::steady_clock::time_point deadline)
      : owner_(std::move(owner)), deadline_(deadline) {}
  ticket(const ticket&) = delete;
  ticket& operator=(const ticket&) = delete;
  virtual ~ticket() = default;

  /// Calls the handler with an error.
  virtual void fail(failure f) = 0;
  /// What a failure leaves, in words: "nothing was written".
  [[nodiscard]] virtual std::string_view upshot() const noexcept = 0;
  /// True when what was sent for it may have changed data, and nobody knows yet.
  [[nodiscard]] virtual bool in_doubt() const noexcept { return false; }

  [[nodiscard]] const std::shared_ptr<client>& owner() const noexcept { return owner_; }
  [[nodiscard]] std::chrono::steady_clock::time_point deadline() const noexcept { return deadline_; }

  std::uint64_t arrival = 0;  // order among all tickets of the pool; given when it is submitted
  stage at = stage::waiting;
  std::size_t connection = 0;                           // the connection's number, once sent
  std::chrono::steady_clock::time_point waits_since{};  // kept by pool_journal; zero: it was sent

 private:
  std::shared_ptr<client> owner_;
  std::chrono::steady_clock::time_point deadline_;
};

/// A ticket for rounds of statements.
class operation : public ticket {
 public:
  using ticket::ticket;
  [[nodiscard]] virtual atto::postgres::exchange& exchange() noexcept = 0;
  [[nodiscard]] std::string_view upshot() const noexcept final {
    const bool writes = const_cast<operation*>(this)->exchange().writes();  // NOLINT: exchange() itself changes nothing
    return writes ? "nothing was written" : "nothing was read";
  }
  /// Calls the handler with the outcome of the exchange, which has ended.
  virtual void complete() = 0;

  [[nodiscard]] bool in_doubt() const noexcept final {
    if (at != stage::sent && !lost) return false;
    return const_cast<operation*>(this)->exchange().in_doubt();  // NOLINT: exchange() itself changes nothing
  }

  // What its rounds have met; kept by `pipeline`.
  bool single = false;     // its group failed or was lost: it is sent alone
  bool lost = false;       // a round of it was lost with its connection
  bool locked = false;     // its row was locked by another client: it is sent alone, and may wait longer
  int retries = 0;         // after errors and losses that another try may not meet
  bool replicated = true;  // false: the commit of its last round may not have reached the synchronous standby
  bool patient = true;     // false: one try alone is enough
  // Kept by `backlog`.
  session_line* line = nullptr;
  std::optional<std::size_t> ready_in;  // the lane in which it stands
  bool holds_slow_slot = false;
};

using operation_ptr = std::shared_ptr<operation>;

}  // namespace atto::postgres
