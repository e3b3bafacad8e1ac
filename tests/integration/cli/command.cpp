#include "integration/cli/command.hpp"

#include "support/test_data.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace atto::test {

namespace {

/// In the child: only calls that are safe after fork.
[[noreturn]] void become(char* const* arguments, char* const* environment, const std::string& in,
                         const std::string& out, const std::string& err) {
  ::dup2(::open(in.c_str(), O_RDONLY), STDIN_FILENO);
  ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
  ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
  ::execve(ATTO_CLI, arguments, environment);
  ::_exit(127);
}

std::vector<std::string> environment_with(const std::string& store_variable) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!text.starts_with("ATTO_STORE=")) all.push_back(text);
  }
  if (!store_variable.empty()) all.push_back("ATTO_STORE=" + store_variable);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

int exit_status_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace

process::process(const std::vector<std::string>& arguments, const std::string& input, const std::string& store_variable,
                 const std::string& err) {
  write_file(dir_.file("in"), input);
  std::vector<std::string> texts{"atto"};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<std::string> environment = environment_with(store_variable);
  const auto argument_pointers = pointers(texts);
  const auto environment_pointers = pointers(environment);
  const std::string in = dir_.file("in");
  const std::string out = dir_.file("out");
  const std::string errors = err.empty() ? dir_.file("err") : err;
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) become(argument_pointers.data(), environment_pointers.data(), in, out, errors);
}

process::~process() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void process::signal(int number) const {
  ::kill(pid_, number);
}

bool process::running() const {
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  return info.si_pid == 0;
}

outcome process::wait() {
  int status = 0;
  if (::waitpid(pid_, &status, 0) != pid_) throw std::runtime_error("waitpid failed");
  pid_ = 0;
  return {exit_status_of(status), read_file(dir_.file("out")), read_file(dir_.file("err"))};
}

outcome run_atto(const std::vector<std::string>& arguments, const std::string& input) {
  process p(arguments, input);
  return p.wait();
}

sqlite_fixture::sqlite_fixture() : store_("sqlite:" + dir_.file("store.db")) {
  const outcome made = run({"init"});
  if (made.status != 0) throw std::runtime_error("atto init failed: " + made.err);
}

outcome sqlite_fixture::run(const std::vector<std::string>& arguments, const std::string& input) const {
  return run_atto(on(store_, arguments), input);
}

std::vector<std::string> on(const std::string& where, const std::vector<std::string>& rest) {
  std::vector<std::string> all{"--store", where};
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

std::size_t count_lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

double number_in(const std::string& object, const std::string& name) {
  const std::string member = "\"" + name + "\":";
  const std::size_t at = object.find(member);
  return at == std::string::npos ? -1 : std::strtod(object.c_str() + at + member.size(), nullptr);
}

std::string sample_file() {
  return (source_dir() / "examples/data/conversations.jsonl").string();
}

std::string made_up_conversations(std::size_t sessions, std::size_t messages) {
  std::string text;
  for (std::size_t s = 0; s < sessions; ++s) {
    text += fmt::format(R"({{"session_id":"made-up-{:05}","messages":[)", s);
    for (std::size_t m = 0; m < messages; ++m) {
      text += fmt::format(R"({}{{"role":"user","content":"message {} of {}"}})", m == 0 ? "" : ",", m, s);
    }
    text += "]}\n";
  }
  return text;
}

}  // namespace atto::test
