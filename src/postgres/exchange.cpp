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

}  // namespace atto::postgres
