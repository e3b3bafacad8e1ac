#pragma once

#include <atto/testing/contract_fixture.hpp>

#include <algorithm>
#include <string>
#include <vector>

/// Rules: session ids are bytes of UTF-8, compared byte by byte.
namespace atto::testing {

/// Ids that something on the way to a disk might take for another, or for more than an id.
[[nodiscard]] inline std::vector<std::string> curious_ids() {
  std::string euros;  // 510 bytes in 170 characters
  for (int i = 0; i < 170; ++i) euros += "\xE2\x82\xAC";
  return {"a",
          "A",
          " a",
          "a ",
          "a\n",
          "a\t",
          "a\r\n",
          "\x01",
          "\x7F",
          "%",
          "_",
          "%s",
          "a%",
          "a_",
          "*",
          "?",
          "/",
          "..",
          "'",
          "\"",
          "\\",
          "\\'",
          "''",
          "$1",
          "?1",
          ":id",
          "--",
          "x\"; DROP TABLE sessions; --",
          "x'); DELETE FROM sessions; --",
          "null",
          "0",
          "00",
          "1",
          "{}",
          "temp:x",
          "\xC3\xA9",   // é in one character
          "e\xCC\x81",  // é in two
          "\xEF\xBB\xBF"
          "a",                 // a byte order mark
          "\xEF\xB7\x90",      // U+FDD0, a noncharacter
          "\xEF\xBF\xBD",      // U+FFFD
          "\xEE\x80\x80",      // U+E000, above the surrogates
          "\xF0\x9F\x98\x80",  // an emoji
          "\xF4\x8F\xBF\xBF",  // U+10FFFF
          std::string(511, 'x'),
          std::string(512, 'x'),
          euros};
}

TEST_P(StoreContract, EveryIdIsItsOwn) {
  const auto ids = curious_ids();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    EXPECT_EQ(db().append(ids[i], 0, {state_of("i", std::to_string(i)), {}}), 1) << ids[i];
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    expect_stored(ids[i], {1, state_of("i", std::to_string(i)), {}});
  }
}

TEST_P(StoreContract, EveryIdIsListedInByteOrder) {
  auto ids = curious_ids();
  for (const auto& id : ids) db().append(id, 0, {});
  std::sort(ids.begin(), ids.end());  // std::string compares bytes, unsigned
  std::vector<std::string> listed;
  for (const auto& info : db().list()) listed.push_back(info.id);
  EXPECT_EQ(listed, ids);
}

TEST_P(StoreContract, EveryIdIsRemovedAlone) {
  const auto ids = curious_ids();
  for (const auto& id : ids) db().save(id, numbered_snapshot(3));
  std::size_t left = ids.size();
  for (const auto& id : ids) {
    EXPECT_TRUE(db().remove(id)) << id;
    EXPECT_EQ(db().list().size(), --left) << id;
  }
}

TEST_P(StoreContract, AnIdNoSessionCanHaveIsRefusedByEveryOperation) {
  std::string euros(3, 'x');  // 513 bytes in 173 characters
  for (int i = 0; i < 170; ++i) euros += "\xE2\x82\xAC";
  const std::vector<std::string> bad = {"",
                                        std::string(513, 'x'),
                                        euros,
                                        std::string(100'000, 'x'),
                                        std::string("a\0b", 3),
                                        std::string(1, '\0'),
                                        "\x80",
                                        "a\xFF",
                                        "\xC0\xAF",
                                        "\xC3",
                                        "\xE2\x82",
                                        "\xED\xA0\x80",
                                        "\xED\xB0\x80",
                                        "\xF4\x90\x80\x80",
                                        "\xF8\x88\x80\x80\x80"};
  for (const auto& id : bad) {
    const auto expect_refused = [&](const auto& o) {
      EXPECT_EQ(o.code, errc::invalid_session_id) << ::testing::PrintToString(id.substr(0, 20));
      EXPECT_TRUE(o.diag.offset().has_value());
      EXPECT_NE(o.diag.message(), "");
    };
    expect_refused(attempt([&] { return db().load(id); }));
    expect_refused(attempt([&] { return db().save(id, numbered_snapshot(1)); }));
    expect_refused(attempt([&] { return db().append(id, 0, {}); }));
    expect_refused(attempt([&] { return db().remove(id); }));
  }
  EXPECT_TRUE(db().list().empty());
}

TEST_P(StoreContract, APrefixOrAnAfterNoIdCanHaveIsRefused) {
  for (const std::string& bad : {std::string(513, 'x'), std::string("a\0b", 3), std::string("\xFF")}) {
    EXPECT_EQ(attempt([&] { return db().list({.prefix = bad}); }).code, errc::invalid_session_id);
    EXPECT_EQ(attempt([&] { return db().list({.after = bad}); }).code, errc::invalid_session_id);
  }
}

}  // namespace atto::testing
