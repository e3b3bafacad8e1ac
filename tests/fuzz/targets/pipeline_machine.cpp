#include "fuzz/pool_model.hpp"
#include "fuzz/targets.hpp"

namespace atto::fuzz {

/// The books of a pool under any order of submissions, replies, errors, syncs, losses, callers that give up, leases,
/// deadlines, and ends.
void pipeline_machine(std::string_view input) {
  byte_source in(input);
  pool_model model;
  while (!in.empty()) {
    const std::uint8_t event = in.byte();
    const std::size_t connection = (event >> 4U) % pool_model::connections;
    switch (event % 16) {
      case 0:
      case 1:
      case 2:
      case 3:
        model.submit(in);
        break;
      case 4:
      case 5:
      case 6:
        model.dispatch();
        break;
      case 7:
      case 8:
      case 9:
        model.reply(connection, in);
        break;
      case 10:
      case 11:
      case 12:
        model.sync(connection, in);
        break;
      case 13:
        model.lose(connection);
        break;
      case 14:
        model.cancel(in);
        break;
      default:
        model.happen(in);
    }
  }
  model.drain();
}

}  // namespace atto::fuzz
