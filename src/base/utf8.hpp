#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace atto::utf8 {

/// Offset of the first byte that is not part of well-formed UTF-8 (Unicode 15, table 3-7), or nothing.
[[nodiscard]] std::optional<std::size_t> first_invalid(std::string_view text) noexcept;

/// The same for WTF-8, where an unpaired surrogate has three bytes of its own. A high one that is followed by a low
/// one is a pair, which has one four-byte form: its second half is invalid.
[[nodiscard]] std::optional<std::size_t> first_invalid_wtf8(std::string_view text) noexcept;

/// Length of the well-formed sequence that starts at `p`, whose byte is not ASCII; 0 when there is none.
[[nodiscard]] std::size_t sequence_length(const char* p, const char* end) noexcept;

/// True when the bytes at `p` are a surrogate in its three-byte form.
[[nodiscard]] bool is_surrogate(const char* p, const char* end) noexcept;

/// The least text, by bytes, that is greater than all that begin with `prefix`, well-formed UTF-8; empty when there is
/// none. It is well-formed as well.
[[nodiscard]] std::string end_of_prefix(std::string_view prefix);

}  // namespace atto::utf8
