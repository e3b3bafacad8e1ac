#include <atto/completion.hpp>
#include <atto/memory_store.hpp>
#include <atto/store_requests.hpp>

#include "base/mutex.hpp"
#include "memory/session_map.hpp"

#include <chrono>
#include <cstdint>
#include <tuple>
#include <utility>

namespace atto::memory {

namespace {

session_map::time_point now() {
  // No finer than a database keeps it.
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

class memory_store final : public session_store {
 public:
  memory_store(executor_type executor, store_limits limits)
      : session_store(std::move(executor), limits), sessions_(limits.max_session_bytes) {}

 private:
  void do_ensure_schema(request r, handler<> h) override {
    answer<>(r, std::move(h), [](session_map&) { return failure(); });
  }

  void do_load(load_request r, handler<std::optional<snapshot>> h) override {
    answer<std::optional<snapshot>>(r, std::move(h), [&](session_map& sessions, auto& found) {
      found = sessions.load(r);
      return failure();
    });
  }

  void do_save(save_request r, handler<std::int64_t> h) override {
    answer<std::int64_t>(r, std::move(h), [&](session_map& sessions, std::int64_t& stored) {
      stored = r.snap.version;
      return sessions.save(std::move(r), now());
    });
  }

  void do_append(append_request r, handler<std::int64_t> h) override {
    answer<std::int64_t>(r, std::move(h), [&](session_map& sessions, std::int64_t& stored) {
      stored = r.base + 1;
      return sessions.append(r, now());
    });
  }

  void do_remove(remove_request r, handler<bool> h) override {
    answer<bool>(r, std::move(h), [&](session_map& sessions, bool& removed) { return sessions.remove(r, removed); });
  }

  void do_claim(claim_request r, handler<claimed_session> h) override {
    answer<claimed_session>(r, std::move(h), [&](session_map& sessions, claimed_session& claimed) {
      return sessions.claim(r, now(), claimed);
    });
  }

  void do_renew(renew_request r, handler<> h) override {
    answer<>(r, std::move(h), [&](session_map& sessions) { return sessions.renew(r, now()); });
  }

  void do_release(release_request r, handler<bool> h) override {
    answer<bool>(r, std::move(h), [&](session_map& sessions, bool& released) {
      released = sessions.release(r);
      return failure();
    });
  }

  void do_find_turn(find_turn_request r, handler<std::optional<turn_record>> h) override {
    answer<std::optional<turn_record>>(r, std::move(h), [&](session_map& sessions, auto& found) {
      found = sessions.find_turn(r);
      return failure();
    });
  }

  void do_sweep(sweep_request r, handler<std::int64_t> h) override {
    answer<std::int64_t>(r, std::move(h), [&](session_map& sessions, std::int64_t& freed) {
      freed = sessions.sweep(now());
      return failure();
    });
  }

  void do_list(list_request r, handler<session_page> h) override {
    answer<session_page>(r, std::move(h), [&](session_map& sessions, session_page& page) {
      page = sessions.list(r);
      return failure();
    });
  }

  void do_close(request r, handler<> h) override {
    {
      const lock held(mutex_);
      closed_ = true;
    }
    completion<>(std::move(h), get_executor(), r.diag).succeed();
  }

  [[nodiscard]] store_stats do_stats() const override {
    const lock held(mutex_);
    store_stats s;
    s.operations = operations_;
    return s;
  }

  /// Runs `work(sessions, value...)` under the lock, unless the store is closed, and sends the handler on its way.
  template <class... T, class Work>
  void answer(const request& r, handler<T...> h, Work work) {
    completion<T...> out(std::move(h), get_executor(), r.diag);
    std::tuple<T...> value;
    failure f;
    {
      const lock held(mutex_);
      if (!closed_) ++operations_;
      f = closed_ ? store_rules::closed()
                  : std::apply([&](T&... v) ATTO_REQUIRES(mutex_) { return work(sessions_, v...); }, value);
    }
    if (f) return out.fail(std::move(f));
    std::apply([&](T&... v) { out.succeed(std::move(v)...); }, value);
  }

  mutable mutex mutex_;
  session_map sessions_ ATTO_GUARDED_BY(mutex_);
  std::uint64_t operations_ ATTO_GUARDED_BY(mutex_) = 0;
  bool closed_ ATTO_GUARDED_BY(mutex_) = false;
};

}  // namespace

std::unique_ptr<session_store> open(boost::asio::any_io_executor executor, store_limits limits) {
  return std::make_unique<memory_store>(std::move(executor), limits);
}

}  // namespace atto::memory
