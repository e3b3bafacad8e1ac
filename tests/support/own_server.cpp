#include "support/own_server.hpp"

#include "support/test_postgres.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace atto::test {

namespace {

/// Another version's folder where script/nightly names one (see script/with-postgres).
const std::string programs = [] {
  const char* named = std::getenv("ATTO_POSTGRES_BIN");
  return (named != nullptr ? std::string(named) : "/usr/lib/postgresql/15/bin") + '/';
}();

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// What makes a command run as the server's user, and die with the thread that started it.
std::vector<std::string> as_server(const std::string& last_signal) {
  std::vector<std::string> words{"setpriv", "--pdeathsig", last_signal};
  if (::geteuid() == 0) words.insert(words.end(), {"--reuid=postgres", "--regid=postgres", "--clear-groups"});
  return words;
}

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream all;
  all << std::ifstream(path).rdbuf();
  return all.str();
}

std::vector<pid_t> children_of(pid_t parent) {
  std::istringstream text(text_of(fmt::format("/proc/{0}/task/{0}/children", parent)));
  std::vector<pid_t> all;
  for (pid_t child = 0; text >> child;) all.push_back(child);
  return all;
}

/// Until nobody is left, or only what nobody has waited for.
void wait_for_end(pid_t process) {
  const auto gone = [&] {
    const std::string stat = text_of(fmt::format("/proc/{}/stat", process));
    return stat.empty() || stat.find(") Z ") != std::string::npos;
  };
  while (!gone()) std::this_thread::yield();
}

}  // namespace

bool own_server::available() {
  return std::filesystem::exists(programs + "postgres");
}

own_server::own_server(const std::vector<std::string>& settings, int port) : port_(port) {
  make_cluster(settings);
  start();
}

own_server::~own_server() {
  if (postmaster_ != 0) kill();
}

std::string own_server::dsn() const {
  return fmt::format("host={} port={} user=atto dbname=postgres", dir_.path().string(), port_);
}

void own_server::make_cluster(const std::vector<std::string>& settings) const {
  if (::geteuid() == 0) {
    const passwd* user = ::getpwnam("postgres");
    if (user == nullptr) throw std::runtime_error("there is no user postgres");
    if (::chown(dir_.path().c_str(), user->pw_uid, user->pw_gid) != 0) fail("chown");
  }
  const pid_t made = spawn({programs + "initdb", "--pgdata=data", "--username=atto", "--encoding=UTF8", "--locale=C",
                            "--auth=trust", "--no-sync"});
  int status = 0;
  if (::waitpid(made, &status, 0) != made || status != 0) throw std::runtime_error("initdb: " + log());
  // A killed process loses nothing that it gave to the kernel.
  std::ofstream file(dir_.path() / "data/postgresql.conf", std::ios::app);
  file << "fsync = off\nlisten_addresses = ''\nshared_buffers = '16MB'\n";
  file << fmt::format("unix_socket_directories = '{}'\nport = {}\n", dir_.path().string(), port_);
  for (const std::string& line : settings) file << line << '\n';
}

pid_t own_server::spawn(const std::vector<std::string>& command) const {
  std::vector<std::string> words = as_server("KILL");
  words.insert(words.end(), command.begin(), command.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const std::string out = dir_.file("log");
  const pid_t child = ::fork();
  if (child < 0) fail("fork");
  if (child > 0) return child;
  // Between fork and exec only what is safe in a signal handler.
  const int file = ::open(out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(::open("/dev/null", O_RDONLY), 0);
  ::dup2(file, 1);
  ::dup2(file, 2);
  ::setsid();
  if (::chdir(dir_.path().c_str()) == 0) ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

void own_server::start() {
  postmaster_ = spawn({programs + "postgres", "-D", "data"});
  const std::string where = dsn();
  while (PQping(where.c_str()) != PQPING_OK) {
    if (::waitpid(postmaster_, nullptr, WNOHANG) == 0) {
      std::this_thread::yield();
      continue;
    }
    postmaster_ = 0;
    throw std::runtime_error("the server does not start: " + log());
  }
}

void own_server::end_by(int signal) {
  ::kill(postmaster_, signal);
  ::waitpid(postmaster_, nullptr, 0);
  postmaster_ = 0;
}

void own_server::stop() {
  end_by(SIGINT);
}

void own_server::stop_immediately() {
  end_by(SIGQUIT);
}

void own_server::kill() {
  ::kill(postmaster_, SIGSTOP);  // it shall start no process while they are counted
  const auto children = children_of(postmaster_);
  end_by(SIGKILL);
  for (const pid_t child : children) ::kill(child, SIGKILL);
  for (const pid_t child : children) wait_for_end(child);
}

void own_server::suspend() {
  ::kill(postmaster_, SIGSTOP);
  for (const pid_t child : children_of(postmaster_)) ::kill(child, SIGSTOP);
}

void own_server::resume() {
  for (const pid_t child : children_of(postmaster_)) ::kill(child, SIGCONT);
  ::kill(postmaster_, SIGCONT);
}

void own_server::set(const std::string& name, const std::string& value) {
  test_connection c(dsn());
  c.run(fmt::format("ALTER SYSTEM SET {} = '{}'", name, value));
  c.run("SELECT pg_reload_conf()");
}

std::string own_server::log() const {
  return text_of(dir_.path() / "log");
}

}  // namespace atto::test
