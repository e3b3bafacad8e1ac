#include "postgres/refusal.hpp"

#include <algorithm>

namespace atto::postgres {

namespace {

constexpr std::string_view after_severity = ":  ";
constexpr std::size_t sqlstate_length = 5;

bool begins_with_sqlstate(std::string_view text) {
  const auto belongs = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); };
  return text.size() > sqlstate_length && text.substr(sqlstate_length).starts_with(": ") &&
         std::ranges::all_of(text.substr(0, sqlstate_length), belongs);
}

}  // namespace

refusal read_refusal(std::string_view libpq_words) {
  for (auto at = libpq_words.find(after_severity); at != libpq_words.npos;
       at = libpq_words.find(after_severity, at + 1)) {
    const std::string_view rest = libpq_words.substr(at + after_severity.size());
    if (!begins_with_sqlstate(rest)) continue;
    const std::string_view message = rest.substr(sqlstate_length + 2);
    return {std::string(rest.substr(0, sqlstate_length)), std::string(message.substr(0, message.find('\n')))};
  }
  return {{}, std::string(libpq_words)};
}

}  // namespace atto::postgres
