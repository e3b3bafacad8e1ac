#include "sqlite/dispatcher.hpp"

#include <chrono>
#include <utility>

namespace atto::sqlite {

namespace {

request_queue::time_point now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

dispatcher::dispatcher(const boost::asio::any_io_executor& executor, std::size_t max_waiting)
    : queue_(max_waiting), timer_(executor) {}

void dispatcher::complete(finales all) {
  for (finale& f : all) f.why ? f.op->fail(std::move(f.why)) : f.op->succeed();
}

dispatcher::operation_ptr dispatcher::release(ticket id) {
  auto node = outstanding_.extract(id);
  return std::move(node.mapped());
}

void dispatcher::settle(request_queue::endings endings, finales& out) {
  for (auto& [id, why] : endings) {
    operation_ptr op = release(id);
    op->ended = true;
    out.push_back({std::move(op), std::move(why)});
  }
}

void dispatcher::submit(ticket id, operation_ptr op) {
  failure refused;
  op->waits_since = now();
  {
    const std::lock_guard lock(mutex_);
    const auto place = keep(id, op);
    try {
      refused = queue_.submit(id, op->described());
    } catch (...) {
      outstanding_.erase(place);
      throw;
    }
    if (refused) {
      outstanding_.erase(place);
      set_timer();
    }
  }
  if (refused) return op->fail(std::move(refused));
  wake_.notify_one();
}

void dispatcher::close(ticket id, operation_ptr op) {
  {
    const std::lock_guard lock(mutex_);
    const auto deadline = op->deadline();
    const auto place = keep(id, std::move(op));
    try {
      queue_.close(id, deadline);
    } catch (...) {
      outstanding_.erase(place);
      throw;
    }
  }
  wake_.notify_one();
}

/// What a submission needs besides its place in the queue, which comes last: nothing is queued without an operation and
/// a timer. A timer that is set in vain does no harm.
dispatcher::operations::iterator dispatcher::keep(ticket id, operation_ptr op) {
  set_timer(op->deadline());
  return outstanding_.emplace(id, std::move(op)).first;
}

void dispatcher::cancel(ticket id, boost::asio::cancellation_type type) {
  using boost::asio::cancellation_type;
  if (type == cancellation_type::none) return;
  const bool total = (type & (cancellation_type::terminal | cancellation_type::partial)) == cancellation_type::none;
  finales done;
  {
    const std::lock_guard lock(mutex_);
    settle(queue_.cancel(id, total), done);
    set_timer();
  }
  wake_.notify_one();
  complete(std::move(done));
}

void dispatcher::shut_down() {
  finales done;
  {
    const std::lock_guard lock(mutex_);
    settle(queue_.abandon(), done);
    set_timer();
    leaving_ = true;
  }
  wake_.notify_one();
  complete(std::move(done));
}

std::size_t dispatcher::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.waiting();
}

dispatcher::order dispatcher::next() {
  for (;;) {
    finales expired;
    std::unique_lock lock(mutex_);
    settle(queue_.expire(now()), expired);
    if (!expired.empty()) {
      lock.unlock();
      complete(std::move(expired));
      continue;
    }
    if (leaving_) return {order::action::leave};
    if (auto taken = take(); !taken.group.empty()) return taken;
    if (queue_.drained()) return {order::action::close_file};
    wake_.wait(lock);
  }
}

dispatcher::order dispatcher::take() {
  const request_queue::group g = queue_.take();
  order o{order::action::execute, g.what, {}};
  try {
    o.group.reserve(g.members.size());
  } catch (...) {
    queue_.put_back();
    throw;
  }
  for (const ticket id : g.members) o.group.push_back({id, outstanding_.at(id), {}});
  return o;
}

bool dispatcher::begin_commit(const members& group) {
  std::vector<ticket> writers;
  for (const member& m : group) {
    if (!m.result) writers.push_back(m.id);
  }
  finales expired;
  bool go = false;
  {
    const std::lock_guard lock(mutex_);
    settle(queue_.expire(now()), expired);
    go = queue_.begin_commit(writers);
    set_timer();
  }
  complete(std::move(expired));
  return go;
}

void dispatcher::finish(members done) {
  {
    const std::lock_guard lock(mutex_);
    for (member& m : done) {
      m.open = queue_.finish(m.id);
      if (m.open) outstanding_.erase(m.id);
    }
    set_timer();
  }
  for (member& m : done) {
    if (m.open) m.result ? m.op->fail(std::move(m.result)) : m.op->succeed();
  }
}

void dispatcher::put_back() {
  const std::lock_guard lock(mutex_);
  queue_.put_back();
}

void dispatcher::put_back_apart() {
  const std::lock_guard lock(mutex_);
  queue_.put_back_apart();
}

void dispatcher::file_closed() {
  finales done;
  {
    const std::lock_guard lock(mutex_);
    for (const ticket id : queue_.take_closes()) done.push_back({release(id), failure()});
    set_timer();
  }
  complete(std::move(done));
}

/// One timer for all: it stands at the earliest deadline or before, and keeps the executor busy no longer than needed.
void dispatcher::set_timer() {
  if (const auto next = queue_.next_deadline()) return set_timer(*next);
  if (timer_set_to_) timer_.cancel();
  timer_set_to_.reset();
}

void dispatcher::set_timer(request_queue::time_point next) {
  if (timer_set_to_ && *timer_set_to_ <= next) return;
  timer_set_to_.reset();
  timer_.expires_at(next);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& ec) {
    if (ec) return;
    if (const auto self = weak.lock()) self->on_timer();
  });
  timer_set_to_ = next;
}

void dispatcher::on_timer() {
  finales done;
  {
    const std::lock_guard lock(mutex_);
    timer_set_to_.reset();
    settle(queue_.expire(now()), done);
    set_timer();
  }
  wake_.notify_one();
  complete(std::move(done));
}

}  // namespace atto::sqlite
