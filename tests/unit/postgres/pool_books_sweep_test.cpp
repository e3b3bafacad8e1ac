#include "postgres/pool_books.hpp"

#include "unit/postgres/pool_script.hpp"
#include "unit/postgres/script.hpp"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <tuple>
#include <vector>

/// The failure sweep: a course of a pool, with each trouble after each of its steps.
namespace atto::postgres {
namespace {

using script::pool_script;
using script::scripted_ptr;

/// A pool with two stores, and all tickets that were submitted.
class course {
 public:
  course() { pool.holds_decoding = true; }

  void submit(bool writes, const std::string& id, const std::shared_ptr<client>& c) {
    operations.push_back(pool.submit(pool.make(writes, id, 100, c)));
  }
  void lease() { calls.push_back(pool.lease()); }
  void close(const std::shared_ptr<client>& c) { calls.push_back(pool.close(c)); }

  void answer_all() {
    const auto now = pool.in_flight;
    for (const auto& [link, n] : now) {
      if (pool.in_flight.contains(link)) pool.answer(link);
    }
  }
  void lose_all() {
    const auto now = pool.in_flight;
    for (const auto& [link, n] : now) {
      if (pool.in_flight.contains(link)) pool.lose(link);
    }
  }
  void prepare_all(bool succeed) {
    const auto now = pool.preparing;
    for (const std::size_t link : now) {
      if (pool.preparing.contains(link)) pool.prepared(link, succeed);
    }
  }
  void bring_back_all() {
    while (pool.lent > 0) pool.take_back();
    while (pool.renewing > 0) pool.renewed();
  }
  void cancel_all(bool total_only) {
    for (const auto& op : operations) pool.cancel(op, total_only);
    for (const auto& c : calls) pool.cancel(c.t, total_only);
  }

  /// All that is on its way arrives, and what is wanted is opened, until nothing is left.
  void drain() {
    for (int i = 0; i < 50; ++i) {
      pool.decoded();
      prepare_all(true);
      pool.run_posted();
      answer_all();
      bring_back_all();
      if (pool.books.count().open < 3) pool.open();
    }
  }

  pool_script pool;
  std::shared_ptr<client> other = std::make_shared<client>();
  std::vector<scripted_ptr> operations;
  std::vector<pool_script::call> calls;
};

using event = std::function<void(course&)>;

const std::vector<event>& steps() {
  static const std::vector<event> all = {
      [](course& c) { c.pool.open(); },
      [](course& c) { c.submit(true, "a", c.pool.store); },
      [](course& c) { c.submit(false, "b", c.pool.store); },
      [](course& c) { c.submit(true, "a", c.other); },
      [](course& c) { c.pool.run_posted(); },
      [](course& c) { c.lease(); },
      [](course& c) { c.pool.open(); },
      [](course& c) { c.submit(true, "c", c.pool.store); },
      [](course& c) { c.answer_all(); },
      [](course& c) { c.pool.decoded(); },
      [](course& c) { c.pool.open(); },
      [](course& c) { c.prepare_all(true); },
      [](course& c) { c.answer_all(); },
      [](course& c) { c.lease(); },
      [](course& c) { c.close(c.pool.store); },
      [](course& c) { c.pool.decoded(); },
      [](course& c) { c.bring_back_all(); },
  };
  return all;
}

/// What goes wrong, and with what the tickets may fail that were there.
struct trouble {
  std::string name;
  event strike;
  std::set<errc> errors;
  bool refuses_more = false;  // tickets that come after it get closed
};

void PrintTo(const trouble& t, std::ostream* out) {
  *out << t.name;
}

const std::vector<trouble>& troubles() {
  constexpr auto unknown = errc::outcome_unknown;
  static const std::vector<trouble> all = {
      {"None", [](course&) {}, {}},
      {"Loss", [](course& c) { c.lose_all(); }, {}},
      {"LossOfWhatIsNotSentAgain",
       [](course& c) {
         for (const auto& op : c.operations) op->script.resends = false;
         c.lose_all();
       },
       {unknown, errc::unavailable}},
      {"LossWhileIdle",
       [](course& c) {
         c.pool.dead = c.pool.links;
         c.pool.dispatch();
       },
       {}},
      {"Spoiled",
       [](course& c) {
         const auto now = c.pool.in_flight;
         for (const auto& [link, n] : now) c.pool.answer(link, script::error("57P01"));
       },
       {}},
      {"Refusal", [](course& c) { c.pool.refuse(~std::uint64_t{0}); }, {errc::unavailable}},
      {"LeaseBreaks", [](course& c) { c.prepare_all(false); }, {}},
      {"Deadline", [](course& c) { c.pool.pass(100); }, {errc::timed_out, unknown, errc::closed}},
      {"Silence",
       [](course& c) {
         c.pool.pass(100);
         c.pool.pass(5000);
       },
       {errc::timed_out, unknown, errc::closed}},
      {"Cancellation", [](course& c) { c.cancel_all(false); }, {errc::operation_aborted, unknown}},
      {"TotalCancellation", [](course& c) { c.cancel_all(true); }, {errc::operation_aborted}},
      {"CloseOfAClient", [](course& c) { c.close(c.pool.store); }, {}, true},
      {"EndOfAClient", [](course& c) { c.pool.abandon(c.pool.store); }, {errc::closed, unknown}, true},
      {"ShutDown", [](course& c) { c.pool.shut_down(); }, {}, true},
      {"EndOfThePool", [](course& c) { c.pool.abandon_all(); }, {errc::closed, unknown}, true},
  };
  return all;
}

class PoolBooksSweep : public testing::TestWithParam<std::tuple<trouble, std::size_t>> {
 protected:
  void SetUp() override {
    const auto& [t, after] = GetParam();
    for (std::size_t i = 0; i < steps().size(); ++i) {
      steps()[i](c);
      if (i == after) {
        t.strike(c);
        struck_at = c.operations.size();
      }
    }
    c.drain();
  }

  void check(const std::vector<failure>& failures, bool came_later) const {
    const trouble& t = std::get<0>(GetParam());
    for (const failure& f : failures) {
      const auto code = static_cast<errc>(f.code.value());
      EXPECT_TRUE(t.errors.contains(code) || (came_later && t.refuses_more && code == errc::closed) ||
                  (t.refuses_more && code == errc::closed))
          << f.code.message();
      EXPECT_FALSE(f.diag.message().empty());
    }
  }

  course c;
  std::size_t struck_at = 0;
};

TEST_P(PoolBooksSweep, EveryTicketEndsOnceWithARightErrorAndNothingIsLeft) {
  for (std::size_t i = 0; i < c.operations.size(); ++i) {
    const auto& op = *c.operations[i];
    EXPECT_EQ(static_cast<std::size_t>(op.completed) + op.failures.size(), 1U) << "operation " << i;
    EXPECT_EQ(op.at, ticket::stage::ended);
    check(op.failures, i >= struck_at);
  }
  for (const auto& call : c.calls) {
    EXPECT_EQ(static_cast<std::size_t>(call.end->succeeded) + call.end->failures.size(), 1U);
    check(call.end->failures, true);
  }
  const auto left = c.pool.books.count();
  EXPECT_EQ(left.waiting + left.busy + left.leased, 0U);
  EXPECT_EQ(c.pool.store->outstanding + c.other->outstanding, 0U);
  EXPECT_EQ(c.pool.books.next_deadline(), pool_script::time_point::max());
  c.pool.shut_down();
  EXPECT_TRUE(c.pool.finished);
}

/// "Nothing was written" is a promise, and so is "its fate is not known": a read has none.
TEST_P(PoolBooksSweep, AFailureIsTrueOfWhatWasSent) {
  for (const auto& op : c.operations) {
    for (const failure& f : op->failures) {
      if (f.code == errc::outcome_unknown) {
        EXPECT_TRUE(op->script.writer && op->script.sent > 0);
      } else {
        EXPECT_TRUE(!op->script.writer || op->script.sent == 0) << f.diag.message();
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Troubles, PoolBooksSweep,
                         testing::Combine(testing::ValuesIn(troubles()),
                                          testing::Range(std::size_t{0}, steps().size())),
                         [](const auto& param) {
                           return std::get<0>(param.param).name + "After" + std::to_string(std::get<1>(param.param));
                         });

}  // namespace
}  // namespace atto::postgres
