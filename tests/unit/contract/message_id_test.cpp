#include <atto/message_id.hpp>

#include "support/failure_of.hpp"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace atto {
namespace {

static_assert(std::is_trivially_destructible_v<message_id>);

TEST(MessageId, OfATextIsTheSameEverywhere) {
  const message_id::bytes_type bytes = {0xe8, 0x73, 0xc1, 0xbb, 0x8f, 0x67, 0x5e, 0x90,
                                        0x96, 0xc0, 0xe9, 0xc9, 0xda, 0x67, 0xed, 0x0f};
  EXPECT_EQ(message_id("message 17").bytes(), bytes);
  EXPECT_EQ(message_id("message 17"), message_id(bytes));
  EXPECT_NE(message_id("message 17"), message_id("message 18"));
}

TEST(MessageId, OfATextIsAUuidOfVersionFive) {
  const auto bytes = message_id("x").bytes();
  EXPECT_EQ(bytes[6] >> 4, 5);
  EXPECT_EQ(bytes[8] >> 6, 2);
}

TEST(MessageId, ATextHasABoundedLength) {
  EXPECT_NO_THROW(message_id(std::string(512, 'x')));
  for (const std::string& bad : {std::string(), std::string(513, 'x')}) {
    EXPECT_EQ(test::failure_of([&] { static_cast<void>(message_id(bad)); }).code, errc::invalid_argument);
  }
}

}  // namespace
}  // namespace atto
