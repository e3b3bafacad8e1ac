#pragma once

#include "progress_bar.hpp"

#include <atto/session_store.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <string>

namespace atto::cli {

struct retention_rule {
  /// Sessions that were last written before this moment go.
  std::chrono::system_clock::time_point before;
  std::string prefix;
  /// Only say which.
  bool dry_run = false;
};

/// What a clean-up did, in sessions.
struct retention_tally {
  std::size_t removed = 0;  // would be removed, in a dry run
  /// Old when they were listed, but written again since.
  std::size_t kept = 0;
  /// What ended it early; empty when nothing did.
  std::string failure;
};

/// Removes old sessions, page by page. Each is removed only in the version that was listed, so one that goes on
/// meanwhile stays. At the end, also frees what expired claims of sessions that were never written take up.
class retention {
 public:
  /// All arguments must outlive this object.
  retention(boost::asio::io_context& context, session_store& store, const retention_rule& rule)
      : context_(context), store_(store), rule_(rule) {}

  /// Errors (thrown): error_with_diagnostics when the sessions cannot be listed, or claims not be freed.
  void run(progress_bar& bar);
  /// No session begins from now on.
  void stop() noexcept { stopping_ = true; }

  [[nodiscard]] const retention_tally& tally() const noexcept { return tally_; }

 private:
  boost::asio::awaitable<void> treat(const session_info& info, progress_bar& bar);
  boost::asio::awaitable<void> remove(const session_info& info);
  void sweep();

  boost::asio::io_context& context_;
  session_store& store_;
  const retention_rule& rule_;
  bool stopping_ = false;
  retention_tally tally_;
};

}  // namespace atto::cli
