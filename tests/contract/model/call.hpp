#pragma once

#include <atto/blocking_store.hpp>
#include <atto/error.hpp>
#include <atto/message_id.hpp>
#include <atto/snapshot.hpp>
#include <atto/store_requests.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <vector>

namespace atto::model {

/// What stores are opened with, so that sizes near it are soon met.
inline constexpr std::size_t max_session_bytes = 6000;

/// One operation with all its arguments, good or bad.
struct call {
  enum class kind { load, save, append, remove, list, claim, renew, release, find_turn, sweep };

  kind what = kind::load;
  std::string id{};
  snapshot snap{};  // of a save; state and history are the turn of an append
  atto::guard guard = guard::newer;
  std::int64_t base = 0;  // of a save or an append
  std::optional<std::int64_t> removed_base{};
  std::size_t last = load_options::all;
  std::string prefix{}, after{};
  std::size_t limit = 100;
  std::string owner{}, address{};
  std::chrono::milliseconds ttl{0};
  /// Of a write, a renewal or a release: 1 stands for the epoch that the first claim was given, and so on; 0 for one
  /// that nobody was given; what is below is passed on.
  std::optional<std::int64_t> claim{};
  std::optional<atto::message_id> message{};
  std::size_t turn_events = 0;
  std::chrono::milliseconds timeout{0};
};

/// How it ended.
struct answer {
  error_code code{};
  std::int64_t version = 0;
  bool was_there = false;  // what was to be removed, or the claim that was released
  std::int64_t claim = 0;  // the number of the one that was given
  std::int64_t freed = 0;
  std::optional<snapshot> loaded{};
  std::optional<turn_record> found{};
  std::vector<std::tuple<std::string, std::int64_t, std::int64_t>> page{};  // id, version, events
  std::optional<std::int64_t> stored_version{}, supplied_version{};         // of a refusal
  std::optional<std::string> owner_address{};                               // likewise

  friend bool operator==(const answer&, const answer&) = default;
};

/// A store that is asked, and the epochs that it has given.
class asked_store {
 public:
  explicit asked_store(session_store& s) : store_(s) {}
  [[nodiscard]] answer run(const call& c);

 private:
  [[nodiscard]] answer ask(const call& c);
  [[nodiscard]] answer claim(const call& c);
  [[nodiscard]] std::optional<std::int64_t> epoch_of(const call& c) const;

  blocking_store store_;
  std::vector<std::int64_t> epochs_;                // by the claims' numbers, from 1 on
  std::map<std::string, std::int64_t> last_epoch_;  // of each session
};

/// What a call is drawn for.
struct standing {
  std::int64_t version = 0;          // 0: absent
  std::vector<std::int64_t> claims;  // the numbers of those that were given of it; the last one may be held
};
using standings = std::map<std::string, standing>;

/// One line of each, for the message of a test.
[[nodiscard]] std::string describe(const call& c);
[[nodiscard]] std::string describe(const answer& a);

/// Draws calls, most of which fit what is stored.
class call_source {
 public:
  explicit call_source(std::uint32_t seed) : random_(seed) {}
  [[nodiscard]] call next(const standings& stored);

 private:
  [[nodiscard]] std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
  }
  [[nodiscard]] bool one_in(std::size_t n) { return below(n) == 0; }
  [[nodiscard]] std::string id();
  [[nodiscard]] json document();
  [[nodiscard]] std::string name();
  void fill(snapshot& s);
  void draw_save(call& c, std::int64_t stored);
  void draw_list(call& c);
  void draw_owner(call& c);
  [[nodiscard]] std::chrono::milliseconds ttl();
  [[nodiscard]] std::int64_t claim_of(const standing& s);
  [[nodiscard]] atto::message_id message();

  std::mt19937 random_;
};

}  // namespace atto::model
