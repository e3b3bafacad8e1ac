#include "bench/bench_store.hpp"

#include "command_error.hpp"
#include "open.hpp"
#include "printable.hpp"
#include "run_at_once.hpp"
#include "session_pages.hpp"

#include <atto/postgres_store.hpp>

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace atto::cli::bench {

namespace {

constexpr std::string_view sqlite_prefix = "sqlite:";
constexpr std::size_t removals_at_once = 64;
/// The next character after the colon of id_prefix.
constexpr std::string_view behind_prefix = "atto-bench;";

std::string kind_of(std::string_view where) {
  if (where.starts_with("memory:")) return "memory";
  return where.starts_with(sqlite_prefix) ? "sqlite" : "postgres";
}

void refuse_existing(const std::string& file) {
  if (!std::filesystem::exists(std::filesystem::symlink_status(file))) return;
  throw command_error(exit_status::usage,
                      fmt::format("usage: {} exists; bench makes a file of its own and removes it: name one that is "
                                  "not there, such as --store sqlite:bench.db",
                                  shown(file)));
}

std::unique_ptr<session_store> open_postgres(boost::asio::any_io_executor executor, const settings& shared,
                                             const plan& p) {
  postgres::options o;
  o.table = p.table;
  o.limits = shared.limits();
  postgres::pool_options pool;
  pool.size = p.connections;
  try {
    return postgres::open(std::move(executor), shared.store, o, pool);
  } catch (const error_with_diagnostics& e) {
    throw command_error(exit_status::usage, "usage: --store: " + printable(e.get_diagnostics().message()));
  }
}

}  // namespace

bench_store::bench_store(boost::asio::io_context& callers, const settings& shared, const plan& p)
    : keep_(p.keep),
      kind_(kind_of(shared.store)),
      own_context_(1),
      context_(p.store_thread ? own_context_ : callers),
      store_(open(context_.get_executor(), shared, p)) {
  make_ready();
  if (p.store_thread) start_thread();
}

bench_store::~bench_store() {
  end_thread();
  store_.reset();
  if (file_.empty() || keep_) return;
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
  std::filesystem::remove(file_ + "-journal", ignored);
}

void bench_store::start_thread() {
  own_work_.emplace(own_context_.get_executor());
  own_context_.restart();
  own_thread_ = std::thread([this] { own_context_.run(); });
}

void bench_store::end_thread() {
  if (!own_thread_.joinable()) return;
  own_context_.stop();
  own_thread_.join();
  own_work_.reset();
}

std::unique_ptr<session_store> bench_store::open(boost::asio::any_io_executor executor, const settings& shared,
                                                 const plan& p) {
  if (kind_ == "postgres") {
    table_ = p.table;
    return open_postgres(std::move(executor), shared, p);
  }
  if (kind_ == "sqlite") {
    const std::string file = shared.store.substr(sqlite_prefix.size());
    refuse_existing(file);
    file_ = file;
  }
  return open_async(std::move(executor), shared.store, shared, "--store");
}

void bench_store::make_ready() {
  diagnostics diag;
  operation_options how;
  how.diag = &diag;
  wait_for_end(context_, diag, [&](auto handler) { store_->async_ensure_schema(how, std::move(handler)); });
  refuse_foreign_sessions();
  // What a run that was killed has left.
  if (!keep_) clean_up();
}

/// In the order of ids, those of benchmarks lie together: looking at both ends is enough.
void bench_store::refuse_foreign_sessions() {
  diagnostics diag;
  list_options how;
  how.limit = 1;
  how.diag = &diag;
  const auto first_after = [&](std::string_view after) {
    how.after = after;
    return wait_for<session_page>(context_, diag, [&](auto handler) { store_->async_list(how, std::move(handler)); });
  };
  session_page foreign = first_after("");
  if (!foreign.empty() && foreign.front().id.starts_with(id_prefix)) foreign = first_after(behind_prefix);
  if (foreign.empty()) return;
  throw command_error(exit_status::failed,
                      fmt::format("foreign_sessions: table {} holds sessions that no benchmark made, such as {}; "
                                  "nothing was written; name another table with --table",
                                  shown(table_), shown(foreign.front().id)));
}

void bench_store::clean_up() {
  end_thread();
  if (keep_ || kind_ != "postgres") return;
  session_pages pages(context_, *store_, std::string(id_prefix));
  for (session_page page = pages.next(); !page.empty(); page = pages.next()) {
    const auto remove_it = [this](const session_info& info) { return remove(info); };
    const auto to_the_end = [] { return true; };
    page_work work(page, remove_it, to_the_end);
    work.run(context_, removals_at_once);
  }
}

/// What cannot be removed is of no use to anybody and in nobody's way.
boost::asio::awaitable<void> bench_store::remove(const session_info& info) {
  const remove_options how;
  static_cast<void>(co_await store_->async_remove(info.id, how, boost::asio::as_tuple(boost::asio::use_awaitable)));
}

}  // namespace atto::cli::bench
