#pragma once

#include "bench/plan.hpp"
#include "bench/tally.hpp"

#include <atto/session_store.hpp>

#include <boost/asio/io_context.hpp>

namespace atto::cli::bench {

/// Starts a turn of every session at once, of which none is live, and takes the time until the last one's handler has
/// begun; or (turn_way::store) loads them all at once. Again and again, with a new runtime each time, for the plan's
/// seconds. Sessions hold 1 KB. `store` must run on `context`. Errors (thrown): error_with_diagnostics.
[[nodiscard]] tally measure_hydration(boost::asio::io_context& context, session_store& store, const plan& p);

/// Makes every session live by one empty turn, and notes how much more of the heap is in use when all are idle again:
/// snapshots and all. payload_bytes is the text of these snapshots. Errors (thrown): error_with_diagnostics.
[[nodiscard]] tally measure_live_sessions(boost::asio::io_context& context, session_store& store, const plan& p);

}  // namespace atto::cli::bench
