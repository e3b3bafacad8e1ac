#include "driver/journal.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cerrno>
#include <istream>
#include <sstream>
#include <system_error>
#include <utility>

namespace atto::test {
namespace {

/// Ids hold no spaces. Ends with a mark, so that half a line is known as such.
std::string line_of(char what, const std::string& id, const recorded_operation& o) {
  return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} .\n", what, id, static_cast<int>(o.kind),
                     static_cast<int>(o.outcome), o.caller, o.invoked, o.returned, o.name, o.base, o.version, o.answer,
                     o.events.size(), fmt::join(o.events, " "));
}

struct entry {
  char what = 0;
  std::string id;
  recorded_operation operation;
};

bool read(const std::string& line, entry& e) {
  std::istringstream in(line);
  auto& o = e.operation;
  int kind = 0, outcome = 0;
  std::size_t events = 0;
  in >> e.what >> e.id >> kind >> outcome >> o.caller >> o.invoked >> o.returned >> o.name >> o.base >> o.version >>
      o.answer >> events;
  if (!in) return false;
  o.kind = static_cast<operation_kind>(kind);
  o.outcome = static_cast<operation_outcome>(outcome);
  o.events.resize(events);
  for (auto& event : o.events) in >> event;
  std::string mark;
  return static_cast<bool>(in >> mark) && mark == ".";
}

}  // namespace

void add_to(histories_by_id& all, const histories_by_id& more) {
  for (const auto& [id, h] : more) all[id].insert(all[id].end(), h.begin(), h.end());
}

void journal::started(const std::string& id, const recorded_operation& o) {
  write(line_of('S', id, o));
}

void journal::ended(const std::string& id, const recorded_operation& o) {
  write(line_of('E', id, o));
}

void journal::write(const std::string& line) {
  const std::lock_guard lock(mutex_);
  for (std::size_t written = 0; written < line.size();) {
    const auto n = ::write(file_, line.data() + written, line.size() - written);
    if (n < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "cannot write the journal");
    if (n > 0) written += static_cast<std::size_t>(n);
  }
}

histories_by_id read_journal(std::istream& in) {
  histories_by_id ended;
  std::map<std::size_t, entry> outstanding;  // by caller
  for (std::string line; std::getline(in, line);) {
    entry e;
    if (!read(line, e)) continue;
    if (e.what == 'S') {
      outstanding[e.operation.caller] = e;
      continue;
    }
    outstanding.erase(e.operation.caller);
    ended[e.id].push_back(std::move(e.operation));
  }
  for (auto& [caller, e] : outstanding) {
    auto& o = e.operation;
    o.returned = o.invoked;
    o.outcome = o.kind == operation_kind::load ? operation_outcome::not_written : operation_outcome::unknown;
    ended[e.id].push_back(std::move(o));
  }
  return ended;
}

}  // namespace atto::test
