#include "postgres/claim_sql.hpp"

#include "postgres/read_sql.hpp"

namespace atto::postgres {

namespace {

using binary::int8;
using binary::text;

// The times go through VALUES into EXCLUDED: Citus refuses now() in the SET clause of DO UPDATE.
// The epoch grows even over a row that was deleted, as long as the server's clock does.
constexpr std::string_view claim_session = R"(
  INSERT INTO {sessions} AS t (session_id, version, state, history, history_version, turns_replaced, events, bytes,
    created_at, updated_at, owner, owner_address, epoch, owned_until)
  VALUES ($id, 0, '{}', '[]', 0, 0, 0, 0, 'infinity', pg_catalog.now(), $owner, $address,
    (EXTRACT(epoch FROM pg_catalog.now()) * 1000000)::int8, pg_catalog.now() + $ttl * interval '1 millisecond')
  ON CONFLICT (session_id) DO UPDATE SET owner = EXCLUDED.owner, owner_address = EXCLUDED.owner_address,
    epoch = GREATEST(t.epoch + 1, EXCLUDED.epoch), owned_until = EXCLUDED.owned_until
  WHERE t.owner IS NULL OR t.owner = EXCLUDED.owner OR t.owned_until <= EXCLUDED.updated_at
  RETURNING t.epoch)";

constexpr std::string_view renew_claim = R"(
  UPDATE {sessions} AS t SET owned_until = pg_catalog.now() + $ttl * interval '1 millisecond'
  WHERE t.session_id = $id AND t.epoch = $epoch)";

// The next epoch belongs to no one: what was sent under this one and comes later is refused.
constexpr std::string_view release_claim = R"(
  UPDATE {sessions} AS t SET owner = NULL, owner_address = NULL, owned_until = NULL, epoch = t.epoch + 1
  WHERE t.session_id = $id AND t.epoch = $epoch)";

constexpr std::string_view find_holder = R"(
  SELECT t.owner_address FROM {sessions} AS t
  WHERE t.session_id = $id AND t.owner <> $owner AND t.owned_until > pg_catalog.now())";

constexpr std::string_view sweep_claims = R"(
  DELETE FROM {sessions} AS t
  WHERE t.version = 0 AND (t.owner IS NULL OR t.owned_until <= pg_catalog.now()))";

}  // namespace

claim_sql::claim_sql(const sql_names& names)
    : claim_(names, claim_session,
             {{"id", [](auto& r) { return text(r.id); }},
              {"owner", [](auto& r) { return text(r.owner); }},
              {"address", [](auto& r) { return text(r.address); }},
              {"ttl", [](auto& r) { return int8(r.ttl); }}}),
      load_whole_(names, load_sql::whole(" AND t.owner = $owner"),
                  {{"id", [](auto& r) { return text(r.id); }}, {"owner", [](auto& r) { return text(r.owner); }}}),
      load_newest_(names, load_sql::newest(" AND s.owner = $owner"),
                   {{"id", [](auto& r) { return text(r.id); }},
                    {"last", [](auto& r) { return load_sql::last(r.last); }},
                    {"owner", [](auto& r) { return text(r.owner); }}}),
      holder_(names, find_holder,
              {{"id", [](auto& r) { return text(r.id); }}, {"owner", [](auto& r) { return text(r.owner); }}}),
      renew_(names, renew_claim,
             {{"id", [](auto& r) { return text(r.id); }},
              {"epoch", [](auto& r) { return int8(r.epoch); }},
              {"ttl", [](auto& r) { return int8(r.ttl); }}}),
      release_(names, release_claim,
               {{"id", [](auto& r) { return text(r.id); }}, {"epoch", [](auto& r) { return int8(r.epoch); }}}),
      sweep_(names, sweep_claims) {}

std::vector<statement> claim_sql::claim(const claim_request& r) const {
  const auto& load = r.last == load_options::all ? load_whole_ : load_newest_;
  return round_of(claim_.bind(r), load.bind(r));
}

std::vector<statement> claim_sql::holder(const claim_request& r) const {
  return round_of(holder_.bind(r));
}

std::vector<statement> claim_sql::renew(const renew_request& r) const {
  return round_of(renew_.bind(r));
}

std::vector<statement> claim_sql::release(const release_request& r) const {
  return round_of(release_.bind(r));
}

std::vector<statement> claim_sql::sweep() const {
  return round_of(sweep_.bind({}));
}

}  // namespace atto::postgres
