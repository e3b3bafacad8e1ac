#pragma once

#include <atto/blocking_store.hpp>
#include <atto/diagnostics.hpp>
#include <atto/error.hpp>
#include <atto/session_store.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace atto {

// What GoogleTest prints when an expectation fails.
inline void PrintTo(errc e, std::ostream* out) {
  *out << name(e);
}
inline void PrintTo(const json& document, std::ostream* out) {
  *out << document.text().substr(0, 200);
}
inline void PrintTo(const turn_record& t, std::ostream* out) {
  *out << "the turn of version " << t.version << ", " << t.events.size() << " events";
}
inline void PrintTo(const snapshot& s, std::ostream* out) {
  *out << "version " << s.version << ", " << s.state.size() << " values, " << s.history.size() << " events of "
       << s.total_events();
}

}  // namespace atto

namespace atto::testing {

/// Opens a store on one storage. May be called several times, from one thread.
using open_function = std::function<std::shared_ptr<session_store>(boost::asio::any_io_executor, store_limits)>;

/// What the suite is run on. See store_contract.hpp for an example.
struct contract_subject {
  /// Shown beside each test.
  std::string name;
  /// Makes a new and empty storage, and returns what opens stores on it. The storage is to go when the last copy of the
  /// function goes; all stores are gone by then. Throws not_available to skip the test.
  std::function<open_function()> fresh;
  /// False for a store that needs no async_ensure_schema.
  bool has_schema = true;
  /// False when two stores opened by one open_function do not see the same sessions.
  bool several_handles = true;
  /// What session_store::supported() must say. Without claims do not instantiate StoreClaimsContract, without message
  /// ids do not instantiate StoreMessagesContract; the suite then expects errc::unsupported.
  bool has_claims = true;
  bool has_message_ids = true;
};

inline void PrintTo(const contract_subject& subject, std::ostream* out) {
  *out << subject.name;
}

/// Thrown by contract_subject::fresh: the test is skipped with this message.
class not_available : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// How a call ended: its value, or its error.
template <class T>
struct outcome {
  error_code code;
  diagnostics diag;
  T value{};
};

/// Runs a call of a blocking_store and catches its error.
template <class Call>
[[nodiscard]] auto attempt(Call call) {
  using value_type = decltype(call());
  outcome<std::conditional_t<std::is_void_v<value_type>, bool, value_type>> o;
  try {
    if constexpr (std::is_void_v<value_type>) {
      call();
      o.value = true;
    } else {
      o.value = call();
    }
  } catch (const error_with_diagnostics& e) {
    o.code = e.code();
    o.diag = e.get_diagnostics();
  }
  return o;
}

/// Event number `n`.
[[nodiscard]] inline json numbered_event(std::int64_t n) {
  return json(R"({"event": )" + std::to_string(n) + "}");
}

/// Events `first` … `first + count - 1`.
[[nodiscard]] inline history numbered_events(std::int64_t first, std::int64_t count) {
  history events;
  for (std::int64_t n = first; n < first + count; ++n) events.push_back(numbered_event(n));
  return events;
}

/// A state of one value.
[[nodiscard]] inline state state_of(std::string name, std::string_view text) {
  state s;
  s.set(std::move(name), json(std::string(text)));
  return s;
}

/// A snapshot with `events` numbered events and a state that names the version.
[[nodiscard]] inline snapshot numbered_snapshot(std::int64_t version, std::int64_t events = 1) {
  return {version, state_of("at", std::to_string(version)), numbered_events(0, events)};
}

/// A turn of numbered events, and a state that names the version it makes.
[[nodiscard]] inline turn numbered_turn(std::int64_t base, std::int64_t first_event, std::int64_t events = 1) {
  return {state_of("at", std::to_string(base + 1)), numbered_events(first_event, events)};
}

/// The fixture of all rules. Handles are opened when first asked for; all run on an executor with two threads.
class StoreContract : public ::testing::TestWithParam<contract_subject> {
 protected:
  void SetUp() override {
    try {
      open_ = GetParam().fresh();
    } catch (const not_available& reason) {
      GTEST_SKIP() << reason.what();
    }
    for (int i = 0; i < 2; ++i) threads_.emplace_back([this] { context_.run(); });
  }

  void TearDown() override {
    handles_.clear();
    work_.reset();
    for (auto& t : threads_) t.join();
    open_ = nullptr;
  }

  /// Sets the limits of handles that are not open yet.
  void use_limits(store_limits limits) { limits_ = limits; }

  /// Handle number `i` on this test's storage; the first call makes the schema.
  session_store& handle(std::size_t i = 0) {
    const std::size_t index = GetParam().several_handles ? i : 0;
    auto& h = handles_[index];
    if (h == nullptr) {
      h = open();
      if (!schema_made_) blocking_store(*h).ensure_schema();
      schema_made_ = true;
    }
    return *h;
  }
  [[nodiscard]] blocking_store db(std::size_t i = 0) { return blocking_store(handle(i)); }

  /// One more store on this test's storage, without a schema of its own making.
  [[nodiscard]] std::shared_ptr<session_store> open() { return open(executor()); }
  [[nodiscard]] std::shared_ptr<session_store> open(boost::asio::any_io_executor executor) {
    return open_(std::move(executor), limits_);
  }

  [[nodiscard]] boost::asio::io_context::executor_type executor() { return context_.get_executor(); }

  /// Two handles where the store can have them, else one.
  [[nodiscard]] std::size_t handle_count() const { return GetParam().several_handles ? 2 : 1; }

  /// Checks that the session is stored exactly so, seen through every handle.
  void expect_stored(std::string_view id, const snapshot& expected) {
    for (std::size_t i = 0; i < handle_count(); ++i) {
      const auto loaded = db(i).load(id);
      ASSERT_TRUE(loaded.has_value()) << id;
      EXPECT_EQ(*loaded, expected) << id;
    }
  }
  void expect_absent(std::string_view id) {
    for (std::size_t i = 0; i < handle_count(); ++i) EXPECT_FALSE(db(i).load(id).has_value()) << id;
  }

 private:
  open_function open_;
  store_limits limits_;
  bool schema_made_ = false;
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
  std::map<std::size_t, std::shared_ptr<session_store>> handles_;
  std::vector<std::thread> threads_;
};

/// The fixture of the rules that hold for stores with claims, and of those for stores with message ids.
class StoreClaimsContract : public StoreContract {};
class StoreMessagesContract : public StoreContract {};

/// Checks a conflict and both its versions.
template <class T>
void expect_conflict(const outcome<T>& o, std::int64_t stored, std::int64_t supplied) {
  EXPECT_EQ(o.code, errc::concurrent_write) << o.diag.message();
  EXPECT_EQ(o.diag.stored_version(), stored);
  EXPECT_EQ(o.diag.supplied_version(), supplied);
  EXPECT_NE(o.diag.message(), "");
}

}  // namespace atto::testing
