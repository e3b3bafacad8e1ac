#pragma once

#include "progress_bar.hpp"

#include <atto/session_store.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace atto::cli {

/// What a copy did, in sessions.
struct copy_tally {
  std::size_t copied = 0;
  /// Equal or newer in the target; or gone from the source meanwhile.
  std::size_t skipped = 0;
  /// Of one version in both stores, and not equal: which of them is right cannot be known.
  std::size_t different = 0;
  /// Cannot be read, or were refused by the target: too large for its limit, for one.
  std::size_t failed = 0;
  /// What ended the copy early; empty when nothing did.
  std::string failure;
  /// True when the same command, given again, goes on where that ended it.
  bool can_go_on = false;
};

/// Copies every session of a store to another one, versions kept. Both may be in use: each session is read at one
/// moment, a target that is newer is never set back, and one that differs at the same version is left alone.
class copier {
 public:
  /// All arguments must outlive this object.
  copier(boost::asio::io_context& context, session_store& from, session_store& to)
      : context_(context), from_(from), to_(to) {}

  /// Makes the target's tables where they are missing, then copies.
  /// Errors (thrown): command_error, which says FROM or TO, when the source cannot be listed, or the target not be made
  /// ready.
  void run(progress_bar& bar);
  /// No session begins from now on.
  void stop() noexcept { stopping_ = true; }

  [[nodiscard]] const copy_tally& tally() const noexcept { return tally_; }

 private:
  enum class fate { copied, skipped, different, failed };

  /// How one session ended; the error, when it failed. With a constructor: GCC 12 and coroutines.
  struct outcome {
    explicit outcome(fate e, error_code c = {}, diagnostics d = {}) : end(e), ec(c), diag(std::move(d)) {}

    fate end;
    error_code ec;
    diagnostics diag;
  };

  boost::asio::awaitable<void> treat(const session_info& info, progress_bar& bar);
  boost::asio::awaitable<outcome> copy(const session_info& info);
  boost::asio::awaitable<outcome> save(const std::string& id, const snapshot& here);
  boost::asio::awaitable<outcome> compare(const std::string& id, const snapshot& here);
  void note(const session_info& info, const outcome& o, progress_bar& bar);
  void note_failure(const std::string& text, const outcome& o, progress_bar& bar);
  void make_target_ready();

  boost::asio::io_context& context_;
  session_store& from_;
  session_store& to_;
  bool stopping_ = false;
  copy_tally tally_;
};

}  // namespace atto::cli
