#include <atto/blocking_store.hpp>
#include <atto/completion.hpp>
#include <atto/session_store.hpp>
#include <atto/store_requests.hpp>

#include "support/failure_of.hpp"
#include "support/io_thread.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <utility>
#include <vector>

namespace atto {
namespace {

using test::failure_of;

/// Succeeds in all that a store must implement, and notes which writes it was given.
class least_store final : public session_store {
 public:
  least_store(executor_type executor, features supported) : session_store(std::move(executor), {}, supported) {}

  int writes = 0;

 private:
  void do_ensure_schema(request r, handler<> h) override { end(r, std::move(h)); }
  void do_load(load_request r, handler<std::optional<snapshot>> h) override { end(r, std::move(h)); }
  void do_save(save_request r, handler<std::int64_t> h) override { ++writes, end(r, std::move(h)); }
  void do_append(append_request r, handler<std::int64_t> h) override { ++writes, end(r, std::move(h)); }
  void do_remove(remove_request r, handler<bool> h) override { ++writes, end(r, std::move(h)); }
  void do_list(list_request r, handler<session_page> h) override { end(r, std::move(h)); }
  void do_close(request r, handler<> h) override { end(r, std::move(h)); }

  template <class... T>
  void end(const request& r, handler<T...> h) {
    completion<T...>(std::move(h), get_executor(), r.diag).succeed(T()...);
  }
};

class SessionStore : public testing::Test {
 protected:
  void use(session_store::features f) { store.emplace(io.executor(), f); }
  template <class Call>
  error_code code_of(Call call) {
    blocking_store db(*store);
    return failure_of([&] { static_cast<void>(call(db)); }).code;
  }

  test::io_thread io;
  std::optional<least_store> store;
};

TEST_F(SessionStore, RefusesClaimsThatItsImplementationLeavesOut) {
  use({});
  EXPECT_EQ(code_of([](auto& db) { return db.claim("s", "a"); }), errc::unsupported);
  EXPECT_EQ(code_of([](auto& db) { return db.release("s", 1); }), errc::unsupported);
  EXPECT_EQ(code_of([](auto& db) { return db.sweep(); }), errc::unsupported);
  EXPECT_EQ(code_of([](auto& db) { return db.renew("s", 1, {}), 0; }), errc::unsupported);
  EXPECT_EQ(code_of([](auto& db) { return db.find_turn("s", message_id("m")); }), errc::unsupported);
}

TEST_F(SessionStore, DoesNotStartAWriteThatNeedsWhatTheStoreLacks) {
  use({.claims = false, .message_ids = false});
  EXPECT_EQ(code_of([](auto& db) { return db.append("s", 0, {}, {.epoch = 1}); }), errc::unsupported);
  EXPECT_EQ(code_of([](auto& db) { return db.append("s", 0, {}, {.message_id = message_id("m")}); }),
            errc::unsupported);
  EXPECT_EQ(code_of([](auto& db) { return db.remove("s", {.epoch = 1}); }), errc::unsupported);
  EXPECT_EQ(store->writes, 0);
  EXPECT_FALSE(code_of([](auto& db) { return db.append("s", 0, {}); }));
  EXPECT_EQ(store->writes, 1);
}

TEST_F(SessionStore, ChecksArgumentsBeforeWhatTheStoreSupports) {
  use({.claims = false, .message_ids = false});
  EXPECT_EQ(code_of([](auto& db) { return db.claim("", "a"); }), errc::invalid_session_id);
  EXPECT_EQ(code_of([](auto& db) { return db.append("s", 0, {}, {.epoch = 0}); }), errc::invalid_argument);
}

}  // namespace
}  // namespace atto
