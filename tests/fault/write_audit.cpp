#include "fault/write_audit.hpp"

#include "support/test_postgres.hpp"

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace atto::test {

write_audit::write_audit(std::string table) : table_(std::move(table)) {
  test_connection().run(
      fmt::format("CREATE TABLE {0}_audit (id text, version int8);"
                  "CREATE FUNCTION {0}_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                  " INSERT INTO public.{0}_audit VALUES (NEW.session_id, NEW.version); RETURN NULL; END $$;"
                  "CREATE TRIGGER note AFTER INSERT OR UPDATE ON {0} FOR EACH ROW EXECUTE FUNCTION {0}_note()",
                  table_));
}

write_audit::~write_audit() {
  try {
    test_connection().run(
        fmt::format("SET client_min_messages = warning; DROP FUNCTION {0}_note CASCADE; DROP TABLE {0}_audit", table_));
  } catch (const std::exception& e) {
    fmt::print(stderr, "cannot drop the audit of {}: {}\n", table_, e.what());
  }
}

int write_audit::times(const std::string& id, std::int64_t version) const {
  return std::stoi(
      test_connection().value(fmt::format("SELECT count(*) FROM {}_audit WHERE id = $1 AND version = $2", table_),
                              {id, std::to_string(version)}));
}

std::string write_audit::repeated() const {
  std::string all;
  const auto found = test_connection().rows(
      fmt::format("SELECT id, version, count(*) FROM {}_audit GROUP BY id, version HAVING count(*) > 1", table_));
  for (const auto& row : found) all += fmt::format("{} version {} {} times; ", row[0], row[1], row[2]);
  return all;
}

}  // namespace atto::test
