#pragma once

#include <atto/completion.hpp>
#include <atto/session_runtime.hpp>
#include <atto/store_requests.hpp>

#include "runtime/session_claim.hpp"
#include "runtime/turn_ticket.hpp"

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace atto::detail {

/// What a runtime asks of its store, under its claims when it has them. The listener is told once of all that is asked,
/// on the executor, with nothing locked; by store() itself when there is nothing to ask of the store. After close(),
/// store() and read() fail with runtime_stopped and it is told nothing else. Threads: any.
class turn_storage {
 public:
  /// Who is told what came of it. It is shared with what is outstanding.
  class listener {
   public:
    virtual ~listener() = default;
    virtual void on_hydrated(const ticket_ptr& t, error_code ec, std::optional<snapshot> s, session_claim c) = 0;
    virtual void on_asked(const ticket_ptr& t, error_code ec, std::optional<turn_record> found) = 0;
    /// `sent` is a time before the store was asked, here and below.
    virtual void on_stored(const ticket_ptr& t, error_code ec, std::int64_t version,
                           session_claim::time_point sent) = 0;
    virtual void on_renewed(const ticket_ptr& t, std::int64_t epoch, session_claim::time_point sent, error_code ec) = 0;
    virtual void on_released() = 0;
  };
  using listener_ptr = std::shared_ptr<listener>;

  /// Of a claim that is given back: it ends by itself, too.
  static constexpr std::chrono::milliseconds release_patience{1000};

  turn_storage(boost::asio::any_io_executor executor, std::shared_ptr<session_store> store, const runtime_options& o);

  [[nodiscard]] bool claims() const noexcept { return claims_.has_value(); }
  [[nodiscard]] std::chrono::milliseconds ttl() const noexcept;

  /// Loads the turn's session, and claims it. The words about a failure, here and below, are the ticket's `diag`.
  void hydrate(const ticket_ptr& t, listener_ptr l);
  /// Whether a turn with its message's id has been stored.
  void find_turn(const ticket_ptr& t, listener_ptr l);
  /// Stores what its handler made: an append, or a save when it replaced the history.
  void store(const ticket_ptr& t, listener_ptr l);
  void renew(const ticket_ptr& t, std::int64_t epoch, listener_ptr l);
  void release(const std::string& id, const session_claim& claim, listener_ptr l);
  void read(const std::string& id, request r, completion<std::optional<snapshot>> done);
  /// Lets go of the store: what is outstanding in it may hold this for ever, since nobody may run its handlers.
  void close();

 private:
  [[nodiscard]] std::shared_ptr<session_store> open_store() const;
  void load(session_store& store, const ticket_ptr& t, listener_ptr l);
  void claim(session_store& store, const ticket_ptr& t, listener_ptr l);

  const boost::asio::any_completion_executor executor_;  // as completion handlers are given it
  const std::size_t hydrate_last_;
  const std::optional<runtime_claim_options> claims_;
  const std::string owner_;
  mutable std::mutex mutex_;
  std::shared_ptr<session_store> store_;  // null when closed
};

}  // namespace atto::detail
