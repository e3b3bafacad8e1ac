#pragma once

#include <cstddef>

#include <malloc.h>

namespace atto::cli::bench {

/// Bytes that this process has allocated and not freed, as far as its main arena goes: what one thread allocates.
[[nodiscard]] inline std::size_t heap_in_use() {
  const struct mallinfo2 all = mallinfo2();
  return all.uordblks + all.hblkhd;
}

}  // namespace atto::cli::bench
