#include "fuzz/targets.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string_view>

// What libFuzzer calls. ATTO_FUZZ_TARGET is the target's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    atto::fuzz::ATTO_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "finding: %s\n", e.what());
    __builtin_trap();
  }
  return 0;
}
