#include "postgres/sqlstate.hpp"

#include <gmock/gmock.h>

namespace atto::postgres {
namespace {

TEST(PostgresSqlstate, EveryDocumentedStateHasItsKind) {
  EXPECT_EQ(classify("42P01"), errc::schema_missing);
  EXPECT_EQ(classify("3F000"), errc::schema_missing);
  EXPECT_EQ(classify("42703"), errc::schema_mismatch);
  EXPECT_EQ(classify("42501"), errc::storage_failure);
  EXPECT_EQ(classify("57014"), errc::timed_out);
  EXPECT_EQ(classify("40001"), errc::unavailable);
  EXPECT_EQ(classify("40P01"), errc::unavailable);
  EXPECT_EQ(classify("55P03"), errc::unavailable);
  EXPECT_EQ(classify("23505"), errc::unavailable);
  EXPECT_EQ(classify("25006"), errc::unavailable);
  EXPECT_EQ(classify("53100"), errc::storage_failure);
  EXPECT_EQ(classify("53300"), errc::unavailable);
  EXPECT_EQ(classify("57P01"), errc::unavailable);
  EXPECT_EQ(classify("54000"), errc::too_large);
  EXPECT_EQ(classify("22P05"), errc::invalid_document);
}

TEST(PostgresSqlstate, TellsALoginThatIsRefusedForGoodFromAServerThatIsFullOrStartingUp) {
  for (const char* refused : {"28000", "28P01", "3D000", "42501", "42704", "22023"})
    EXPECT_TRUE(refuses_login(refused)) << refused;
  for (const char* later : {"53300", "57P03", "08P01", "55000", "58P01", "XX000", ""})
    EXPECT_FALSE(refuses_login(later)) << later;
}

TEST(PostgresSqlstate, AnUnknownStateIsAStorageFailure) {
  EXPECT_EQ(classify("ZZ999"), errc::storage_failure);
}

TEST(PostgresSqlstate, AMissingTableTellsTheCommandThatMakesIt) {
  reply r;
  r.sqlstate = "42P01";
  r.message = "relation \"x\" does not exist";
  const failure f = to_failure(r);
  EXPECT_THAT(f.diag.message(), testing::HasSubstr("atto init"));
  EXPECT_EQ(f.diag.code(), "42P01");
  EXPECT_EQ(f.diag.server_message(), r.message);
}

TEST(PostgresSqlstate, TellsWhatIsWorthAnotherTry) {
  EXPECT_EQ(retry_of("55P03"), retry_class::locked);
  for (const char* yielded : {"40001", "40P01", "23505"}) EXPECT_EQ(retry_of(yielded), retry_class::yielded) << yielded;
  for (const char* moved : {"25006", "26000", "42P05", "0A000", "08P01"}) {
    EXPECT_EQ(retry_of(moved), retry_class::elsewhere) << moved;
  }
  for (const char* told : {"57014", "53100", "53300", "42P01", "22P05", "40003", "57P01", ""}) {
    EXPECT_EQ(retry_of(told), retry_class::none) << told;
  }
}

TEST(PostgresSqlstate, ADemotedOrEndingServerSpoilsTheConnection) {
  EXPECT_TRUE(spoils_connection("25006"));
  EXPECT_TRUE(spoils_connection("57P01"));
  EXPECT_FALSE(spoils_connection("42P01"));
  EXPECT_FALSE(spoils_connection(""));
}

}  // namespace
}  // namespace atto::postgres
