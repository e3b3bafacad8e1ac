#include "shard.hpp"

#include "command_error.hpp"

#include <charconv>
#include <string_view>
#include <system_error>

namespace atto::cli {

namespace {

/// A positive number, or 0 when `text` is none.
std::size_t positive(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

}  // namespace

shard parse_shard(const std::string& text) {
  const std::string_view view = text;
  const std::size_t slash = view.find('/');
  shard s;
  s.index = positive(view.substr(0, slash));
  s.count = slash == std::string_view::npos ? 0 : positive(view.substr(slash + 1));
  if (s.index == 0 || s.count == 0 || s.index > s.count) {
    throw command_error(exit_status::usage, "usage: --shard takes i/n with i from 1 to n, such as 1/2");
  }
  return s;
}

}  // namespace atto::cli
