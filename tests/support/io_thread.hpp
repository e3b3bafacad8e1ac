#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <thread>

namespace atto::test {

/// An io_context that runs on a thread of its own. The thread ends when the work has ended after this object's end
/// began, so whatever runs on it must be closed or destroyed before.
class io_thread {
 public:
  io_thread() : thread_([this] { context_.run(); }) {}
  io_thread(const io_thread&) = delete;
  io_thread& operator=(const io_thread&) = delete;
  ~io_thread() {
    work_.reset();
    thread_.join();
  }

  [[nodiscard]] boost::asio::io_context::executor_type executor() { return context_.get_executor(); }

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
  std::thread thread_;
};

}  // namespace atto::test
