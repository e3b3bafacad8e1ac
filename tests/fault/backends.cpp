#include "fault/backends.hpp"

#include "fault/eventually.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

namespace atto::test {

backends::backends(std::string application, const std::string& server)
    : application_(std::move(application)), server_(server) {}

std::vector<pid_t> backends::with(const std::string& condition) {
  std::vector<pid_t> found;
  const std::string query =
      "SELECT pid FROM pg_stat_activity WHERE application_name = $1 AND " + condition + " ORDER BY query_start";
  for (const auto& row : server_.rows(query, {application_})) found.push_back(std::stoi(row[0]));
  return found;
}

std::vector<pid_t> backends::all() {
  return with("true");
}

std::vector<pid_t> backends::waiting() {
  return with("wait_event_type = 'Lock'");
}

std::vector<pid_t> backends::idle() {
  return with("state = 'idle'");
}

bool backends::become(std::size_t count) {
  return eventually([&] { return all().size() == count; });
}

bool backends::become_waiting(std::size_t count) {
  return eventually([&] { return waiting().size() == count; });
}

bool backends::end_of(pid_t one) {
  return eventually([&] {
    const auto left = all();
    return std::find(left.begin(), left.end(), one) == left.end();
  });
}

void backends::terminate_all() {
  server_.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", {application_});
}

namespace {

/// The letter of /proc/PID/stat; T: stopped.
char state_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  const auto name_end = text.rfind(") ");
  return name_end == std::string::npos ? '\0' : text.at(name_end + 2);
}

}  // namespace

stopped_process::stopped_process(pid_t pid) : pid_(pid) {
  if (::kill(pid, SIGSTOP) != 0) throw std::system_error(errno, std::generic_category(), "SIGSTOP");
  if (!eventually([&] { return state_of(pid) == 'T'; })) throw std::system_error(ETIMEDOUT, std::generic_category());
}

stopped_process::~stopped_process() {
  ::kill(pid_, SIGCONT);
}

bool may_signal_servers() {
  return ::geteuid() == 0;
}

}  // namespace atto::test
