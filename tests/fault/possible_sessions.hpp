#pragma once

#include <atto/blocking_store.hpp>
#include <atto/diagnostics.hpp>
#include <atto/snapshot.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace atto::test {

/// What the sessions of one client's store may hold, by what the store has said so far. What it says next must agree:
/// a write that it called done is there, one that it called failed is not, and one in doubt may be. A remove in doubt
/// may also come later, as long as the session has the version that it is to remove: docs/guarantees.md says so.
class possible_sessions {
 public:
  using content = std::optional<snapshot>;
  /// What a write makes of a session, or why it is refused.
  struct result {
    content after;
    errc refusal{};
  };
  using write = std::function<result(const content&)>;

  static write save(snapshot s) {
    return [s = std::move(s)](const content& before) -> result {
      if (before && before->version >= s.version) return {before, errc::concurrent_write};
      return {s};
    };
  }
  static write append(std::int64_t base, turn t) {
    return [base, t = std::move(t)](const content& before) -> result {
      if ((before ? before->version : 0) != base) return {before, errc::concurrent_write};
      snapshot after = before.value_or(snapshot());
      after.version = base + 1;
      after.state = t.state;
      after.history.append(t.events);
      return {std::move(after)};
    };
  }

  /// Runs `call`, which throws when the write failed, and learns from how it ended; returns that.
  template <class Call>
  error_code on_write(const std::string& id, const write& w, Call&& call) {
    error_code ec;
    try {
      std::forward<Call>(call)();
    } catch (const error_with_diagnostics& e) {
      ec = e.code();
    } catch (const std::bad_alloc&) {
      ec = errc::storage_failure;
    }
    std::vector<content> next;
    for (const content& before : of(id)) {
      const result r = w(before);
      const bool refused = r.refusal == errc::concurrent_write;
      if (!ec && !refused) add(next, r.after);
      if (ec == errc::concurrent_write && refused) add(next, before);
      if (ec && ec != errc::concurrent_write) add(next, before);
      if (ec == errc::outcome_unknown && !refused) add(next, r.after);
    }
    EXPECT_FALSE(next.empty()) << id << ": " << ec.message() << " is a lie";
    if (!next.empty()) sessions_[id] = std::move(next);
    return ec;
  }

  template <class Call>
  error_code on_remove(const std::string& id, Call&& call) {
    const std::vector<content> before = of(id);
    const auto removed = [](const content&) -> result { return {std::nullopt}; };
    const error_code ec = on_write(id, removed, std::forward<Call>(call));
    if (ec == errc::outcome_unknown) {
      for (const content& c : before) {
        if (c) may_be_removed_[id].insert(c->version);
      }
    }
    return ec;
  }

  void on_load(const std::string& id, const content& found) {
    const std::vector<content>& all = of(id);
    const bool known = std::count(all.begin(), all.end(), found) > 0;
    EXPECT_TRUE(known) << id << " holds " << (found ? "version " + std::to_string(found->version) : "nothing")
                       << ", which is not what was said";
    if (known) sessions_[id] = {found};
  }

  /// Everything loads, and is as was said.
  void expect_all_in(blocking_store& store) {
    for (auto& [id, all] : sessions_) on_load(id, store.load(id));
  }

 private:
  static void add(std::vector<content>& all, const content& c) {
    if (std::count(all.begin(), all.end(), c) == 0) all.push_back(c);
  }
  /// With what a remove in doubt has done to them by now.
  std::vector<content>& of(const std::string& id) {
    auto& all = sessions_.try_emplace(id, std::vector<content>{std::nullopt}).first->second;
    const std::set<std::int64_t>& removes = may_be_removed_[id];
    const auto is_hit = [&](const content& c) { return c && removes.count(c->version) > 0; };
    if (std::any_of(all.begin(), all.end(), is_hit)) add(all, std::nullopt);
    return all;
  }

  std::map<std::string, std::vector<content>> sessions_;
  std::map<std::string, std::set<std::int64_t>> may_be_removed_;
};

}  // namespace atto::test
