#pragma once

#include "bench/plan.hpp"
#include "bench/tally.hpp"

#include <atto/session_store.hpp>

#include <boost/asio/io_context.hpp>

namespace atto::cli::bench {

/// Starts 10,000 appends of 1 KB each at once, and notes how much more of the heap was in use, at the most, while they
/// waited: everything the waiting operations keep alive, their documents included.
/// `store` must run on `context`. Errors (thrown): error_with_diagnostics.
[[nodiscard]] tally measure_waiting(boost::asio::io_context& context, session_store& store, const plan& p);

}  // namespace atto::cli::bench
