#pragma once

#include <string>
#include <string_view>

namespace atto::postgres {

/// Why there is no connection, in the words of the server or of libpq. Untrusted text.
struct refusal {
  std::string sqlstate;  // empty when the server sent none, or was not heard at all
  std::string message;
};

/// Reads what libpq says of an attempt that failed. Where the server refused it, libpq tells the SQLSTATE in its words
/// only, and with PQERRORS_VERBOSE only: `… failed: FATAL:  28000: role "x" does not exist`, and lines that are not
/// needed. Pure.
[[nodiscard]] refusal read_refusal(std::string_view libpq_words);

}  // namespace atto::postgres
