#include "turn_source.hpp"

#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace peers {

namespace {

/// An event a line; an empty line ends a conversation.
std::vector<std::vector<std::string>> read(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error("cannot read " + path);
  std::vector<std::vector<std::string>> all(1);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) {
      all.back().push_back(std::move(line));
    } else if (!all.back().empty()) {
      all.emplace_back();
    }
  }
  if (all.back().empty()) all.pop_back();
  if (all.empty()) throw std::runtime_error("no events in " + path);
  return all;
}

std::string event_of(std::size_t bytes) {
  constexpr std::size_t around = 28;
  std::string text;
  while (text.size() + around < bytes) text += "The quick brown fox jumps over the lazy dog. ";
  text.resize(bytes - around);
  return R"({"role":"user","content":")" + text + R"("})";
}

std::string state_of(std::size_t turns) {
  return R"({"last_role":"user","turns":)" + std::to_string(turns) + "}";
}

std::string id_of(std::size_t number) {
  char id[40];
  std::snprintf(id, sizeof id, "atto-bench:peer:%08zu", number);
  return id;
}

void add(std::string& open_array, const std::string& event) {
  open_array += open_array.empty() ? '[' : ',';
  open_array += event;
}

}  // namespace

turn_source::turn_source(const options& o)
    : o_(o), sessions_(o.sessions), next_(o.writers), renewed_(o.sessions, 0), small_event_(event_of(1024 - 40)) {
  if (!o.file.empty()) conversations_ = read(o.file);
  if (conversations_.empty() && o.workload != "small" && o.workload != "idle") throw std::runtime_error("needs --file");
  for (std::size_t w = 0; w < o.writers; ++w) next_[w] = w;
  for (std::size_t i = 0; i < sessions_.size(); ++i) {
    sessions_[i].id = id_of(i);
    if (o.workload == "conversations") sessions_[i].source = &conversations_[i % conversations_.size()];
  }
  if (o.workload != "long" && o.workload != "load") return;
  const auto& events = conversations_.front();
  for (std::size_t i = 0; i < o.events; ++i) add(past_, events[i % events.size()]);
}

std::size_t turn_source::take(std::size_t writer) {
  const std::size_t taken = next_[writer];
  next_[writer] = taken + o_.writers < sessions_.size() ? taken + o_.writers : writer;
  return taken;
}

session_write turn_source::prepare(std::size_t index) {
  session& s = sessions_[index];
  if (o_.workload == "conversations") {
    constexpr std::size_t stride = 7919;
    s.said = index * stride % s.source->size();
    for (std::size_t i = 0; i < s.said; ++i) add(s.history, (*s.source)[i]);
    if (s.said == 0) return {};
    s.version = 1;
    return {s.id, 0, state_of(s.said), s.history + ']', s.said};
  }
  s.version = 1;
  const bool is_long = !past_.empty();
  return {s.id, 0, state_of(1), is_long ? past_ + ']' : '[' + small_event_ + ']', is_long ? o_.events : 1};
}

session_write turn_source::next(std::size_t writer) {
  const std::size_t index = take(writer);
  session& s = sessions_[index];
  if (o_.workload == "conversations") return turn_of_conversation(s, index);
  const std::int64_t base = s.version++;
  session_write w{s.id, base, state_of(o_.events + static_cast<std::size_t>(base)), "", 1};
  if (past_.empty()) {
    w.events = '[' + small_event_ + ']';
    return w;
  }
  const auto& events = conversations_.front();
  const std::string& event = events[static_cast<std::size_t>(base) % 100 % events.size()];
  if (o_.append) {
    w.events = '[' + event + ']';
    return w;
  }
  w.count = o_.events + 1;
  w.events.reserve(past_.size() + event.size() + 2);
  w.events.append(past_).append(",").append(event).append("]");
  return w;
}

session_write turn_source::turn_of_conversation(session& s, std::size_t index) {
  if (s.said == s.source->size()) {
    const auto* source = s.source;
    s = session();
    s.source = source;
    s.id = fresh_id(index);
  }
  const std::string& event = (*s.source)[s.said++];
  add(s.history, event);
  const std::int64_t base = s.version++;
  if (o_.append) return {s.id, base, state_of(s.said), '[' + event + ']', 1};
  return {s.id, base, state_of(s.said), s.history + ']', s.said};
}

std::string turn_source::fresh_id(std::size_t index) {
  return id_of(index + ++renewed_[index] * sessions_.size());
}

}  // namespace peers
