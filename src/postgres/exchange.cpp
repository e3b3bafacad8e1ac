#include "postgres/exchange.hpp"

#include "postgres/sqlstate.hpp"

namespace atto::postgres {

failure first_error(const std::vector<reply>& replies) {
  for (const reply& r : replies) {
    if (!r.ok()) return to_failure(r);
  }
  if (replies.empty()) return {errc::storage_failure, "the server answered nothing; is there a proxy in between?"};
  return {};
}

failure unreadable_row() {
  return {errc::storage_failure, "a row of the store's tables cannot be read; was it changed by hand?"};
}

}  // namespace atto::postgres
