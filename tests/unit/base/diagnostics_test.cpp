#include <atto/diagnostics.hpp>
#include <atto/failure.hpp>

#include <gmock/gmock.h>

#include <string>

namespace atto {
namespace {

TEST(Diagnostics, NewOnesAreEmpty) {
  const diagnostics diag;
  EXPECT_EQ(diag.message(), "");
  EXPECT_EQ(diag.server_message(), "");
  EXPECT_EQ(diag.code(), "");
  EXPECT_FALSE(diag.stored_version() || diag.supplied_version() || diag.offset());
  EXPECT_FALSE(diag.pointer() || diag.limit() || diag.size());
}

TEST(Diagnostics, EveryFieldKeepsWhatItWasGiven) {
  diagnostics diag;
  diag.message("m").server_message("s").code("42P01").versions(3, 2).offset(7).pointer("/a").limit(10, 11);
  EXPECT_EQ(diag.message(), "m");
  EXPECT_EQ(diag.server_message(), "s");
  EXPECT_EQ(diag.code(), "42P01");
  EXPECT_EQ(diag.stored_version(), 3);
  EXPECT_EQ(diag.supplied_version(), 2);
  EXPECT_EQ(diag.offset(), 7U);
  EXPECT_EQ(diag.pointer(), "/a");
  EXPECT_EQ(diag.limit(), 10U);
  EXPECT_EQ(diag.size(), 11U);
}

TEST(Diagnostics, ThePointerToTheDocumentItselfIsNotNothing) {
  diagnostics diag;
  diag.pointer("");
  EXPECT_TRUE(diag.pointer().has_value());
}

TEST(Diagnostics, AnExceptionSaysItsCodeAndItsMessage) {
  diagnostics diag;
  diag.message("write less").server_message("secret of the server");
  const error_with_diagnostics e(errc::too_large, diag);
  EXPECT_STREQ(e.what(), "too_large: write less");
  EXPECT_EQ(e.code(), errc::too_large);
  EXPECT_EQ(e.get_diagnostics().server_message(), "secret of the server");
}

TEST(Diagnostics, AnExceptionWithoutAMessageSaysItsCode) {
  EXPECT_STREQ(error_with_diagnostics(errc::closed, {}).what(), "closed");
}

TEST(Diagnostics, AnExceptionCanBeCaughtAsASystemError) {
  try {
    failure(errc::closed, "gone").raise();
    FAIL();
  } catch (const boost::system::system_error& e) {
    EXPECT_EQ(e.code(), errc::closed);
    EXPECT_STREQ(e.what(), "closed: gone");
  }
}

TEST(Failure, NoFailureIsFalse) {
  EXPECT_FALSE(failure());
  EXPECT_TRUE(failure(errc::closed, "gone"));
  EXPECT_EQ(failure(errc::closed, "gone").diag.message(), "gone");
}

}  // namespace
}  // namespace atto
