#pragma once

#include <atto/failure.hpp>
#include <atto/postgres_pool.hpp>

#include "postgres/dsn.hpp"
#include "postgres/host_queue.hpp"
#include "postgres/pg_handle.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct pg_result;

namespace atto::postgres {

/// Resolves a name off the loop: libpq would block in getaddrinfo. Reports the addresses, none for a name that is not
/// known; perhaps late, and not at all once the function object is gone.
using name_resolver = std::function<void(const std::string& name, std::function<void(std::vector<std::string>)> done)>;

/// The system's, by way of the one thread that Asio keeps for it in each execution context: one name after the other,
/// and getaddrinfo cannot be interrupted.
[[nodiscard]] name_resolver system_resolver(const boost::asio::any_io_executor& strand);

/// One attempt to open a connection: host after host PQconnectPoll and settings. The time limit is ours, since
/// PQconnectPoll has none; each address, and each name that is waited for, gets an even share of what is left of it, so
/// that a silent one does not use up the time of the next. Names are resolved meanwhile: a host that is available does
/// not wait for one that stands before it, but for the moment that a name takes as a rule. A server that refuses the
/// login ends the attempt, as with libpq's own list; one that is full or starting up does not.
///
/// Runs on the strand it is given. The callback is called once, on the strand, unless cancel() comes first.
class connector : public std::enable_shared_from_this<connector> {
 public:
  /// Either a connection that is ready, or why there is none.
  using callback = std::function<void(open_connection, failure)>;

  /// Without a resolver of names it takes the system's.
  connector(boost::asio::any_io_executor strand, std::shared_ptr<const dsn> where, pool_options options,
            name_resolver resolve = {});
  ~connector();
  connector(const connector&) = delete;
  connector& operator=(const connector&) = delete;

  void start(std::chrono::milliseconds limit, callback done);
  /// Instead of start(): makes a connection that was lent out as good as new. It must be idle and not in pipeline mode.
  /// A pooler cleans up by itself: a session that is not ours alone is not touched.
  void renew(pg_handle lent, bool own_session, std::chrono::milliseconds limit, callback done);
  /// Instead of start(): makes a connection that served operations ready to be lent: blocking, and without the pool's
  /// lock_timeout. It must be idle, not in pipeline mode, and non-blocking.
  void prepare(pg_handle idle, bool own_session, std::chrono::steady_clock::time_point deadline, callback done);
  void cancel();

 private:
  /// Tries the next host, or waits for a name; when there is neither, the attempt has failed.
  void go_on();
  void try_next();
  void wait_for_names(std::chrono::steady_clock::time_point when);
  void on_resolved(std::size_t number, const std::vector<std::string>& addresses);
  [[nodiscard]] std::chrono::steady_clock::rep shares() const noexcept;
  [[nodiscard]] std::string last_words() const;
  void poll();
  void arm(std::chrono::steady_clock::time_point when, std::string_view reason);
  /// What is settled with the server before a connection is ready, in this order: to serve operations, and to be lent.
  enum class setting { discard, backend, timeouts, loss_of_client, done, lock_timeout_of_lease, done_with_lease };
  void settle(setting s);
  void read_answer();
  /// Notes the answer to the setting in question.
  void take_answer(const pg_result* answer);
  [[nodiscard]] std::string set_timeouts() const;
  void become_ready();
  void become_lendable();
  /// Calls `then` when the socket is ready. Watches a descriptor of its own, since the socket may change at every step.
  void wait_for_socket(boost::asio::posix::stream_descriptor::wait_type what, void (connector::*then)());
  /// This address failed: on to the next, or, after the last one, the attempt has failed.
  void fail(std::string_view reason, errc code = errc::unavailable);
  /// The attempt has failed, whatever is left.
  void give_up(std::string_view reason, errc code = errc::unavailable);
  void end(open_connection o, failure f);

  boost::asio::any_io_executor strand_;
  std::shared_ptr<const dsn> where_;
  pool_options options_;
  setting in_question_ = setting::done;
  bool pooled_ = false;        // somebody stands between us and the backend
  bool notices_loss_ = false;  // the server ends a statement whose client died
  name_resolver resolve_;
  host_queue hosts_;
  bool waits_for_names_ = false;
  bool all_misconfigured_ = true;  // no host failed in a way that may pass
  std::string_view reason_;        // why the last host that was tried did not do; empty when there was none
  std::chrono::steady_clock::time_point names_first_until_;
  std::chrono::steady_clock::time_point deadline_;
  boost::asio::steady_timer limit_;
  unsigned tries_ = 0;  // a wait that ends belongs to the address it began with, or is dropped
  boost::asio::posix::stream_descriptor socket_;
  pg_handle connection_;
  callback done_;
};

}  // namespace atto::postgres
