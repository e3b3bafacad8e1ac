#pragma once

#include <atto/session_runtime.hpp>
#include <atto/session_store.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace cluster {

struct node_settings {
  std::string store;   // as atto::open_store takes it
  std::string socket;  // the path of its socket, which is its address as well
  std::string name;    // told in its answers
  std::chrono::milliseconds ttl{0};
  std::chrono::milliseconds think{0};  // how long its handler takes
};

/// A node of the cluster: a session_runtime with claims behind a socket. One line asks, one line answers:
///
///     SESSION \t MESSAGE ID \t MESSAGE   ->   ok \t NODE \t [EVENT, EVENT]
///                                             error \t NAME OF THE ERROR \t OWNER'S ADDRESS \t WORDS
///     stats                              ->   {"done":…,"conflicts":…,…}
///
/// A turn adds two events: the message with its id, and an answer that names that id and the node.
///
/// Thread-safety: none; its io_context has one thread.
class node {
 public:
  node(boost::asio::io_context& context, node_settings s);

  /// Makes the tables and answers until stop().
  boost::asio::awaitable<void> serve();
  /// Takes nobody new, lets the turns that were taken end, gives its claims back, and closes the store.
  boost::asio::awaitable<void> stop();

 private:
  using socket = boost::asio::local::stream_protocol::socket;

  boost::asio::awaitable<void> talk(socket peer);
  boost::asio::awaitable<std::string> answer(std::string line);
  boost::asio::awaitable<std::string> run_turn(std::string session, std::string id, std::string message);
  [[nodiscard]] std::string numbers() const;

  node_settings settings_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
  std::shared_ptr<atto::session_store> store_;
  atto::session_runtime runtime_;
};

}  // namespace cluster
