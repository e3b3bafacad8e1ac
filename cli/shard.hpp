#pragma once

#include <cstddef>
#include <string>

namespace atto::cli {

/// Which of `count` equal parts of the work is ours.
struct shard {
  std::size_t index = 1;  // 1 … count
  std::size_t count = 1;

  [[nodiscard]] bool owns(std::size_t item) const noexcept { return item % count == index - 1; }
};

/// Reads `i/n`. Errors (thrown as command_error): usage.
[[nodiscard]] shard parse_shard(const std::string& text);

}  // namespace atto::cli
