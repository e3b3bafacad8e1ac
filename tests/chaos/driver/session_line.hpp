#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>

namespace atto::test {

/// What is done to a session tells how it can be judged.
enum class session_kind {
  /// Only appended to: whatever is missing from its history later was lost, and no later write can hide it.
  traced,
  /// Saved, newer and exact, and appended to: versions only grow.
  mixed,
  /// Also removed.
  removed,
};

inline constexpr std::array session_kinds{session_kind::traced, session_kind::mixed, session_kind::removed};

[[nodiscard]] std::string_view name_of(session_kind k) noexcept;

/// An id that begins with `prefix`; kind_of reads the kind from it.
[[nodiscard]] std::string session_id(std::string_view prefix, session_kind k, std::size_t number);
[[nodiscard]] session_kind kind_of(std::string_view id);

/// A few sessions of one kind that are in use; one that has had its share of operations gives way to a new one, so that
/// histories stay short enough for the checker. Thread-safety: all members may be called at once.
class session_line {
 public:
  session_line(std::string prefix, session_kind kind) : prefix_(std::move(prefix)), kind_(kind) {}

  /// The session of the next operation.
  [[nodiscard]] std::string next(std::mt19937& random);

 private:
  static constexpr std::size_t width = 4;

  std::string prefix_;
  session_kind kind_;
  std::array<std::atomic<std::size_t>, width> operations_{};
};

}  // namespace atto::test
