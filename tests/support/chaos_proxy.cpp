#include "support/chaos_proxy.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace atto::test {

using namespace chaos;

chaos_proxy::chaos_proxy(endpoint server, int buffer)
    : server_(std::move(server)),
      buffer_(buffer),
      reserved_(reserve_port(port_)),
      waker_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      listener_(listen_on(port_, buffer)) {
  if (!waker_) throw std::system_error(errno, std::generic_category(), "eventfd");
  thread_ = std::thread([this] { run(); });
}

chaos_proxy::~chaos_proxy() {
  tell([this] { stopping_ = true; });
  thread_.join();
}

void chaos_proxy::arm() {
  tell([this] {
    script_.armed.reset();
    script_.flipped.reset();
    script_.counted = {.accepted = script_.counted.accepted};
    for (auto& l : links_) l.arm();
  });
}

void chaos_proxy::arm(const cut& what) {
  tell([&] {
    arm();
    script_.armed = what;
  });
}

void chaos_proxy::arm(const flips& what) {
  tell([&] {
    arm();
    script_.flipped = what;
  });
}

void chaos_proxy::drip(direction d, const chaos::drip& how) {
  tell([&] { script_.of(d).drip = {.bytes = std::max<std::size_t>(1, how.bytes), .every = how.every}; });
}

void chaos_proxy::stop_reading(direction d) {
  tell([&] { script_.of(d).reading = false; });
}

void chaos_proxy::hold(direction d) {
  tell([&] { script_.of(d).held = true; });
}

void chaos_proxy::release(direction d) {
  tell([&] { script_.of(d).held = false; });
}

void chaos_proxy::admit(arrivals how) {
  tell([&] {
    ignoring_ = how == arrivals::ignored;
    if (how == arrivals::refused) {
      listener_.close();
    } else if (!listener_) {
      listener_ = listen_on(port_, buffer_);
    }
  });
}

void chaos_proxy::kill(ending client, ending server) {
  tell([&] {
    for (auto& l : links_) l.kill(client, server);
  });
}

void chaos_proxy::blackhole() {
  tell([&] {
    admit(arrivals::ignored);
    kill(ending::silence);
  });
}

void chaos_proxy::heal() {
  tell([&] {
    arm();
    script_.lanes = {};
    admit(arrivals::served);
  });
}

counters chaos_proxy::now() {
  counters copy;
  tell([&] { copy = script_.counted; });
  return copy;
}

bool chaos_proxy::wait_until(const std::function<bool(const counters&)>& condition, std::chrono::seconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [&] { return condition(published_); });
}

/// Has the thread do it, and returns when it is done. The thread itself does it at once.
void chaos_proxy::tell(const std::function<void()>& action) {
  if (std::this_thread::get_id() == thread_.get_id()) return action();
  std::packaged_task<void()> task([this, &action] {
    action();
    publish();
  });
  auto done = task.get_future();
  {
    const std::lock_guard lock(mutex_);
    told_.push_back(std::move(task));
  }
  wake();
  done.get();
}

void chaos_proxy::run() {
  while (!stopping_) {
    step();
    publish();
    wait_for_more();
    obey();
  }
}

void chaos_proxy::obey() {
  std::deque<std::packaged_task<void()>> told;
  {
    const std::lock_guard lock(mutex_);
    told.swap(told_);
  }
  for (auto& task : told) task();
}

void chaos_proxy::step() {
  accept_all();
  const auto now = steady::now();
  for (auto& l : links_) l.step(now);
}

void chaos_proxy::accept_all() {
  while (listener_) {
    auto client = accept_from(listener_);
    if (!client) return;
    ++script_.counted.accepted;
    if (ignoring_) {
      links_.emplace_back(std::move(client), chaos::socket(), script_);
      continue;
    }
    try {
      auto server = connect_to(server_, buffer_);
      links_.emplace_back(std::move(client), std::move(server), script_);
    } catch (const std::system_error&) {
      client.reset();  // as a server that is not there would do
    }
  }
}

void chaos_proxy::publish() {
  links_.remove_if([](const link& l) { return l.over(); });
  script_.counted.open = links_.size();
  {
    const std::lock_guard lock(mutex_);
    published_ = script_.counted;
  }
  changed_.notify_all();
}

void chaos_proxy::wait_for_more() {
  std::vector<pollfd> events{{.fd = waker_.fd(), .events = POLLIN, .revents = 0}};
  if (listener_) events.push_back({.fd = listener_.fd(), .events = POLLIN, .revents = 0});
  std::optional<steady::time_point> due;
  for (const auto& l : links_) l.wait_for(events, due);
  int limit = -1;
  if (due) {
    const auto left = std::chrono::ceil<milliseconds>(*due - steady::now()).count();
    limit = static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000));
  }
  ::poll(events.data(), events.size(), limit);
  std::uint64_t woken = 0;
  [[maybe_unused]] const auto ignored = ::read(waker_.fd(), &woken, sizeof woken);
}

void chaos_proxy::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto ignored = ::write(waker_.fd(), &one, sizeof one);
}

}  // namespace atto::test
