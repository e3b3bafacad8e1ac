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

/// True when libpq's error text says that TLS cannot be agreed on with this server until somebody changes a
/// certificate, a key file or sslmode. libpq gives no code for it, so its English text is what counts; a translated one
/// is not recognised. Pure.
[[nodiscard]] bool refuses_tls(std::string_view libpq_words);

}  // namespace atto::postgres
