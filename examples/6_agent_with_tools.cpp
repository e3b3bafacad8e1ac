// An agent with tools. A message of the user is one turn, in which the model may call tools as often as it needs; the
// turn is stored whole, with its calls and their results, or not at all.
//
// Speaks to any OpenAI-compatible endpoint over plain HTTP: a model on this machine, or a proxy that adds TLS.
//
// Use: OPENAI_BASE_URL=http://127.0.0.1:8000/v1 OPENAI_API_KEY=... 6_agent_with_tools STORE [MESSAGE]...
//      OPENAI_MODEL names the model.

#include <atto/atto.hpp>
#include <atto/boost_json.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace json = boost::json;

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);
constexpr const char* instruction = "You know the rooms of a small hotel. Look prices up; never invent one.";
constexpr int most_answers = 10;  // of the model, in one turn

std::string setting(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

// --- the tools -----------------------------------------------------------------------------------------------------

const json::value tools = json::parse(R"([{"type": "function", "function": {
  "name": "price_of_room", "description": "What a room costs a night.",
  "parameters": {"type": "object", "properties": {"room": {"type": "string"}}, "required": ["room"]}}}])");

// What a tool says goes to the model, mistakes included: it can mend its call.
std::string use_tool(const json::object& function) {
  if (function.at("name") != "price_of_room") return "there is no such tool";
  const json::value arguments = json::parse(function.at("arguments").as_string());
  const std::map<std::string, std::string> prices{{"204", "138.50"}, {"311", "152.00"}};
  const auto found = prices.find(json::value_to<std::string>(arguments.at("room")));
  return found == prices.end() ? "there is no such room" : found->second;
}

// --- the model -----------------------------------------------------------------------------------------------------

// The key goes into this one header, and nowhere else: not into the session, not into an error, not into a log.
asio::awaitable<std::string> post(std::string body, std::chrono::steady_clock::time_point deadline) {
  const std::string url = setting("OPENAI_BASE_URL", "http://127.0.0.1:8000/v1");
  std::smatch part;
  if (!std::regex_match(url, part, std::regex("http://([^:/]+)(:([0-9]+))?(/.*)?"))) {
    throw std::runtime_error("OPENAI_BASE_URL is to be http://HOST[:PORT][/PATH]");
  }
  http::request<http::string_body> request(http::verb::post, part[4].str() + "/chat/completions", 11);
  request.set(http::field::host, part[1].str());
  request.set(http::field::content_type, "application/json");
  request.set(http::field::authorization, "Bearer " + setting("OPENAI_API_KEY", ""));
  request.body() = std::move(body);
  request.prepare_payload();

  const auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver(executor);
  const std::string host = part[1].str(), port = part[3].matched ? part[3].str() : "80";
  const auto addresses = co_await resolver.async_resolve(host, port, asio::use_awaitable);
  boost::beast::tcp_stream stream(executor);
  stream.expires_at(deadline);
  co_await stream.async_connect(addresses, asio::use_awaitable);
  co_await http::async_write(stream, request, asio::use_awaitable);
  boost::beast::flat_buffer buffer;
  http::response<http::string_body> response;
  co_await http::async_read(stream, buffer, response, asio::use_awaitable);
  if (response.result() != http::status::ok) {
    throw std::runtime_error("the model's server answered " + std::to_string(response.result_int()));
  }
  co_return std::move(response.body());
}

asio::awaitable<json::object> ask_model(const json::array& messages, std::chrono::steady_clock::time_point deadline) {
  const json::object question{{"model", setting("OPENAI_MODEL", "default")}, {"messages", messages}, {"tools", tools}};
  std::string body = json::serialize(question);
  const std::string answer = co_await post(std::move(body), deadline);
  const json::value parsed = json::parse(answer);
  co_return parsed.at("choices").at(0).at("message").as_object();
}

// --- the agent -----------------------------------------------------------------------------------------------------

void remember(atto::session_turn& turn, json::array& messages, json::object message) {
  turn.emit(atto::from_boost(message));
  messages.emplace_back(std::move(message));
}

// [handler]
asio::awaitable<void> agent(atto::session_turn& turn) {
  json::array messages{json::object{{"role", "system"}, {"content", instruction}}};
  for (const atto::json& event : turn.history()) messages.push_back(atto::to_boost(event));
  remember(turn, messages, {{"role", "user"}, {"content", atto::to_boost(turn.message())}});
  for (int answers = 0; answers < most_answers; ++answers) {
    json::object said = co_await ask_model(messages, turn.deadline());
    const json::value* calls = said.if_contains("tool_calls");
    const json::array wanted = calls != nullptr && calls->is_array() ? calls->as_array() : json::array();
    remember(turn, messages, std::move(said));
    if (wanted.empty()) co_return;
    for (const json::value& call : wanted) {
      const std::string result = use_tool(call.at("function").as_object());
      remember(turn, messages, {{"role", "tool"}, {"tool_call_id", call.at("id")}, {"content", result}});
    }
  }
  throw std::runtime_error("the model calls tool after tool and comes to no end");
}
// [end]

void show(const atto::turn_event& e) {
  if (e.what == atto::turn_event::kind::emitted) std::cout << e.event.text() << '\n';
}

asio::awaitable<void> converse(atto::session_store& store, atto::session_runtime& runtime,
                               std::vector<std::string> messages) {
  co_await store.async_ensure_schema();
  for (const std::string& message : messages) {
    const atto::json text = atto::json::string(message);
    atto::diagnostics why;
    const auto [ec, events] = co_await runtime.async_stream("hotel-anna", text, show, {.diag = &why}, as_tuple);
    if (ec) throw std::runtime_error(why.message() + ": " + why.server_message());
  }
  co_await runtime.async_stop(std::chrono::seconds(5));
}

int main(int argc, char** argv) {
  std::vector<std::string> messages(argv + std::min(argc, 2), argv + argc);
  if (messages.empty()) messages = {"What does room 204 cost?", "And room 311?"};
  asio::io_context context;
  const std::shared_ptr<atto::session_store> store =
      atto::open_store(context.get_executor(), argc > 1 ? argv[1] : "memory:");
  atto::session_runtime runtime(context.get_executor(), store, agent);
  asio::co_spawn(context, converse(*store, runtime, messages), [&](std::exception_ptr failed) {
    if (failed) std::rethrow_exception(failed);
  });
  context.run();
}
