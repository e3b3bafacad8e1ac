#include "contract/mutants/racing_stores.hpp"

#include <atto/store_requests.hpp>

#include "contract/mutants/direct_store.hpp"
#include "contract/mutants/lossy_link.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <utility>

namespace atto::test {
namespace {

/// One operation at a time, so that several steps of an override are one to all others, as inside a database.
class serial_store : public direct_store {
 public:
  explicit serial_store(std::shared_ptr<session_store> inner, unsigned) : direct_store(std::move(inner)) {}

 protected:
  answer<std::optional<snapshot>> load(load_request r) final {
    const std::lock_guard lock(mutex_);
    return load_alone(std::move(r));
  }
  answer<std::int64_t> save(save_request r) final {
    const std::lock_guard lock(mutex_);
    return save_alone(std::move(r));
  }
  answer<std::int64_t> append(append_request r) final {
    const std::lock_guard lock(mutex_);
    return append_alone(std::move(r));
  }
  answer<bool> remove(remove_request r) final {
    const std::lock_guard lock(mutex_);
    return direct_store::remove(std::move(r));
  }

  virtual answer<std::optional<snapshot>> load_alone(load_request r) { return direct_store::load(std::move(r)); }
  virtual answer<std::int64_t> save_alone(save_request r) { return direct_store::save(std::move(r)); }
  virtual answer<std::int64_t> append_alone(append_request r) { return direct_store::append(std::move(r)); }

  /// Writes whatever is stored.
  void put(const std::string& id, const snapshot& s) {
    blocking_store store(inner());
    static_cast<void>(store.remove(id));
    static_cast<void>(store.save(id, s));
  }

 private:
  std::mutex mutex_;
};

/// A save without its WHERE.
struct drops_the_guard_of_saves : serial_store {
  using serial_store::serial_store;
  answer<std::int64_t> save_alone(save_request r) override {
    put(r.id, r.snap);
    return {{}, r.snap.version};
  }
};

/// An append without its WHERE.
struct drops_the_guard_of_appends : serial_store {
  using serial_store::serial_store;
  answer<std::int64_t> append_alone(append_request r) override {
    auto s = stored(r.id).value_or(snapshot());
    s.version = r.base + 1;
    s.state = r.turn.state;
    s.history.append(r.turn.events);
    put(r.id, s);
    return {{}, s.version};
  }
};

/// `<=` where the guard says `<`.
struct takes_the_same_version : serial_store {
  using serial_store::serial_store;
  answer<std::int64_t> save_alone(save_request r) override {
    const auto s = stored(r.id);
    if (r.guard != guard::newer || !s || s->version != r.snap.version) return serial_store::save_alone(std::move(r));
    put(r.id, r.snap);
    return {{}, r.snap.version};
  }
};

/// State and version of now, history of the load before.
struct tears_loads : serial_store {
  using serial_store::serial_store;
  answer<std::optional<snapshot>> load_alone(load_request r) override {
    auto now = serial_store::load_alone(r);
    if (!now.value) return now;
    const snapshot whole = *now.value;
    if (const auto before = last_.find(r.id); before != last_.end()) now.value->history = before->second.history;
    last_[r.id] = whole;
    return now;
  }

 private:
  std::map<std::string, snapshot> last_;
};

/// Tells of success when the write was done, and then its transaction is rolled back.
struct acknowledges_before_the_commit : serial_store {
  acknowledges_before_the_commit(std::shared_ptr<session_store> inner, unsigned seed)
      : serial_store(std::move(inner), seed), random_(seed) {}
  answer<std::int64_t> append_alone(append_request r) override {
    const auto s = stored(r.id);
    const bool would_hold = (s ? s->version : 0) == r.base;
    if (would_hold && random_() % 10 == 0) return {{}, r.base + 1};
    return serial_store::append_alone(std::move(r));
  }

 private:
  std::mt19937 random_;
};

/// A client of a lossy link, which meets outcome_unknown and makes something of it.
class link_client : public direct_store {
 public:
  link_client(std::shared_ptr<session_store> inner, unsigned seed)
      : direct_store(std::make_shared<lossy_link>(std::move(inner), seed)) {}

 protected:
  [[nodiscard]] static answer<std::int64_t> conflict(const request& r, std::int64_t stored, std::int64_t supplied) {
    if (r.diag != nullptr) r.diag->versions(stored, supplied);
    return {fail(r, errc::concurrent_write, "another writer was first")};
  }
  /// The request's diagnostics as they were at its start.
  static void forget(const request& r) {
    if (r.diag != nullptr) *r.diag = diagnostics();
  }
};

/// Looks whether the write is there instead of sending it again; but it may come later, or have been superseded.
struct reads_instead_of_sending_again : link_client {
  using link_client::link_client;
  answer<std::int64_t> append(append_request r) override {
    const auto sent = direct_store::append(r);
    if (sent.code != errc::outcome_unknown) return sent;
    forget(r);
    const auto now = stored(r.id);
    const std::int64_t version = now ? now->version : 0;
    if (version == r.base + 1 && now->state == r.turn.state) return {{}, version};
    if (version != r.base) return conflict(r, version, r.base);
    return {fail(r, errc::unavailable, "nothing was written; retry later")};
  }
};

/// Tells of a lost reply as if the write had not been sent.
struct takes_doubt_for_a_failure : link_client {
  using link_client::link_client;
  answer<std::int64_t> append(append_request r) override {
    const auto sent = direct_store::append(r);
    if (sent.code != errc::outcome_unknown) return sent;
    return {fail(r, errc::timed_out, "the deadline passed; nothing was written")};
  }
};

/// Takes any session of its version for its own.
struct compares_the_version_only : link_client {
  using link_client::link_client;
  answer<std::int64_t> append(append_request r) override {
    const auto sent = direct_store::append(r);
    if (sent.code != errc::outcome_unknown) return sent;
    const auto now = stored(r.id);
    if (!now || now->version != r.base + 1) return sent;
    forget(r);
    return {{}, now->version};
  }
};

/// Sends the turn again on the next version, and tells its caller of the one that was asked for.
struct sends_again_with_the_next_version : link_client {
  using link_client::link_client;
  answer<std::int64_t> append(append_request r) override {
    const auto first = direct_store::append(r);
    if (first.code != errc::outcome_unknown) return first;
    append_request again = r;
    ++again.base;
    again.diag = nullptr;
    const auto second = direct_store::append(std::move(again));
    if (second.code) return first;
    forget(r);
    return {{}, r.base + 1};
  }
};

/// Sends the identical turn again: the guard lets one copy through. A copy that is refused may have been the second,
/// which the state tells as long as it is stored.
/// A session that is removed in between may take both copies: there it is no way to do it.
struct sends_the_identical_again : link_client {
  using link_client::link_client;
  answer<std::int64_t> append(append_request r) override {
    const auto first = direct_store::append(r);
    if (first.code != errc::outcome_unknown) return first;
    append_request again = r;
    again.diag = nullptr;
    const auto second = direct_store::append(std::move(again));
    const auto now = second.code == errc::concurrent_write ? stored(r.id) : std::nullopt;
    const bool mine = now && now->version == r.base + 1 && now->state == r.turn.state;
    if (second.code && !mine) return first;
    forget(r);
    return {{}, r.base + 1};
  }
};

template <class Store>
std::shared_ptr<session_store> make(std::shared_ptr<session_store> correct, unsigned seed) {
  return std::make_shared<Store>(std::move(correct), seed);
}

}  // namespace

const std::vector<racing_store>& racing_mutants() {
  static const std::vector<racing_store> all = {
      {"DropsTheGuardOfSaves", make<drops_the_guard_of_saves>},
      {"DropsTheGuardOfAppends", make<drops_the_guard_of_appends>},
      {"TakesTheSameVersion", make<takes_the_same_version>},
      {"TearsLoads", make<tears_loads>},
      {"AcknowledgesBeforeTheCommit", make<acknowledges_before_the_commit>},
      {"ReadsInsteadOfSendingAgain", make<reads_instead_of_sending_again>},
      {"TakesDoubtForAFailure", make<takes_doubt_for_a_failure>},
      {"ComparesTheVersionOnly", make<compares_the_version_only>},
      {"SendsAgainWithTheNextVersion", make<sends_again_with_the_next_version>}};
  return all;
}

const std::vector<racing_store>& racing_controls() {
  static const std::vector<racing_store> all = {{"OneOperationAtATime", make<serial_store>, true},
                                                {"LossyLink", make<lossy_link>, true},
                                                {"SendsTheIdenticalAgain", make<sends_the_identical_again>, false}};
  return all;
}

}  // namespace atto::test
