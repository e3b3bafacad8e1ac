#include <atto/memory_store.hpp>
#include <atto/postgres_store.hpp>
#include <atto/sqlite_store.hpp>

#include "contract/model/reference_model.hpp"
#include "support/io_thread.hpp"
#include "support/temp_dir.hpp"
#include "support/test_postgres.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace atto {
namespace {

using model::answer;
using model::call;

constexpr store_limits limits{.max_session_bytes = model::max_session_bytes};

/// The three stores, empty, side by side.
class all_stores {
 public:
  all_stores() {
    add(memory::open(io_.executor(), limits));
    add(sqlite::open(io_.executor(), dir_.file("sessions.db"), {.limits = limits}));
    add(postgres::open(io_.executor(), test::test_postgres::dsn(), {.table = table_.name(), .limits = limits},
                       {.size = 1}));
  }

  /// Expects the same answer of each.
  void expect(const call& c, const answer& expected) {
    static constexpr const char* names[] = {"memory", "sqlite", "postgres"};
    for (std::size_t i = 0; i < opened_.size(); ++i) {
      const answer a = asked_[i].run(c);
      EXPECT_TRUE(a == expected) << names[i] << " answers " << model::describe(a) << "\nto " << model::describe(c)
                                 << "\nand should " << model::describe(expected);
    }
  }

 private:
  void add(std::unique_ptr<session_store> store) {
    opened_.push_back(std::move(store));
    blocking_store(*opened_.back()).ensure_schema();
    asked_.emplace_back(*opened_.back());
  }

  test::temp_dir dir_;
  test::test_table table_{"model"};
  test::io_thread io_;
  std::vector<std::unique_ptr<session_store>> opened_;
  std::vector<model::asked_store> asked_;
};

std::size_t sequences() {
  const char* wanted = std::getenv("ATTO_TEST_MODEL");
  return wanted == nullptr ? 30 : std::strtoul(wanted, nullptr, 10);
}

TEST(OneModel, HoldsForEveryStoreUnderAnySequenceOfCalls) {
  ATTO_REQUIRE_POSTGRES_SERVER();
  constexpr int calls = 120;
  for (std::uint32_t seed = 1; seed <= sequences() && !testing::Test::HasFailure(); ++seed) {
    all_stores stores;
    model::reference_model reference;
    model::call_source source(seed);
    for (int n = 0; n < calls && !testing::Test::HasFailure(); ++n) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", call " + std::to_string(n));
      const call c = source.next(reference.known());
      stores.expect(c, reference.run(c));
    }
  }
}

/// Else the sequences would prove nothing.
TEST(OneModel, IsAskedForEverything) {
  std::map<std::pair<call::kind, error_code>, int> seen;
  int partial = 0, claimed = 0, released = 0, freed = 0, found = 0, written_under_a_claim = 0;
  model::reference_model reference;
  model::call_source source(1);
  for (int n = 0; n < 8000; ++n) {
    const call c = source.next(reference.known());
    const answer a = reference.run(c);
    ++seen[{c.what, a.code}];
    if (a.loaded && a.loaded->partial()) ++partial;
    if (a.claim != 0 && a.loaded) ++claimed;
    if (c.what == call::kind::release && a.was_there) ++released;
    if (a.freed > 0) ++freed;
    if (a.found && a.found->events.size() > 0) ++found;
    if (c.claim && a.version > 0) ++written_under_a_claim;
  }
  using enum call::kind;
  for (const auto what : {load, save, append, remove, list, claim, renew, release}) {
    for (const error_code code :
         {error_code(), error_code(errc::invalid_session_id), error_code(errc::invalid_argument)}) {
      EXPECT_GT((seen[{what, code}]), 2) << static_cast<int>(what) << ' ' << code.message();
    }
  }
  for (const auto what : {save, append}) EXPECT_GT((seen[{what, errc::too_large}]), 10);
  for (const auto what : {save, append, remove}) EXPECT_GT((seen[{what, errc::concurrent_write}]), 10);
  for (const auto what : {save, append, remove, renew}) EXPECT_GT((seen[{what, errc::claim_lost}]), 10);
  EXPECT_GT((seen[{claim, errc::owned_elsewhere}]), 10);
  for (const int times : {partial, claimed, released, freed, found, written_under_a_claim}) EXPECT_GT(times, 20);
}

}  // namespace
}  // namespace atto
