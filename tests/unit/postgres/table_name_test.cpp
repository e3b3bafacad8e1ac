#include "postgres/table_name.hpp"

#include <atto/postgres_store.hpp>

#include <gmock/gmock.h>

#include <string>

namespace atto::postgres {
namespace {

using testing::HasSubstr;
using testing::Not;

error_code refusal(const std::string& name, std::string* message = nullptr) {
  try {
    const table_name made{std::string_view(name)};
  } catch (const error_with_diagnostics& e) {
    if (message != nullptr) *message = e.what();
    return e.code();
  }
  return {};
}

TEST(PostgresTableName, SeedDefaultTableIsAttoSessions) {
  EXPECT_EQ(default_table, "atto_sessions");
  EXPECT_EQ(options().table, "atto_sessions");
}

TEST(PostgresTableName, ATableWithoutASchemaLiesInPublic) {
  const table_name name("sessions");
  EXPECT_EQ(name.qualified(name.table()), R"("public"."sessions")");
  EXPECT_EQ(name.qualified(name.tail()), R"("public"."sessions_tail")");
  EXPECT_EQ(name.qualified(name.view()), R"("public"."sessions_snapshot")");
}

TEST(PostgresTableName, ASchemaMayBeNamed) {
  const table_name name("Team A.sessions");
  EXPECT_EQ(name.qualified(name.table()), R"("Team A"."sessions")");
}

TEST(PostgresTableName, IsQuotedAndNeverSpliced) {
  const table_name name(R"(x"; DROP TABLE y; --)");
  EXPECT_EQ(name.qualified(name.table()), R"("public"."x""; DROP TABLE y; --")");
}

TEST(PostgresTableName, WhoseDerivedNamesWouldPass63BytesIsRefusedNotCut) {
  EXPECT_EQ(refusal(std::string(53, 'x')), error_code());
  EXPECT_EQ(refusal(std::string(54, 'x')), errc::invalid_argument);
  EXPECT_EQ(refusal(std::string(64, 'x')), errc::invalid_argument);
  EXPECT_EQ(refusal(std::string(63, 's') + ".t"), error_code());
  EXPECT_EQ(refusal(std::string(64, 's') + ".t"), errc::invalid_argument);
}

TEST(PostgresTableName, CountsBytesNotCharacters) {
  std::string name;
  for (int i = 0; i < 27; ++i) name += "é";
  EXPECT_EQ(refusal(name), errc::invalid_argument);
}

TEST(PostgresTableName, OfBadPartsIsRefused) {
  EXPECT_EQ(refusal(""), errc::invalid_argument);
  EXPECT_EQ(refusal(".t"), errc::invalid_argument);
  EXPECT_EQ(refusal("s."), errc::invalid_argument);
  EXPECT_EQ(refusal("a.b.c"), errc::invalid_argument);
  EXPECT_EQ(refusal(std::string("a\0b", 3)), errc::invalid_argument);
  EXPECT_EQ(refusal("\xff"), errc::invalid_argument);
}

TEST(PostgresTableName, IsNotQuotedInTheRefusal) {
  std::string message;
  EXPECT_EQ(refusal("canary.canary.canary", &message), errc::invalid_argument);
  EXPECT_THAT(message, Not(HasSubstr("canary")));
}

}  // namespace
}  // namespace atto::postgres
