#include "postgres/refusal.hpp"

#include <gtest/gtest.h>

namespace atto::postgres {
namespace {

TEST(PostgresRefusal, HoldsTheServersSqlstateAndItsPrimaryMessageOnly) {
  const refusal r = read_refusal(
      "connection to server on socket \"/run/.s.PGSQL.5432\" failed: FATAL:  28000: role \"x\" does not exist\n"
      "LOCATION:  InitializeSessionUserId, miscinit.c:768\n");
  EXPECT_EQ(r.sqlstate, "28000");
  EXPECT_EQ(r.message, "role \"x\" does not exist");
}

TEST(PostgresRefusal, OfTwoTriesTheFirstCounts) {
  const refusal r = read_refusal(
      "connection to server at \"db\" (10.0.0.1), port 5432 failed: FATAL:  28P01: no, with TLS\nLOCATION:  a, b:1\n"
      "connection to server at \"db\" (10.0.0.1), port 5432 failed: FATAL:  28000: no, without TLS\n");
  EXPECT_EQ(r.sqlstate, "28P01");
  EXPECT_EQ(r.message, "no, with TLS");
}

TEST(PostgresRefusal, HoldsAllOfLibpqsOwnWords) {
  for (const char* words :
       {"", "root certificate file \"/r\" does not exist\nEither provide the file or change sslmode",
        "connection to server at \"::1\", port 1 failed: Connection refused", "FATAL:  sorry, too many clients already",
        "FATAL:  28000", "FATAL:  2800", "FATAL:  28o00: no"}) {
    const refusal r = read_refusal(words);
    EXPECT_EQ(r.sqlstate, "") << words;
    EXPECT_EQ(r.message, words);
  }
}

TEST(PostgresRefusal, OfTlsIsToldFromAServerThatIsNotThere) {
  for (const char* words :
       {"connection to server at \"db\", port 5432 failed: server does not support SSL, but SSL was "
        "required",
        "SSL error: certificate verify failed", "root certificate file \"/r\" does not exist",
        "server certificate for \"a\" does not match host name \"b\"", "SSL error: tlsv1 alert unknown ca",
        "SSL error: tlsv1 alert protocol version", "SSL error: sslv3 alert handshake failure",
        "SSL error: sslv3 alert certificate expired", "invalid ssl_min_protocol_version value: \"bogus\"",
        "invalid SSL protocol version range", "channel binding required, but SSL not in use"}) {
    EXPECT_TRUE(refuses_tls(words)) << words;
  }
  for (const char* words :
       {"", "Connection refused", "SSL SYSCALL error: EOF detected", "server closed the connection unexpectedly",
        "could not initiate SSL connection", "SSL error: tlsv1 alert internal error"}) {
    EXPECT_FALSE(refuses_tls(words)) << words;
  }
}

}  // namespace
}  // namespace atto::postgres
