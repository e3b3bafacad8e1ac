#pragma once

#include <atto/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atto::cli {

/// The characters of a JSON string as UTF-8; unpaired surrogates in their three-byte form.
[[nodiscard]] std::string unquoted(const json& string);

/// `utf8` as a JSON string, quotes included.
[[nodiscard]] std::string json_quoted(std::string_view utf8);

/// The text without white space between its parts.
[[nodiscard]] std::string compact(const json& document);

/// The number when it is written as a plain whole number that fits; else nothing.
[[nodiscard]] std::optional<std::int64_t> whole_number(const json& document);

}  // namespace atto::cli
