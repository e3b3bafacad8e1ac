// Plain libpq as most C and C++ programs use it: a thread and a connection a writer, one statement and its answer after
// the other, prepared.

#include "measurement.hpp"
#include "options.hpp"
#include "postgres_peer.hpp"
#include "turn_source.hpp"

#include <libpq-fe.h>

#include <atomic>
#include <cstring>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <thread>

namespace {

using namespace peers;

class blocking_run {
 public:
  blocking_run(const options& o, turn_source& turns, std::size_t prepared) : o_(o), turns_(turns) {
    all_.acknowledged = prepared;
    for (std::size_t w = 0; w < o.writers; ++w) connections_.push_back(connect(o));
    logs_.resize(o.writers);
  }

  void run() {
    hold(o_);
    const measurement m(o_);
    std::vector<std::thread> threads;
    for (std::size_t w = 0; w < o_.writers; ++w) threads.emplace_back([this, w, &m] { loop(w, m); });
    for (std::thread& t : threads) t.join();
    for (const log& l : logs_) all_.merge(l);
    if (failed_) throw std::runtime_error("a statement failed");
    print("libpq_blocking", o_, m, all_);
  }

 private:
  void loop(std::size_t writer, const measurement& m) {
    for (auto started = clock::now(); !m.over(started) && !failed_;) {
      if (o_.operations != 0 && begun_++ >= o_.operations) return;
      const std::size_t payload = o_.workload == "load" ? load(writer) : save(writer);
      const auto ended = clock::now();
      if (payload == 0) failed_ = true;
      logs_[writer].add(m, started, ended, payload, o_.workload != "load");
      started = ended;
    }
  }

  std::size_t save(std::size_t writer) {
    pg_conn* c = connections_[writer].get();
    const session_write w = turns_.next(writer);
    const char* name = statement_for(o_, w);
    const write_parameters p(o_, w, std::strcmp(name, "insert") == 0);
    const std::unique_ptr<PGresult, decltype(&PQclear)> r(
        PQexecPrepared(c, name, p.count(), p.values(), nullptr, nullptr, 0), PQclear);
    const bool one_row = std::strcmp(PQcmdTuples(r.get()), "1") == 0;
    return one_row ? w.state.size() + w.events.size() : 0;
  }

  std::size_t load(std::size_t writer) {
    const char* id = turns_.next_id(writer).c_str();
    const std::unique_ptr<PGresult, decltype(&PQclear)> r(
        PQexecPrepared(connections_[writer].get(), "load", 1, &id, nullptr, nullptr, 0), PQclear);
    if (PQntuples(r.get()) != 1) return 0;
    // A program keeps what it read.
    const std::string history(PQgetvalue(r.get(), 0, 2), static_cast<std::size_t>(PQgetlength(r.get(), 0, 2)));
    return history.size();
  }

  const options& o_;
  turn_source& turns_;
  std::vector<connection> connections_;
  std::vector<log> logs_;
  log all_;
  std::atomic<std::size_t> begun_ = 0;
  std::atomic<bool> failed_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  try {
    options o = parse(argc, argv);
    o.connections = o.writers;
    turn_source turns(o);
    const std::size_t prepared = prepare_tables(o, turns);
    blocking_run(o, turns, prepared).run();
  } catch (const std::exception& e) {
    std::cerr << "libpq_blocking: " << e.what() << '\n';
    return 1;
  }
}
