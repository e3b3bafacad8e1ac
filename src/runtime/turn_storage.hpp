#pragma once

#include <atto/session_runtime.hpp>

#include "complete.hpp"
#include "runtime/session_claim.hpp"
#include "runtime/turn_ticket.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace atto::detail {

/// What a runtime asks of its store, under its claims when it has them. All that is called back is called once, on the
/// executor, with nothing locked. After close(), store() and read() fail with runtime_stopped and nothing else is
/// called back. Threads: any.
class turn_storage {
 public:
  using hydrated = std::function<void(error_code, std::optional<snapshot>, session_claim)>;
  using asked = std::function<void(error_code, std::optional<found_turn>)>;
  using stored = std::function<void(error_code, std::int64_t version, session_claim::time_point sent)>;
  using renewed = std::function<void(error_code, session_claim::time_point sent)>;

  /// Of a claim that is given back: it ends by itself, too.
  static constexpr std::chrono::milliseconds release_patience{1000};

  turn_storage(boost::asio::any_io_executor executor, std::shared_ptr<session_store> store, const runtime_options& o);

  [[nodiscard]] bool claims() const noexcept { return claims_.has_value(); }
  [[nodiscard]] std::chrono::milliseconds ttl() const noexcept;

  /// Loads the turn's session, and claims it. The words about a failure, here and below, are the ticket's `diag`.
  void hydrate(const ticket_ptr& t, hydrated done);
  /// Whether a turn with its message's id has been stored.
  void find_turn(const ticket_ptr& t, asked done);
  /// Stores what its handler made: an append, or a save when it replaced the history.
  void store(const ticket_ptr& t, stored done);
  void renew(const ticket_ptr& t, std::int64_t epoch, renewed done);
  void release(const std::string& id, const session_claim& claim, std::function<void()> done);
  void read(const std::string& id, request r, completion<std::optional<snapshot>> done);
  /// Lets go of the store: what is outstanding in it may hold this for ever, since nobody may run its handlers.
  void close();

 private:
  [[nodiscard]] std::shared_ptr<session_store> open_store() const;
  void load(session_store& store, const ticket_ptr& t, hydrated done);
  void claim(session_store& store, const ticket_ptr& t, hydrated done);

  const boost::asio::any_io_executor executor_;
  const std::size_t hydrate_last_;
  const std::optional<claim_settings> claims_;
  const std::string owner_;
  mutable std::mutex mutex_;
  std::shared_ptr<session_store> store_;  // null when closed
};

}  // namespace atto::detail
