#pragma once

#include <atto/error.hpp>

#include "base/context_executor.hpp"
#include "base/failure.hpp"
#include "base/posting_executor.hpp"

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <utility>

namespace atto {

namespace detail {

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

/// A handler on its way out: the only way a completion handler leaves the library.
///
/// It keeps the store's executor and the handler's own one from running out of work until it has been called. Exactly
/// one of succeed, fail and succeed_here is to be called, once. The first two on any thread; both post the handler and
/// never call it inline, and it may run on another thread before they return.
template <class... T>
class completion {
 public:
  using handler_type = boost::asio::any_completion_handler<void(error_code, T...)>;

  /// `diag`, the caller's diagnostics, may be null; it is written to only by fail.
  completion(handler_type h, const boost::asio::any_io_executor& store_executor, diagnostics* diag)
      : handler_(std::move(h)), posts_(store_executor), diag_(diag) {
    auto own = boost::asio::get_associated_executor(handler_, detail::no_executor());
    const bool has_none = own.template target<detail::no_executor>() != nullptr;
    if (!has_none && !detail::are_same_context(own, store_executor)) {
      handler_work_ = boost::asio::prefer(own, boost::asio::execution::outstanding_work.tracked);
    }
  }

  /// Only on the thread that starts the operation, where the slot's owner is not emitting.
  [[nodiscard]] boost::asio::cancellation_slot cancellation_slot() const noexcept {
    return boost::asio::get_associated_cancellation_slot(handler_);
  }

  void succeed(T... value) { post(error_code(), std::move(value)...); }

  /// Only on the store's executor, where the operation was not started just now, and as the last thing that is done
  /// there: calls the handler at once, unless it has another executor. What it throws is thrown.
  void succeed_here(T... value) {
    if (handler_work_) return post(error_code(), std::move(value)...);
    const auto work = std::move(posts_);
    std::move(handler_)(error_code(), std::move(value)...);
  }

  void fail(failure f) {
    if (diag_ != nullptr) *diag_ = std::move(f.diag);
    post(f.code, T()...);
  }

 private:
  void post(error_code ec, T&&... value) {
    // The work must outlive the post, and be given up with it: the handler may destroy the store.
    const auto posts = std::move(posts_);
    // What boost::asio::post does with an executor that is bound, without making three more on the way. It forwards
    // from ours to the handler's: Boost 1.81 cannot post to an any_completion_executor.
    auto call = [h = std::move(handler_), ec, ... v = std::move(value)]() mutable {
      std::move(h)(ec, std::move(v)...);
    };
    if (!handler_work_) return posts.execute(std::move(call));
    posts.execute(
        [where = std::move(handler_work_), call = std::move(call)]() mutable { where.execute(std::move(call)); });
  }

  handler_type handler_;
  posting_executor<boost::asio::execution::outstanding_work_t::tracked_t> posts_;  // the store's
  boost::asio::any_completion_executor handler_work_;  // empty: the handler has none of its own, or the store's
  diagnostics* diag_;
};

}  // namespace atto
