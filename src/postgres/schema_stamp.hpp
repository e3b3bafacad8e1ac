#pragma once

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

/// The comment that marks a relation as ours and says which schema it has. Pure.
namespace atto::postgres::schema_stamp {

inline constexpr int current = 2;
inline constexpr std::string_view prefix = "atto session store, schema ";

[[nodiscard]] inline std::string make(int version) {
  return fmt::format("{}{}", prefix, version);
}

/// The schema's number, or nothing when the comment is not one of ours.
[[nodiscard]] inline std::optional<int> read(std::string_view comment) {
  if (!comment.starts_with(prefix)) return std::nullopt;
  comment.remove_prefix(prefix.size());
  int version = 0;
  const auto [end, error] = std::from_chars(comment.data(), comment.data() + comment.size(), version);
  if (error != std::errc() || end != comment.data() + comment.size()) return std::nullopt;
  return version;
}

}  // namespace atto::postgres::schema_stamp
