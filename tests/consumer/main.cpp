#include <atto/atto.hpp>

#include <exception>
#include <iostream>
#include <string>
#include <string_view>

namespace {

/// Saves a session in a store and loads it again.
bool save_and_load(std::string_view where) {
  atto::blocking_store store(where);
  store.ensure_schema();

  atto::turn turn;
  turn.state.set("city", atto::json::string("Ghent"));
  turn.events.push_back(atto::json(R"({"role": "user", "content": "Hello"})"));
  const auto version = store.append("consumer", 0, turn);

  const auto loaded = store.load("consumer");
  const bool same =
      loaded && loaded->version == version && loaded->state == turn.state && loaded->history == turn.events;
  std::cout << where << " version " << version << (same ? " came back equal\n" : " came back different\n");
  return same;
}

}  // namespace

int main() {
  try {
    return save_and_load("memory:") && save_and_load("sqlite:consumer.db") ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
}
