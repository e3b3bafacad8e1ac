// A node of the cluster that script/demo --cluster runs. SIGTERM stops it politely.
//
// Use: atto_cluster_node STORE SOCKET NAME TTL_MS THINK_MS

#include "node.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdio>
#include <exception>
#include <string>

namespace asio = boost::asio;

void raise_it(std::exception_ptr failed) {
  if (failed) std::rethrow_exception(failed);
}

int main(int argc, char** argv) try {
  if (argc != 6) {
    std::fputs("Use: atto_cluster_node STORE SOCKET NAME TTL_MS THINK_MS\n", stderr);
    return 2;
  }
  cluster::node_settings settings;
  settings.store = argv[1];
  settings.socket = argv[2];
  settings.name = argv[3];
  settings.ttl = std::chrono::milliseconds(std::stoi(argv[4]));
  settings.think = std::chrono::milliseconds(std::stoi(argv[5]));

  asio::io_context context(1);
  asio::signal_set polite(context, SIGTERM);
  cluster::node node(context, settings);
  polite.async_wait([&](boost::system::error_code ec, int) {
    if (ec) return;
    asio::co_spawn(context, node.stop(), [&](std::exception_ptr failed) {
      raise_it(failed);
      context.stop();  // those who keep a connection open are not waited for
    });
  });
  asio::co_spawn(context, node.serve(), raise_it);
  context.run();
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "atto_cluster_node: %s\n", e.what());
  return 1;
}
