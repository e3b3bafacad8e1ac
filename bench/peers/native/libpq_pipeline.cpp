// The limit for one client: a loop around libpq's pipeline mode that does nothing but this workload. Each connection
// sends one write of each of its writers, then a sync, so that they share a commit; when the sync has come back, the
// next ones. No queue, no checks, no cancellation.

#include "measurement.hpp"
#include "options.hpp"
#include "postgres_peer.hpp"
#include "turn_source.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <cstring>
#include <exception>
#include <iostream>
#include <stdexcept>

namespace {

using namespace peers;

/// A connection and the group it has in flight.
class pipeline {
 public:
  pipeline(const options& o, turn_source& turns, std::size_t index) : o_(o), turns_(turns), connection_(connect(o)) {
    for (std::size_t w = index; w < o.writers; w += o.connections) writers_.push_back(w);
    if (PQsetnonblocking(connection_.get(), 1) != 0 || PQenterPipelineMode(connection_.get()) != 1) fail();
  }

  [[nodiscard]] std::size_t writers() const noexcept { return writers_.size(); }
  [[nodiscard]] bool in_flight() const noexcept { return in_flight_; }

  void send() {
    started_ = clock::now();
    payload_.clear();
    for (const std::size_t writer : writers_) {
      const session_write w = turns_.next(writer);
      const char* name = statement_for(o_, w);
      const write_parameters p(o_, w, std::strcmp(name, "insert") == 0);
      if (PQsendQueryPrepared(connection_.get(), name, p.count(), p.values(), nullptr, nullptr, 0) != 1) fail();
      payload_.push_back(w.state.size() + w.events.size());
    }
    if (PQpipelineSync(connection_.get()) != 1) fail();
    in_flight_ = true;
  }

  [[nodiscard]] pollfd waits_for() {
    const int unsent = PQflush(connection_.get());
    if (unsent < 0) fail();
    return {PQsocket(connection_.get()), static_cast<short>(unsent == 1 ? POLLIN | POLLOUT : POLLIN), 0};
  }

  /// Takes what has come; true when the group is done.
  bool receive() {
    if (PQconsumeInput(connection_.get()) != 1) fail();
    while (in_flight_ && PQisBusy(connection_.get()) == 0) {
      PGresult* r = PQgetResult(connection_.get());
      if (r == nullptr) continue;
      const std::unique_ptr<PGresult, decltype(&PQclear)> owned(r, PQclear);
      if (PQresultStatus(r) == PGRES_PIPELINE_SYNC) {
        in_flight_ = false;
      } else if (std::strcmp(PQcmdTuples(r), "1") != 0) {
        fail();
      }
    }
    return !in_flight_;
  }

  void note(const measurement& m, log& l) const {
    const auto ended = clock::now();
    for (const std::size_t bytes : payload_) l.add(m, started_, ended, bytes, true);
  }

 private:
  [[noreturn]] void fail() const { throw std::runtime_error(PQerrorMessage(connection_.get())); }

  const options& o_;
  turn_source& turns_;
  connection connection_;
  std::vector<std::size_t> writers_;
  std::vector<std::size_t> payload_;
  clock::time_point started_;
  bool in_flight_ = false;
};

void run(const options& o, turn_source& turns, log& all) {
  std::vector<pipeline> pipelines;
  for (std::size_t i = 0; i < o.connections; ++i) pipelines.emplace_back(o, turns, i);
  hold(o);
  const measurement m(o);
  std::size_t begun = 0;
  std::size_t running = 0;
  const auto send = [&](pipeline& p) {
    if (m.over(clock::now()) || (o.operations != 0 && begun >= o.operations)) return;
    begun += p.writers();
    p.send();
    ++running;
  };
  for (pipeline& p : pipelines) send(p);
  std::vector<pollfd> sockets(pipelines.size());
  while (running > 0) {
    for (std::size_t i = 0; i < pipelines.size(); ++i) sockets[i] = pipelines[i].waits_for();
    if (poll(sockets.data(), sockets.size(), -1) < 0) throw std::runtime_error("poll failed");
    for (std::size_t i = 0; i < pipelines.size(); ++i) {
      pipeline& p = pipelines[i];
      if (!p.in_flight() || (sockets[i].revents & (POLLIN | POLLERR | POLLHUP)) == 0 || !p.receive()) continue;
      p.note(m, all);
      --running;
      send(p);
    }
  }
  print("libpq_pipeline", o, m, all);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const options o = parse(argc, argv);
    turn_source turns(o);
    log all;
    all.acknowledged = prepare_tables(o, turns);
    run(o, turns, all);
  } catch (const std::exception& e) {
    std::cerr << "libpq_pipeline: " << e.what() << '\n';
    return 1;
  }
}
