#pragma once

#include "bench/workload.hpp"

#include <string>

namespace atto::cli::bench {

/// Writes `snap` whole, at the version it names. Errors: as async_save, in the step.
[[nodiscard]] boost::asio::awaitable<step> save(session_store& store, const std::string& id, snapshot snap,
                                                diagnostics& diag);

/// Appends `t` on version `base`.
[[nodiscard]] boost::asio::awaitable<step> append(session_store& store, const std::string& id, std::int64_t base,
                                                  turn t, diagnostics& diag);

/// An id nobody else has: of this run (`run`, such as small) and number.
[[nodiscard]] std::string session_id(const std::string& run, std::size_t number);

/// The next of the sessions `writer` owns: writer, writer + writers, … and from the beginning again.
class rotation {
 public:
  rotation(std::size_t writers, std::size_t sessions) : writers_(writers), sessions_(sessions), next_(writers) {
    for (std::size_t w = 0; w < writers; ++w) next_[w] = w;
  }
  [[nodiscard]] std::size_t take(std::size_t writer) {
    const std::size_t taken = next_[writer];
    next_[writer] = taken + writers_ < sessions_ ? taken + writers_ : writer;
    return taken;
  }

 private:
  std::size_t writers_;
  std::size_t sessions_;
  std::vector<std::size_t> next_;
};

}  // namespace atto::cli::bench
