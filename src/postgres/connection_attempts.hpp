#pragma once

#include <atto/failure.hpp>
#include <atto/postgres_pool.hpp>

#include "postgres/connection_lifecycle.hpp"
#include "postgres/connector.hpp"
#include "postgres/dsn.hpp"
#include "postgres/pg_handle.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <random>

namespace atto::postgres {

/// What the attempts to connect tell their owner; called on the strand, and never from within a call of theirs.
class attempt_events {
 public:
  virtual void on_opened(open_connection o) = 0;
  /// All hosts refused an attempt that began when `asked` was the latest to open().
  virtual void on_refused(std::uint64_t asked, const failure& why) = 0;
  /// It is time to look again at what open() is to be asked.
  virtual void on_attempts_due() = 0;
  /// What was lent out is as good as new, or (no handle) is gone.
  virtual void on_renewed(open_connection o) = 0;
  /// The connection with this number is ready to be lent, or (no handle) is gone.
  virtual void on_prepared(std::size_t number, open_connection o) = 0;

 protected:
  ~attempt_events() = default;
};

/// The attempts to connect that are under way, the pause after one that failed, and the one beside those that hang.
/// connection_lifecycle decides; this has its timers, its randomness, and the connectors.
///
/// Runs on the strand it is given.
class connection_attempts : public std::enable_shared_from_this<connection_attempts> {
 public:
  /// `owner` is not told anything after its end.
  connection_attempts(boost::asio::any_io_executor strand, std::shared_ptr<const dsn> where,
                      const pool_options& options, std::weak_ptr<attempt_events> owner);
  ~connection_attempts();
  connection_attempts(const connection_attempts&) = delete;
  connection_attempts& operator=(const connection_attempts&) = delete;

  /// Begins what is to be begun now; `now.connecting` is filled in here. `asked` comes back with a refusal.
  void open(connection_lifecycle::counts now, std::uint64_t asked);
  /// Makes a connection that was lent out as good as new.
  void renew(pg_handle lent, bool own_session);
  /// Makes a connection ready to be lent. `number`: what the owner knows it by.
  void prepare(std::size_t number, pg_handle idle, bool own_session, std::chrono::steady_clock::time_point deadline);
  /// Closes that connection and reports nothing. No effect when it is not being prepared.
  void stop_preparing(std::size_t number);
  /// Ends all of them, untold.
  void stop();

 private:
  using clock = std::chrono::steady_clock;

  void open_one(std::uint64_t asked);
  /// An attempt may hang where the next would not: after a while one more is made beside it, again and again.
  void open_beside(std::uint64_t asked);
  void on_ended(std::uint64_t asked, std::size_t attempt, open_connection o, const failure& why);
  void pause();
  void stop_connecting();
  [[nodiscard]] std::shared_ptr<connector> make_connector() const;

  boost::asio::any_io_executor strand_;
  std::shared_ptr<const dsn> where_;
  pool_options options_;
  std::weak_ptr<attempt_events> owner_;
  connection_lifecycle lifecycle_;
  std::minstd_rand jitter_;
  boost::asio::steady_timer pause_;
  boost::asio::steady_timer impatience_;  // until open_beside
  std::map<std::size_t, std::shared_ptr<connector>> connecting_;
  std::map<std::size_t, std::shared_ptr<connector>> renewing_;
  std::map<std::size_t, std::shared_ptr<connector>> preparing_;  // by the owner's number
  std::size_t numbers_given_ = 0;
  std::size_t beside_ = 0;  // the attempt that was made beside the others; 0: none since the last connection
  clock::time_point last_attempt_{};
};

}  // namespace atto::postgres
