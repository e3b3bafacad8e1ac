#include "retention.hpp"

#include "error_text.hpp"
#include "output.hpp"
#include "printable.hpp"
#include "results.hpp"
#include "session_pages.hpp"

#include <cstdint>
#include <utility>

namespace atto::cli {

namespace {

constexpr std::size_t removals_at_once = 16;

}  // namespace

void retention::run(progress_bar& bar) {
  session_pages pages(context_, store_, rule_.prefix);
  for (session_page page = pages.next(); !page.empty() && !stopping_; page = pages.next()) {
    const auto treat_one = [&](const session_info& info) { return treat(info, bar); };
    const auto going_on = [this] { return !stopping_; };
    page_work work(page, treat_one, going_on);
    work.run(context_, removals_at_once);
    if (stopping_) return;
  }
  if (!stopping_ && !rule_.dry_run) sweep();
}

/// What dead nodes have claimed and never written. It is no session, so that neither prefix nor age apply.
void retention::sweep() {
  diagnostics diag;
  operation_options how;
  how.diag = &diag;
  static_cast<void>(
      wait_for<std::int64_t>(context_, diag, [&](auto handler) { store_.async_sweep(how, std::move(handler)); }));
}

boost::asio::awaitable<void> retention::treat(const session_info& info, progress_bar& bar) {
  bar.advance();
  if (info.updated >= rule_.before) co_return;
  if (rule_.dry_run) {
    bar.hide();
    print_line(printable(info.id));
    ++tally_.removed;
    co_return;
  }
  co_await remove(info);
}

boost::asio::awaitable<void> retention::remove(const session_info& info) {
  diagnostics diag;
  remove_options how;
  how.base = info.version;
  how.diag = &diag;
  const auto [ec, existed] = co_await store_.async_remove(info.id, how, results);
  if (!ec) {
    tally_.removed += existed ? 1 : 0;
  } else if (ec == errc::concurrent_write) {
    ++tally_.kept;
  } else {
    if (tally_.failure.empty()) tally_.failure = error_text(ec, diag, shown(info.id));
    stopping_ = true;
  }
}

}  // namespace atto::cli
