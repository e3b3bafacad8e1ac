#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace atto::cli {

/// A bar on stderr while something long runs; nothing at all when stderr is not a terminal.
class progress_bar {
 public:
  /// `total` 0 means that it is not known: the count alone is shown.
  progress_bar(std::string label, std::size_t total);
  /// Wipes the bar away.
  ~progress_bar();
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;

  void advance(std::size_t by = 1);
  /// Wipes the bar away until the next advance, so that a line can be written.
  void hide();

 private:
  void draw();

  std::string label_;
  std::size_t total_;
  std::size_t done_ = 0;
  bool terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point next_draw_;
};

}  // namespace atto::cli
