// Logs what a runtime does with spdlog: an observer, in the place where a log is wanted. atto itself logs nothing and
// needs no logging library.
//
// Use: 8_spdlog_observer STORE

#include <atto/atto.hpp>

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace asio = boost::asio;

// [observer]
/// Give it an asynchronous logger: an observer must not block. What spdlog cannot write, it drops; it throws nothing.
/// Session ids go into the log. Where they name people, log a hash of them instead.
class spdlog_observer final : public atto::runtime_observer {
 public:
  explicit spdlog_observer(std::shared_ptr<spdlog::logger> log) : log_(std::move(log)) {}

  void on_turn_ended(const atto::turn_outcome& turn) noexcept override {
    const auto level = turn.ec ? spdlog::level::warn : spdlog::level::info;
    log_->log(level, "turn session={} result={} waiting_us={} running_us={} reruns={}", turn.session_id,
              turn.ec ? turn.ec.message() : "done", micros(turn.waiting), micros(turn.running), turn.reruns);
  }
  void on_hydrated(std::string_view id, std::chrono::nanoseconds took, const atto::error_code& ec) noexcept override {
    log_->debug("hydrated session={} result={} took_us={}", id, ec ? ec.message() : "done", micros(took));
  }
  void on_passivated(std::string_view id, bool evicted) noexcept override {
    log_->debug("passivated session={} evicted={}", id, evicted);
  }
  void on_conflict(std::string_view id, bool reruns) noexcept override {
    log_->warn("conflict session={} reruns={}", id, reruns);
  }
  void on_backlog_refused(std::string_view id) noexcept override { log_->warn("refused session={}", id); }

 private:
  static std::int64_t micros(std::chrono::nanoseconds t) {
    return std::chrono::duration_cast<std::chrono::microseconds>(t).count();
  }

  std::shared_ptr<spdlog::logger> log_;
};
// [end]

asio::awaitable<void> greet(atto::session_turn& turn) {
  if (turn.message().is_null()) throw std::invalid_argument("nothing was said");
  turn.emit(atto::json::string("hello"));
  co_return;
}

asio::awaitable<void> talk(atto::session_store& store, atto::session_runtime& runtime) {
  co_await store.async_ensure_schema();
  const atto::json hello = atto::json::string("hi"), nothing;
  co_await runtime.async_run("anna", hello);
  try {
    co_await runtime.async_run("anna", nothing);
  } catch (const boost::system::system_error& refused) {
    spdlog::info("as it should: {}", refused.code().message());
  }
  co_await runtime.async_stop(std::chrono::seconds(5));
  const atto::runtime_stats s = runtime.stats();
  spdlog::info("done={} failed={} hydrations={} passivations={}", s.done, s.failed, s.hydrations, s.passivations);
  const atto::store_stats io = store.stats();
  spdlog::info("operations={} groups={} connections_lost={}", io.operations, io.groups, io.connections_lost);
}

int main(int argc, char** argv) {
  // It drops what does not fit into its queue rather than to hold up a turn.
  const auto log = spdlog::create_async_nb<spdlog::sinks::stdout_sink_mt>("turns");
  log->set_level(spdlog::level::debug);

  asio::io_context context;
  const std::shared_ptr<atto::session_store> store =
      atto::open_store(context.get_executor(), argc > 1 ? argv[1] : "memory:");
  atto::runtime_options options;
  options.observer = std::make_shared<spdlog_observer>(log);
  atto::session_runtime runtime(context.get_executor(), store, greet, options);
  asio::co_spawn(context, talk(*store, runtime), [](std::exception_ptr failed) {
    if (failed) std::rethrow_exception(failed);
  });
  context.run();
  spdlog::shutdown();
}
