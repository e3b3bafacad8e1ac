#include <atto/snapshot.hpp>

#include <utility>

namespace atto {

snapshot::snapshot() = default;
snapshot::snapshot(std::int64_t v, atto::state s, atto::history h)
    : version(v), state(std::move(s)), history(std::move(h)) {}

turn::turn() = default;
turn::turn(atto::state s, atto::history e) : state(std::move(s)), events(std::move(e)) {}

claimed_session::claimed_session() = default;
claimed_session::claimed_session(std::int64_t e, std::optional<snapshot> s) : epoch(e), snap(std::move(s)) {}

turn_record::turn_record() = default;
turn_record::turn_record(std::int64_t v, history e) : version(v), events(std::move(e)) {}

session_info::session_info() = default;
session_info::session_info(std::string i, std::int64_t v, std::int64_t e, std::chrono::system_clock::time_point c,
                           std::chrono::system_clock::time_point u)
    : id(std::move(i)), version(v), events(e), created(c), updated(u) {}

}  // namespace atto
