#include "options.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>
#include <string_view>

namespace peers {

namespace {

std::size_t sessions_of(const options& o) {
  constexpr std::size_t events_in_all = 200'000;
  if (o.workload == "load") return 16;
  if (o.workload == "conversations") return std::max<std::size_t>(160, o.writers);
  if (o.workload != "long") return 1000;
  return std::clamp<std::size_t>(events_in_all / std::max<std::size_t>(o.events, 1), 100, 1000);
}

}  // namespace

options parse(int argc, char** argv) {
  options o;
  const auto number = [](std::size_t& to) { return [&to](const std::string& v) { to = std::stoul(v); }; };
  const auto time = [](double& to) { return [&to](const std::string& v) { to = std::stod(v); }; };
  const auto text = [](std::string& to) { return [&to](const std::string& v) { to = v; }; };
  const std::map<std::string_view, std::function<void(const std::string&)>> known{
      {"--dsn", text(o.dsn)},
      {"--workload", text(o.workload)},
      {"--mode", [&o](const std::string& v) { o.append = v == "append"; }},
      {"--journal", [&o](const std::string& v) { o.wal = v == "wal"; }},
      {"--writers", number(o.writers)},
      {"--connections", number(o.connections)},
      {"--seconds", time(o.seconds)},
      {"--warmup", time(o.warmup)},
      {"--ops", number(o.operations)},
      {"--events", number(o.events)},
      {"--sessions", number(o.sessions)},
      {"--file", text(o.file)},
      {"--table", text(o.table)},
  };
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--hold") {
      o.hold = true;
      continue;
    }
    const auto option = known.find(name);
    if (option == known.end() || i + 1 == argc) throw std::runtime_error("cannot use " + std::string(name));
    option->second(argv[++i]);
  }
  if (o.sessions == 0) o.sessions = sessions_of(o);
  return o;
}

}  // namespace peers
