#include "postgres/lease_queue.hpp"

namespace atto::postgres {

void lease_queue::add(ticket& t) {
  const auto later = [&](const books_entry& e) { return e.self->arrival > t.arrival; };
  // A new one is the last; one that comes back was among the first.
  auto before = waiting_.end();
  if (!waiting_.empty() && later(waiting_.back())) before = std::ranges::find_if(waiting_, later);
  waiting_.insert(before, t.entry);
  ++waiting_count_;
}

void lease_queue::remove(ticket& t) {
  waiting_.erase(waiting_.iterator_to(t.entry));
  --waiting_count_;
}

ticket& lease_queue::take(std::size_t link) {
  books_entry& e = waiting_.front();
  waiting_.pop_front();
  --waiting_count_;
  ++lent_;
  prepared_.push_back(e);
  e.link = link;
  e.self->at = ticket::stage::sent;
  return *e.self;
}

ticket_ptr lease_queue::take_prepared(std::size_t link) {
  const auto it = std::ranges::find(prepared_, link, &books_entry::link);
  if (it == prepared_.end()) return nullptr;
  ticket_ptr t = it->self;
  prepared_.erase(it);
  return t;
}

ticket_ptr lease_queue::lend(std::size_t link) {
  return take_prepared(link);
}

bool lease_queue::put_back(std::size_t link) {
  const ticket_ptr t = take_prepared(link);
  if (t == nullptr) return false;
  --lent_;
  t->at = ticket::stage::waiting;
  add(*t);
  return true;
}

void lease_queue::stop_preparing(ticket& t) {
  prepared_.erase(prepared_.iterator_to(t.entry));
  --lent_;
}

}  // namespace atto::postgres
