#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

namespace atto {

/// Calls `f` with the executor that `e` holds when it is a context's own, else with `e`. To keep it as what it is saves
/// the places on the heap that an any_io_executor makes for what is asked of it.
template <class Function>
auto with_context_executor(const boost::asio::any_io_executor& e, Function&& f) {
  if (const auto* const context = e.target<boost::asio::io_context::executor_type>()) return f(*context);
  if (const auto* const pool = e.target<boost::asio::thread_pool::executor_type>()) return f(*pool);
  return f(e);
}

}  // namespace atto
