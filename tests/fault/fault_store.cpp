#include "fault/fault_store.hpp"

#include <fmt/format.h>

namespace atto::test {

fault_store::fault_store(const std::string& server, postgres::pool_options options)
    : proxy_(server),
      made_(postgres::open(io_.executor(), proxy_.dsn() + " application_name=" + table_.name(),
                           {.table = table_.name()}, options)),
      direct_(postgres::open(io_.executor(), server, {.table = table_.name()}, {.size = 1})),
      store_(*made_),
      other_(*direct_) {
  other_.ensure_schema();
  audit_.emplace(table_.name());
}

fault_store::~fault_store() {
  made_.reset();
  direct_.reset();
}

postgres::pool_options fault_store::quick_to_return() {
  postgres::pool_options o;
  o.size = 1;
  o.lock_timeout = std::chrono::hours(1);
  o.backoff_first = o.backoff_last = std::chrono::milliseconds(5);
  return o;
}

json document(std::int64_t number) {
  return json::string(fmt::format("{} {:09}", canary, number));
}

snapshot whole(std::int64_t version) {
  return {version, {}, history{document(version)}};
}

turn one_turn(std::int64_t number) {
  return {{}, history{document(number)}};
}

}  // namespace atto::test
