#pragma once

#include "support/chaos/faults.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace atto::test::chaos {

/// What holds for one direction of every connection, until it is changed.
struct rules {
  bool reading = true;
  bool held = false;
  std::optional<chaos::drip> drip;
};

/// The bytes of one direction of one connection that have been read and not yet delivered, and when they may go.
/// Knows no socket and no clock.
class lane {
 public:
  void take(std::string_view bytes);
  /// The sender has ended so; that is passed on when all bytes are.
  void end(ending how) noexcept { end_ = how; }
  /// The receiver takes nothing more: drops what waits and what will come.
  void give_up();

  /// What may be delivered now, in one piece; empty when nothing may.
  [[nodiscard]] std::string_view front(steady::time_point now, const rules& r) const;
  /// When `front` has something although nothing else happens.
  [[nodiscard]] std::optional<steady::time_point> wakes(const rules& r) const;
  /// The first `count` bytes of `front` have been delivered.
  void passed(std::size_t count, steady::time_point now, const rules& r);
  /// The sender's end, when it may be passed on.
  [[nodiscard]] std::optional<ending> ended(const rules& r) const;

  /// Bytes that wait.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool given_up() const noexcept { return given_up_; }

 private:
  std::deque<std::string> waiting_;  // as they were read
  std::size_t gone_ = 0;             // of the first chunk
  std::size_t size_ = 0;
  steady::time_point next_{};  // a drip's next time
  std::optional<ending> end_;
  bool given_up_ = false;
};

/// Inverts those of `bits` that lie in `bytes`, of which the first one is the byte `first` of the stream.
void flip(std::string& bytes, std::uint64_t first, const std::vector<std::uint64_t>& bits);

}  // namespace atto::test::chaos
