#pragma once

#include <atto/diagnostics.hpp>
#include <atto/error.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

namespace atto::cli {

/// Runs `count` coroutines, made by `make(0)` … `make(count - 1)`, on this thread until the last has ended; then throws
/// the first exception of them, if there was one. Handlers of others that wait on `context` stay for the next run.
template <class Make>
void run_at_once(boost::asio::io_context& context, std::size_t count, Make make) {
  if (count == 0) return;
  std::size_t left = count;
  std::exception_ptr first;
  for (std::size_t i = 0; i < count; ++i) {
    boost::asio::co_spawn(context, make(i), [&](std::exception_ptr e) {
      if (e && !first) first = std::move(e);
      if (--left == 0) context.stop();
    });
  }
  context.restart();
  context.run();
  if (first) std::rethrow_exception(first);
}

/// Starts one operation with `start(handler)` and runs `context` until it has ended. Returns its value.
/// Errors (thrown): error_with_diagnostics, with `diag`.
template <class T, class Start>
T wait_for(boost::asio::io_context& context, const diagnostics& diag, Start start) {
  std::optional<std::pair<error_code, T>> result;
  start([&](error_code ec, T value) {
    result.emplace(ec, std::move(value));
    context.stop();
  });
  context.restart();
  context.run();
  if (result->first) throw error_with_diagnostics(result->first, diag);
  return std::move(result->second);
}

/// The same for operations that give no value.
template <class Start>
void wait_for_end(boost::asio::io_context& context, const diagnostics& diag, Start start) {
  static_cast<void>(wait_for<bool>(context, diag, [&](auto handler) {
    start([handler = std::move(handler)](error_code ec) mutable { handler(ec, true); });
  }));
}

}  // namespace atto::cli
