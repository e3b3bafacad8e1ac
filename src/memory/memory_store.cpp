#include <atto/completion.hpp>
#include <atto/memory_store.hpp>
#include <atto/store_requests.hpp>

#include "memory/session_map.hpp"

#include <chrono>
#include <cstdint>
#include <mutex>
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
    answer<>(r, std::move(h), [] { return failure(); });
  }

  void do_load(load_request r, handler<std::optional<snapshot>> h) override {
    answer<std::optional<snapshot>>(r, std::move(h), [&](auto& found) {
      found = sessions_.load(r);
      return failure();
    });
  }

  void do_save(save_request r, handler<std::int64_t> h) override {
    answer<std::int64_t>(r, std::move(h), [&](std::int64_t& stored) {
      stored = r.snap.version;
      return sessions_.save(std::move(r), now());
    });
  }

  void do_append(append_request r, handler<std::int64_t> h) override {
    answer<std::int64_t>(r, std::move(h), [&](std::int64_t& stored) {
      stored = r.base + 1;
      return sessions_.append(r, now());
    });
  }

  void do_remove(remove_request r, handler<bool> h) override {
    answer<bool>(r, std::move(h), [&](bool& removed) { return sessions_.remove(r, removed); });
  }

  void do_claim(claim_request r, handler<claimed_session> h) override {
    answer<claimed_session>(r, std::move(h),
                            [&](claimed_session& claimed) { return sessions_.claim(r, now(), claimed); });
  }

  void do_renew(renew_request r, handler<> h) override {
    answer<>(r, std::move(h), [&] { return sessions_.renew(r, now()); });
  }

  void do_release(release_request r, handler<bool> h) override {
    answer<bool>(r, std::move(h), [&](bool& released) {
      released = sessions_.release(r);
      return failure();
    });
  }

  void do_find_turn(find_turn_request r, handler<std::optional<turn_record>> h) override {
    answer<std::optional<turn_record>>(r, std::move(h), [&](auto& found) {
      found = sessions_.find_turn(r);
      return failure();
    });
  }

  void do_sweep(sweep_request r, handler<std::int64_t> h) override {
    answer<std::int64_t>(r, std::move(h), [&](std::int64_t& freed) {
      freed = sessions_.sweep(now());
      return failure();
    });
  }

  void do_list(list_request r, handler<session_page> h) override {
    answer<session_page>(r, std::move(h), [&](session_page& page) {
      page = sessions_.list(r);
      return failure();
    });
  }

  void do_close(request r, handler<> h) override {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    completion<>(std::move(h), get_executor(), r.diag).succeed();
  }

  [[nodiscard]] store_stats do_stats() const override {
    const std::lock_guard lock(mutex_);
    store_stats s;
    s.operations = operations_;
    return s;
  }

  /// Runs `work` on the sessions, unless the store is closed, and sends the handler on its way.
  template <class... T, class Work>
  void answer(const request& r, handler<T...> h, Work work) {
    completion<T...> out(std::move(h), get_executor(), r.diag);
    std::tuple<T...> value;
    failure f;
    {
      const std::lock_guard lock(mutex_);
      if (!closed_) ++operations_;
      f = closed_ ? store_rules::closed() : std::apply(work, value);
    }
    if (f) return out.fail(std::move(f));
    std::apply([&](T&... v) { out.succeed(std::move(v)...); }, value);
  }

  mutable std::mutex mutex_;
  session_map sessions_;          // guarded by mutex_
  std::uint64_t operations_ = 0;  // guarded by mutex_
  bool closed_ = false;           // guarded by mutex_
};

}  // namespace

std::unique_ptr<session_store> open(boost::asio::any_io_executor executor, store_limits limits) {
  return std::make_unique<memory_store>(std::move(executor), limits);
}

}  // namespace atto::memory
