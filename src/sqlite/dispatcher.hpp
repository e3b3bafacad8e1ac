#pragma once

#include "sqlite/operation.hpp"
#include "sqlite/request_queue.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace atto::sqlite {

/// Where callers, the timer, cancellation and the worker meet: request_queue's decisions behind a lock, and carried
/// out. Shared by the store, its worker, and whatever signal may still come.
///
/// Thread-safety: all members may be called on any thread. Handlers are completed with no lock held.
class dispatcher : public std::enable_shared_from_this<dispatcher> {
 public:
  using ticket = request_queue::ticket;
  using operation_ptr = std::shared_ptr<operation>;

  dispatcher(const boost::asio::any_io_executor& executor, std::size_t max_waiting);

  /// A ticket for an operation to be submitted or closed with.
  [[nodiscard]] ticket next_ticket() noexcept { return next_ticket_.fetch_add(1, std::memory_order_relaxed); }
  void submit(ticket id, operation_ptr op);
  void close(ticket id, operation_ptr op);
  void cancel(ticket id, boost::asio::cancellation_type type);
  /// Ends all that can be taken back and lets the worker go.
  void shut_down();

  /// What the worker does next.
  struct order {
    enum class action { execute, close_file, leave } what;
    ticket id = 0;       // with execute
    operation_ptr op{};  // with execute
  };
  /// Waits for it.
  [[nodiscard]] order next();
  /// False when the operation has ended meanwhile: it must be rolled back.
  [[nodiscard]] bool begin_commit(ticket id);
  void finish(ticket id, failure f);
  void file_closed();

 private:
  /// What is to be completed once the lock is released.
  struct finale {
    operation_ptr op;
    failure why;  // none: success
  };
  using finales = std::vector<finale>;

  void settle(request_queue::endings endings, finales& out);
  [[nodiscard]] operation_ptr release(ticket id);
  void set_timer();
  void on_timer();
  static void complete(finales all);

  std::atomic<ticket> next_ticket_ = 1;
  std::mutex mutex_;
  std::condition_variable wake_;                           // the worker waits on it
  request_queue queue_;                                    // guarded by mutex_
  std::unordered_map<ticket, operation_ptr> outstanding_;  // guarded by mutex_
  boost::asio::steady_timer timer_;                        // guarded by mutex_
  std::optional<request_queue::time_point> timer_set_to_;  // guarded by mutex_
  bool leaving_ = false;                                   // guarded by mutex_
};

}  // namespace atto::sqlite
