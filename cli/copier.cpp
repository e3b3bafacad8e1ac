#include "copier.hpp"

#include "error_text.hpp"
#include "output.hpp"
#include "printable.hpp"
#include "run_at_once.hpp"
#include "session_pages.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>
#include <utility>

namespace atto::cli {

namespace {

constexpr auto results = boost::asio::as_tuple(boost::asio::use_awaitable);

/// Each may hold a whole session in memory, twice.
constexpr std::size_t sessions_at_once = 8;

/// True when the session, not the store, is what is wrong: the others can still be copied.
bool concerns_one_session(const error_code& ec) {
  return ec == errc::too_large || ec == errc::invalid_document || ec == errc::invalid_session_id ||
         ec == errc::invalid_argument;
}

}  // namespace

void copier::run(progress_bar& bar) {
  session_pages pages(context_, from_, "");
  // The source first: a slip in its name must not leave an empty target behind.
  session_page page = pages.next();
  make_target_ready();
  while (!page.empty() && !stopping_) {
    const auto treat_one = [&](const session_info& info) { return treat(info, bar); };
    const auto going_on = [this] { return !stopping_; };
    page_work work(page, treat_one, going_on);
    work.run(context_, sessions_at_once);
    if (!stopping_) page = pages.next();
  }
}

void copier::make_target_ready() {
  diagnostics diag;
  schema_options how;
  how.diag = &diag;
  wait_for_end(context_, diag, [&](auto handler) { to_.async_ensure_schema(how, std::move(handler)); });
}

boost::asio::awaitable<void> copier::treat(const session_info& info, progress_bar& bar) {
  const bool needed = co_await is_needed(info);
  if (needed) co_await copy(info);
  bar.advance();
}

boost::asio::awaitable<bool> copier::is_needed(const session_info& info) {
  diagnostics diag;
  load_options how;
  how.last = 0;
  how.diag = &diag;
  const auto [ec, there] = co_await to_.async_load(info.id, how, results);
  if (ec) {
    note(info, ec, diag);
    co_return false;
  }
  const bool needed = !there || there->version < info.version;
  if (!needed) ++tally_.skipped;
  co_return needed;
}

boost::asio::awaitable<void> copier::copy(const session_info& info) {
  diagnostics diag;
  load_options how;
  how.diag = &diag;
  auto [load_error, snap] = co_await from_.async_load(info.id, how, results);
  if (load_error) {
    note(info, load_error, diag);
    co_return;
  }
  if (!snap) {
    ++tally_.skipped;
    co_return;
  }
  save_options keep_newer;
  keep_newer.diag = &diag;
  const auto [ec, version] = co_await to_.async_save(info.id, std::move(*snap), keep_newer, results);
  if (ec == errc::concurrent_write) {
    ++tally_.skipped;  // somebody went on with it in the target meanwhile
  } else if (ec) {
    note(info, ec, diag);
  } else {
    ++tally_.copied;
  }
}

void copier::note(const session_info& info, const error_code& ec, const diagnostics& diag) {
  const std::string text = error_text(ec, diag, shown(info.id));
  if (concerns_one_session(ec)) {
    ++tally_.failed;
    complain(text);
    return;
  }
  if (tally_.failure.empty()) tally_.failure = text;
  stopping_ = true;
}

}  // namespace atto::cli
