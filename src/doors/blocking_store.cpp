#include <atto/blocking_store.hpp>
#include <atto/open_store.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <thread>
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

}  // namespace atto
