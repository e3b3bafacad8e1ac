#include "postgres/claim_exchange.hpp"

#include <atto/store_requests.hpp>

#include "unit/postgres/script.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace atto::postgres {
namespace {

using script::error;
using script::rows_affected;

const reply no_rows = script::rows({});

claim_exchange a_claim() {
  claim_request r;
  r.id = "s";
  r.owner = "me";
  r.address = "here";
  r.ttl = std::chrono::seconds(30);
  return {script::store(), std::move(r)};
}

renew_exchange a_renew() {
  renew_request r;
  r.id = "s";
  r.epoch = 7;
  return {script::store(), std::move(r)};
}

release_exchange a_release() {
  release_request r;
  r.id = "s";
  r.epoch = 7;
  return {script::store(), std::move(r)};
}

reply claimed(std::int64_t epoch) {
  return script::rows({{write_int8(epoch)}});
}

reply loaded(std::int64_t version) {
  return script::rows({{write_int8(version), write_int8(1), "{}", "[1]", std::nullopt}});
}

template <class Exchange>
bool play_round(Exchange& x, std::vector<reply> replies) {
  EXPECT_EQ(x.next().size(), replies.size());
  return x.on_replies(std::move(replies));
}

TEST(PostgresClaimExchange, ClaimsThenLoadsInOneRoundOfTwoStatements) {
  auto claim = a_claim();
  EXPECT_EQ(claim.kind(), round_kind::write);
  const auto round = claim.next();
  ASSERT_EQ(round.size(), 2U);
  EXPECT_THAT(round[0].sql->text, testing::StartsWith("INSERT INTO"));
  EXPECT_THAT(round[1].sql->text, testing::StartsWith("SELECT"));
  ASSERT_TRUE(claim.on_replies({claimed(5), loaded(3)}));
  const auto o = claim.take();
  EXPECT_EQ(o->epoch, 5);
  EXPECT_EQ(o->snap, snapshot(3, {}, {json("1")}));
}

TEST(PostgresClaimExchange, OfAnAbsentSessionYieldsTheEpochAlone) {
  auto claim = a_claim();
  ASSERT_TRUE(play_round(claim, {claimed(5), no_rows}));
  const auto o = claim.take();
  ASSERT_FALSE(o.has_error());
  EXPECT_EQ(o->epoch, 5);
  EXPECT_FALSE(o->snap);
}

TEST(PostgresClaimExchange, ThatIsRefusedReadsWhoseItIs) {
  auto claim = a_claim();
  ASSERT_FALSE(play_round(claim, {no_rows, no_rows}));
  EXPECT_EQ(claim.kind(), round_kind::read);
  EXPECT_FALSE(claim.in_doubt());
  ASSERT_TRUE(play_round(claim, {script::rows({{"there"}})}));
  const auto o = claim.take();
  EXPECT_EQ(o.error().code, errc::owned_elsewhere);
  EXPECT_EQ(o.error().diag.owner_address(), "there");
}

TEST(PostgresClaimExchange, IsSentOnceMoreWhenTheHolderHasGoneByThen) {
  auto claim = a_claim();
  ASSERT_FALSE(play_round(claim, {no_rows, no_rows}));
  ASSERT_FALSE(play_round(claim, {no_rows}));
  EXPECT_TRUE(claim.in_doubt());
  ASSERT_TRUE(play_round(claim, {claimed(5), no_rows}));
  EXPECT_EQ(claim.take().value().epoch, 5);
}

TEST(PostgresClaimExchange, EndsWhenOthersComeAndGoWithoutPause) {
  auto claim = a_claim();
  int rounds = 0;
  do {
    ASSERT_LT(++rounds, 50);
    ASSERT_FALSE(play_round(claim, {no_rows, no_rows}));
  } while (!play_round(claim, {no_rows}));
  EXPECT_EQ(claim.take().error().code, errc::unavailable);
}

TEST(PostgresClaimExchange, WhoseReplyWasLostIsSentAgain) {
  auto claim = a_claim();
  EXPECT_EQ(claim.next().size(), 2U);
  ASSERT_TRUE(claim.on_lost());
  EXPECT_TRUE(claim.in_doubt());
  ASSERT_TRUE(play_round(claim, {claimed(6), loaded(3)}));
  EXPECT_EQ(claim.take().value().epoch, 6);
}

TEST(PostgresClaimExchange, AFailureAfterALossTellsNothingOfTheFirstTry) {
  auto fresh = a_claim();
  ASSERT_TRUE(fresh.on_replies({error("53100")}));
  EXPECT_EQ(fresh.take().error().code, errc::storage_failure);
  auto claim = a_claim();
  ASSERT_TRUE(claim.on_lost());
  ASSERT_TRUE(claim.on_replies({error("53100")}));
  EXPECT_EQ(claim.take().error().code, errc::outcome_unknown);
}

TEST(PostgresClaimExchange, CallsRowsThatCannotBeReadAFailureOfTheStorage) {
  const std::vector<std::vector<reply>> unreadable = {{claimed(5)},
                                                      {script::rows({{std::nullopt}}), no_rows},
                                                      {script::rows({{}}), no_rows},
                                                      {claimed(5), script::rows({{"short"}})}};
  for (const auto& replies : unreadable) {
    auto claim = a_claim();
    ASSERT_TRUE(claim.on_replies(replies));
    EXPECT_EQ(claim.take().error().code, errc::storage_failure);
  }
}

TEST(PostgresRenewExchange, OfAnEpochThatIsNotStoredIsAClaimLost) {
  auto renewed = a_renew();
  ASSERT_TRUE(play_round(renewed, {rows_affected(1)}));
  EXPECT_FALSE(renewed.take().has_error());
  auto lost = a_renew();
  ASSERT_TRUE(play_round(lost, {rows_affected(0)}));
  EXPECT_EQ(lost.take().error().code, errc::claim_lost);
}

TEST(PostgresReleaseExchange, WhoseReplyWasLostIsSentAgainAndThenTellsOfTheSecond) {
  auto release = a_release();
  EXPECT_EQ(release.next().size(), 1U);
  ASSERT_TRUE(release.on_lost());
  ASSERT_TRUE(play_round(release, {rows_affected(0)}));
  const auto o = release.take();
  ASSERT_FALSE(o.has_error());
  EXPECT_FALSE(*o);
}

}  // namespace
}  // namespace atto::postgres
