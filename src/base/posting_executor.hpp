#pragma once

#include "base/context_executor.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/thread_pool.hpp>

#include <concepts>
#include <utility>
#include <variant>

namespace atto {

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

}  // namespace atto
