#include <atto/blocking_store.hpp>
#include <atto/open_store.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <future>
#include <thread>
#include <tuple>
#include <utility>

namespace atto {

/// A store with the thread that runs it. The members' order is the order of their end: store, work, then the thread.
struct blocking_store::owned {
  owned(std::string_view where, store_limits limits, warning_hook on_warning)
      : store(open_store(context.get_executor(), where, limits, std::move(on_warning))) {
    thread = std::thread([this] { context.run(); });
  }
  ~owned() {
    store.reset();
    work.reset();
    thread.join();
  }
  owned(const owned&) = delete;
  owned& operator=(const owned&) = delete;

  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
  std::unique_ptr<session_store> store;
  std::thread thread;
};

blocking_store::blocking_store(std::string_view where, store_limits limits, warning_hook on_warning)
    : owned_(std::make_unique<owned>(where, limits, std::move(on_warning))), store_(owned_->store.get()) {}

blocking_store::blocking_store(session_store& store) noexcept : store_(&store) {}

blocking_store::blocking_store(blocking_store&&) noexcept = default;
blocking_store& blocking_store::operator=(blocking_store&&) noexcept = default;
blocking_store::~blocking_store() = default;

namespace {

/// Starts an operation with diagnostics and a handler, and waits for its value or throws its error.
template <class... T, class Options, class Start>
auto wait(Options options, Start start) {
  diagnostics own;
  if (options.diag == nullptr) options.diag = &own;
  std::promise<std::tuple<error_code, T...>> promise;
  auto future = promise.get_future();
  start(options, [&promise](error_code ec, T... value) { promise.set_value({ec, std::move(value)...}); });
  auto result = future.get();
  if (std::get<0>(result)) throw error_with_diagnostics(std::get<0>(result), *options.diag);
  if constexpr (sizeof...(T) == 1) return std::get<1>(std::move(result));
}

}  // namespace

void blocking_store::ensure_schema(operation_options options) {
  wait<>(options, [this](auto o, auto handler) { store_->async_ensure_schema(o, std::move(handler)); });
}

std::optional<snapshot> blocking_store::load(std::string_view id, load_options options) {
  return wait<std::optional<snapshot>>(options,
                                       [&](auto o, auto handler) { store_->async_load(id, o, std::move(handler)); });
}

std::int64_t blocking_store::save(std::string_view id, snapshot snap, save_options options) {
  return wait<std::int64_t>(
      options, [&](auto o, auto handler) { store_->async_save(id, std::move(snap), o, std::move(handler)); });
}

std::int64_t blocking_store::append(std::string_view id, std::int64_t base, turn t, append_options options) {
  return wait<std::int64_t>(
      options, [&](auto o, auto handler) { store_->async_append(id, base, std::move(t), o, std::move(handler)); });
}

bool blocking_store::remove(std::string_view id, remove_options options) {
  return wait<bool>(options, [&](auto o, auto handler) { store_->async_remove(id, o, std::move(handler)); });
}

claimed_session blocking_store::claim(std::string_view id, std::string_view owner, claim_options options) {
  return wait<claimed_session>(options,
                               [&](auto o, auto handler) { store_->async_claim(id, owner, o, std::move(handler)); });
}

void blocking_store::renew(std::string_view id, std::int64_t epoch, std::chrono::milliseconds ttl,
                           operation_options options) {
  wait<>(options, [&](auto o, auto handler) { store_->async_renew(id, epoch, ttl, o, std::move(handler)); });
}

bool blocking_store::release(std::string_view id, std::int64_t epoch, operation_options options) {
  return wait<bool>(options, [&](auto o, auto handler) { store_->async_release(id, epoch, o, std::move(handler)); });
}

std::optional<turn_record> blocking_store::find_turn(std::string_view id, const message_id& message,
                                                     operation_options options) {
  return wait<std::optional<turn_record>>(
      options, [&](auto o, auto handler) { store_->async_find_turn(id, message, o, std::move(handler)); });
}

std::int64_t blocking_store::sweep(operation_options options) {
  return wait<std::int64_t>(options, [&](auto o, auto handler) { store_->async_sweep(o, std::move(handler)); });
}

session_page blocking_store::list(list_options options) {
  return wait<session_page>(options, [&](auto o, auto handler) { store_->async_list(o, std::move(handler)); });
}

void blocking_store::close(operation_options options) {
  wait<>(options, [this](auto o, auto handler) { store_->async_close(o, std::move(handler)); });
}

store_stats blocking_store::stats() const {
  return store_->stats();
}

}  // namespace atto
