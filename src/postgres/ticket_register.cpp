#include "postgres/ticket_register.hpp"

#include <tuple>
#include <utility>

namespace atto::postgres {

bool ticket_register::by_deadline::operator()(const books_entry& a, const books_entry& b) const noexcept {
  return std::tuple(a.self->deadline(), a.self->arrival) < std::tuple(b.self->deadline(), b.self->arrival);
}

/// Tickets that never ended go without an error: their executor goes, too, and would call no handler.
ticket_register::~ticket_register() {
  deadlines_.clear();
  outstanding_.clear_and_dispose([](books_entry* e) { const ticket_ptr last = std::move(e->self); });
}

void ticket_register::add(ticket_ptr t, time_point now) {
  books_entry& e = t->entry;
  ++t->owner()->outstanding;
  e.waits_since = now;
  e.self = std::move(t);
  outstanding_.push_back(e);
  deadlines_.insert(e);
}

void ticket_register::end(ticket& t, std::vector<ticket_ptr>& closed) {
  t.at = ticket::stage::ended;
  deadlines_.erase(deadlines_.iterator_to(t.entry));
  outstanding_.erase(outstanding_.iterator_to(t.entry));
  const ticket_ptr self = std::move(t.entry.self);  // keeps it until this returns
  --t.owner()->outstanding;
  end_closing(*t.owner(), closed);
}

void ticket_register::end_closing(client& c, std::vector<ticket_ptr>& closed) {
  if (c.outstanding > c.closing.size()) return;
  for (const ticket_ptr& t : std::exchange(c.closing, {})) {
    closed.push_back(t);
    end(*t, closed);
  }
}

auto ticket_register::next_deadline() const noexcept -> time_point {
  return deadlines_.empty() ? time_point::max() : deadlines_.begin()->self->deadline();
}

ticket_ptr ticket_register::late(time_point now) const {
  return next_deadline() <= now && !deadlines_.empty() ? deadlines_.begin()->self : nullptr;
}

std::vector<ticket_ptr> ticket_register::of_client(const client& c) const {
  std::vector<ticket_ptr> found;
  for (const books_entry& e : outstanding_) {
    if (e.self->owner().get() == &c) found.push_back(e.self);
  }
  return found;
}

std::vector<ticket_ptr> ticket_register::waiting_until(std::uint64_t latest) const {
  std::vector<ticket_ptr> found;
  for (const books_entry& e : outstanding_) {
    const ticket& t = *e.self;
    if (t.arrival > latest) break;
    if (t.at == ticket::stage::waiting && t.what != ticket::kind::close) found.push_back(e.self);
  }
  return found;
}

}  // namespace atto::postgres
