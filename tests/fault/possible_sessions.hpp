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
/// a write that it called done is there, one that it called failed is not, and one in doubt may be. Of a server's store
/// a remove in doubt may also come later, once, while the session has the version that it is to remove:
/// docs/guarantees.md says so.
class possible_sessions {
 public:
  enum class removes { at_once, or_late };
  explicit possible_sessions(removes r = removes::at_once) : removes_(r) {}

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
    std::vector<possibility> next;
    for (const possibility& p : of(id)) {
      const result r = w(p.now);
      const bool refused = r.refusal == errc::concurrent_write;
      const bool may_be_done = (!ec || ec == errc::outcome_unknown) && !refused;
      const bool may_be_refused = ec == errc::concurrent_write ? refused : bool(ec);
      if (may_be_done) add(next, {r.after, p.to_come});
      if (may_be_refused) add(next, p);
    }
    EXPECT_FALSE(next.empty()) << id << ": " << ec.message() << " is a lie";
    if (!next.empty()) sessions_[id] = std::move(next);
    return ec;
  }

  template <class Call>
  error_code on_remove(const std::string& id, Call&& call) {
    const std::vector<possibility> before = of(id);
    const auto removed = [](const content&) -> result { return {std::nullopt}; };
    const error_code ec = on_write(id, removed, std::forward<Call>(call));
    if (ec != errc::outcome_unknown || removes_ == removes::at_once) return ec;
    for (possibility p : before) {
      if (!p.now) continue;
      p.to_come.insert(p.now->version);
      add(sessions_[id], std::move(p));
    }
    return ec;
  }

  void on_load(const std::string& id, const content& found) {
    std::vector<possibility> known = of(id);
    std::erase_if(known, [&](const possibility& p) { return p.now != found; });
    EXPECT_FALSE(known.empty()) << id << " holds " << (found ? "version " + std::to_string(found->version) : "nothing")
                                << ", which is not what was said";
    if (!known.empty()) sessions_[id] = std::move(known);
  }

  /// Everything loads, and is as was said.
  void expect_all_in(blocking_store& store) {
    for (auto& [id, all] : sessions_) on_load(id, store.load(id));
  }

 private:
  struct possibility {
    content now{};
    std::multiset<std::int64_t> to_come{};  // removes of these versions
    bool operator==(const possibility&) const = default;
  };

  static void add(std::vector<possibility>& all, possibility p) {
    if (std::count(all.begin(), all.end(), p) == 0) all.push_back(std::move(p));
  }
  /// With what is to come, if it came by now.
  const std::vector<possibility>& of(const std::string& id) {
    auto& all = sessions_.try_emplace(id, std::vector<possibility>{{}}).first->second;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto hit = all[i].now ? all[i].to_come.find(all[i].now->version) : all[i].to_come.end();
      if (hit == all[i].to_come.end()) continue;
      possibility removed{std::nullopt, all[i].to_come};
      removed.to_come.erase(removed.to_come.find(*hit));
      add(all, std::move(removed));
    }
    return all;
  }

  const removes removes_;
  std::map<std::string, std::vector<possibility>> sessions_;
};

}  // namespace atto::test
