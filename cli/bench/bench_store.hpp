#pragma once

#include "bench/plan.hpp"
#include "settings.hpp"

#include <atto/session_store.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace atto::cli::bench {

/// Every session of a benchmark has an id that begins so.
inline constexpr std::string_view id_prefix = "atto-bench:";

/// The store a benchmark runs against, kept apart from the user's own: a table of the benchmark's in PostgreSQL, a file
/// that is not there yet in SQLite.
///
/// Errors (thrown as command_error): usage for what names no store, and for a SQLite file that exists; failed for a
/// table that holds sessions of somebody else. Nothing was written then. Errors (thrown): the store's.
class bench_store {
 public:
  bench_store(boost::asio::io_context& callers, const settings& shared, const plan& p);
  bench_store(const bench_store&) = delete;
  bench_store& operator=(const bench_store&) = delete;
  /// Ends the store's thread; removes the file unless the plan keeps it.
  ~bench_store();

  [[nodiscard]] session_store& get() noexcept { return *store_; }
  /// memory, sqlite or postgres.
  [[nodiscard]] const std::string& kind() const noexcept { return kind_; }

  /// Ends the store's thread, and removes all sessions of benchmarks unless the plan keeps them.
  void clean_up();

 private:
  [[nodiscard]] std::unique_ptr<session_store> open(boost::asio::any_io_executor executor, const settings& shared,
                                                    const plan& p);
  void make_ready();
  void refuse_foreign_sessions();
  [[nodiscard]] boost::asio::awaitable<void> remove(const session_info& info);
  void start_thread();
  void end_thread();

  bool keep_;
  std::string kind_;
  std::string file_;   // of SQLite; empty until this object made it
  std::string table_;  // of PostgreSQL
  boost::asio::io_context own_context_;
  boost::asio::io_context& context_;  // the store's: own_context_ or the callers'
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> own_work_;
  std::thread own_thread_;
  std::unique_ptr<session_store> store_;
};

}  // namespace atto::cli::bench
