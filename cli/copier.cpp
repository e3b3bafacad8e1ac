#include "copier.hpp"

#include "command_error.hpp"
#include "error_text.hpp"
#include "output.hpp"
#include "printable.hpp"
#include "results.hpp"
#include "run_at_once.hpp"
#include "session_pages.hpp"

#include <fmt/format.h>

#include <utility>

namespace atto::cli {

namespace {

/// Each may hold a whole session in memory, twice.
constexpr std::size_t sessions_at_once = 8;

/// True when the session, not the store, is what is wrong: the others can still be copied.
bool concerns_one_session(const error_code& ec, const diagnostics& diag) {
  if (ec == errc::storage_failure) {
    // Without a code of the database's it is what was stored that cannot be read. The SQLite store names that
    // SQLITE_CORRUPT; where SQLite itself says so, it says it in words of its own.
    return diag.code().empty() || (diag.code() == "SQLITE_CORRUPT" && diag.server_message().empty());
  }
  return ec == errc::too_large || ec == errc::invalid_document || ec == errc::invalid_session_id ||
         ec == errc::invalid_argument;
}

/// What fails in `work` is told as the failure of that store: both may be of one kind, with the same words.
template <class Work>
auto in_store(const std::string& role, Work work) {
  try {
    return work();
  } catch (const error_with_diagnostics& e) {
    throw command_error(status_of(e.code()), error_text(e.code(), e.get_diagnostics(), role));
  }
}

}  // namespace

void copier::run(progress_bar& bar) {
  session_pages pages(context_, from_, "");
  const auto next_page = [&] { return in_store("FROM", [&] { return pages.next(); }); };
  // The source first: a slip in its name must not leave an empty target behind.
  session_page page = next_page();
  in_store("TO", [this] { make_target_ready(); });
  while (!page.empty() && !stopping_) {
    const auto treat_one = [&](const session_info& info) { return treat(info, bar); };
    const auto going_on = [this] { return !stopping_; };
    page_work work(page, treat_one, going_on);
    work.run(context_, sessions_at_once);
    if (!stopping_) page = next_page();
  }
}

void copier::make_target_ready() {
  diagnostics diag;
  operation_options how;
  how.diag = &diag;
  wait_for_end(context_, diag, [&](auto handler) { to_.async_ensure_schema(how, std::move(handler)); });
}

boost::asio::awaitable<void> copier::treat(const session_info& info, progress_bar& bar) {
  const outcome end = co_await copy(info);
  note(info, end, bar);
  bar.advance();
}

boost::asio::awaitable<copier::outcome> copier::copy(const session_info& info) {
  diagnostics diag;
  load_options how;
  how.diag = &diag;
  how.last = 0;
  const auto [look_error, there] = co_await to_.async_load(info.id, how, results);
  if (look_error) co_return outcome(fate::failed, look_error, diag);
  if (there && there->version > info.version) co_return outcome(fate::skipped);
  how.last = load_options::all;
  const auto [load_error, here] = co_await from_.async_load(info.id, how, results);
  if (load_error) co_return outcome(fate::failed, load_error, diag);
  if (!here || (there && there->version > here->version)) co_return outcome(fate::skipped);
  if (there && there->version == here->version) {
    outcome compared = co_await compare(info.id, *here);
    co_return compared;
  }
  outcome saved = co_await save(info.id, *here);
  co_return saved;
}

boost::asio::awaitable<copier::outcome> copier::save(const std::string& id, const snapshot& here) {
  diagnostics diag;
  save_options keep_newer;
  keep_newer.diag = &diag;
  snapshot copied = here;
  const auto [ec, version] = co_await to_.async_save(id, std::move(copied), keep_newer, results);
  if (!ec) co_return outcome(fate::copied);
  if (ec != errc::concurrent_write) co_return outcome(fate::failed, ec, diag);
  // Somebody went on with it in the target meanwhile.
  outcome end = co_await compare(id, here);
  co_return end;
}

boost::asio::awaitable<copier::outcome> copier::compare(const std::string& id, const snapshot& here) {
  diagnostics diag;
  load_options how;
  how.diag = &diag;
  const auto [ec, there] = co_await to_.async_load(id, how, results);
  if (ec) co_return outcome(fate::failed, ec, diag);
  const bool rivals = there && there->version == here.version && *there != here;
  co_return outcome(rivals ? fate::different : fate::skipped);
}

void copier::note(const session_info& info, const outcome& o, progress_bar& bar) {
  if (o.end == fate::copied) ++tally_.copied;
  if (o.end == fate::skipped) ++tally_.skipped;
  if (o.end == fate::different) {
    ++tally_.different;
    bar.hide();
    complain(fmt::format("different: {}: the stores hold unequal sessions of the same version; TO's was left alone",
                         shown(info.id)));
  }
  if (o.end == fate::failed) note_failure(error_text(o.ec, o.diag, shown(info.id)), o, bar);
}

void copier::note_failure(const std::string& text, const outcome& o, progress_bar& bar) {
  if (concerns_one_session(o.ec, o.diag)) {
    ++tally_.failed;
    bar.hide();
    complain(text);
    return;
  }
  if (tally_.failure.empty()) {
    tally_.failure = text;
    tally_.can_go_on = can_go_on(o.ec);
  }
  stopping_ = true;
}

}  // namespace atto::cli
