#include "support/chaos_proxy.hpp"
#include "tools/proxies/peer.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <thread>
#include <tuple>

namespace atto::test {
namespace {

using chaos::connections;
using chaos::counters;
using chaos::cut;
using chaos::direction;
using chaos::ending;

/// What a peer says of how it was left.
int seen(ending how) {
  return how == ending::reset ? ECONNRESET : 0;
}

cut both_sides(direction d, std::uint64_t after, ending how) {
  return {.in = d, .after = after, .client = how, .server = how};
}

class ChaosCut : public testing::TestWithParam<std::tuple<direction, ending>> {};

INSTANTIATE_TEST_SUITE_P(All, ChaosCut,
                         testing::Combine(testing::Values(direction::requests, direction::replies),
                                          testing::Values(ending::fin, ending::reset)));

TEST_P(ChaosCut, DeliversTheBytesBeforeItExactlyAndNothingMoreAtEveryOffset) {
  const auto [d, how] = GetParam();
  const std::string text = "0123456789";
  for (std::size_t n = 0; n <= text.size(); ++n) {
    proxied p;
    p.proxy.arm(both_sides(d, n, how));
    p.sender(d).send(text);
    EXPECT_EQ(p.receiver(d).receive_all(), text.substr(0, n));
    EXPECT_EQ(p.receiver(d).how_it_ended(), seen(how)) << n;
    EXPECT_EQ(p.sender(d).receive_all(), "");
    EXPECT_EQ(p.sender(d).how_it_ended(), seen(how)) << n;
    EXPECT_EQ(p.proxy.now().of(d).passed, n);
    EXPECT_EQ(p.proxy.now().cut, 1U);
  }
}

TEST_P(ChaosCut, CountsFromTheMomentItWasArmed) {
  const auto [d, how] = GetParam();
  proxied p;
  p.client.send("warm");
  p.server.send("warm");
  EXPECT_EQ(p.client.receive(4) + p.server.receive(4), "warmwarm");
  p.proxy.arm(both_sides(d, 3, how));
  p.sender(d).send("ab");
  EXPECT_EQ(p.receiver(d).receive(2), "ab");
  p.sender(d).send("cd");
  EXPECT_EQ(p.receiver(d).receive_all(), "c");
}

TEST_P(ChaosCut, LosesNothingBeforeItWhenTheReceiverIsSlow) {
  const auto [d, how] = GetParam();
  constexpr std::size_t n = 3'000'000;
  const auto text = letters(n + 500'000);
  proxied p(4096);
  p.proxy.arm(both_sides(d, n, how));
  std::thread sending([&, from = &p.sender(d)] { from->send(text); });
  EXPECT_TRUE(p.receiver(d).receive_all() == text.substr(0, n));
  EXPECT_EQ(p.receiver(d).how_it_ended(), seen(how));
  sending.join();
}

TEST_P(ChaosCut, LosesNothingBeforeItInTinySegments) {
  const auto [d, how] = GetParam();
  constexpr std::size_t n = 100'000;
  const auto text = letters(n + 1);
  proxied p;
  p.proxy.arm(both_sides(d, n, how));
  p.proxy.drip(d, {.bytes = 10});
  p.sender(d).send(text);
  EXPECT_TRUE(p.receiver(d).receive_all() == text.substr(0, n));
  EXPECT_EQ(p.receiver(d).how_it_ended(), seen(how));
}

TEST_P(ChaosCut, LeavesTheOtherDirectionAloneUntilItStrikes) {
  const auto [d, how] = GetParam();
  proxied p;
  p.proxy.arm(both_sides(d, 2, how));
  p.receiver(d).send("a long answer");
  EXPECT_EQ(p.sender(d).receive(13), "a long answer");
  p.sender(d).send("abc");
  EXPECT_EQ(p.receiver(d).receive_all(), "ab");
}

TEST(ChaosCutSides, OneEndIsLeftInSilenceWhenTheScriptSaysSo) {
  proxied p;
  p.proxy.arm(cut{.in = direction::replies, .after = 2, .client = ending::reset, .server = ending::silence});
  p.server.send("abc");
  EXPECT_EQ(p.client.receive_all(), "ab");
  EXPECT_EQ(p.client.how_it_ended(), ECONNRESET);
  p.server.send("more");
  EXPECT_TRUE(p.taken(direction::replies, 7));
  EXPECT_TRUE(p.server.hears_nothing());
  EXPECT_EQ(p.proxy.now().open, 1U);
  p.server.close();
  EXPECT_TRUE(p.proxy.wait_until([](const counters& c) { return c.open == 0; }));
}

TEST(ChaosCutSides, SilenceFromAByteOnKeepsBothEndsOpenAndDeliversNothingMore) {
  proxied p;
  p.proxy.arm(both_sides(direction::requests, 4, ending::silence));
  p.client.send("abcdef");
  EXPECT_EQ(p.server.receive(4), "abcd");
  p.client.send("gh");
  p.server.send("answer");
  EXPECT_TRUE(p.taken(direction::requests, 8) && p.taken(direction::replies, 6));
  EXPECT_TRUE(p.server.hears_nothing() && p.client.hears_nothing());
  EXPECT_EQ(p.proxy.now().open, 1U);
}

TEST(ChaosCutSides, AfterAFinWhatThePeerStillSendsIsSwallowedUntilItCloses) {
  proxied p;
  p.proxy.arm(both_sides(direction::replies, 0, ending::fin));
  p.server.send("never seen");
  EXPECT_EQ(p.client.receive_all(), "");
  EXPECT_TRUE(p.client.send("to nobody"));
  EXPECT_TRUE(p.taken(direction::requests, 9));
  EXPECT_EQ(p.client.how_it_ended(), 0);
  EXPECT_EQ(p.proxy.now().requests.passed, 0U);
  p.client.close();
  p.server.close();
  EXPECT_TRUE(p.proxy.wait_until([](const counters& c) { return c.open == 0; }));
}

TEST(ChaosCutScope, ACutBeforeTheFirstByteLetsAnIdleConnectionBe) {
  proxied p;
  p.proxy.arm(both_sides(direction::requests, 0, ending::fin));
  p.server.send("unasked");
  EXPECT_EQ(p.client.receive(7), "unasked");
  EXPECT_EQ(p.proxy.now().cut, 0U);
}

TEST(ChaosCutScope, ACutStrikesOneConnectionAndOnlyOneThatWasOpen) {
  proxied p;
  p.proxy.arm(both_sides(direction::requests, 1, ending::fin));
  peer late(p.proxy.port());
  peer late_server = p.listener.accept();
  late.send("ab");
  EXPECT_EQ(late_server.receive(2), "ab");
  p.client.send("ab");
  EXPECT_EQ(p.server.receive_all(), "a");
}

TEST(ChaosCutScope, ACutForComingConnectionsLetsOpenOnesBeAndStrikesAsOftenAsItSays) {
  proxied p;
  p.proxy.arm(cut{.in = direction::requests, .after = 1, .of = connections::coming, .times = 2});
  p.client.send("open");
  EXPECT_EQ(p.server.receive(4), "open");
  for (const auto* wanted : {"n", "n", "new"}) {
    peer client(p.proxy.port());
    peer server = p.listener.accept();
    client.send("new");
    client.shut_down_sending();
    EXPECT_EQ(server.receive_all(), wanted);
  }
  EXPECT_EQ(p.proxy.now().cut, 2U);
}

TEST(ChaosCutScope, ArmingAgainForgetsTheCut) {
  proxied p;
  p.proxy.arm(both_sides(direction::requests, 2, ending::fin));
  p.client.send("a");
  EXPECT_EQ(p.server.receive(1), "a");
  p.proxy.arm();
  p.client.send("bcd");
  EXPECT_EQ(p.server.receive(3), "bcd");
  EXPECT_EQ(p.proxy.now().requests.passed, 3U);
}

}  // namespace
}  // namespace atto::test
