#include "driver/child_client.hpp"

#include "driver/round.hpp"
#include "driver/stores.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>
#include <thread>

namespace atto::test {
namespace {

constexpr std::size_t shared_sessions = 4;

[[noreturn]] void fail(int error, const char* what) {
  throw std::system_error(error, std::generic_category(), what);
}

pid_t spawn(std::vector<std::string> arguments) {
  std::vector<char*> pointers;
  for (auto& a : arguments) pointers.push_back(a.data());
  pointers.push_back(nullptr);
  pid_t process = -1;
  const int error = ::posix_spawn(&process, "/proc/self/exe", nullptr, nullptr, pointers.data(), environ);
  if (error != 0) fail(error, "cannot start a client");
  return process;
}

}  // namespace

std::string shared_session(const std::string& prefix, std::size_t number) {
  const auto place = number % shared_sessions;
  return session_id(prefix + "/shared", place % 2 == 0 ? session_kind::traced : session_kind::mixed, place);
}

child_client::child_client(const child_orders& orders) : journal_(::memfd_create("journal", 0)) {
  if (journal_ < 0) fail(errno, "cannot make a journal");
  std::vector<std::string> arguments{"atto_chaos",
                                     "--child",
                                     orders.prefix,
                                     "--journal",
                                     fmt::to_string(journal_),
                                     "--seed",
                                     fmt::to_string(orders.seed),
                                     "--first-name",
                                     fmt::to_string(orders.first_name)};
  for (const auto& where : orders.where) {
    arguments.emplace_back("--store");
    arguments.push_back(where);
  }
  process_ = spawn(std::move(arguments));
}

child_client::~child_client() {
  if (process_ > 0) (void)kill();
  ::close(journal_);
}

bool child_client::heard() const {
  struct stat now {};
  return ::fstat(journal_, &now) == 0 && now.st_size > 4096;
}

histories_by_id child_client::kill() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
  std::ifstream in(fmt::format("/proc/self/fd/{}", journal_));
  return read_journal(in);
}

void run_child(const child_orders& orders, int file) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  stores opened({.where = orders.where});
  journal written(file);
  std::atomic<write_name> last_name{orders.first_name};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < orders.callers; ++i) {
    threads.emplace_back([&, i] {
      std::seed_seq seed{orders.seed, static_cast<unsigned>(i)};
      std::mt19937 random(seed);
      recording_caller caller(*opened.handles()[i % opened.handles().size()], last_name, i, &written);
      while (true) act(caller, shared_session(orders.prefix, random()), random, 0);
    });
  }
  for (auto& t : threads) t.join();
  std::abort();
}

}  // namespace atto::test
