#include "postgres/refusal.hpp"

#include <algorithm>
#include <array>

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

bool refuses_tls(std::string_view libpq_words) {
  const auto holds = [&](std::string_view t) { return libpq_words.find(t) != libpq_words.npos; };
  // With an alert ("sslv3 alert certificate expired") the server says that it refuses the handshake, and why. Only its
  // own failure may pass.
  if (holds("SSL error: ") && holds(" alert ") && !holds(" alert internal error")) return true;
  // Of fe-secure-openssl.c, fe-secure-common.c and fe-connect.c, PostgreSQL 15; the second line is OpenSSL's.
  constexpr std::array texts{
      "server does not support SSL",
      "certificate verify failed",
      "does not match host name",
      "could not get server's host name from server certificate",
      "could not read root certificate file",
      "root certificate file \"",
      "could not open certificate file",
      "could not read certificate file",
      "could not load private key file",
      "private key file \"",
      "certificate present, but not private key file",
      "certificate does not match private key file",
      "could not load SSL engine",
      "channel binding required",
      "invalid ssl_min_protocol_version value",
      "invalid ssl_max_protocol_version value",
      "invalid SSL protocol version range",
      "unsupported protocol",
      "no protocols available",
  };
  return std::ranges::any_of(texts, holds);
}

}  // namespace atto::postgres
