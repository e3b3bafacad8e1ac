// A stand-in for a model, to run 6_agent_with_tools without one: a server on 127.0.0.1 that asks for the price of the
// room the user names, and then tells it. It runs a command, which finds it by OPENAI_BASE_URL, and ends with that.
//
// Use: stand_in_model COMMAND [ARGUMENT]...

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>

#include <cstdlib>
#include <iostream>
#include <regex>
#include <string>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

namespace http = boost::beast::http;
namespace json = boost::json;
using boost::asio::ip::tcp;

const std::string key = "key-of-the-stand-in";

json::object message_after(const json::array& messages) {
  const json::object& last = messages.back().as_object();
  const std::string content = json::value_to<std::string>(last.at("content"));
  if (last.at("role") == "tool") return {{"role", "assistant"}, {"content", "It costs " + content + " a night."}};
  std::smatch room;
  if (!std::regex_search(content, room, std::regex("[0-9]+"))) {
    return {{"role", "assistant"}, {"content", "Which room?"}};
  }
  const json::object arguments{{"room", room[0].str()}};
  const json::object function{{"name", "price_of_room"}, {"arguments", json::serialize(arguments)}};
  const json::object call{
      {"id", "call_" + std::to_string(messages.size())}, {"type", "function"}, {"function", function}};
  return {{"role", "assistant"}, {"content", nullptr}, {"tool_calls", json::array{call}}};
}

http::response<http::string_body> answer(const http::request<http::string_body>& request) {
  http::response<http::string_body> response(http::status::ok, request.version());
  if (request[http::field::authorization] != "Bearer " + key) {
    response.result(http::status::unauthorized);
  } else if (request.method() != http::verb::post || request.target() != "/v1/chat/completions") {
    response.result(http::status::not_found);
  } else {
    const json::value question = json::parse(request.body());
    const json::object choice{{"index", 0}, {"message", message_after(question.at("messages").as_array())}};
    response.body() = json::serialize(json::object{{"choices", json::array{choice}}});
  }
  response.prepare_payload();
  return response;
}

[[noreturn]] void serve(tcp::acceptor& acceptor) {
  for (;;) {
    tcp::socket socket = acceptor.accept();
    boost::beast::flat_buffer buffer;
    http::request<http::string_body> request;
    http::read(socket, buffer, request);
    http::write(socket, answer(request));
  }
}

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "use: stand_in_model COMMAND [ARGUMENT]...\n";
    return 2;
  }
  boost::asio::io_context context;
  tcp::acceptor acceptor(context, {boost::asio::ip::address_v4::loopback(), 0});
  const std::string address = "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/v1";
  const pid_t child = fork();
  if (child == 0) {
    setenv("OPENAI_BASE_URL", address.c_str(), 1);
    setenv("OPENAI_API_KEY", key.c_str(), 1);
    execvp(argv[1], argv + 1);
    std::cerr << "stand_in_model: the command cannot be run\n";
    _exit(127);
  }
  std::thread([&] { serve(acceptor); }).detach();
  int status = 0;
  waitpid(child, &status, 0);
  std::cout.flush();
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);  // the server still waits for requests
}
