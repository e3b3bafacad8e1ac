#include "driver/commands.hpp"

#include "driver/audit.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace atto::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using steady = std::chrono::steady_clock;

std::int64_t now() {
  return std::chrono::nanoseconds(steady::now().time_since_epoch()).count();
}

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

}  // namespace

boost::json::object commands::obey(const std::string& line) {
  std::istringstream in(line);
  std::string word, what;
  in >> word >> what;
  const auto number = [&what] { return std::stoll(what); };
  if (word == "begin")
    begin();
  else if (word == "fault")
    window_.from = window_.from == 0 ? now() : window_.from;
  else if (word == "over")
    return over(seconds(number()));
  else if (word == "still")
    current().pause();
  else if (word == "go")
    current().resume();
  else if (word == "wait")
    wait_for_writes(number());
  else if (word == "child")
    current().start_child(where_);
  else if (word == "kill")
    current().kill_child();
  else if (word == "proxy")
    harm(what);
  else if (word == "end")
    return end(seconds(number()));
  else
    throw std::runtime_error("no such command");
  return {{"done", word}};
}

round& commands::current() {
  if (round_ == nullptr) throw std::runtime_error("no round has begun");
  return *round_;
}

void commands::begin() {
  if (round_ != nullptr) throw std::runtime_error("the last round has not ended");
  window_ = {};
  const unsigned impatient_percent = ++rounds_ % 2 == 0 ? 4 : 0;
  const round_options o{rounds_, seed_, callers_, impatient_percent};
  round_ = std::make_unique<round>(opened_, o, last_name_);
}

boost::json::object commands::over(seconds limit) {
  const auto start = steady::now();
  for (std::size_t i = 0; i < opened_.handles().size(); ++i) probe(i, start + limit);
  const auto took = std::chrono::duration_cast<milliseconds>(steady::now() - start);
  return {{"recovered_ms", took.count()}};
}

void commands::probe(std::size_t store, steady::time_point end) {
  recording_caller caller(*opened_.handles()[store], last_name_, 100 + store);
  const auto id = session_id(current().prefix() + "/probe", session_kind::traced, store);
  caller.load(id);
  for (caller.append(id, caller.seen(id)); caller.last_outcome() != operation_outcome::done;
       caller.append(id, caller.seen(id))) {
    if (steady::now() > end) throw std::runtime_error("no write is acknowledged, long after the fault's end");
    std::this_thread::sleep_for(milliseconds(5));  // the pace at which a server that is away is asked
  }
  current().add(caller.recorded());
}

void commands::wait_for_writes(write_name count) {
  const auto enough = last_name_ + count;
  const auto end = steady::now() + std::chrono::minutes(2);
  while (last_name_ < enough && steady::now() < end) std::this_thread::sleep_for(milliseconds(1));
}

void commands::harm(const std::string& what) {
  using namespace chaos;
  auto* proxy = opened_.proxy();
  if (proxy == nullptr) throw std::runtime_error("there is no proxy");
  if (what == "reset")
    proxy->kill(ending::reset);
  else if (what == "blackhole")
    proxy->blackhole();
  else if (what == "hold")
    proxy->hold(direction::replies);
  else if (what == "stop")
    proxy->stop_reading(direction::requests);
  else if (what == "drip")
    proxy->drip(direction::replies, {.bytes = 1, .every = milliseconds(2)});
  else if (what == "refuse")
    proxy->admit(arrivals::refused), proxy->kill(ending::reset);
  else if (what == "heal")
    proxy->heal();
  else
    throw std::runtime_error("the proxy cannot do that");
}

boost::json::object commands::end(seconds limit) {
  auto& ended = current();
  ended.stop();
  const auto read = read_back(*opened_.handles().back(), ended.histories(), limit);
  const auto report = report_of(ended.histories(), read, window_, opened_.deadline());
  auto answer = report.as_json();
  answer["lists"] = ended.lists();
  answer["descriptors"] = open_descriptors();
  answer["list_violation"] = ended.list_violation();
  round_.reset();
  return answer;
}

}  // namespace atto::test
