#pragma once

#include "bench/plan.hpp"
#include "replay_file.hpp"
#include "results.hpp"

#include <atto/diagnostics.hpp>
#include <atto/error.hpp>
#include <atto/session_store.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace atto::cli::bench {

/// What one operation did.
struct step {
  step() = default;
  step(error_code e, std::size_t bytes, std::size_t acknowledged_writes) noexcept
      : ec(e), payload(bytes), writes(ec ? 0 : acknowledged_writes) {}

  error_code ec;
  std::size_t payload = 0;  // bytes of documents handed over or got
  std::size_t writes = 0;   // acknowledged; each added 1 to the sum of all versions
};

/// The work of a benchmark. Each writer works on sessions of its own, so that no two ever race.
class workload {
 public:
  workload() = default;
  workload(const workload&) = delete;
  workload& operator=(const workload&) = delete;
  virtual ~workload() = default;

  /// How many steps bring the store to where the measured time begins; each is done by the writer that is free first.
  [[nodiscard]] virtual std::size_t preparations() const = 0;
  [[nodiscard]] virtual boost::asio::awaitable<step> prepare(std::size_t index, diagnostics& diag) = 0;

  /// One operation of `writer`.
  [[nodiscard]] virtual boost::asio::awaitable<step> operate(std::size_t writer, diagnostics& diag) = 0;
};

/// All arguments must outlive the workload. `p.sessions` is set.
[[nodiscard]] std::unique_ptr<workload> make_small(session_store& store, const plan& p);
[[nodiscard]] std::unique_ptr<workload> make_conversations(session_store& store, const plan& p,
                                                           const std::vector<conversation>& conversations);
[[nodiscard]] std::unique_ptr<workload> make_long(session_store& store, const plan& p,
                                                  const std::vector<conversation>& conversations);
[[nodiscard]] std::unique_ptr<workload> make_load(session_store& store, const plan& p,
                                                  const std::vector<conversation>& conversations);
[[nodiscard]] std::unique_ptr<workload> make_list(session_store& store, const plan& p);
/// `store` must run on the callers' thread.
[[nodiscard]] std::unique_ptr<workload> make_turns(session_store& store, const plan& p);

}  // namespace atto::cli::bench
