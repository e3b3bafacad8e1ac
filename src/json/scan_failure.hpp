#pragma once

#include <atto/failure.hpp>

#include "json/scanner.hpp"

#include <cstddef>
#include <string_view>

/// What the caller is told about a document that was refused; never with a word of it in the message. Pure.
namespace atto::json_text {

/// `scanned`, which holds a fault, of `text`.
[[nodiscard]] failure to_failure(const scan_result& scanned, std::string_view text);

[[nodiscard]] failure not_utf8(std::size_t offset);
[[nodiscard]] failure too_large(std::size_t size);

}  // namespace atto::json_text
