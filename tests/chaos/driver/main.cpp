// The load of script/chaos: racing writers, what they were told, and whether that can be true. The program itself
// harms no server; see commands.hpp for what it is told.

#include "driver/commands.hpp"

#include <atto/blocking_store.hpp>

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <cstdio>
#include <exception>
#include <iostream>
#include <string>

namespace atto::test {
namespace {

struct settings {
  store_options open;
  child_orders child;
  int journal = -1;
  unsigned seed = 1;
  std::size_t callers = 8;
};

settings settings_from(int count, char** arguments) {
  settings s;
  for (int i = 1; i < count; ++i) {
    const std::string name = arguments[i];
    if (name == "--proxy") {
      s.open.proxy = true;
      continue;
    }
    if (++i == count) throw std::runtime_error(name + " needs a value");
    const std::string value = arguments[i];
    if (name == "--store")
      s.open.where.push_back(value);
    else if (name == "--deadline")
      s.open.deadline = std::chrono::milliseconds(std::stol(value));
    else if (name == "--seed")
      s.seed = static_cast<unsigned>(std::stoul(value));
    else if (name == "--callers")
      s.callers = std::stoul(value);
    else if (name == "--child")
      s.child.prefix = value;
    else if (name == "--journal")
      s.journal = std::stoi(value);
    else if (name == "--first-name")
      s.child.first_name = std::stoll(value);
    else
      throw std::runtime_error("no such option: " + name);
  }
  if (s.open.where.empty()) throw std::runtime_error("--store is missing");
  return s;
}

void answer(const boost::json::object& what) {
  fmt::print("{}\n", boost::json::serialize(what));
  std::fflush(stdout);
}

void serve(const settings& s) {
  stores opened(s.open);
  blocking_store(*opened.handles().back()).ensure_schema();
  commands told(opened, s.open.where, s.seed, s.callers);
  answer({{"ready", true}});
  for (std::string line; std::getline(std::cin, line);) {
    try {
      answer(told.obey(line));
    } catch (const std::exception& e) {
      answer({{"error", e.what()}});
    }
  }
}

int run(int count, char** arguments) {
  try {
    auto s = settings_from(count, arguments);
    s.child.where = s.open.where;
    s.child.seed = s.seed;
    if (s.journal >= 0) run_child(s.child, s.journal);
    serve(s);
    return 0;
  } catch (const std::exception& e) {
    fmt::print(stderr, "atto_chaos: {}\n", e.what());
    return 1;
  }
}

}  // namespace
}  // namespace atto::test

int main(int count, char** arguments) {
  return atto::test::run(count, arguments);
}
