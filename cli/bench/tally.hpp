#pragma once

#include "latencies.hpp"

#include <cstddef>
#include <string>

namespace atto::cli::bench {

struct plan;

/// What a run counted. Programs that do the same work with other libraries print the same object: bench/README.md.
struct tally {
  /// In the measured time.
  std::size_t operations = 0;
  double seconds = 0;
  latencies took;
  /// Text of the documents that these operations handed over or got.
  std::size_t payload_bytes = 0;
  /// Writes the store acknowledged, with those before and after the measured time. Each adds 1 to a session's version,
  /// so the sum of all versions is to equal it.
  std::size_t acknowledged = 0;
  /// What the store held while operations waited (waiting).
  std::size_t heap_bytes = 0;
};

/// One JSON object in one line.
[[nodiscard]] std::string to_json(const plan& p, const std::string& store, const tally& t);
/// Two lines for people.
[[nodiscard]] std::string to_text(const plan& p, const std::string& store, const tally& t);

}  // namespace atto::cli::bench
