#pragma once

#include <atto/error.hpp>

#include "failure.hpp"

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <utility>

namespace atto {

/// A handler on its way out: the only way a completion handler leaves the library.
///
/// It keeps the store's executor and the handler's own one from running out of work until it has been called. Exactly
/// one of succeed and fail is to be called, once, on any thread; both post the handler and never call it inline. The
/// handler may run on another thread before they return.
template <class... T>
class completion {
 public:
  using handler_type = boost::asio::any_completion_handler<void(error_code, T...)>;

  /// `diag`, the caller's diagnostics, may be null; it is written to only by fail.
  completion(handler_type h, const boost::asio::any_io_executor& store_executor, diagnostics* diag)
      : handler_(std::move(h)),
        store_work_(tracked(store_executor)),
        handler_work_(tracked(
            boost::asio::get_associated_executor(handler_, boost::asio::any_completion_executor(store_executor)))),
        diag_(diag) {}

  /// Only on the thread that starts the operation, where the slot's owner is not emitting.
  [[nodiscard]] boost::asio::cancellation_slot cancellation_slot() const noexcept {
    return boost::asio::get_associated_cancellation_slot(handler_);
  }

  void succeed(T... value) { post(error_code(), std::move(value)...); }

  void fail(failure f) {
    if (diag_ != nullptr) *diag_ = std::move(f.diag);
    post(f.code, T()...);
  }

 private:
  template <class Executor>
  static Executor tracked(const Executor& ex) {
    return boost::asio::prefer(ex, boost::asio::execution::outstanding_work.tracked);
  }

  void post(error_code ec, T... value) {
    // The work must outlive the post, and be given up with it: the handler may destroy the store.
    const auto store_work = std::move(store_work_);
    const auto handler_work = std::move(handler_work_);
    // Asio posts to our executor and forwards to the handler's: Boost 1.81 cannot post to an any_completion_executor.
    boost::asio::post(store_work, boost::asio::append(std::move(handler_), ec, std::move(value)...));
  }

  handler_type handler_;
  boost::asio::any_io_executor store_work_;
  boost::asio::any_completion_executor handler_work_;
  diagnostics* diag_;
};

}  // namespace atto
