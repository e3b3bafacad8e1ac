#include "driver/session_line.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace atto::test {
namespace {

/// With removes the checker searches, which only short histories allow.
constexpr std::size_t operations_of(session_kind k) noexcept {
  return k == session_kind::traced ? 400 : k == session_kind::mixed ? 200 : 24;
}

}  // namespace

std::string_view name_of(session_kind k) noexcept {
  return k == session_kind::traced ? "traced" : k == session_kind::mixed ? "mixed" : "removed";
}

std::string session_id(std::string_view prefix, session_kind k, std::size_t number) {
  return fmt::format("{}/{}/{}", prefix, name_of(k), number);
}

session_kind kind_of(std::string_view id) {
  for (const auto k : session_kinds) {
    if (id.find(fmt::format("/{}/", name_of(k))) != std::string_view::npos) return k;
  }
  throw std::logic_error("not a session of a round");
}

std::string session_line::next(std::mt19937& random) {
  const auto place = random() % width;
  const auto generation = operations_[place]++ / operations_of(kind_);
  return session_id(prefix_, kind_, generation * width + place);
}

}  // namespace atto::test
