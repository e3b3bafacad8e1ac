#pragma once

#include <atto/export.hpp>

#include <array>
#include <compare>
#include <cstddef>
#include <string_view>

namespace atto {

/// Names the message that a turn answers, so that whoever sends the message again finds the turn that it led to
/// (session_store::async_find_turn). Distinct messages of one session need distinct ids.
///
/// Thread-safety: a value.
class ATTO_EXPORT message_id {
 public:
  static constexpr std::size_t size = 16;
  static constexpr std::size_t max_text_bytes = 512;
  using bytes_type = std::array<unsigned char, size>;

  /// Takes 128 bits as they are, such as those of a UUID.
  explicit message_id(const bytes_type& bytes) noexcept : bytes_(bytes) {}

  /// Makes them of a text of 1 … 512 bytes: the UUID of version 5 (RFC 4122: SHA-1) of it in the namespace
  /// 6f2b1c7e-52d5-4a0e-9d0b-3f5c1f6a7f11. Equal texts give equal ids, on any machine and with any release.
  /// Errors (thrown as error_with_diagnostics): invalid_argument for a text of another length.
  explicit message_id(std::string_view text);

  [[nodiscard]] const bytes_type& bytes() const noexcept { return bytes_; }

  friend auto operator<=>(const message_id&, const message_id&) = default;  // NOLINT(modernize-use-nullptr): no pointer

 private:
  bytes_type bytes_;
};

}  // namespace atto
