#include "fault/patience.hpp"

#include "fault/eventually.hpp"

#include <filesystem>
#include <future>
#include <iterator>
#include <utility>

namespace atto::test {

using std::chrono::steady_clock;

namespace {

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace

void Patience::SetUp() {
  ATTO_REQUIRE_POSTGRES_SERVER();
}

void Patience::TearDown() {
  found_.reset();
  fault_.reset();
}

void Patience::use(std::unique_ptr<fault_store> with, const std::string& server) {
  found_.reset();
  fault_ = std::move(with);
  found_ = std::make_unique<backends>(fault_->table(), server);
  version = 0;
}

void Patience::remember() {
  fault_->store().save(id, whole(++version));
  EXPECT_EQ(fault_->store().load(id), whole(version));
  connections_ = found_->all().size();
  descriptors_ = open_descriptors();
}

void Patience::expect_in_time(const std::function<void()>& operation, error_code code) {
  const auto start = steady_clock::now();
  const auto f = discreet_failure_of(operation);
  EXPECT_LE(steady_clock::now() - start, timeout + grace);
  EXPECT_EQ(f.code, code) << f.diag.message();
}

void Patience::expect_back() {
  const auto start = steady_clock::now();
  version += 10;
  EXPECT_TRUE(eventually([&] { return !discreet_failure_of([&] { fault_->store().save(id, whole(version)); }).code; }));
  EXPECT_LT(steady_clock::now() - start, recovery);
  EXPECT_EQ(fault_->store().load(id), whole(version));
}

void Patience::expect_nothing_left() {
  EXPECT_TRUE(found_->become(connections_)) << found_->all().size() << " backends, were " << connections_;
  EXPECT_TRUE(eventually([&] { return open_descriptors() == descriptors_; }))
      << open_descriptors() << " descriptors, were " << descriptors_;
}

void Patience::one_call_ends(const std::function<void()>& begin, const std::function<void()>& end,
                             const std::function<void()>& operation, error_code code) {
  remember();
  begin();
  expect_in_time(operation, code);
  end();
  expect_back();
  expect_nothing_left();
}

void Patience::each_call_ends(writes how, const std::function<void()>& begin, const std::function<void()>& end) {
  blocking_store& s = fault_->store();
  const error_code unsure = how == writes::sent ? errc::outcome_unknown : errc::timed_out;
  {
    SCOPED_TRACE("load");
    one_call_ends(
        begin, end, [&] { static_cast<void>(s.load(id, {.timeout = timeout})); }, errc::timed_out);
  }
  {
    SCOPED_TRACE("list");
    one_call_ends(
        begin, end, [&] { static_cast<void>(s.list({.timeout = timeout})); }, errc::timed_out);
  }
  {
    SCOPED_TRACE("save");
    one_call_ends(
        begin, end, [&] { s.save(id, whole(version + 1), {.timeout = timeout}); }, unsure);
  }
  {
    SCOPED_TRACE("append");
    one_call_ends(
        begin, end, [&] { s.append(id, version, one_turn(1), {.timeout = timeout}); }, unsure);
  }
  {
    SCOPED_TRACE("remove");  // which looks first
    one_call_ends(
        begin, end, [&] { s.remove(id, {.timeout = timeout}); }, errc::timed_out);
  }
  SCOPED_TRACE("close");
  close_ends(begin, end);
}

void Patience::close_ends(const std::function<void()>& begin, const std::function<void()>& end) {
  remember();
  begin();
  std::promise<error_code> saved;
  fault_->async().async_save(id, whole(version + 1), {}, [&](error_code ec, std::int64_t) { saved.set_value(ec); });
  expect_in_time([&] { fault_->store().close({.timeout = timeout}); }, errc::timed_out);
  const error_code left = saved.get_future().get();
  EXPECT_TRUE(left == errc::outcome_unknown || left == errc::closed) << left.message();
  end();
  EXPECT_TRUE(found_->become(0));
}

}  // namespace atto::test
