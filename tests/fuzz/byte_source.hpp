#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace atto::fuzz {

/// Decisions drawn from a fuzzer's bytes, from the front; zeros when they have run out.
class byte_source {
 public:
  explicit byte_source(std::string_view bytes) noexcept : rest_(bytes) {}

  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }

  std::uint8_t byte() noexcept {
    if (rest_.empty()) return 0;
    const auto b = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return b;
  }
  bool flip() noexcept { return (byte() & 1U) != 0; }
  /// 0 … n - 1; n is 1 … 256.
  std::size_t below(std::size_t n) noexcept { return byte() % n; }
  std::uint64_t word() noexcept {
    std::uint64_t w = 0;
    for (int i = 0; i < 8; ++i) w = w << 8U | byte();
    return w;
  }
  /// Mostly small, sometimes at an end of the range.
  std::int64_t number() noexcept {
    switch (below(4)) {
      case 0:
        return byte();
      case 1:
        return -static_cast<std::int64_t>(byte());
      default:
        return static_cast<std::int64_t>(word());
    }
  }
  /// At most n bytes.
  std::string_view take(std::size_t n) noexcept {
    const std::string_view taken = rest_.substr(0, n);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  /// Up to 255 bytes, preceded by their count.
  std::string text() { return std::string(take(byte())); }
  std::string_view rest() noexcept { return take(rest_.size()); }

 private:
  std::string_view rest_;
};

}  // namespace atto::fuzz
