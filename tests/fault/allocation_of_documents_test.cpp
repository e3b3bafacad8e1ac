#include <atto/history.hpp>
#include <atto/json.hpp>
#include <atto/snapshot.hpp>
#include <atto/state.hpp>

#include "fault/sweep.hpp"
#include "json/stored_form.hpp"

#include <gtest/gtest.h>

#include <string>

namespace atto {
namespace {

using stored_form::dialect;
using test::failing_new;
using test::sweep_allocations;

const std::string text =
    R"( {"a long name, longer than a short string": [1, 2.5e3, "\u0000\ud83d\ufdd0", {"b": null, "b": true}], "temp:x": 0} )";

class AllocationOfDocuments : public testing::TestWithParam<failing_new::how> {};

INSTANTIATE_TEST_SUITE_P(Modes, AllocationOfDocuments,
                         testing::Values(failing_new::how::once, failing_new::how::from_then_on));

TEST_P(AllocationOfDocuments, MayFailAtEveryStepOfReadingOne) {
  EXPECT_GT(sweep_allocations(GetParam(), [] { static_cast<void>(json::parse(text)); }), 0U);
  EXPECT_GT(sweep_allocations(GetParam(),
                              [] {
                                diagnostics diag;
                                static_cast<void>(json::parse(R"({"a":[{"long name of a member":1e5000}]})", &diag));
                              }),
            2U);
  EXPECT_GT(sweep_allocations(GetParam(), [] { static_cast<void>(json::string(text)); }), 0U);
}

TEST_P(AllocationOfDocuments, MayFailAtEveryStepOfTheirWayIntoADatabaseAndBack) {
  const state values = state::from_object(json(text));
  const history events{json(text), json(text)};
  for (const dialect d : {dialect::plain, dialect::jsonb}) {
    const auto there_and_back = [&] {
      const auto back = stored_form::decode_events(stored_form::encode(events, d), d);
      if (!back || !(*back == events)) throw std::logic_error("events come back changed");
      const auto state_back = stored_form::decode_state(stored_form::encode(values, d), d);
      if (!state_back || !(*state_back == values.without_temp())) throw std::logic_error("a state comes back changed");
    };
    EXPECT_GT(sweep_allocations(GetParam(), there_and_back), 10U);
  }
}

TEST_P(AllocationOfDocuments, LeavesWhatItWouldHaveChangedAsItWas) {
  const json document(text);
  const state before = state::from_object(document);
  state values = before;
  history events{document};
  const auto change = [&](auto&& one) { EXPECT_GT(sweep_allocations(GetParam(), one), 0U); };
  change([&] {
    state copy = before;
    const std::string name(100, 'n');
    std::swap(values, copy);
    values.set(name, document);
  });
  EXPECT_EQ(values.size(), before.size() + 1);
  const std::size_t count = events.size(), size = events.bytes();
  failing_new::arm(1, failing_new::how::from_then_on);
  {
    const failing_new::window open;
    EXPECT_THROW(events.append(events), std::bad_alloc);
    EXPECT_THROW(events.reserve(1000), std::bad_alloc);
  }
  failing_new::disarm();
  EXPECT_EQ(events.size(), count);
  EXPECT_EQ(events.bytes(), size);
}

/// Fails each allocation of one change of a state in turn, and returns how many there are.
template <class Make, class Change>
std::size_t fail_each_of(failing_new::how how, Make make, Change change) {
  const state before = make();
  for (std::size_t n = 1;; ++n) {
    state changed = make();
    failing_new::arm(n, how);
    try {
      const failing_new::window open;
      change(changed);
    } catch (const std::bad_alloc&) {
    }
    if (!failing_new::disarm()) return n - 1;
    EXPECT_EQ(changed, before) << "when allocation " << n << " failed";
    EXPECT_EQ(changed.bytes(), before.bytes()) << "when allocation " << n << " failed";
  }
}

TEST_P(AllocationOfDocuments, LeavesAStateAndThoseThatShareItsValuesAsTheyWere) {
  const json document(text);
  const state common = state::from_object(document);
  const std::string name(100, 'n');
  const auto add = [&](state& s) { s.set(name, document); };
  const auto replace = [&](state& s) { s.set("a long name, longer than a short string", json()); };
  const auto erase = [](state& s) { s.erase("temp:x"); };
  const auto sharing = [&] { return common; };
  const auto alone = [&] { return state::from_object(document); };
  EXPECT_GT(fail_each_of(GetParam(), sharing, add), 3U);
  EXPECT_GT(fail_each_of(GetParam(), sharing, replace), 3U);
  EXPECT_GT(fail_each_of(GetParam(), sharing, erase), 3U);
  EXPECT_GT(fail_each_of(GetParam(), alone, add), 1U);
  EXPECT_EQ(fail_each_of(GetParam(), alone, replace), 1U) << "the name that is passed, and nothing else";
  EXPECT_EQ(fail_each_of(GetParam(), alone, erase), 0U);
  EXPECT_EQ(common, state::from_object(document));
}

}  // namespace
}  // namespace atto
