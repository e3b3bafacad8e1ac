#pragma once

#include "progress_bar.hpp"

#include <atto/session_store.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <string>

namespace atto::cli {

/// What a copy did, in sessions.
struct copy_tally {
  std::size_t copied = 0;
  /// Equal or newer in the target; or gone from the source meanwhile.
  std::size_t skipped = 0;
  /// Refused by the target: too large for its limit, for one.
  std::size_t failed = 0;
  /// What ended the copy early; empty when nothing did.
  std::string failure;
};

/// Copies every session of a store to another one, versions kept. Both may be in use: each session is read at one
/// moment, and a target that is newer is never set back.
class copier {
 public:
  /// All arguments must outlive this object.
  copier(boost::asio::io_context& context, session_store& from, session_store& to)
      : context_(context), from_(from), to_(to) {}

  /// Makes the target's tables where they are missing, then copies.
  /// Errors (thrown): error_with_diagnostics when the source cannot be listed, or the target not be made ready.
  void run(progress_bar& bar);
  /// No session begins from now on.
  void stop() noexcept { stopping_ = true; }

  [[nodiscard]] const copy_tally& tally() const noexcept { return tally_; }

 private:
  boost::asio::awaitable<void> treat(const session_info& info, progress_bar& bar);
  boost::asio::awaitable<bool> is_needed(const session_info& info);
  boost::asio::awaitable<void> copy(const session_info& info);
  void note(const session_info& info, const error_code& ec, const diagnostics& diag);
  void make_target_ready();

  boost::asio::io_context& context_;
  session_store& from_;
  session_store& to_;
  bool stopping_ = false;
  copy_tally tally_;
};

}  // namespace atto::cli
