#include "postgres/sqlstate.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace atto::postgres {

namespace {

struct row {
  std::string_view prefix;  // a whole SQLSTATE, or its class of two characters
  errc code;
  std::string_view message;
  retry_class retry = retry_class::none;
};

constexpr std::string_view missing = "the store's tables are missing; run `atto init`, or async_ensure_schema, once";
constexpr std::string_view other_shape =
    "a table of this name is not a table of atto, or of another release; see docs/storage-format.md";
constexpr std::string_view again = "the server gave way to another transaction; try again";
constexpr std::string_view busy = "the server has no resources left for this; try again later";
constexpr std::string_view going = "the server is going down or starting up; try again";
constexpr std::string_view undecided = "the server does not know whether it was written; reload and compare";
constexpr std::string_view stale =
    "the connection lost its prepared statements; behind a transaction pooler set pool_options::names to unnamed";
constexpr std::string_view document = "PostgreSQL refused a document; see the server's message";

// Whole codes stand before their classes: the first match counts.
constexpr std::array table{
    row{"42P01", errc::schema_missing, missing},
    row{"3F000", errc::schema_missing, "the schema of the table does not exist; create it, then run `atto init`"},
    row{"42703", errc::schema_mismatch, other_shape},
    row{"42804", errc::schema_mismatch, other_shape},
    row{"42809", errc::schema_mismatch, other_shape},
    row{"42883", errc::schema_mismatch, other_shape},
    row{"42P10", errc::schema_mismatch, other_shape},
    row{"42501", errc::storage_failure, "the database user lacks a right on the store's tables; grant it"},
    row{"57014", errc::timed_out,
        "the server ended the statement (statement_timeout or a cancel), which had no effect"},
    row{"40003", errc::outcome_unknown, undecided},
    row{"08007", errc::outcome_unknown, undecided},
    row{"40", errc::unavailable, again, retry_class::yielded},
    row{"55P03", errc::unavailable, again, retry_class::locked},
    row{"26000", errc::storage_failure, stale, retry_class::elsewhere},
    row{"42P05", errc::storage_failure, stale, retry_class::elsewhere},
    row{"08P01", errc::storage_failure, stale, retry_class::elsewhere},
    row{"0A000", errc::storage_failure, stale, retry_class::elsewhere},
    row{"23505", errc::unavailable, again, retry_class::yielded},
    row{"25006", errc::unavailable, "the server is read-only, perhaps demoted; try again", retry_class::elsewhere},
    row{"53100", errc::storage_failure, "the server's disk is full; free space"},
    row{"53", errc::unavailable, busy},
    row{"57P", errc::unavailable, going},
    row{"08", errc::unavailable, "the connection failed; try again"},
    row{"54", errc::too_large, "the session passes a limit of PostgreSQL; shorten it"},
    row{"22", errc::invalid_document, document},
};

constexpr row otherwise{"", errc::storage_failure,
                        "PostgreSQL refused the statement; see SQLSTATE and the server's message"};

const row& find(std::string_view sqlstate) noexcept {
  for (const row& r : table) {
    if (sqlstate.starts_with(r.prefix)) return r;
  }
  return otherwise;
}

}  // namespace

errc classify(std::string_view sqlstate) noexcept {
  return find(sqlstate).code;
}

failure to_failure(const reply& r) {
  const row& found = find(r.sqlstate);
  diagnostics diag;
  diag.message(std::string(found.message)).code(r.sqlstate).server_message(r.message);
  return {found.code, std::move(diag)};
}

retry_class retry_of(std::string_view sqlstate) noexcept {
  return find(sqlstate).retry;
}

bool spoils_connection(std::string_view sqlstate) noexcept {
  return retry_of(sqlstate) == retry_class::elsewhere || sqlstate.starts_with("57P") || sqlstate.starts_with("08");
}

bool refuses_login(std::string_view sqlstate) noexcept {
  // What blames the connection string or the rights of its role. The other classes blame the server's present state:
  // 53 (full), 55 (takes no connections), 57 (starting up), 58 and XX (failed). Of 08P01, which a pooler gives for all
  // that it refuses, neither is known.
  constexpr std::array blaming{"22", "28", "3D", "42"};
  return std::ranges::any_of(blaming, [&](std::string_view c) { return sqlstate.starts_with(c); });
}

}  // namespace atto::postgres
