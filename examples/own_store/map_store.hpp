#pragma once

#include <atto/completion.hpp>
#include <atto/session_store.hpp>
#include <atto/store_rules.hpp>

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>

/// A plain store of your own: sessions in a std::map, without claims and without message ids.
class map_store final : public atto::session_store {
 public:
  map_store(executor_type executor, atto::store_limits limits)
      : session_store(std::move(executor), limits, {.claims = false, .message_ids = false}) {}

 private:
  struct entry {
    atto::snapshot snap;
    std::chrono::system_clock::time_point created, updated;
  };

  void do_ensure_schema(atto::request r, handler<> h) override {
    answer<>(r, std::move(h), [] { return atto::failure(); });
  }
  void do_load(atto::load_request r, handler<std::optional<atto::snapshot>> h) override {
    answer(r, std::move(h), [&](std::optional<atto::snapshot>& found) {
      if (const auto i = sessions_.find(r.id); i != sessions_.end()) found = newest(i->second.snap, r.last);
      return atto::failure();
    });
  }
  void do_save(atto::save_request r, handler<std::int64_t> h) override {
    answer(r, std::move(h), [&](std::int64_t& version) {
      if (auto f = atto::write_guard::save(r, stored(r.id).version)) return f;
      version = write(r.id, std::move(r.snap));
      return atto::failure();
    });
  }
  void do_append(atto::append_request r, handler<std::int64_t> h) override {
    answer(r, std::move(h), [&](std::int64_t& version) {
      atto::snapshot next = stored(r.id);
      const std::size_t bytes = next.history.bytes();
      if (auto f = atto::write_guard::append(r, next.version, bytes, limits().max_session_bytes)) return f;
      next.history.append(r.turn.events);
      version = write(r.id, {r.base + 1, std::move(r.turn.state), std::move(next.history)});
      return atto::failure();
    });
  }
  void do_remove(atto::remove_request r, handler<bool> h) override {
    answer(r, std::move(h), [&](bool& removed) {
      if (auto f = atto::write_guard::remove(r, stored(r.id).version)) return f;
      removed = sessions_.erase(r.id) > 0;
      return atto::failure();
    });
  }
  void do_list(atto::list_request r, handler<atto::session_page> h) override {
    answer(r, std::move(h), [&](atto::session_page& page) {
      for (const auto& [id, e] : sessions_) {
        if (page.size() == r.limit) break;
        if (id <= r.after && !r.after.empty()) continue;
        if (id.starts_with(r.prefix))
          page.emplace_back(id, e.snap.version, e.snap.total_events(), e.created, e.updated);
      }
      return atto::failure();
    });
  }
  void do_close(atto::request r, handler<> h) override {
    closed_ = true;
    atto::completion<>(std::move(h), get_executor(), r.diag).succeed();
  }

  /// Does the work under the lock, then lets the handler go. Nothing waits: deadlines and cancellation have no effect.
  template <class... T, class Work>
  void answer(const atto::request& r, handler<T...> h, Work work) {
    atto::completion<T...> done(std::move(h), get_executor(), r.diag);
    std::tuple<T...> value{};
    atto::failure f;
    {
      const std::lock_guard lock(mutex_);
      f = closed_ ? atto::store_rules::closed() : std::apply(work, value);
    }
    if (f) return done.fail(std::move(f));
    std::apply([&](T&... v) { done.succeed(std::move(v)...); }, value);
  }

  atto::snapshot stored(const std::string& id) const {
    const auto i = sessions_.find(id);
    return i == sessions_.end() ? atto::snapshot() : i->second.snap;
  }
  static atto::snapshot newest(atto::snapshot s, std::size_t last) {
    s.events_before = static_cast<std::int64_t>(s.history.size() - std::min(last, s.history.size()));
    s.history = s.history.last(last);
    return s;
  }
  std::int64_t write(const std::string& id, atto::snapshot next) {
    const auto now = std::chrono::system_clock::now();
    entry& e = sessions_.try_emplace(id, entry{{}, now, now}).first->second;
    e.snap = std::move(next);
    e.updated = now;
    return e.snap.version;
  }

  std::mutex mutex_;                       // guards the sessions
  std::map<std::string, entry> sessions_;  // compares ids by bytes, as the contract asks
  std::atomic<bool> closed_ = false;
};
