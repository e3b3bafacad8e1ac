#include <atto/open_store.hpp>

#include "support/temp_dir.hpp"

#include <boost/asio/io_context.hpp>

#include <gmock/gmock.h>

#include <filesystem>
#include <string>
#include <vector>

namespace atto {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// The code with which `where` is refused, or success.
error_code refusal(const std::string& where, store_limits limits = {}) {
  boost::asio::io_context context;
  try {
    static_cast<void>(open_store(context.get_executor(), where, limits));
  } catch (const error_with_diagnostics& e) {
    EXPECT_NE(e.get_diagnostics().message(), "") << where;
    return e.code();
  }
  return {};
}

TEST(OpenStore, EveryFormIsTaken) {
  for (const char* where : {"memory:", "sqlite:atto.db", "sqlite:/nowhere/at/all.db", "postgres://localhost/db",
                            "postgresql://h1,h2/db", "postgres://ann:secret@[::1]:5432/db?sslmode=require",
                            "host=localhost dbname=db", "service=atto", "host = '/tmp' port = 5433"}) {
    EXPECT_FALSE(refusal(where)) << where;
  }
}

TEST(OpenStore, EverythingElseIsRefused) {
  for (const char* where : {"", " ", "memory", "memory:x", "Memory:", "sqlite", "atto.db", "mysql://localhost/db",
                            "postgres:", "postgres:/db", "redis:", "/var/lib/atto.db", ":memory:"}) {
    EXPECT_EQ(refusal(where), errc::invalid_argument) << where;
  }
}

TEST(OpenStore, APathThatNamesNoFileIsRefused) {
  EXPECT_EQ(refusal("sqlite:"), errc::invalid_argument);
  EXPECT_EQ(refusal(std::string("sqlite:a\0b", 10)), errc::invalid_argument);
}

TEST(OpenStore, AConnectionStringLibpqWouldNotTakeIsRefused) {
  for (const std::string& where :
       {std::string("postgres://localhost/db?no_such_option=1"), std::string("no_such_option=1"),
        std::string("host='unterminated"), std::string("host=a\0b", 8), std::string("postgres://[::1/db")}) {
    EXPECT_EQ(refusal(where), errc::invalid_argument) << where;
  }
}

TEST(OpenStore, ARefusalNeverQuotesTheArgument) {
  for (const char* where :
       {"password-is-hunter2", "postgres:ann:hunter2@h/db", "postgres://ann:hunter2@h/db?hunter2=1",
        "password=hunter2 hunter2", "password='hunter2", "hunter2=1", "postgres://ann:hunter2%zz@h/db"}) {
    boost::asio::io_context context;
    try {
      static_cast<void>(open_store(context.get_executor(), where));
      ADD_FAILURE() << where << " was taken";
    } catch (const error_with_diagnostics& e) {
      EXPECT_THAT(e.what(), Not(HasSubstr("hunter2")));
      EXPECT_THAT(e.get_diagnostics().message(), Not(HasSubstr("hunter2")));
      EXPECT_THAT(e.get_diagnostics().server_message(), Not(HasSubstr("hunter2")));
    }
  }
}

TEST(OpenStore, ARefusalListsTheForms) {
  boost::asio::io_context context;
  try {
    static_cast<void>(open_store(context.get_executor(), "nothing"));
    FAIL();
  } catch (const error_with_diagnostics& e) {
    for (const char* form : {"memory:", "sqlite:", "postgres://", "key=value"}) EXPECT_THAT(e.what(), HasSubstr(form));
  }
}

TEST(OpenStore, LimitsReachTheStore) {
  boost::asio::io_context context;
  const store_limits limits{.max_session_bytes = 123, .timeout = std::chrono::milliseconds(45)};
  for (const char* where : {"memory:", "sqlite:x.db", "host=localhost"}) {
    const auto store = open_store(context.get_executor(), where, limits);
    EXPECT_EQ(store->limits().max_session_bytes, 123U) << where;
    EXPECT_EQ(store->limits().timeout, limits.timeout) << where;
    EXPECT_EQ(refusal(where, {.max_session_bytes = 0}), errc::invalid_argument) << where;
  }
}

TEST(OpenStore, OpeningTouchesNoFile) {
  const test::temp_dir dir;
  EXPECT_FALSE(refusal("sqlite:" + dir.file("atto.db")));
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(OpenStore, TheStoreHasTheExecutorItWasGiven) {
  boost::asio::io_context context;
  const auto store = open_store(context.get_executor(), "memory:");
  EXPECT_TRUE(store->get_executor() == boost::asio::any_io_executor(context.get_executor()));
}

}  // namespace
}  // namespace atto
