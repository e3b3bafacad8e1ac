#include "progress_bar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include <unistd.h>

namespace atto::cli {

namespace {

constexpr std::chrono::milliseconds redraw_every{100};
constexpr std::size_t bar_width = 40;

void write_to_terminal(const std::string& text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
  std::fflush(stderr);
}

}  // namespace

progress_bar::progress_bar(std::string label, std::size_t total)
    : label_(std::move(label)), total_(total), terminal_(::isatty(STDERR_FILENO) != 0) {}

progress_bar::~progress_bar() {
  hide();
}

void progress_bar::advance(std::size_t by) {
  done_ += by;
  if (!terminal_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_draw_) return;
  next_draw_ = now + redraw_every;
  draw();
}

void progress_bar::hide() {
  if (!drawn_) return;
  write_to_terminal("\r\x1b[K");
  drawn_ = false;
}

void progress_bar::draw() {
  drawn_ = true;
  if (total_ == 0) {
    write_to_terminal(fmt::format("\r\x1b[K{} {}", label_, done_));
    return;
  }
  const std::size_t shown = std::min(done_, total_);
  const std::size_t filled = shown * bar_width / total_;
  write_to_terminal(fmt::format("\r\x1b[K{} [{:#<{}}{:.<{}}] {}/{} {}%", label_, "", filled, "", bar_width - filled,
                                shown, total_, shown * 100 / total_));
}

}  // namespace atto::cli
