#pragma once

#include <atto/blocking_store.hpp>
#include <atto/error.hpp>
#include <atto/snapshot.hpp>
#include <atto/store_request.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
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
  enum class kind { load, save, append, remove, list };

  kind what = kind::load;
  std::string id{};
  snapshot snap{};  // of a save; state and history are the turn of an append
  atto::guard guard = guard::newer;
  std::int64_t base = 0;  // of a save or an append
  std::optional<std::int64_t> removed_base{};
  std::size_t last = load_options::all;
  std::string prefix{}, after{};
  std::size_t limit = 100;
  std::chrono::milliseconds timeout{0};
};

/// How it ended.
struct answer {
  error_code code{};
  std::int64_t version = 0;
  bool removed = false;
  std::optional<snapshot> loaded{};
  std::vector<std::tuple<std::string, std::int64_t, std::int64_t>> page{};  // id, version, events
  std::optional<std::int64_t> stored_version{}, supplied_version{};         // of a refusal

  friend bool operator==(const answer&, const answer&) = default;
};

[[nodiscard]] answer run(blocking_store& store, const call& c);

/// One line of each, for the message of a test.
[[nodiscard]] std::string describe(const call& c);
[[nodiscard]] std::string describe(const answer& a);

/// Draws calls. `version_of` says what is stored, so that most writes stand on what they should.
class call_source {
 public:
  explicit call_source(std::uint32_t seed) : random_(seed) {}
  [[nodiscard]] call next(const std::vector<std::tuple<std::string, std::int64_t, std::int64_t>>& stored);

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

  std::mt19937 random_;
};

}  // namespace atto::model
