#include "node.hpp"

#include <atto/diagnostics.hpp>
#include <atto/message_id.hpp>
#include <atto/open_store.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>

#include <exception>
#include <string_view>
#include <utility>
#include <vector>

namespace cluster {

namespace asio = boost::asio;

namespace {

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

/// Longer than any fault of the drill: a turn that slept through one shall meet the store, and be refused there.
constexpr std::chrono::seconds turn_timeout{30};
constexpr std::chrono::seconds stop_timeout{5};

atto::turn_handler handler(const node_settings& s) {
  return [name = s.name, think = s.think](atto::session_turn& turn) -> asio::awaitable<void> {
    const boost::json::value message = boost::json::parse(turn.message().text());
    turn.emit(turn.message());
    asio::steady_timer thought(co_await asio::this_coro::executor, think);
    co_await thought.async_wait(asio::use_awaitable);
    const boost::json::object said{{"answers", message.at("message_id")}, {"by", name}};
    turn.emit(atto::json(boost::json::serialize(said)));
  };
}

atto::runtime_options options(const node_settings& s) {
  atto::runtime_options o;
  o.claims.emplace();
  o.claims->ttl = s.ttl;
  o.claims->address = s.socket;
  o.turn_timeout = turn_timeout;
  return o;
}

std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> words;
  while (true) {
    const auto tab = line.find('\t');
    words.emplace_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return words;
    line.remove_prefix(tab + 1);
  }
}

std::string refusal(const atto::error_code& ec, const atto::diagnostics& diag) {
  const std::string owner = diag.owner_address().value_or("");
  return "error\t" + ec.message() + '\t' + owner + '\t' + diag.message();
}

}  // namespace

node::node(asio::io_context& context, node_settings s)
    : settings_(std::move(s)),
      acceptor_(context, asio::local::stream_protocol::endpoint(settings_.socket)),
      store_(atto::open_store(context.get_executor(), settings_.store)),
      runtime_(context.get_executor(), store_, handler(settings_), options(settings_)) {}

asio::awaitable<void> node::serve() {
  co_await store_->async_ensure_schema();
  while (true) {
    auto [ec, peer] = co_await acceptor_.async_accept(as_tuple);
    if (ec == asio::error::operation_aborted) co_return;
    if (!ec) asio::co_spawn(acceptor_.get_executor(), talk(std::move(peer)), asio::detached);
  }
}

asio::awaitable<void> node::stop() {
  acceptor_.close();
  co_await runtime_.async_stop(stop_timeout);
  const auto [ec] = co_await store_->async_close({}, as_tuple);
  if (ec) throw boost::system::system_error(ec);
}

asio::awaitable<void> node::talk(socket peer) {
  std::string gathered;
  while (true) {
    const auto [ec, size] = co_await asio::async_read_until(peer, asio::dynamic_buffer(gathered), '\n', as_tuple);
    if (ec) co_return;
    std::string line = gathered.substr(0, size - 1);
    gathered.erase(0, size);
    std::string reply = co_await answer(std::move(line));
    reply += '\n';
    const auto [lost, written] = co_await asio::async_write(peer, asio::buffer(reply), as_tuple);
    if (lost) co_return;  // whoever asked has gone; the turn is stored nevertheless
  }
}

asio::awaitable<std::string> node::answer(std::string line) {
  if (line == "stats") co_return numbers();
  std::vector<std::string> words = split(line);
  if (words.size() != 3)
    co_return "error\tinvalid_argument\t\ta line is SESSION, MESSAGE ID, MESSAGE, with tabs between";
  std::string reply;
  try {
    reply = co_await run_turn(std::move(words[0]), std::move(words[1]), std::move(words[2]));
  } catch (const atto::error_with_diagnostics& e) {  // of a message that is no JSON
    reply = refusal(e.code(), e.get_diagnostics());
  }
  co_return reply;
}

asio::awaitable<std::string> node::run_turn(std::string session, std::string id, std::string message) {
  const std::string quoted = boost::json::serialize(boost::json::string(id));
  atto::json told(R"({"message_id":)" + quoted + R"(,"message":)" + message + '}');
  atto::diagnostics diag;
  atto::run_options o;
  o.message_id = atto::message_id(id);
  o.diag = &diag;
  const auto [ec, events] = co_await runtime_.async_run(session, std::move(told), o, as_tuple);
  if (ec) co_return refusal(ec, diag);
  std::string reply = "ok\t" + settings_.name + "\t[";
  for (const atto::json& event : events) {
    if (reply.back() != '[') reply += ',';
    reply += event.text();
  }
  co_return reply + ']';
}

std::string node::numbers() const {
  const atto::runtime_stats s = runtime_.stats();
  const boost::json::object told{
      {"done", s.done},           {"running", s.running_turns}, {"waiting", s.waiting_turns},
      {"conflicts", s.conflicts}, {"claim_lost", s.claim_lost}, {"owned_elsewhere", s.owned_elsewhere}};
  return boost::json::serialize(told);
}

}  // namespace cluster
