#pragma once

#include "fault/possible_sessions.hpp"

#include <cstddef>
#include <string>

namespace atto::test {

/// Nothing: what a scenario opens around each call by itself.
struct no_window {};

/// One client's operations of every kind, which go on whatever fails: the next stands on what the one before would have
/// made. A `Window` lives during each call to the store.
template <class Window = no_window>
class scenario {
 public:
  explicit scenario(blocking_store& store) : store_(store) {}

  void run(possible_sessions& known) {
    append(known, "a", 0);
    append(known, "a", 1);
    save(known, "b", 3);
    load(known, "a");
    save(known, "a", 5);
    append(known, "a", 5);
    load(known, "b");
    known.on_remove("b", [&] {
      [[maybe_unused]] const Window open;
      store_.remove("b");
    });
    append(known, "b", 0);
    append(known, "a", 6);
  }

  /// Saves and appends that ended with outcome_unknown.
  [[nodiscard]] std::size_t in_doubt() const noexcept { return in_doubt_; }

 private:
  void note(const error_code& ec) { in_doubt_ += ec == errc::outcome_unknown ? 1U : 0U; }

  static turn turn_after(const std::string& id, std::int64_t base) {
    state s;
    s.set("at", json(std::to_string(base + 1)));
    return {s, history{json::string(id + std::to_string(base) + std::string(900, 'x'))}};
  }

  void append(possible_sessions& known, const std::string& id, std::int64_t base) {
    const turn t = turn_after(id, base);
    note(known.on_write(id, possible_sessions::append(base, t), [&] {
      [[maybe_unused]] const Window open;
      store_.append(id, base, t);
    }));
  }
  void save(possible_sessions& known, const std::string& id, std::int64_t version) {
    turn t = turn_after(id, version);
    const snapshot s(version, t.state, t.events);
    note(known.on_write(id, possible_sessions::save(s), [&] {
      [[maybe_unused]] const Window open;
      store_.save(id, s);
    }));
  }
  void load(possible_sessions& known, const std::string& id) {
    try {
      known.on_load(id, look(id));
    } catch (const error_with_diagnostics& e) {
      EXPECT_NE(e.code(), errc::outcome_unknown);
    } catch (const std::bad_alloc&) {
    }
  }

  std::optional<snapshot> look(const std::string& id) {
    [[maybe_unused]] const Window open;
    return store_.load(id);
  }

  blocking_store& store_;
  std::size_t in_doubt_ = 0;
};

}  // namespace atto::test
