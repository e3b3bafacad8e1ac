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

std::shared_ptr<dispatcher> dispatcher::make(const boost::asio::any_io_executor& executor, std::size_t max_waiting) {
  std::shared_ptr<dispatcher> made(new dispatcher(executor, max_waiting));
  const lock held(made->mutex_);
  made->timer_.on_due(made, [self = made.get()] { self->on_timer(); });
  return made;
}

void dispatcher::complete(ended_operations all) {
  for (ended_operation& f : all) f.why ? f.op->fail(std::move(f.why)) : f.op->succeed();
}

dispatcher::operation_ptr dispatcher::extract(operation_id id) {
  auto node = outstanding_.extract(id);
  return std::move(node.mapped());
}

void dispatcher::settle(request_queue::endings endings, ended_operations& out) {
  for (auto& [id, why] : endings) {
    operation_ptr op = extract(id);
    op->ended = true;
    out.push_back({std::move(op), std::move(why)});
  }
}

void dispatcher::submit(operation_id id, operation_ptr op) {
  failure refused;
  op->waits_since = now();
  {
    const lock held(mutex_);
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

void dispatcher::close(operation_id id, operation_ptr op) {
  {
    const lock held(mutex_);
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
dispatcher::operations::iterator dispatcher::keep(operation_id id, operation_ptr op) {
  timer_.arm(op->deadline());
  return outstanding_.emplace(id, std::move(op)).first;
}

void dispatcher::cancel(operation_id id, boost::asio::cancellation_type type) {
  using boost::asio::cancellation_type;
  if (type == cancellation_type::none) return;
  const bool total = (type & (cancellation_type::terminal | cancellation_type::partial)) == cancellation_type::none;
  ended_operations done;
  {
    const lock held(mutex_);
    settle(queue_.cancel(id, total), done);
    set_timer();
  }
  wake_.notify_one();
  complete(std::move(done));
}

void dispatcher::shut_down() {
  ended_operations done;
  {
    const lock held(mutex_);
    settle(queue_.abandon(), done);
    set_timer();
    leaving_ = true;
  }
  wake_.notify_one();
  complete(std::move(done));
}

std::size_t dispatcher::waiting() const {
  const lock held(mutex_);
  return queue_.waiting();
}

dispatcher::order dispatcher::next() {
  for (;;) {
    ended_operations expired;
    {
      const lock held(mutex_);
      settle(queue_.expire(now()), expired);
      if (expired.empty()) {
        if (leaving_) return {order::action::leave};
        if (auto taken = take(); !taken.group.empty()) return taken;
        if (queue_.drained()) return {order::action::close_file};
        wake_.wait(mutex_);
      }
    }
    complete(std::move(expired));
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
  for (const operation_id id : g.members) o.group.push_back({id, outstanding_.at(id), {}});
  return o;
}

bool dispatcher::begin_commit(const group_members& group) {
  std::vector<operation_id> writers;
  for (const group_member& m : group) {
    if (!m.result) writers.push_back(m.id);
  }
  ended_operations expired;
  bool go = false;
  {
    const lock held(mutex_);
    settle(queue_.expire(now()), expired);
    go = queue_.begin_commit(writers);
    set_timer();
  }
  complete(std::move(expired));
  return go;
}

void dispatcher::finish(group_members done) {
  {
    const lock held(mutex_);
    for (group_member& m : done) {
      m.open = queue_.finish(m.id);
      if (m.open) outstanding_.erase(m.id);
    }
    set_timer();
  }
  for (group_member& m : done) {
    if (m.open) m.result ? m.op->fail(std::move(m.result)) : m.op->succeed();
  }
}

void dispatcher::put_back() {
  const lock held(mutex_);
  queue_.put_back();
}

void dispatcher::put_back_apart() {
  const lock held(mutex_);
  queue_.put_back_apart();
}

void dispatcher::file_closed() {
  ended_operations done;
  {
    const lock held(mutex_);
    for (const operation_id id : queue_.take_closes()) done.push_back({extract(id), failure()});
    set_timer();
  }
  complete(std::move(done));
}

void dispatcher::set_timer() {
  timer_.arm(queue_.next_deadline().value_or(deadline_timer::time_point::max()));
}

void dispatcher::on_timer() {
  ended_operations done;
  {
    const lock held(mutex_);
    timer_.fired();
    settle(queue_.expire(now()), done);
    set_timer();
  }
  wake_.notify_one();
  complete(std::move(done));
}

}  // namespace atto::sqlite
