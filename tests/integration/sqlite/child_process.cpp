#include "integration/sqlite/child_process.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <system_error>
#include <utility>

namespace atto::test {

namespace {

int run(const std::function<int()>& body) {
  try {
    return body();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "child: %s\n", e.what());
    return 99;
  }
}

}  // namespace

child_process::child_process(const std::function<int()>& body) : pid_(::fork()) {
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ == 0) {
    const int result = run(body);
    std::fflush(nullptr);
    ::_exit(result);
  }
}

child_process::child_process(child_process&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}

child_process::~child_process() {
  if (pid_ == 0) return;
  kill();
  wait();
}

void child_process::kill() const {
  ::kill(pid_, SIGKILL);
}

int child_process::wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool passes_in_child(const std::function<void()>& body) {
  std::fflush(nullptr);
  return child_process([&] {
           body();
           return ::testing::Test::HasFailure() ? 1 : 0;
         }).wait() == 0;
}

message_pipe::message_pipe() {
  if (::pipe(ends_) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
}

message_pipe::~message_pipe() {
  ::close(ends_[0]);
  close_writing();
}

void message_pipe::close_writing() {
  if (ends_[1] >= 0) ::close(ends_[1]);
  ends_[1] = -1;
}

bool message_pipe::write(const void* message, std::size_t size) const {
  return ::write(ends_[1], message, size) == static_cast<ssize_t>(size);
}

bool message_pipe::has_messages() const {
  pollfd p{ends_[0], POLLIN, 0};
  return ::poll(&p, 1, 0) == 1 && (p.revents & POLLIN) != 0;
}

bool message_pipe::read(void* message, std::size_t size) const {
  std::size_t got = 0;
  while (got < size) {
    const ssize_t n = ::read(ends_[0], static_cast<char*>(message) + got, size - got);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    got += static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace atto::test
