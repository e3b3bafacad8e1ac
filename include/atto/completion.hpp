#pragma once

#include <atto/diagnostics.hpp>
#include <atto/error.hpp>
#include <atto/failure.hpp>

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/thread_pool.hpp>

#include <concepts>
#include <utility>
#include <variant>

/// How a completion handler leaves a store. For implementers of stores; a user of stores needs nothing of it.
namespace atto {

namespace detail {

/// Calls `f` with the executor that `e` holds when it is a context's own, else with `e`. A context's own executor
/// answers queries without the heap allocations that any_io_executor makes.
template <class Function>
auto with_context_executor(const boost::asio::any_io_executor& e, Function&& f) {
  if (const auto* const context = e.target<boost::asio::io_context::executor_type>()) return f(*context);
  if (const auto* const pool = e.target<boost::asio::thread_pool::executor_type>()) return f(*pool);
  return f(e);
}

/// An executor that never calls at once. With `outstanding_work_t::tracked_t` it does not run out of work while this
/// lives.
///
/// A context's own executor is kept as what it is: an any_io_executor makes each property and each function that it is
/// given a place on the heap.
template <class Work = boost::asio::execution::outstanding_work_t::untracked_t>
class posting_executor {
 public:
  /// Takes nothing that converts, such as a posting_executor.
  template <std::same_as<boost::asio::any_io_executor> Executor>
  explicit posting_executor(const Executor& e)
      : kept_(with_context_executor(e, [](const auto& own) -> kept { return posting(own); })) {}

  template <class Function>
  void execute(Function&& f) const {
    std::visit([&](const auto& e) { e.execute(std::forward<Function>(f)); }, kept_);
  }

 private:
  template <class Executor>
  static auto posting(const Executor& e) {
    return boost::asio::prefer(boost::asio::require(e, boost::asio::execution::blocking.never), Work());
  }
  template <class Executor>
  using posting_t = decltype(posting(std::declval<const Executor&>()));
  using kept = std::variant<boost::asio::any_io_executor, posting_t<boost::asio::io_context::executor_type>,
                            posting_t<boost::asio::thread_pool::executor_type>>;

  kept kept_;
};

/// Stands for the executor of a handler that has none.
struct no_executor {
  template <class Function>
  void execute(Function&&) const noexcept {}
  friend bool operator==(no_executor, no_executor) noexcept { return true; }
};

/// As the executor of completion handlers; a context's own is kept without a place on the heap, which each copy counts.
[[nodiscard]] inline boost::asio::any_completion_executor completion_executor(const boost::asio::any_io_executor& e) {
  return with_context_executor(e, [](const auto& own) -> boost::asio::any_completion_executor { return own; });
}

/// Whether both stand for the same executor of that kind.
template <class Executor>
[[nodiscard]] bool are_same(const boost::asio::any_completion_executor& a, const boost::asio::any_io_executor& b) {
  const auto* const one = a.target<Executor>();
  const auto* const other = b.target<Executor>();
  return one != nullptr && other != nullptr && *one == *other;
}

/// Whether they are the same plain executor of a context. To compare any others, one would have to be made anew.
[[nodiscard]] inline bool are_same_context(const boost::asio::any_completion_executor& a,
                                           const boost::asio::any_io_executor& b) {
  return are_same<boost::asio::io_context::executor_type>(a, b) ||
         are_same<boost::asio::thread_pool::executor_type>(a, b);
}

}  // namespace detail

/// Holds the completion handler of one operation until the operation ends, and then calls it as session_store promises.
/// That is: once, never inline, posted to the handler's associated executor, or to the store's when it has none.
///
///     void do_load(load_request r, handler<std::optional<snapshot>> h) override {
///       completion<std::optional<snapshot>> done(std::move(h), get_executor(), r.diag);
///       ...                                      // now, or later on any thread
///       done.succeed(std::move(found));          // or done.fail({errc::storage_failure, "the disk is full"})
///     }
///
/// Call exactly one of succeed, fail and succeed_here, once; destroying a completion without it loses the handler.
/// Executor: until then it keeps the store's executor and the handler's own from running out of work. The handler may
///   run, on another thread, before succeed or fail returns, and may destroy the store.
/// Thread-safety: none; one thread at a time. succeed and fail may be called on any thread.
/// Exception safety: only allocation throws.
template <class... T>
class completion {
 public:
  using handler_type = boost::asio::any_completion_handler<void(error_code, T...)>;

  /// `diag`, the caller's diagnostics (request::diag), may be null; only fail writes to it, before the handler is
  /// posted.
  completion(handler_type h, const boost::asio::any_io_executor& store_executor, diagnostics* diag)
      : handler_(std::move(h)), posts_(store_executor), diag_(diag) {
    auto own = boost::asio::get_associated_executor(handler_, detail::no_executor());
    const bool has_none = own.template target<detail::no_executor>() != nullptr;
    if (!has_none && !detail::are_same_context(own, store_executor)) {
      handler_work_ = boost::asio::prefer(own, boost::asio::execution::outstanding_work.tracked);
    }
  }

  /// The caller's slot, not connected when the caller cannot cancel. Use it only in the function that starts the
  /// operation (session_store::do_…), on its thread: later the slot's owner may be emitting. Its handler may be called
  /// at any time until the completion handler has run.
  [[nodiscard]] boost::asio::cancellation_slot cancellation_slot() const noexcept {
    return boost::asio::get_associated_cancellation_slot(handler_);
  }

  /// Ends the operation with success and its value.
  void succeed(T... value) { post(error_code(), std::move(value)...); }

  /// As succeed, but calls the handler inline unless it has another executor. Only on the store's executor, after the
  /// function that started the operation has returned, and as the last action there. What the handler throws is thrown.
  void succeed_here(T... value) {
    if (handler_work_) return post(error_code(), std::move(value)...);
    const auto work = std::move(posts_);
    std::move(handler_)(error_code(), std::move(value)...);
  }

  /// Ends the operation with an error; the handler's other arguments are T(). Precondition: `f` holds an error.
  void fail(failure f) {
    if (diag_ != nullptr) *diag_ = std::move(f.diag);
    post(f.code, T()...);
  }

 private:
  void post(error_code ec, T&&... value) {
    // The work must outlive the post, and be given up with it: the handler may destroy the store.
    const auto posts = std::move(posts_);
    // What boost::asio::post does with an executor that is bound, without three more copies of it. It forwards
    // from ours to the handler's: Boost 1.81 cannot post to an any_completion_executor.
    auto call = [h = std::move(handler_), ec, ... v = std::move(value)]() mutable {
      std::move(h)(ec, std::move(v)...);
    };
    if (!handler_work_) return posts.execute(std::move(call));
    posts.execute(
        [where = std::move(handler_work_), call = std::move(call)]() mutable { where.execute(std::move(call)); });
  }

  handler_type handler_;
  detail::posting_executor<boost::asio::execution::outstanding_work_t::tracked_t> posts_;  // the store's
  boost::asio::any_completion_executor handler_work_;  // empty: the handler has none of its own, or the store's
  diagnostics* diag_;
};

}  // namespace atto
