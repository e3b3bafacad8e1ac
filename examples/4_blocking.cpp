// The same without coroutines: calls that wait, and exceptions that say what happened.
//
// Use: 4_blocking STORE

#include <atto/atto.hpp>

#include <iostream>

int main(int argc, char** argv) {
  atto::blocking_store store(argc > 1 ? argv[1] : "memory:");
  store.ensure_schema();
  store.remove("device-4711");

  atto::state state;
  state.set("temperature", atto::json("21.50"));
  const atto::turn turn(state, atto::history{atto::json(R"({"event":"booted"})")});
  const std::int64_t version = store.append("device-4711", 0, turn);

  // [conflict]
  try {
    store.append("device-4711", 0, turn);  // somebody thinks that the session is new
  } catch (const atto::error_with_diagnostics& e) {
    if (e.code() != atto::errc::concurrent_write) throw;
    std::cout << e.what() << '\n';
  }
  // [end]

  for (const atto::session_info& session : store.list({.prefix = "device-"})) {
    std::cout << session.id << ": version " << session.version << ", " << session.events << " events\n";
  }
  return version == 1 ? 0 : 1;
}
