#include "driver/round.hpp"

#include <atto/blocking_store.hpp>

#include <fmt/format.h>

#include <chrono>

namespace atto::test {

using std::chrono::milliseconds;

void act(recording_caller& caller, const std::string& id, std::mt19937& random, unsigned impatient_percent) {
  const auto kind = kind_of(id);
  if (kind != session_kind::traced) {
    return caller.step(id, random, {kind == session_kind::removed, impatient_percent});
  }
  const milliseconds timeout(random() % 100 < impatient_percent ? 1 : 0);
  if (random() % 20 == 0) return caller.load(id, timeout);
  caller.append(id, caller.seen(id), timeout);
}

round::round(stores& opened, const round_options& o, std::atomic<write_name>& last_name)
    : opened_(opened),
      options_(o),
      last_name_(last_name),
      lines_{session_line(prefix(), session_kind::traced), session_line(prefix(), session_kind::mixed),
             session_line(prefix(), session_kind::removed)} {
  for (std::size_t i = 0; i < o.callers; ++i) threads_.emplace_back([this, i] { guarded_caller(i); });
}

round::~round() {
  try {
    stop();
  } catch (...) {  // was not asked for
  }
}

std::string round::prefix() const {
  return fmt::format("r{}", options_.number);
}

void round::pause() {
  const std::lock_guard lock(mutex_);
  paused_ = true;
}

void round::resume() {
  const std::lock_guard lock(mutex_);
  paused_ = false;
  changed_.notify_all();
}

void round::add(const histories_by_id& more) {
  const std::lock_guard lock(mutex_);
  add_to(done_, more);
}

void round::start_child(const std::vector<std::string>& where) {
  constexpr write_name names_of_a_process = 1'000'000'000'000;
  const auto process = static_cast<write_name>(options_.number * 1000 + ++children_);
  child_ = std::make_unique<child_client>(child_orders{.where = where,
                                                       .prefix = prefix(),
                                                       .seed = options_.seed + static_cast<unsigned>(children_),
                                                       .first_name = process * names_of_a_process});
  shared_ = true;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!child_->heard() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(milliseconds(1));  // another process tells nobody
  }
}

void round::kill_child() {
  if (child_ == nullptr) return;
  add(child_->kill());
  child_.reset();
}

void round::stop() {
  kill_child();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  for (auto& t : threads_) t.join();
  threads_.clear();
  if (failed_ != nullptr) std::rethrow_exception(std::exchange(failed_, nullptr));
}

void round::guarded_caller(std::size_t i) noexcept {
  try {
    run_caller(i);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failed_ = std::current_exception();
  }
}

void round::run_caller(std::size_t i) {
  std::seed_seq seed{options_.seed, static_cast<unsigned>(options_.number), static_cast<unsigned>(i)};
  std::mt19937 random(seed);
  auto& store = *opened_.handles()[i % opened_.handles().size()];
  recording_caller caller(store, last_name_, i);
  while (may_go_on()) {
    if (random() % 200 == 0) {
      list(caller, store);
      continue;
    }
    act(caller, choose(random), random, options_.impatient_percent);
    rest_after(caller.last_outcome());
  }
  const std::lock_guard lock(mutex_);
  add_to(done_, caller.recorded());
}

bool round::may_go_on() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !paused_ || stopping_; });
  return !stopping_;
}

std::string round::choose(std::mt19937& random) {
  if (shared_ && random() % 3 == 0) return shared_session(prefix(), random());
  const auto choice = random() % (options_.impatient_percent == 0 ? 10 : 8);
  return lines_[choice < 4 ? 0 : choice < 8 ? 1 : 2].next(random);
}

void round::list(recording_caller& caller, session_store& store) {
  const auto prefix = fmt::format("{}/{}/", this->prefix(), name_of(session_kind::traced));
  session_page page;
  try {
    page = blocking_store(store).list({.prefix = prefix});
  } catch (const error_with_diagnostics&) {
    return rest_after(operation_outcome::not_written);
  }
  ++lists_;
  for (const auto& listed : page) {
    if (listed.version >= caller.seen(listed.id)) continue;
    const std::lock_guard lock(mutex_);
    list_violation_ = fmt::format("{} was listed at version {} after {} had been seen", listed.id, listed.version,
                                  caller.seen(listed.id));
  }
}

/// While no server is there an answer comes at once: thousands of them would show nothing.
void round::rest_after(operation_outcome last) {
  if (last != operation_outcome::not_written) return;
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, milliseconds(10), [this] { return stopping_; });
}

}  // namespace atto::test
